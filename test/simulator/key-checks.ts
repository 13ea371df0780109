import { holds } from './journal.ts';
import type { CaseRow, KeyRow, PostingRow, Records } from './records.ts';

const keyed = new Set(['EARN', 'REDEEM', 'DONATE', 'TRANSFER', 'REVERSE', 'CONTRIBUTE']);

/** How many keys remember each posting, hold and step of a case. */
export function usesOf(rows: readonly KeyRow[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { _id, postingId, holdId, stepId } of rows) {
    const made = postingId ?? holdId ?? stepId;
    if (made && _id.startsWith('key|')) uses.set(made, (uses.get(made) ?? 0) + 1);
  }
  return uses;
}

/** Whatever was posted for somebody who asked is remembered by the one key that it was asked for with. */
export function checkKept(postings: readonly PostingRow[], uses: ReadonlyMap<string, number>): void {
  for (const posting of postings)
    if (keyed.has(posting.kind))
      holds('what was done is remembered by its key', uses.get(posting._id) === 1, () =>
        JSON.stringify(posting),
      );
}

/** Of all that there is: whatever was asked for is remembered by the one key that it was asked for with. A hold's steps have keys of the hold. */
export async function checkKeys(
  records: Records,
  postings: readonly PostingRow[],
  cases: readonly CaseRow[],
): Promise<void> {
  const uses = usesOf(await records.keys());
  for (const { id, by } of cases.flatMap((one) => one.steps))
    if (by !== null) holds('what was done in a case is remembered by its key', uses.get(id) === 1, () => id);
  checkKept(postings, uses);
  const steps = new Map<string, { least: number; most: number }>();
  for (const posting of postings) {
    const { kind, holdId } = posting;
    if (!holdId || keyed.has(kind)) continue;
    const count = steps.get(holdId) ?? { least: 0, most: 0 };
    // A hold that timed out was released by nobody's command.
    steps.set(holdId, { least: count.least + Number(kind !== 'VOID'), most: count.most + 1 });
  }
  for (const [id, { least, most }] of steps) {
    const used = uses.get(id) ?? 0;
    holds(
      'what was done to a hold is remembered by its keys',
      least <= used && used <= most,
      () => `${id} has ${used} keys for ${least} to ${most} steps`,
    );
  }
}
