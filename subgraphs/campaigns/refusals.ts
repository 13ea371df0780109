/** A value breaks a rule that the schema's types cannot state. */
export interface InvalidInput {
  readonly kind: 'INVALID_INPUT';
  /** Path of the offending field, e.g. `input.lines.2.quantity`. */
  readonly field: string;
  /** What would be right. */
  readonly expected: string;
}

/** The key was used before by this caller with another input. */
export interface IdempotencyConflict {
  readonly kind: 'IDEMPOTENCY_CONFLICT';
  readonly idempotencyKey: string;
}

/** Something named in the input does not exist, or the caller may not know of it. */
export interface NotFound {
  readonly kind: 'NOT_FOUND';
  readonly what: 'MEMBER' | 'MERCHANT' | 'PROGRAMME' | 'CAMPAIGN' | 'PURCHASE' | 'LINE';
  /** What the caller sent. */
  readonly id: string;
}

/** Makes an InvalidInput. */
export const invalid = (field: string, expected: string): InvalidInput => ({
  kind: 'INVALID_INPUT',
  field,
  expected,
});

/** Makes a NotFound. */
export const notFound = (what: NotFound['what'], id: string): NotFound => ({ kind: 'NOT_FOUND', what, id });

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
    ok ? null : invalid(field, expected);

/** True for a text of `min` to `max` characters, not counting white space around it. */
export const isText = (value: string, min: number, max: number): boolean =>
  value.length <= max && value.trim().length >= min;
