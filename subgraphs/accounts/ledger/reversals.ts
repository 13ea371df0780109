import type { Posting } from './posting.ts';

/** What later postings reversed of a posting. */
export interface Reversals {
  readonly points: bigint;
  readonly lines: ReadonlyMap<string, bigint>;
  /** When the first of them was. */
  readonly at: Date;
}

/** What a posting's reversals, of which there is one at least, come to. */
export function sumReversals(reversals: readonly Posting[]): Reversals {
  const lines = new Map<string, bigint>();
  let points = 0n;
  for (const reversal of reversals) {
    points += reversal.points;
    for (const line of reversal.lines) lines.set(line.id, (lines.get(line.id) ?? 0n) + line.points);
  }
  const at = new Date(Math.min(...reversals.map((reversal) => reversal.at.getTime())));
  return { points, lines, at };
}
