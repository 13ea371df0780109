import { createHash } from 'node:crypto';
import { type ImportRow, isRefused, type RefusedRow } from './row.ts';

/** Half a SHA-256, a character a byte: of a long reference little is kept, and nothing of the line that it was read from. */
const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest().toString('latin1', 0, 16);

/**
 * Refuses a row that would issue points by an external reference of an earlier row: the endpoint would issue nothing, and where
 * both give the same points to the same member, as a purchase and a bonus may, it would look as if it had been done before. It
 * has to see all rows of a file, those that an earlier run has done too.
 */
export function firstUse(): (row: ImportRow | RefusedRow) => ImportRow | RefusedRow {
  const lines = new Map<string, number>();
  return (row) => {
    if (isRefused(row) || row.points === 0) return row;
    const digest = digestOf(row.externalRef ?? '');
    const first = lines.get(digest);
    if (first === undefined) {
      lines.set(digest, row.line);
      return row;
    }
    const { line, reference } = row;
    return { line, reference, reason: `the externalRef is that of line ${first}` };
  };
}
