import { type Caller, callerName } from './caller.ts';
import { inputHash, isIdempotencyKey } from './idempotency.ts';
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
  now: { readonly inputHash: string; readonly key: string },
): IdempotencyConflict | null => (earlier.inputHash === now.inputHash ? null : idempotencyConflict(now.key));
