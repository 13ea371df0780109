import type { Progress } from './progress.ts';
import type { RefusedRow } from './row.ts';

const number = (value: number): string => value.toLocaleString('en');

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The refused rows in the order of their lines, as a file of comma-separated values. */
export function refusedCsv(refused: readonly RefusedRow[]): string {
  const rows = [...refused].sort((a, b) => a.line - b.line);
  const lines = rows.map(({ line, reference, reason }) => `${line},${quoted(reference)},${quoted(reason)}`);
  return ['line,reference,reason', ...lines, ''].join('\n');
}

/** What was done, in one line. */
export function summary({ rows, counts, refused }: Progress): string {
  const { members, points, repeated } = counts;
  return `${number(rows)} rows: ${number(members)} members registered, ${number(points)} points issued, ${number(repeated)} rows known from before, ${number(refused.length)} refused`;
}
