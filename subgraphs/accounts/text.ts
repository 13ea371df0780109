/** True for 1 to `most` characters without control characters and without a space at either end. */
export const isLabel = (text: string, most: number): boolean =>
  text === text.trim() && [...text].length >= 1 && [...text].length <= most && !/\p{Cc}/u.test(text);

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** True for an ISO 4217 code in capital letters. */
export const isCurrency = (code: string): boolean => currencies.has(code);
