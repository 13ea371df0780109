import { badUserInput } from './errors.ts';

/** Arguments of a forward Relay connection. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** A page as a store reads it: so many rows after a place in the order, null for the beginning. */
export interface Page {
  readonly first: number;
  readonly after: readonly string[] | null;
}

/** A Relay connection over rows of one kind. */
export interface ConnectionOf<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** An opaque cursor for the values of the order's key, e.g. time and id. */
export const encodeCursor = (key: readonly string[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

const wrongCursor = () => badUserInput('after: not a cursor that this connection gave');

/** The values that a cursor holds. Refuses what no connection ever gave. */
export function decodeCursor(cursor: string): readonly string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length > 0 && key.every((part) => typeof part === 'string')) return key;
  } catch {}
  throw wrongCursor();
}

function readCursor(cursor: string, parts: number): readonly string[] {
  const key = decodeCursor(cursor);
  if (key.length !== parts) throw wrongCursor();
  return key;
}

/** Most rows of a page. */
export const mostOfPage = 100;

/** Refuses a number of rows that a list does not give at once. */
export function checkFirst(first: number, most: number = mostOfPage): void {
  if (first < 1 || first > most) throw badUserInput(`first: must be 1 to ${most}, got ${first}`);
}

/** Checks a connection's arguments. `parts` is how many values its cursor holds. Refuses `first` outside 1 to 100. */
export function readPage(args: PageArguments, parts: number): Page {
  const first = args.first ?? 20;
  checkFirst(first);
  return { first, after: args.after ? readCursor(args.after, parts) : null };
}

/**
 * Reads a page whose cursor holds so many instants and then an id. Refuses cursors that hold anything else: nobody got
 * them from here.
 */
export function readTimedPage(args: PageArguments, instants: number): Page {
  const page = readPage(args, instants + 1);
  const times = page.after?.slice(0, instants) ?? [];
  if (times.some((time) => Number.isNaN(Date.parse(time)))) throw wrongCursor();
  return page;
}

/** Makes a connection of up to `first + 1` rows that a store read; the one too many only tells that more follow. */
export function toConnection<T>(
  rows: readonly T[],
  first: number,
  keyOf: (row: T) => readonly string[],
): ConnectionOf<T> {
  const edges = rows.slice(0, first).map((node) => ({ cursor: encodeCursor(keyOf(node)), node }));
  return { edges, pageInfo: { hasNextPage: rows.length > first, endCursor: edges.at(-1)?.cursor ?? null } };
}
