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

/** Most characters of each text, as the schema has them: a row that is longer could make a request that nobody takes. */
const most = {
  reference: 100,
  cardNumber: 16,
  displayName: 80,
  locale: 5,
  externalRef: 200,
  reason: 500,
} as const;

type Text = keyof typeof most;

const texts = Object.keys(most) as readonly Text[];

/** The schema counts characters in what names a member, and UTF-16 units, of which a rare character has two, in the rest. */
const isTooLong = (column: Text, text: string): boolean =>
  (column === 'reference' || column === 'displayName' ? Array.from(text).length : text.length) > most[column];

/** A reference as a refused row is listed with it. */
const shortened = (reference: string): string =>
  isTooLong('reference', reference)
    ? `${Array.from(reference).slice(0, most.reference).join('')}…`
    : reference;

/**
 * Reads a row. Points need a reference of their own: it is issued once for ever, so that a file that was corrected, or
 * sorted anew, can be imported again as a whole.
 */
export function readRow(header: Header, line: number, fields: readonly string[]): ImportRow | RefusedRow {
  const at = (column: Column): string => fields[header.get(column) ?? -1]?.trim() ?? '';
  const reference = at('reference');
  const refuse = (reason: string): RefusedRow => ({ line, reference: shortened(reference), reason });
  if (fields.length !== header.size) return refuse(`${fields.length} fields instead of ${header.size}`);
  if (reference === '') return refuse('no reference');
  const points = readPoints(at('points'));
  if (points === null) return refuse('points must be a whole number up to 100,000,000');
  const sent = points > 0 ? texts : texts.filter((column) => column !== 'externalRef' && column !== 'reason');
  const long = sent.find((column) => isTooLong(column, at(column)));
  if (long) return refuse(`${long} must be at most ${most[long]} characters`);
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
