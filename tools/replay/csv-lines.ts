import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse/sync';

/** One record of a file: its fields, or null where a quote is not closed. */
export interface CsvLine {
  /** The last of its lines. */
  readonly lineNumber: number;
  readonly fields: readonly string[] | null;
}

/** The text of a file with a character for each byte. */
async function* bytesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const raw = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => raw.destroy(error));
  raw.setEncoding('latin1');
  yield* raw as AsyncIterable<string>;
}

/** The lines of a file: they end before they are decoded, so that no piece in which it is read ends inside a character. */
async function* linesOf(path: string, anyEncoding: boolean): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: !anyEncoding, ignoreBOM: true });
  let count = 0;
  const decode = (line: string): string => {
    count++;
    try {
      return decoder.decode(Buffer.from(line, 'latin1'));
    } catch {
      throw new Error(`the file is not UTF-8: see line ${count}`);
    }
  };
  let rest = '';
  for await (const bytes of bytesOf(path)) {
    const lines = (rest + bytes).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield decode(line);
  }
  if (rest !== '') yield decode(rest);
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
 *
 * Throws where the file is not UTF-8: two names of another encoding may read the same. With `anyEncoding`, what cannot be read
 * becomes U+FFFD instead.
 */
export async function* readCsvLines(path: string, anyEncoding = false): AsyncGenerator<CsvLine> {
  let lineNumber = 0;
  let open: string | null = null;
  for await (const text of linesOf(path, anyEncoding)) {
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
