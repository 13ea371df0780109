/** The receiver is no beneficiary of the giver, or not yet. */
export interface NotABeneficiary {
  readonly kind: 'NotABeneficiary';
  /** When it can be given to; null if it was never added or was removed. */
  readonly effectiveFrom: Date | null;
}

/** What a limit of gifts counts. */
export type GiftLimit = 'TRANSFER' | 'DAY';

/** A gift is larger than one may be, or than what may still be given today. */
export interface GiftLimitExceeded {
  readonly kind: 'GiftLimitExceeded';
  readonly per: GiftLimit;
  readonly limit: bigint;
  /** What can be given now at most, by both limits. */
  readonly left: bigint;
  /** When a day's limit begins anew; null where one gift is too large by itself. */
  readonly leftFrom: Date | null;
}

/** The gift was declined before, by another request. */
export interface AlreadyDeclined {
  readonly kind: 'AlreadyDeclined';
  readonly declinedAt: Date;
}

/** The time in which the gift could be declined is over. */
export interface TooLateToDecline {
  readonly kind: 'TooLateToDecline';
  /** The first instant at which it could not be declined any more. */
  readonly until: Date;
}

/** Some of the gift was spent, is held, was passed on or has paid what the receiver owed. */
export interface GiftUsed {
  readonly kind: 'GiftUsed';
  readonly points: bigint;
  /** What of them is untouched. */
  readonly untouched: bigint;
}
