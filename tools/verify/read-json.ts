import { Malformed } from './checks.ts';

/** Longest file that is read, in characters: many times what the longest proof or statement has. */
export const mostCharacters = 10_000_000;

/** How many names there are in all objects of a parsed value. */
function namesIn(value: unknown): number {
  let names = 0;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const each = open.pop();
    if (typeof each !== 'object' || each === null) continue;
    const inner = Object.values(each);
    if (!Array.isArray(each)) names += inner.length;
    for (const one of inner) open.push(one);
  }
  return names;
}

/** How many names a JSON text writes out: texts with a colon after them. */
function namesWritten(text: string): number {
  let names = 0;
  for (const [, colon] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/gs)) if (colon) names += 1;
  return names;
}

/**
 * Parses the text of a file. A name that stands twice in one object is refused: who reads the file would see one of its
 * values, and another would be verified.
 */
export function readJson(text: string): unknown {
  if (text.length > mostCharacters) throw new Malformed('it is too long for a proof or a statement');
  // Some editors put a mark of the byte order at the beginning.
  const json = text.replace(/^\uFEFF/, '');
  const value: unknown = JSON.parse(json);
  if (namesIn(value) !== namesWritten(json)) throw new Malformed('a name stands twice in one of its objects');
  return value;
}
