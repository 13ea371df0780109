import type { IdempotencyConflict, InvalidInput, NotFound } from './refusals.ts';

/** An InvalidInput as the schema has it. */
export const toInvalidInput = ({ kind, field, expected }: InvalidInput) => ({
  __typename: 'InvalidInput' as const,
  code: kind,
  message: `${field} has to be ${expected}.`,
  field,
  expected,
});

/** An IdempotencyConflict as the schema has it. */
export const toIdempotencyConflict = ({ kind, idempotencyKey }: IdempotencyConflict) => ({
  __typename: 'IdempotencyConflict' as const,
  code: kind,
  message: 'The idempotency key was used before with another input.',
  idempotencyKey,
});

/** A NotFound as the schema has it. */
export const toNotFound = ({ kind, what, id }: NotFound) => ({
  __typename: 'NotFound' as const,
  code: kind,
  message: `There is no such ${what.toLowerCase()}.`,
  what,
  id,
});
