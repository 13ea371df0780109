import { type Page, type PageArguments, readPage, toConnection } from './connection.ts';
import { badUserInput } from './errors.ts';
import { canonicalJson } from './idempotency.ts';

/** Whose export it is. */
export interface ExportOf {
  readonly memberId: string;
}

/** A record of an export and its place in its part, as a cursor holds it. */
export interface PlacedRecord {
  readonly record: { readonly type: string; readonly [field: string]: unknown };
  readonly place: readonly string[];
}

/** One kind of what is exported, in an order in which nothing is added behind a place. */
export interface ExportPart {
  /** Short; part of cursors. */
  readonly name: string;
  /** Up to so many records from the first, or from the one after a place; fewer only if no more follow. */
  readonly read: (after: readonly string[] | null, limit: number) => Promise<readonly PlacedRecord[]>;
}

/** A page of an export as it is answered. */
export interface ExportPage {
  readonly records: readonly string[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

interface Line {
  readonly text: string;
  readonly part: string;
  readonly place: readonly string[];
}

const wrongCursor = () => badUserInput('after: not a cursor that this connection gave');

function placeIn(text: string): readonly string[] {
  try {
    const place: unknown = JSON.parse(text);
    if (Array.isArray(place) && place.every((step) => typeof step === 'string')) return place;
  } catch {}
  throw wrongCursor();
}

/** Reads a page over parts, one after another, so that whoever follows the cursors has every record once. */
export async function readExport(parts: readonly ExportPart[], args: PageArguments): Promise<ExportPage> {
  const { first, after } = readPage({ ...args, first: args.first ?? 100 }, 2);
  let at = after ? parts.findIndex(({ name }) => name === after[0]) : 0;
  if (at < 0) throw wrongCursor();
  let place = after && placeIn(after[1]!);
  const lines: Line[] = [];
  for (; at < parts.length && lines.length <= first; at++) {
    const { name, read } = parts[at]!;
    const found = await read(place, first + 1 - lines.length);
    lines.push(...found.map((one) => ({ text: canonicalJson(one.record), part: name, place: one.place })));
    place = null;
  }
  const { edges, pageInfo } = toConnection(lines, first, (line) => [line.part, JSON.stringify(line.place)]);
  return { records: edges.map(({ node }) => node.text), pageInfo };
}

/** A part that is small enough to be read at once. Its records keep their order while it is exported. */
export function wholePart(name: string, read: () => Promise<readonly PlacedRecord['record'][]>): ExportPart {
  return {
    name,
    read: async (after, limit) => {
      const from = after ? Number(after[0]) + 1 : 0;
      if (!Number.isSafeInteger(from) || from < 0) throw wrongCursor();
      const records = (await read()).slice(from, from + limit);
      return records.map((record, i) => ({ record, place: [String(from + i)] }));
    },
  };
}

/** Instants of a place, checked: nobody else gives places than we. */
export function instantIn(place: readonly string[], at: number): Date {
  const date = new Date(place[at] ?? '');
  if (Number.isNaN(date.getTime())) throw wrongCursor();
  return date;
}

/** A part over rows in the order of an instant and an id, newest first, so that nothing is added behind a place. */
export function timedPart<Row extends { readonly id: string }>(
  name: string,
  /** So many, or one more. */
  read: (page: Page) => Promise<readonly Row[]>,
  toRecord: (row: Row) => PlacedRecord['record'],
  atOf: (row: Row) => Date,
): ExportPart {
  return {
    name,
    read: async (after, limit) => {
      if (after) instantIn(after, 0);
      const rows = (await read({ first: limit, after })).slice(0, limit);
      return rows.map((row) => ({ record: toRecord(row), place: [atOf(row).toISOString(), row.id] }));
    },
  };
}
