import { type InvalidInput, invalidInput } from '../shared/refusal.ts';

const hasLength = (text: string, most: number): boolean => {
  const { length } = Array.from(text.trim());
  return length >= 1 && length <= most;
};

/** Refuses a text that is blank or, without the space around it, longer than `most` characters. */
export const checkText = (field: string, text: string, most: number): InvalidInput | null =>
  hasLength(text, most) ? null : invalidInput(`input.${field}`, `1 to ${most} characters`);

/** As `checkText`, and refuses line breaks and other control characters: names are put into lines of text. */
export const checkLine = (field: string, text: string, most: number): InvalidInput | null =>
  hasLength(text, most) && !/\p{Cc}/u.test(text)
    ? null
    : invalidInput(`input.${field}`, `1 to ${most} characters on one line`);

/** Refuses a whole number outside `least` to `most`. */
export function checkRange(
  field: string,
  value: bigint | number,
  least: number,
  most: number,
): InvalidInput | null {
  const range = `${least.toLocaleString('en')} to ${most.toLocaleString('en')}`;
  return value >= least && value <= most ? null : invalidInput(`input.${field}`, range);
}

/** The first fault of several checks, in their order. */
export const firstFault = (...faults: (InvalidInput | null)[]): InvalidInput | null =>
  faults.find((fault) => fault !== null) ?? null;
