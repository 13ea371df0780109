import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** An embedded database that keeps its data and runs as a process of its own, so that it can be killed. */
export interface DatabaseProcess {
  readonly uri: string;
  readonly folder: string;
  /** Ends it as a power cut would: SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port. */
  restart(): Promise<void>;
}

async function launch(folder: string, port: number): Promise<{ child: ChildProcess; uri: string }> {
  const main = join(import.meta.dirname, '../../embedded-mongodb/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main, '--port', String(port), '--data', folder], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  for await (const chunk of child.stdout!) {
    const line = String(chunk)
      .split('\n')
      .find((text) => text.startsWith('{'));
    if (line) return { child, uri: (JSON.parse(line) as { uri: string }).uri };
  }
  throw new Error('the embedded database ended before it was ready');
}

/** Starts a database that can be killed, on a new folder. */
export async function startDatabaseProcess(): Promise<DatabaseProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'jifen-crash-'));
  const port = await freePort();
  let { child, uri } = await launch(folder, port);
  const kill = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const restart = async () => {
    ({ child, uri } = await launch(folder, port));
  };
  return { uri, folder, kill, restart };
}
