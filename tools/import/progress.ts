import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { ImportFile } from './import-file.ts';

const progressShape = z.object({
  /** Of the file, and where it goes. */
  hash: z.string(),
  target: z.string(),
  /** Rows that are done. */
  rows: z.number().int().min(0),
  counts: z.object({ members: z.number(), points: z.number(), repeated: z.number() }),
  refused: z.array(z.object({ line: z.number(), reference: z.string(), reason: z.string() })),
});

/** How far an import has come. It only saves time: whatever is sent twice changes nothing. */
export type Progress = z.infer<typeof progressShape>;

const pathOf = (file: ImportFile): string => `${file.path}.progress.json`;

const begin = (hash: string, target: string): Progress => ({
  hash,
  target,
  rows: 0,
  counts: { members: 0, points: 0, repeated: 0 },
  refused: [],
});

/** Reads how far an interrupted import of this very file to this target came; else, or where it is damaged, the beginning. */
export function readProgress(file: ImportFile, target: string): Progress {
  const fresh = begin(file.hash, target);
  if (!existsSync(pathOf(file))) return fresh;
  try {
    const found = progressShape.parse(JSON.parse(readFileSync(pathOf(file), 'utf8')));
    return found.hash === file.hash && found.target === target ? found : fresh;
  } catch {
    return fresh;
  }
}

/** Writes a whole file or none of it. */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}

/** Notes how far the import has come. */
export const keepProgress = (file: ImportFile, progress: Progress): void =>
  writeWhole(pathOf(file), JSON.stringify(progress));

/** Forgets it, when the import has come to its end. */
export const dropProgress = (file: ImportFile): void => rmSync(pathOf(file), { force: true });
