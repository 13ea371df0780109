import { isMonthName } from '../../shared/month-name.ts';

/** A calendar month in UTC, which is how the ledger counts its days. */
export interface Month {
  /** `YYYY-MM`. */
  readonly name: string;
  /** Its first instant. */
  readonly from: Date;
  /** The first instant of the next one. */
  readonly to: Date;
}

const monthAt = (year: number, index: number): Month => {
  const from = new Date(Date.UTC(year, index, 1));
  return { name: from.toISOString().slice(0, 7), from, to: new Date(Date.UTC(year, index + 1, 1)) };
};

/** Reads a month of the years 2000 to 2999 written `YYYY-MM`; null for anything else. */
export function parseMonth(text: string): Month | null {
  if (!isMonthName(text)) return null;
  const [year, month] = text.split('-').map(Number);
  return monthAt(year!, month! - 1);
}

/** The month of an instant. */
export const monthOf = (at: Date): Month => monthAt(at.getUTCFullYear(), at.getUTCMonth());

/** The month so many months later, earlier if negative. */
export const monthsLater = ({ from }: Month, count: number): Month =>
  monthAt(from.getUTCFullYear(), from.getUTCMonth() + count);

/**
 * A posting may be written so long after the instant that it is dated, for it waits for its batch and its transaction.
 * Only after that is a month at rest.
 */
const settledAfterMs = 120_000;

/** True once nothing can be added to a month in which all that fell due has been applied. */
export const isSettled = ({ to }: Month, now: Date): boolean =>
  now.getTime() - to.getTime() >= settledAfterMs;
