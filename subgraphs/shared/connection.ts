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

function decodeCursor(cursor: string, parts: number): readonly string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === parts && key.every((part) => typeof part === 'string'))
      return key;
  } catch {}
  throw badUserInput('after: not a cursor that this connection gave');
}

/** Checks a connection's arguments. `parts` is how many values its cursor holds. Refuses `first` outside 1 to 100. */
export function readPage(args: PageArguments, parts: number): Page {
  const first = args.first ?? 20;
  if (first < 1 || first > 100) throw badUserInput(`first: must be 1 to 100, got ${first}`);
  return { first, after: args.after ? decodeCursor(args.after, parts) : null };
}

/**
 * Reads a page whose cursor holds so many instants and then an id. Refuses cursors that hold anything else: nobody got
 * them from here.
 */
export function readTimedPage(args: PageArguments, instants: number): Page {
  const page = readPage(args, instants + 1);
  const times = page.after?.slice(0, instants) ?? [];
  if (times.some((time) => Number.isNaN(Date.parse(time))))
    throw badUserInput('after: not a cursor that this connection gave');
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
