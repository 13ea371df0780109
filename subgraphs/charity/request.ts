import { type Caller, callerName } from '../shared/caller.ts';
import { inputHash } from '../shared/idempotency.ts';

/** What makes a request the same request: who sent it, under which key, with what. */
export interface Request {
  /** As `callerName` gives it. */
  readonly caller: string;
  readonly key: string;
  /** SHA-256 of the canonical input without the key. */
  readonly inputHash: string;
}

/** The identity of a request. */
export const requestOf = <T extends { readonly idempotencyKey: string }>(
  caller: Caller,
  input: T,
): Request => ({
  caller: callerName(caller),
  key: input.idempotencyKey,
  inputHash: inputHash(input),
});
