import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Document, EJSON } from 'bson';

/** A file of tests in the unified test format; only what this runner reads. */
export interface SpecFile {
  /** The file's name without its extension. */
  readonly name: string;
  readonly runOnRequirements?: readonly Document[];
  readonly createEntities?: readonly Document[];
  readonly initialData?: readonly Document[];
  readonly tests: readonly SpecTest[];
}

/** One test of a file. */
export interface SpecTest {
  readonly description: string;
  readonly skipReason?: string;
  readonly runOnRequirements?: readonly Document[];
  readonly operations: readonly SpecOperation[];
  readonly expectEvents?: readonly Document[];
  readonly outcome?: readonly Document[];
}

/** One step of a test. */
export interface SpecOperation {
  readonly name: string;
  readonly object: string;
  readonly arguments?: Document;
  readonly expectResult?: unknown;
  readonly expectError?: Document;
  readonly saveResultAsEntity?: string;
  readonly ignoreResultAndError?: boolean;
}

/** All test files of a folder, by name. */
export function readSpecFiles(folder: string): SpecFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => ({
      ...(EJSON.parse(readFileSync(join(folder, name), 'utf8'), { relaxed: true }) as SpecFile),
      name: basename(name, '.json'),
    }));
}
