import { type InvalidInput, invalidInput, type NotFound as NotFoundOf } from '../shared/refusal.ts';

/** Something named in the input does not exist, or the caller may not know of it. */
export type NotFound = NotFoundOf<'MEMBER' | 'MERCHANT' | 'PROGRAMME' | 'CAMPAIGN' | 'PURCHASE' | 'LINE'>;

/** The programme does not let the merchant issue its points. */
export interface IssuerNotEligible {
  readonly kind: 'ISSUER_NOT_ELIGIBLE';
  readonly message: string;
  readonly programme: string;
  readonly eligibleIssuerIds: readonly string[];
}

/** Points of the purchase were spent, and its terms refuse a return that would leave the member owing. */
export interface PointsSpent {
  readonly kind: 'POINTS_SPENT';
  readonly message: string;
  readonly reversible: bigint;
  readonly shortBy: bigint;
}

/** One rule of an input: null if it is kept, else what breaks it. */
export type Check = () => InvalidInput | null;

/** Runs checks in order and gives the first that fails, or null. */
export function firstInvalid(checks: Iterable<Check>): InvalidInput | null {
  for (const check of checks) {
    const found = check();
    if (found) return found;
  }
  return null;
}

/** A check that `ok` holds. */
export const must =
  (ok: boolean, field: string, expected: string): Check =>
  () =>
    ok ? null : invalidInput(field, expected);

/** True for a text of `min` to `max` characters, not counting white space around it. */
export const isText = (value: string, min: number, max: number): boolean =>
  value.length <= max && value.trim().length >= min;
