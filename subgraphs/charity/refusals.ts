import type { NotFound as NotFoundOf } from '../shared/refusal.ts';

/** Something named in the input does not exist or is not the caller's to know of. */
export type NotFound = NotFoundOf<'CAUSE' | 'MEMBER' | 'PROGRAMME'>;

/** The member's wallet does not have the points. */
export interface NotEnoughPoints {
  readonly kind: 'NotEnoughPoints';
  readonly available: bigint;
  readonly shortBy: bigint;
  /** When enough pending points unlock; null if they never do. */
  readonly availableFrom: Date | null;
}
