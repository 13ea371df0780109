import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { SealRow } from './records.ts';
import { enterSeals } from './seal-book.ts';

const recorded = [
  { id: 'pos_1', day: '2026-02-28' },
  { id: 'pos_2', day: '2026-03-02' },
];

function sealOf(_id: string, count: number, previous: string, changes: Partial<SealRow> = {}): SealRow {
  const root = 'aa';
  const content = JSON.stringify({ count, day: _id, previous, root, type: 'seal' });
  const hash = createHash('sha256').update(content).digest('hex');
  return { _id, count, root, previous, content, hash, ...changes };
}

const first = sealOf('2026-02-28', 1, '0'.repeat(64));
const second = sealOf('2026-03-01', 0, first.hash);
const third = sealOf('2026-03-02', 1, second.hash);

const entering = (...rows: SealRow[]) => {
  const book = new Map();
  for (const row of rows) enterSeals(book, recorded, [{ row, print: JSON.stringify(row) }]);
  return book;
};

test('a chain of seals is entered day by day', () => {
  expect([...entering(first, second, second, third).keys()]).toEqual([
    '2026-02-28',
    '2026-03-01',
    '2026-03-02',
  ]);
});

test.each<[string, SealRow[]]>([
  ['each day from the first on is sealed', [second]],
  ['each day from the first on is sealed', [first, third]],
  ['a seal names the one before', [first, sealOf('2026-03-01', 0, '0'.repeat(64))]],
  ['the hash of a seal is that of what it says', [{ ...first, hash: 'bb' }]],
  ['a seal is stored as it says', [{ ...first, root: 'bb' }]],
  ['a seal counts what was recorded on its day', [first, sealOf('2026-03-01', 1, first.hash)]],
  ['no seal is ever changed', [first, { ...first, root: 'bb' }]],
])('%s, or the chain is refused', (invariant, rows) => {
  expect(() => entering(...rows)).toThrow(`${invariant}: `);
});
