import { type ImportTarget, importBatch } from './import-batch.ts';
import { type ImportFile, readRows } from './import-file.ts';
import type { Progress } from './progress.ts';
import { type ImportRow, isRefused, type RefusedRow } from './row.ts';

/** How an import goes on and what it tells. */
export interface ImportOptions {
  /** Rows of a batch, at most 1,000. */
  readonly batch: number;
  /** Called after each batch, with all that was done until then. */
  readonly onDone: (progress: Progress) => void;
}

async function* batches(
  rows: AsyncIterable<ImportRow | RefusedRow>,
  skip: number,
  size: number,
): AsyncGenerator<(ImportRow | RefusedRow)[]> {
  let batch: (ImportRow | RefusedRow)[] = [];
  let seen = 0;
  for await (const row of rows) {
    if (++seen <= skip) continue;
    batch.push(row);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Sends a file batch by batch, from where an earlier import of it came to. Throws where the endpoint does. */
export async function importFile(
  target: ImportTarget,
  file: ImportFile,
  from: Progress,
  { batch, onDone }: ImportOptions,
): Promise<Progress> {
  let progress = from;
  for await (const rows of batches(readRows(file.path), from.rows, batch)) {
    const malformed = rows.filter(isRefused);
    const { counts, refused } = await importBatch(
      target,
      file,
      rows.filter((row): row is ImportRow => !isRefused(row)),
    );
    const { members, points, repeated } = progress.counts;
    progress = {
      ...progress,
      rows: progress.rows + rows.length,
      counts: {
        members: members + counts.members,
        points: points + counts.points,
        repeated: repeated + counts.repeated,
      },
      refused: [...progress.refused, ...malformed, ...refused],
    };
    onDone(progress);
  }
  return progress;
}
