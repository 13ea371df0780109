import { type Caller, callerName, type OutsideCaller } from '../shared/caller.ts';
import { inputHash, isIdempotencyKey } from '../shared/idempotency.ts';
import { type IdempotencyConflict, type InvalidInput, idempotencyConflict, invalidInput } from './refusal.ts';

/** What makes a request the same as another: who sent it under which key, and what it asked for. */
export interface RequestIdentity {
  /** See `callerName`. */
  readonly caller: string;
  readonly key: string;
  /** See `inputHash`. */
  readonly inputHash: string;
}

/** The identity of a request by this caller. */
export const identify = <T extends { readonly idempotencyKey: string }>(
  caller: Caller,
  input: T,
): RequestIdentity => ({
  caller: callerName(caller),
  key: input.idempotencyKey,
  inputHash: inputHash(input),
});

/** Refuses a malformed idempotency key. */
export const checkKey = (key: string): InvalidInput | null =>
  isIdempotencyKey(key) ? null : invalidInput('input.idempotencyKey', '1 to 200 visible ASCII characters');

/** Refuses a key that stands for another input than it did before. */
export const checkSame = (
  earlier: { readonly inputHash: string },
  now: RequestIdentity,
): IdempotencyConflict | null => (earlier.inputHash === now.inputHash ? null : idempotencyConflict(now.key));

/** Refuses a text that is not `min` to `max` characters long once trimmed. */
export const checkText = (field: string, text: string, min: number, max: number): InvalidInput | null => {
  const length = text.trim().length;
  return length >= min && length <= max ? null : invalidInput(field, `${min} to ${max} characters`);
};

/** The caller as another subgraph is told of it; a service speaks for the one it acts for. */
export const outsideCaller = (caller: Caller): OutsideCaller => {
  if (caller.kind !== 'SERVICE') return caller;
  return caller.onBehalfOf ?? { kind: 'PUBLIC' };
};
