import type { Posting } from '../ledger/posting.ts';

/** Adds what some postings took back, by the posting that they reverse. */
export function addTaken(taken: Map<string, bigint>, postings: readonly Posting[]): void {
  for (const { reverses, points } of postings)
    if (reverses !== null) taken.set(reverses, (taken.get(reverses) ?? 0n) + points);
}

/** Points that some of these postings took back, by the posting that they reverse. */
export function takenBack(postings: readonly Posting[]): Map<string, bigint> {
  const taken = new Map<string, bigint>();
  addTaken(taken, postings);
  return taken;
}

/** Whether a posting earned points of which not all were taken back. */
export const isKept = ({ kind, id, points }: Posting, taken: ReadonlyMap<string, bigint>): boolean =>
  kind === 'EARN' && (taken.get(id) ?? 0n) < points;
