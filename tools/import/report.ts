import { printable } from '../printable.ts';
import type { Progress } from './progress.ts';
import type { RefusedRow } from './row.ts';

const number = (value: number): string => value.toLocaleString('en');

/** What a spreadsheet takes for a formula, at the beginning of a field or after a semicolon, at which some begin another. */
const formula = /(^|;)(?=[\t\r\n]|\s*[=+\-@＝＋－＠])/g;

const quoted = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A field that is only read: a mark before a formula makes it a text, and nothing in it moves a terminal's cursor. */
const field = (text: string): string => quoted(printable(text.replace(formula, "$1'")));

/** The refused rows in the order of their lines, as a file of comma-separated values to look at, not to import. */
export function refusedCsv(refused: readonly RefusedRow[]): string {
  const rows = [...refused].sort((a, b) => a.line - b.line);
  const lines = rows.map(({ line, reference, reason }) => `${line},${field(reference)},${field(reason)}`);
  return ['line,reference,reason', ...lines, ''].join('\n');
}

/** What was done, in one line. */
export function summary({ rows, counts, refused }: Progress): string {
  const { members, points, repeated } = counts;
  return `${number(rows)} rows: ${number(members)} members registered, ${number(points)} points issued, ${number(repeated)} rows known from before, ${number(refused.length)} refused`;
}
