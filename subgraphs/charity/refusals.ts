/** An input value breaks a rule that the schema's types cannot state. */
export interface InvalidInput {
  readonly kind: 'InvalidInput';
  /** Path of the input field, e.g. `input.points`. */
  readonly field: string;
  /** What would be right. */
  readonly expected: string;
}

/** The caller used the key before with another input. */
export interface IdempotencyConflict {
  readonly kind: 'IdempotencyConflict';
  readonly idempotencyKey: string;
}

/** Something named in the input does not exist, or not for this caller. */
export interface NotFound {
  readonly kind: 'NotFound';
  readonly what: 'CAUSE' | 'MEMBER' | 'PROGRAMME';
  /** What the caller sent. */
  readonly id: string;
}

/** The member's wallet does not have the points. */
export interface NotEnoughPoints {
  readonly kind: 'NotEnoughPoints';
  readonly available: bigint;
  readonly shortBy: bigint;
  /** When enough pending points unlock; null if they never do. */
  readonly availableFrom: Date | null;
}

/** Makes an InvalidInput refusal. */
export const invalidInput = (field: string, expected: string): InvalidInput => ({
  kind: 'InvalidInput',
  field,
  expected,
});

/** Makes an IdempotencyConflict refusal. */
export const idempotencyConflict = (idempotencyKey: string): IdempotencyConflict => ({
  kind: 'IdempotencyConflict',
  idempotencyKey,
});

/** Makes a NotFound refusal. */
export const notFound = (what: NotFound['what'], id: string): NotFound => ({ kind: 'NotFound', what, id });
