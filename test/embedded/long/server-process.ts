import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The server as a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess;
  /** Undefined when it ended instead of serving. */
  readonly uri: string | undefined;
  /** What it wrote to its error output so far. */
  readonly output: () => string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts the server; resolves when it serves or has ended. `wrap` puts another program before it, such as a shell with limits. */
export function startServer(args: readonly string[], wrap: readonly string[] = []): Promise<ServerProcess> {
  const run = [
    process.execPath,
    join(ROOT, 'tools/run.mjs'),
    join(ROOT, 'embedded-mongodb/main.ts'),
    '--port',
    '0',
  ];
  const [program, ...rest] = [...wrap, ...run, ...args] as [string, ...string[]];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stderr.on('data', (text) => {
    output += text;
  });
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const started = (uri: string | undefined): ServerProcess => ({ child, uri, output: () => output, ended });
  return new Promise((resolve) => {
    child.stdout.on('data', (text) => resolve(started(JSON.parse(String(text)).uri)));
    void ended.then(() => resolve(started(undefined)));
  });
}
