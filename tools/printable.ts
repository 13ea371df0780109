/** Most characters of a text that are shown. */
const mostShown = 1_000;

/**
 * A text of others as it may stand on a screen, in one line: what moves a cursor, hides or turns round what follows, or begins
 * a line, is written out, so that no file says its own verdict and no reference says that all is well.
 */
export function printable(text: string): string {
  const begin = text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
  const written = (char: string) => `\\u{${char.codePointAt(0)!.toString(16)}}`;
  return begin.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, written);
}
