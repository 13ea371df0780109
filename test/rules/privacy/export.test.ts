import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readExport, timedPart, wholePart } from '../../../subgraphs/shared/export.ts';

interface Row {
  readonly id: string;
  readonly at: Date;
}

/** A store of rows, newest first, as those of the subgraphs read. */
const store =
  (rows: readonly Row[]) =>
  async ({ first, after }: { first: number; after: readonly string[] | null }): Promise<Row[]> => {
    const sorted = [...rows].sort(
      (a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0),
    );
    const from = after
      ? sorted.filter(
          ({ at, id }) =>
            at < new Date(after[0]!) || (at.getTime() === Date.parse(after[0]!) && id < after[1]!),
        )
      : sorted;
    return from.slice(0, first + 1);
  };

test('whoever follows the cursors has every record of every part once, in pages of any size', async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 });

  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 12 }), async (counts, first) => {
      const parts = counts.map((count, p) => {
        const rows = Array.from({ length: count }, (_, i) => ({ id: `r${i}`, at: new Date(i % 3) }));
        return p % 2 === 0
          ? timedPart(
              `p${p}`,
              store(rows),
              ({ id }) => ({ type: `t${p}`, id }),
              ({ at }) => at,
            )
          : wholePart(`p${p}`, async () => rows.map(({ id }) => ({ type: `t${p}`, id })));
      });
      const found: string[] = [];
      let after: string | null = null;
      for (let more = true; more; ) {
        const page = await readExport(parts, { first, after });
        expect(page.records.length).toBeLessThanOrEqual(first);
        found.push(...page.records);
        more = page.pageInfo.hasNextPage;
        after = page.pageInfo.endCursor;
      }
      const total = counts.reduce((sum, count) => sum + count, 0);
      expect(found).toHaveLength(total);
      expect(new Set(found).size).toBe(total);
    }),
    { numRuns: 60 },
  );
});

test.each([
  'x',
  Buffer.from('["p9","[]"]').toString('base64url'),
  Buffer.from('["p0","{}"]').toString('base64url'),
])('a cursor that was made up (%s) is refused', async (after) => {
  const part = timedPart(
    'p0',
    store([]),
    ({ id }) => ({ type: 't', id }),
    ({ at }) => at,
  );

  await expect(readExport([part], { first: 1, after })).rejects.toThrow('after: not a cursor');
});
