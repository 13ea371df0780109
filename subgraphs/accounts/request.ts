import { inputHash } from '../shared/idempotency.ts';

/** What is kept with a change so that sending its request again changes nothing. Unique by caller and key. */
export interface RequestRecord {
  /** callerName of the caller. */
  readonly caller: string;
  readonly idempotencyKey: string;
  readonly inputHash: string;
}

/** The record of a request by its caller's name and its input. */
export const requestOf = (caller: string, input: { idempotencyKey: string }): RequestRecord => ({
  caller,
  idempotencyKey: input.idempotencyKey,
  inputHash: inputHash(input),
});
