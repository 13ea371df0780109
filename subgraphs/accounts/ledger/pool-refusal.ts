/** The member belongs to no household, or not any more. */
export interface NotInHousehold {
  readonly kind: 'NotInHousehold';
}

/** What a limit of a household counts. */
export type PoolLimit = 'REDEMPTION' | 'MONTH';

/** More than the member may spend of the pool at once, or in what is left of the month. */
export interface HouseholdLimitExceeded {
  readonly kind: 'HouseholdLimitExceeded';
  readonly per: PoolLimit;
  readonly limit: bigint;
  /** What can be spent now at most, by both limits. */
  readonly left: bigint;
  /** When the month's limit begins anew; null where one redemption is too large by itself. */
  readonly leftFrom: Date | null;
}

/** The terms that the points were earned under do not let so many be put into a pool. */
export interface PoolingNotAllowed {
  readonly kind: 'PoolingNotAllowed';
  /** Available points whose terms allow it. */
  readonly poolable: bigint;
}

/** A child gives no points away and does not leave its household by itself. */
export interface NotForChildren {
  readonly kind: 'NotForChildren';
}
