import type { Caller, OutsideCaller } from '../shared/caller.ts';
import { type InvalidInput, invalidInput } from '../shared/refusal.ts';

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
