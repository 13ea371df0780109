/** Whether a text has a letter or a digit that can be seen: the fillers of Hangul are letters that nobody sees. */
export const hasWords = (text: string): boolean =>
  /(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u.test(text);
