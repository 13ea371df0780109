/** What a row asks for: a member, and points if there are any. */
export interface ImportRow {
  /** The last line of the row in its file. */
  readonly line: number;
  readonly reference: string;
  readonly cardNumber: string | null;
  readonly displayName: string | null;
  readonly locale: string | null;
  /** 0 registers the member and issues nothing. */
  readonly points: number;
  readonly externalRef: string | null;
  readonly reason: string | null;
}

/** A row that was not carried out, and why. */
export interface RefusedRow {
  readonly line: number;
  /** Empty where it could not be read. */
  readonly reference: string;
  readonly reason: string;
}

/** The columns that a file may have, in any order. */
export const columns = [
  'reference',
  'cardNumber',
  'displayName',
  'locale',
  'points',
  'externalRef',
  'reason',
] as const;

type Column = (typeof columns)[number];

/** Where each column stands. */
export type Header = ReadonlyMap<Column, number>;

const isColumn = (name: string): name is Column => columns.some((column) => column === name);

/** Reads the first row. Throws where a column is unknown or comes twice, or where `reference` is missing. */
export function readHeader(fields: readonly string[]): Header {
  const header = new Map<Column, number>();
  for (const [place, field] of fields.entries()) {
    const name = field.trim();
    if (!isColumn(name)) throw new Error(`unknown column "${name}": there can be ${columns.join(', ')}`);
    if (header.has(name)) throw new Error(`the column ${name} comes twice`);
    header.set(name, place);
  }
  if (!header.has('reference')) throw new Error('there is no column reference');
  return header;
}

const mostPoints = 100_000_000;

function readPoints(text: string): number | null {
  if (text === '') return 0;
  const points = /^[0-9]{1,9}$/.test(text) ? Number(text) : mostPoints + 1;
  return points <= mostPoints ? points : null;
}

/**
 * Reads a row. Points need a reference of their own: it is issued once for ever, so that a file that was corrected, or
 * sorted anew, can be imported again as a whole.
 */
export function readRow(header: Header, line: number, fields: readonly string[]): ImportRow | RefusedRow {
  const at = (column: Column): string => fields[header.get(column) ?? -1]?.trim() ?? '';
  const reference = at('reference');
  const refuse = (reason: string): RefusedRow => ({ line, reference, reason });
  if (fields.length !== header.size) return refuse(`${fields.length} fields instead of ${header.size}`);
  if (reference === '') return refuse('no reference');
  const points = readPoints(at('points'));
  if (points === null) return refuse('points must be a whole number up to 100,000,000');
  if (points > 0 && at('externalRef') === '') return refuse('points without externalRef');
  const given = (column: Column): string | null => at(column) || null;
  return {
    line,
    reference,
    cardNumber: given('cardNumber'),
    displayName: given('displayName'),
    locale: given('locale'),
    points,
    externalRef: given('externalRef'),
    reason: given('reason'),
  };
}

/** Whether a row was refused. */
export const isRefused = (row: ImportRow | RefusedRow): row is RefusedRow => !('points' in row);
