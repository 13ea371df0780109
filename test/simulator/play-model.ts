import { contribute, homeOf } from '../rules/ledger/reference-households.ts';
import {
  type Earned,
  type ModelLot,
  type ModelPosting,
  type ModelTerms,
  ReferenceModel,
} from '../rules/ledger/reference-model.ts';

/** Terms of a play: besides the reference's, what only concerns whether something may be done, and other ends of validity. */
export interface PlayTerms extends ModelTerms {
  /** Of points that do not slide: so many months, rounded or not, or until the next of two days of the year. */
  readonly ends: 'AFTER_MONTHS' | 'AT_MONTH_END' | 'AT_QUARTER_END' | 'ON_DATES';
  /** Which of the merchants alone may issue, by number; null for all. */
  readonly issuer: number | null;
  readonly poolable: boolean;
}

/** A lot that remembers whether it may be pooled. Lots that are made of it remember it too. */
type PlayLot = ModelLot & { poolable?: boolean };

/** The ends of the days on which points of fixed dates expire, as month and day, and for how many days they are good at least. */
export const fixedDates = { dates: ['02-29', '10-31'], minimumDays: 40 } as const;

const dayMs = 86_400_000;

const endOfDay = (day: number): number => Math.floor(day / dayMs) * dayMs + dayMs - 1;

/** The last day of the month so many months after that of an instant. */
function monthEnd(time: number, months: number): number {
  const date = new Date(time);
  return endOfDay(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0));
}

/** A day of a year; what a month does not have is its last. */
function yearDay(year: number, [month, day]: readonly [number, number]): number {
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return endOfDay(Date.UTC(year, month - 1, Math.min(day, last)));
}

function nextDate(from: number): number {
  const year = new Date(from).getUTCFullYear();
  const days = fixedDates.dates.map((date) => date.split('-').map(Number) as [number, number]);
  const ends = [year, year + 1].flatMap((one) => days.map((date) => yearDay(one, date)));
  return Math.min(...ends.filter((end) => end >= from));
}

/** When points earned now expire, given when they would by their months alone. */
function endOf({ ends }: PlayTerms, now: number, afterMonths: number): number {
  switch (ends) {
    case 'AFTER_MONTHS':
      return afterMonths;
    case 'AT_MONTH_END':
      return monthEnd(afterMonths, 0);
    case 'AT_QUARTER_END':
      return monthEnd(afterMonths, 2 - (new Date(afterMonths).getUTCMonth() % 3));
    case 'ON_DATES':
      return nextDate(now + fixedDates.minimumDays * dayMs);
  }
}

/** The reference model, of which a play asks more. */
export class PlayModel extends ReferenceModel {
  declare terms: PlayTerms;

  /** Who may issue earns points for a member, with an end that the terms say. */
  issue(issuer: number, member: string, lines: Map<string, number>): Earned | 'IssuerNotEligible' {
    const { terms, now } = this;
    if (terms.issuer !== null && terms.issuer !== issuer) return 'IssuerNotEligible';
    const earned = this.earn(member, lines);
    const lot: PlayLot = earned.lot;
    lot.poolable = terms.poolable;
    if (terms.slides || terms.ends === 'AFTER_MONTHS') return earned;
    // What was owed is settled by now, from this lot alone: beside arrears nothing else was available.
    lot.expiresAt = endOf(terms, now, lot.expiresAt);
    this.renew(lot);
    return earned;
  }

  /** A member puts points into the pool of its household, of those lots that may be. */
  pool(
    member: string,
    points: number,
  ): ModelPosting | 'NotInHousehold' | 'NotEnoughPoints' | 'PoolingNotAllowed' {
    if (!homeOf(this, member)) return 'NotInHousehold';
    const wallet = this.wallet(member);
    const others = wallet.lots.filter((lot: PlayLot) => lot.poolable === false && lot.available > 0);
    const kept = others.map((lot) => lot.available);
    const lacking = this.available(wallet) < points;
    for (const lot of others) lot.available = 0;
    const forbidden = this.available(wallet) < points;
    const made = forbidden ? null : contribute(this, member, points);
    for (const [i, lot] of others.entries()) lot.available = kept[i]!;
    if (made !== null) return made;
    return this.terms.poolable && lacking ? 'NotEnoughPoints' : 'PoolingNotAllowed';
  }
}
