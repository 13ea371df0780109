import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Running } from '../../subgraphs/shared/run-process.ts';

const runningShape = z.object({ pid: z.int(), databaseUri: z.string(), origin: z.string() });

/** Where what `npm start` runs can be reached while it runs. */
export type RunningCoalition = z.infer<typeof runningShape>;

const fileOf = (folder: string): string => join(folder, 'running.json');

/** Notes in the data folder what runs, for tools that work on it; stopping takes the note away. */
export function noteRunning(folder: string, running: RunningCoalition): Running {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(folder), `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
  return {
    stop: async () => {
      rmSync(fileOf(folder), { force: true });
    },
  };
}

/** What the note says, or null without one. After a crash it may speak of something that runs no more. */
export function readRunning(folder: string): RunningCoalition | null {
  if (!existsSync(fileOf(folder))) return null;
  try {
    return runningShape.parse(JSON.parse(readFileSync(fileOf(folder), 'utf8')));
  } catch {
    return null;
  }
}
