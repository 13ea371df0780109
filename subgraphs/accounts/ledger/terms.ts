import type { ProgrammePolicy, RoundTo, Unlock, Validity, YearDay } from '../programme/policy.ts';

/** What the ledger needs of a programme's version. */
export interface ProgrammeTerms extends ProgrammePolicy {
  readonly code: string;
  readonly version: number;
  readonly holdTimeoutSeconds: number;
  /** Days of validity for points given back after their lot had expired. */
  readonly reinstatementDays: number;
}

/** A merchant's prices in force, in minor units for 1,000 points. */
export interface MerchantPrices {
  readonly issuePricePerThousand: bigint;
  readonly redemptionPricePerThousand: bigint;
}

const dayMs = 86_400_000;

/** The last millisecond of a date's day in UTC. */
function endOfDay(date: Date): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1) - 1);
}

/** So many days later, to the millisecond. */
export const addDays = (date: Date, days: number): Date => new Date(date.getTime() + days * dayMs);

/** A day of a year's month, in which months may run over; a day that the month does not have becomes its last. */
function dayOf(year: number, month: number, day: number): Date {
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(day, lastDay)));
}

/** The day that lies so many calendar months later: 31 January and one month give 28 or 29 February. */
const addMonths = (date: Date, months: number): Date =>
  dayOf(date.getUTCFullYear(), date.getUTCMonth() + months, date.getUTCDate());

function roundUp(date: Date, roundTo: RoundTo): Date {
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (roundTo) {
    case 'DAY':
      return date;
    case 'MONTH_END':
      return dayOf(year, month, 31);
    case 'QUARTER_END':
      return dayOf(year, month + 2 - (month % 3), 31);
  }
}

/** The first of these days of the year that is not before a date's day. */
function nextOf(dates: readonly YearDay[], from: Date): Date {
  const year = from.getUTCFullYear();
  const first = Date.UTC(year, from.getUTCMonth(), from.getUTCDate());
  const days = [year, year + 1].flatMap((y) => dates.map(({ month, day }) => dayOf(y, month - 1, day)));
  const times = days.map((date) => date.getTime()).filter((time) => time >= first);
  return new Date(Math.min(...times));
}

/**
 * When points earned at an instant expire if nothing moves it: at the end of a day, in UTC. For a sliding validity that
 * is so many months after the instant, be it the earn's or that of a later activity.
 */
export function expiryOf(from: Date, validity: Validity): Date {
  switch (validity.kind) {
    case 'ROLLING':
      return endOfDay(roundUp(addMonths(from, validity.months), validity.roundTo));
    case 'FIXED_DATES':
      return endOfDay(nextOf(validity.dates, addDays(from, validity.minimumDays)));
    case 'SLIDING':
      return slidExpiry(from, validity.months);
  }
}

/** The expiry that an activity at an instant gives to points of a sliding validity. */
export const slidExpiry = (activeAt: Date, months: number): Date => endOfDay(addMonths(activeAt, months));

/**
 * When points earned at an instant unlock by themselves; for those that wait for an event, when they unlock or lapse
 * without it.
 */
export function unlockOf(earnedAt: Date, unlock: Unlock): Date {
  switch (unlock.kind) {
    case 'IMMEDIATE':
      return earnedAt;
    case 'AFTER_DAYS':
      return addDays(earnedAt, unlock.days);
    case 'ON_EVENT':
      return addDays(earnedAt, unlock.withinDays);
  }
}

/** The later of two instants: what keeps an expiry from ever being shortened. */
export const later = (a: Date, b: Date): Date => (a < b ? b : a);

/** The expiry of points given back to a lot that had expired: the end of the day so many days from now. */
export const reinstatedExpiry = (now: Date, days: number): Date => endOfDay(addDays(now, days));

/**
 * The expiry of points that should have expired at an instant and whose member was not told: so many days of grace later,
 * but never fewer than leave room for the last of the reminders.
 */
export const extendedExpiry = (
  at: Date,
  { graceDays, remindDays }: { readonly graceDays: number; readonly remindDays: readonly number[] },
): Date => endOfDay(addDays(at, Math.max(graceDays, remindDays.at(-1) ?? 1)));
