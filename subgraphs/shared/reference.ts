/**
 * Whether a text will do as somebody's own reference of something, by which it is found again: what looks the same has to be
 * the same, so it is in Unicode's normal form C, with nothing that cannot be seen and no space at either end.
 */
export const isReference = (text: string, most: number): boolean =>
  text.length >= 1 &&
  text.length <= most &&
  text === text.trim() &&
  text === text.normalize('NFC') &&
  !/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(text);

/** What is expected of a reference. */
export const referenceRule = (most: number): string =>
  `1 to ${most} characters in Unicode's normal form C, none of them invisible and no space at either end`;
