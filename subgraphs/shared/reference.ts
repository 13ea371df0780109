/** What nobody sees, or what turns the order of reading; the blank of Braille shows no dot. */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Whether a text will do as somebody's own reference of something new, by which it is found again: what looks the same has to
 * be the same, so it is in Unicode's normal form C, with nothing that cannot be seen and no space at either end. What was
 * referred to otherwise before there was this rule is still found.
 */
export const isReference = (text: string): boolean =>
  text !== '' && text === text.trim() && text === text.normalize('NFC') && !invisible.test(text);

/** What is expected of a reference of so many characters. */
export const referenceRule = (most: number): string =>
  `1 to ${most} characters in Unicode's normal form C, none of them invisible and no space at either end`;
