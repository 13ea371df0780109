import type { Month } from '../ledger/month.ts';

const lastDayOf = ({ to }: Month): number => new Date(to.getTime() - 1).getUTCDate();

/**
 * Whole years since a day, in the month in which they become full and from that day on; else 0. Who joined on the 29th of February
 * is with us for a year on the last day of the next.
 */
export function yearsOn(since: Date, month: Month, now: Date): number {
  const { from } = month;
  if (since.getUTCMonth() !== from.getUTCMonth()) return 0;
  const day = Math.min(since.getUTCDate(), lastDayOf(month));
  const years = from.getUTCFullYear() - since.getUTCFullYear();
  return now.getTime() < Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), day) ? 0 : years;
}
