/** What the ledger needs of a programme's version. */
export interface ProgrammeTerms {
  readonly code: string;
  readonly version: number;
  /** Days after an earn until its points can be spent; 0 is at once. */
  readonly unlockAfterDays: number;
  /** Calendar months, counted in UTC, that points stay valid. */
  readonly validityMonths: number;
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

/**
 * When points earned at an instant expire: at the end of the day, in UTC, that lies so many calendar months later.
 * A day that the month does not have becomes its last day: 31 January and one month give 28 or 29 February.
 */
export function expiryOf(earnedAt: Date, validityMonths: number): Date {
  const year = earnedAt.getUTCFullYear();
  const month = earnedAt.getUTCMonth() + validityMonths;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return endOfDay(new Date(Date.UTC(year, month, Math.min(earnedAt.getUTCDate(), lastDay))));
}

/** The expiry of points given back to a lot that had expired: the end of the day so many days from now. */
export const reinstatedExpiry = (now: Date, days: number): Date => endOfDay(addDays(now, days));
