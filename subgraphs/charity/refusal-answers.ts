import type * as Refused from './refusals.ts';
import type { IdempotencyConflict, InvalidInput, NotEnoughPoints, NotFound } from './resolver-types.ts';

/** InvalidInput as the schema answers it. */
export const answerInvalidInput = ({ field, expected }: Refused.InvalidInput): InvalidInput => ({
  __typename: 'InvalidInput',
  code: 'INVALID_INPUT',
  message: `${field} is not valid: ${expected}.`,
  field,
  expected,
});

/** IdempotencyConflict as the schema answers it. */
export const answerIdempotencyConflict = ({
  idempotencyKey,
}: Refused.IdempotencyConflict): IdempotencyConflict => ({
  __typename: 'IdempotencyConflict',
  code: 'IDEMPOTENCY_CONFLICT',
  message: 'This idempotency key was used before with another input.',
  idempotencyKey,
});

/** NotFound as the schema answers it. */
export const answerNotFound = ({ what, id }: Refused.NotFound): NotFound => ({
  __typename: 'NotFound',
  code: 'NOT_FOUND',
  message: `There is no such ${what.toLowerCase()}.`,
  what,
  id,
});

/** NotEnoughPoints as the schema answers it. */
export const answerNotEnoughPoints = (refused: Refused.NotEnoughPoints): NotEnoughPoints => ({
  __typename: 'NotEnoughPoints',
  code: 'NOT_ENOUGH_POINTS',
  message: `The wallet is short by ${refused.shortBy} points.`,
  available: refused.available,
  shortBy: refused.shortBy,
  availableFrom: refused.availableFrom,
});
