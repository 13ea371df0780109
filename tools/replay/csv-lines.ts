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

function fieldsOf(line: string): readonly string[] | null {
  if (!line.includes('"')) return line.split(',');
  try {
    return (parse(line, { relax_column_count: true, relax_quotes: true }) as string[][])[0] ?? [''];
  } catch {
    return null;
  }
}

/**
 * Reads a file of comma-separated values, gzipped if its name ends in `.gz`. A quoted field may go on in the next line, no
 * further: a quote that somebody forgot to close spoils its own line and not all that follow.
 */
export async function* readCsvLines(path: string): AsyncGenerator<CsvLine> {
  let lineNumber = 0;
  let open: string | null = null;
  for await (const text of linesOf(path)) {
    lineNumber++;
    const line = (lineNumber === 1 ? text.replace(/^\uFEFF/, '') : text).replace(/\r$/, '');
    const joined: readonly string[] | null = open === null ? null : fieldsOf(`${open}\n${line}`);
    if (open !== null && !joined) yield { lineNumber: lineNumber - 1, fields: null };
    const fields: readonly string[] | null = joined ?? fieldsOf(line);
    open = fields ? null : line;
    if (fields) yield { lineNumber, fields };
  }
  if (open !== null) yield { lineNumber, fields: null };
}
