import type { IdempotencyConflict, InvalidInput, NotEnoughPoints, NotFound } from './refusal.ts';

/** The GraphQL answer of an InvalidInput. */
export const answerInvalidInput = ({ field, expected }: InvalidInput) => ({
  __typename: 'InvalidInput' as const,
  code: 'INVALID_INPUT',
  message: `${field} must be ${expected}.`,
  field,
  expected,
});

/** The GraphQL answer of an IdempotencyConflict. */
export const answerIdempotencyConflict = ({ idempotencyKey }: IdempotencyConflict) => ({
  __typename: 'IdempotencyConflict' as const,
  code: 'IDEMPOTENCY_CONFLICT',
  message: 'This idempotency key was used before with another input.',
  idempotencyKey,
});

/** The GraphQL answer of a NotFound. */
export const answerNotFound = ({ what, id }: NotFound) => ({
  __typename: 'NotFound' as const,
  code: 'NOT_FOUND',
  message: `There is no such ${what.toLowerCase()}.`,
  what,
  id,
});

/** The GraphQL answer of a NotEnoughPoints. */
export const answerNotEnoughPoints = ({ available, shortBy, availableFrom }: NotEnoughPoints) => ({
  __typename: 'NotEnoughPoints' as const,
  code: 'NOT_ENOUGH_POINTS',
  message: `${shortBy} points are missing.`,
  available,
  shortBy,
  availableFrom,
});
