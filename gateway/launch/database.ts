import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { DataFolderError, lockFolder } from '../../embedded-mongodb/storage/data-folder.ts';
import { StartError } from '../../subgraphs/shared/config.ts';

/** A database that `npm start` uses. */
export interface LaunchDatabase {
  readonly uri: string;
  /** Resolves with one line when the database ends by itself; never for one that is not ours. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** Where the embedded database keeps its files. */
export const databaseFolder = (dataFolder: string): string => join(dataFolder, 'mongodb');

/** Empties the embedded database's folder. Throws a StartError if a server is using it. */
export async function resetDatabase(dataFolder: string): Promise<void> {
  const folder = databaseFolder(dataFolder);
  try {
    const lock = await lockFolder(folder);
    await lock.release();
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (error instanceof DataFolderError) throw new StartError(error.message);
    throw error;
  }
}

/**
 * Starts the process with the embedded database. It is the leader of a group of its own, so that Ctrl-C reaches only us and
 * the database outlives what uses it; when we die it sees the channel close and ends.
 */
function spawnDatabase(dataFolder: string | null): ChildProcess {
  const root = join(import.meta.dirname, '..', '..');
  const built = extname(import.meta.filename) === '.js';
  const main = join(root, 'embedded-mongodb', built ? 'main.js' : 'main.ts');
  const runner = built ? [] : [join(root, 'tools', 'run.mjs')];
  const store = dataFolder === null ? ['--memory'] : ['--data', databaseFolder(dataFolder)];
  return spawn(process.execPath, [...runner, main, '--port', '0', ...store], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
}

/** Keeps what the process says on stderr last: why it ended. Of a crash that is the error, not the stack below it. */
function lastWords(child: ChildProcess): () => string {
  let last = '';
  createInterface({ input: child.stderr! }).on('line', (line) => {
    const telling = line.trim() !== '' && !/^(\s|Node\.js v)/.test(line);
    if (telling) last = line;
  });
  return () => last;
}

async function readUri(child: ChildProcess): Promise<string | null> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const message: unknown = line.startsWith('{') ? JSON.parse(line) : null;
    if (message && typeof message === 'object' && 'uri' in message) return String(message.uri);
  }
  return null;
}

/** Starts the embedded database on the data folder, or in memory if that is null. */
export async function startDatabase(dataFolder: string | null): Promise<LaunchDatabase> {
  const child = spawnDatabase(dataFolder);
  const reason = lastWords(child);
  const closed = once(child, 'close');
  const uri = await readUri(child);
  if (uri === null) {
    await closed;
    throw new StartError(`the embedded database did not start: ${reason()}`);
  }
  child.stdout!.resume();
  const ended = closed.then(() => `the embedded database ended: ${reason()}`);
  const stop = async () => {
    child.kill('SIGTERM');
    await closed;
  };
  return { uri, ended, stop };
}
