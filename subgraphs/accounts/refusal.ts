/** A value breaks a rule that the schema's types cannot state. */
export interface InvalidInput {
  readonly kind: 'InvalidInput';
  /** Path of the field, e.g. `input.reference`. */
  readonly field: string;
  /** What would be right, to follow "must be". */
  readonly expected: string;
}

/** The caller used the idempotency key before with another input. */
export interface IdempotencyConflict {
  readonly kind: 'IdempotencyConflict';
  readonly idempotencyKey: string;
}

/** Something named in the input does not exist or is not the caller's to know of. */
export interface NotFound {
  readonly kind: 'NotFound';
  readonly what: 'MEMBER' | 'MERCHANT' | 'CLIENT' | 'PROGRAMME' | 'POSTING' | 'HOLD' | 'LINE';
  /** What the caller sent. */
  readonly id: string;
}

/** Makes an InvalidInput. */
export const invalidInput = (field: string, expected: string): InvalidInput => ({
  kind: 'InvalidInput',
  field,
  expected,
});

/** Makes an IdempotencyConflict. */
export const idempotencyConflict = (idempotencyKey: string): IdempotencyConflict => ({
  kind: 'IdempotencyConflict',
  idempotencyKey,
});

/** Makes a NotFound. */
export const notFound = (what: NotFound['what'], id: string): NotFound => ({ kind: 'NotFound', what, id });
