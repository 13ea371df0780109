/** A value breaks a rule that the schema's types cannot state. */
export interface InvalidInput {
  readonly kind: 'InvalidInput';
  /** Path of the field, e.g. `input.lines.2.quantity`. */
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
export interface NotFound<What extends string = string> {
  readonly kind: 'NotFound';
  readonly what: What;
  /** What the caller sent. */
  readonly id: string;
  /** True of a member that was named by a reference or a card number: that is no id, whatever it looks like. */
  readonly byName?: boolean;
}

/** The ways to name a member. */
interface Named {
  readonly id?: string | null | undefined;
  readonly reference?: string | null | undefined;
  readonly cardNumber?: string | null | undefined;
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
export const notFound = <What extends string>(what: What, id: string): NotFound<What> => ({
  kind: 'NotFound',
  what,
  id,
});

/** Makes a NotFound of a member, however it was named. */
export const memberNotFound = ({ id, reference, cardNumber }: Named): NotFound<'MEMBER'> =>
  typeof id === 'string'
    ? notFound('MEMBER', id)
    : { ...notFound('MEMBER', reference ?? cardNumber ?? ''), byName: true };

/** An InvalidInput as the schema has it. */
export const answerInvalidInput = ({ field, expected }: InvalidInput) => ({
  __typename: 'InvalidInput' as const,
  code: 'INVALID_INPUT',
  message: `${field} must be ${expected}.`,
  field,
  expected,
});

/** An IdempotencyConflict as the schema has it. */
export const answerIdempotencyConflict = ({ idempotencyKey }: IdempotencyConflict) => ({
  __typename: 'IdempotencyConflict' as const,
  code: 'IDEMPOTENCY_CONFLICT',
  message: 'This idempotency key was used before with another input.',
  idempotencyKey,
});

/** A NotFound as the schema has it. */
export const answerNotFound = ({ what, id, byName }: NotFound) => ({
  __typename: 'NotFound' as const,
  code: 'NOT_FOUND',
  message: `There is no such ${what.toLowerCase().replaceAll('_', ' ')}.`,
  what,
  id,
  isMemberId: what === 'MEMBER' && byName !== true,
});
