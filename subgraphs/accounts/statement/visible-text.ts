/** Joiners and variation selectors between and after the parts of an emoji: they show in how it looks. */
const insideEmoji =
  /(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F)\u200D(?=\p{Extended_Pictographic})|(?<=\p{Emoji})(?:\uFE0E|\uFE0F)/gu;

/** What shows nothing, or changes the order in which a text is read. The blank of Braille shows no dot. */
const unseen = /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Whether a text has a character that nobody sees, or that reorders it, other than inside an emoji. */
export const hidesSomething = (text: string): boolean => unseen.test(text.replace(insideEmoji, ''));

/** A text without what nobody sees of it; spaces stay. */
const seen = (text: string): string => text.replace(new RegExp(unseen, 'gu'), '');

/** Whether nothing of a text can be seen. */
export const isBlank = (text: string): boolean => seen(text).trim() === '';

/** Whether a letter, number or symbol of a text can be seen: dots and dashes alone say nothing. */
export const saysSomething = (text: string): boolean => /[\p{L}\p{N}\p{S}]/u.test(seen(text));
