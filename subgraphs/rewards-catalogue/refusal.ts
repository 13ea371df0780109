import type { NotFound as NotFoundOf } from '../shared/refusal.ts';

/** Something named in the input does not exist or is not the caller's to know of. */
export type NotFound = NotFoundOf<'MEMBER' | 'MERCHANT' | 'PROGRAMME' | 'REWARD' | 'REDEMPTION' | 'VOUCHER'>;

/** The wallet does not have the points. */
export interface NotEnoughPoints {
  readonly kind: 'NotEnoughPoints';
  readonly available: bigint;
  readonly shortBy: bigint;
  /** When enough pending points unlock; null if they never do. */
  readonly availableFrom: Date | null;
}

/** The member belongs to no household, or not any more. */
export interface NotInHousehold {
  readonly kind: 'NotInHousehold';
}

/** More than the member may spend of its household's pool at once, or in what is left of the month. */
export interface HouseholdLimitExceeded {
  readonly kind: 'HouseholdLimitExceeded';
  readonly per: 'REDEMPTION' | 'MONTH';
  readonly limit: bigint;
  /** What can be spent now at most, by both limits. */
  readonly left: bigint;
  /** When the month's limit begins anew; null where one redemption is too large by itself. */
  readonly leftFrom: Date | null;
}

/** Another subgraph did not answer, so the outcome is not known yet; what was begun will be finished or undone. */
export class NotFinishedYet extends Error {
  override name = 'NotFinishedYet';
}
