/** The merchant may not issue points of the programme. */
export interface IssuerNotEligible {
  readonly kind: 'IssuerNotEligible';
  readonly programme: string;
  readonly eligibleIssuerIds: readonly string[];
}

/** The terms of the member's points do not let so many be given away. */
export interface TransferNotAllowed {
  readonly kind: 'TransferNotAllowed';
  /** Available points whose terms allow it. */
  readonly transferable: bigint;
}

/** Points of the earn were spent, and its terms refuse a reversal that would leave the member owing. */
export interface PointsSpent {
  readonly kind: 'PointsSpent';
  /** How many points could be reversed now. */
  readonly reversible: bigint;
  readonly shortBy: bigint;
}

/** Nothing of the earn is unlocked by this event. */
export interface NotUnlockable {
  readonly kind: 'NotUnlockable';
  readonly because: 'OTHER_EVENT' | 'NO_EVENT' | 'ALREADY_UNLOCKED' | 'NOTHING_LEFT';
  /** The event that the points wait for, if they do. */
  readonly awaits: string | null;
}

/** The points of a lot cannot be given back. */
export interface NotRestorable {
  readonly kind: 'NotRestorable';
  readonly because: 'TERMS' | 'ALREADY_RESTORED' | 'NOT_EXPIRED' | 'TOO_LATE';
  /** Until when they could have been; null unless it is too late. */
  readonly until: Date | null;
}
