import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse/sync';

/** One record of a file: its fields, or null where a quote is not closed. */
export interface CsvLine {
  /** The last of its lines. */
  readonly lineNumber: number;
  readonly fields: readonly string[] | null;
}

async function* textOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const raw = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => raw.destroy(error));
  raw.setEncoding('utf8');
  yield* raw as AsyncIterable<string>;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const text of textOf(path)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** The fields of a record; null where a quote is not closed, or is closed in the midst of a field and that is not allowed. */
function fieldsOf(record: string, strayQuotes: boolean): readonly string[] | null {
  if (!record.includes('"')) return record.split(',');
  const options = { relax_column_count: true, relax_quotes: strayQuotes, record_delimiter: '\n' };
  try {
    return (parse(record, options) as string[][])[0] ?? [''];
  } catch {
    return null;
  }
}

/**
 * Reads a file of comma-separated values, gzipped if its name ends in `.gz`. A quoted field may go on in the next line, no
 * further: a quote that somebody forgot to close spoils its own line and not all that follow. Two lines are one record only if
 * every quote in them is where it should be: else the first is the spoiled one, and the second is read by itself.
 */
export async function* readCsvLines(path: string): AsyncGenerator<CsvLine> {
  let lineNumber = 0;
  let open: string | null = null;
  for await (const text of linesOf(path)) {
    lineNumber++;
    const line = (lineNumber === 1 ? text.replace(/^\uFEFF/, '') : text).replace(/\r$/, '');
    const joined: readonly string[] | null = open === null ? null : fieldsOf(`${open}\n${line}`, false);
    if (open !== null && !joined) yield { lineNumber: lineNumber - 1, fields: null };
    const fields: readonly string[] | null = joined ?? fieldsOf(line, true);
    open = fields ? null : line;
    if (fields) yield { lineNumber, fields };
  }
  if (open !== null) yield { lineNumber, fields: null };
}
