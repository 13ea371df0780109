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
  /** Whether and how points may be given to another member; `defaultTransferRules` if the version does not say. */
  readonly transfers?: TransferRules;
}

/** Whether and how points may be given to another member. */
export interface TransferRules {
  readonly allowed: boolean;
  /** Most points of one gift; null for no limit. */
  readonly mostPerTransfer: bigint | null;
  /** Most points that a member may give in a day, in UTC; null for no limit. Declined gifts count. */
  readonly mostPerDay: bigint | null;
  /** Days in which the receiver may decline; 0 if it may not. */
  readonly declineWithinDays: number;
}

/** The rules of gifts where a programme's version has none of its own. */
export const defaultTransferRules: TransferRules = {
  allowed: true,
  mostPerTransfer: 20_000n,
  mostPerDay: 50_000n,
  declineWithinDays: 7,
};

/** The rules of gifts of a programme's version. */
export const transferRulesOf = (terms: ProgrammeTerms): TransferRules =>
  terms.transfers ?? defaultTransferRules;

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
