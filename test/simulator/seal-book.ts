import { createHash } from 'node:crypto';
import { holds, type Journal } from './journal.ts';
import type { Fingerprinted, SealRow } from './records.ts';

/** Seals by day, the oldest first, as they were first seen. */
export type SealBook = Map<string, Fingerprinted<SealRow>>;

const dayMs = 86_400_000;

/** The day so many days after another. */
export const dayAfter = (day: string, days = 1): string =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);

function checkSeal(seal: SealRow, before: SealRow | null, recorded: Journal['recorded']): void {
  const told = () => JSON.stringify({ seal, before });
  const days = recorded.map(({ day }) => day).toSorted();
  const due = before ? dayAfter(before._id) : days[0];
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
  const postings = recorded.filter((one) => one.day === day).length;
  holds('a seal counts what was recorded on its day', count === postings, () => `${postings} ${told()}`);
}

/** Checks that seals that are known have not changed, and that new ones carry their chain on. */
export function enterSeals(
  book: SealBook,
  recorded: Journal['recorded'],
  rows: readonly Fingerprinted<SealRow>[],
): void {
  for (const one of rows) {
    const known = book.get(one.row._id);
    if (known) holds('no seal is ever changed', known.print === one.print, () => JSON.stringify(one.row));
    else checkSeal(one.row, [...book.values()].at(-1)?.row ?? null, recorded);
    book.set(one.row._id, known ?? one);
  }
}
