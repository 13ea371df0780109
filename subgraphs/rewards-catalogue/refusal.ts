/** A value breaks a rule that the schema's types cannot state. */
export interface InvalidInput {
  readonly kind: 'InvalidInput';
  /** Path of the field, e.g. `input.stock`. */
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
  readonly what: 'MEMBER' | 'MERCHANT' | 'PROGRAMME' | 'REWARD' | 'REDEMPTION' | 'VOUCHER';
  /** What the caller sent. */
  readonly id: string;
}

/** The wallet does not have the points. */
export interface NotEnoughPoints {
  readonly kind: 'NotEnoughPoints';
  readonly available: bigint;
  readonly shortBy: bigint;
  /** When enough pending points unlock; null if they never do. */
  readonly availableFrom: Date | null;
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

/** Another subgraph did not answer, so the outcome is not known yet; what was begun will be finished or undone. */
export class NotFinishedYet extends Error {
  override name = 'NotFinishedYet';
}
