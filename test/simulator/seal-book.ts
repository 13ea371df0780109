import { createHash } from 'node:crypto';
import { holds, type Journal } from './journal.ts';
import type { Fingerprinted, SealRow } from './records.ts';

/** Seals by day, the oldest first, as they were first seen. */
export type SealBook = Map<string, Fingerprinted<SealRow>>;

const dayMs = 86_400_000;

/** The day so many days after another. */
export const dayAfter = (day: string, days = 1): string =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);

/** The first day on which something was recorded, and how much was on each day. */
interface Recorded {
  readonly first: string | undefined;
  readonly byDay: ReadonlyMap<string, number>;
}

function countDays(recorded: Journal['recorded']): Recorded {
  const byDay = new Map<string, number>();
  for (const { day } of recorded) byDay.set(day, (byDay.get(day) ?? 0) + 1);
  return { first: [...byDay.keys()].toSorted()[0], byDay };
}

function checkSeal(seal: SealRow, before: SealRow | null, { first, byDay }: Recorded): void {
  const told = () => JSON.stringify({ seal, before });
  const due = before ? dayAfter(before._id) : first;
  holds('each day from the first on is sealed', seal._id === due, told);
  holds('a seal names the one before', seal.previous === (before?.hash ?? '0'.repeat(64)), told);
  const hash = createHash('sha256').update(seal.content).digest('hex');
  holds('the hash of a seal is that of what it says', seal.hash === hash, told);
  const { type: _, ...says } = JSON.parse(seal.content);
  const { _id: day, count, previous, root } = seal;
  holds(
    'a seal is stored as it says',
    JSON.stringify(says) === JSON.stringify({ count, day, previous, root }),
    told,
  );
  const postings = byDay.get(day) ?? 0;
  holds('a seal counts what was recorded on its day', count === postings, () => `${postings} ${told()}`);
}

/** Checks that seals that are known have not changed, and that new ones carry their chain on. */
export function enterSeals(
  book: SealBook,
  recorded: Journal['recorded'],
  rows: readonly Fingerprinted<SealRow>[],
): void {
  const counted = countDays(recorded);
  let last = [...book.values()].at(-1)?.row ?? null;
  for (const one of rows) {
    const known = book.get(one.row._id);
    if (known) holds('no seal is ever changed', known.print === one.print, () => JSON.stringify(one.row));
    else {
      checkSeal(one.row, last, counted);
      last = one.row;
      book.set(one.row._id, one);
    }
  }
}
