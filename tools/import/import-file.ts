import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readCsvLines } from '../replay/csv-lines.ts';
import { firstUse } from './first-use.ts';
import { type ImportRow, type RefusedRow, readHeader, readRow } from './row.ts';

/** A file to import. */
export interface ImportFile {
  readonly path: string;
  /** SHA-256 of its bytes, in hex: with the line it makes the key of what a row issues. */
  readonly hash: string;
  /** How many rows it has, the header left out. */
  readonly rows: number;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const isBlank = (fields: readonly string[] | null): boolean => fields?.length === 1 && fields[0] === '';

/** Reads the rows of a file one by one; blank lines are left out. Throws where its header cannot be read. */
export async function* readRows(path: string): AsyncGenerator<ImportRow | RefusedRow> {
  const once = firstUse();
  let header: ReturnType<typeof readHeader> | null = null;
  for await (const { lineNumber, fields } of readCsvLines(path)) {
    if (isBlank(fields)) continue;
    if (!header) header = readHeader(fields ?? []);
    else if (fields) yield once(readRow(header, lineNumber, fields));
    else yield { line: lineNumber, reference: '', reason: 'a quote is not closed' };
  }
  if (!header) throw new Error('the file is empty');
}

/** Looks at a file as a whole before anything is sent. */
export async function openImportFile(path: string): Promise<ImportFile> {
  let rows = 0;
  for await (const _ of readRows(path)) rows++;
  return { path, hash: await hashOf(path), rows };
}
