/** True for 1 to `most` characters (Unicode code points), no control characters and no space at either end. */
export const isLabel = (text: string, most: number): boolean =>
  text === text.trim() && new RegExp(`^\\P{Cc}{1,${most}}$`, 'u').test(text);

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** True for an ISO 4217 code in capital letters. */
export const isCurrency = (code: string): boolean => currencies.has(code);
