// npm run bench:start: how long `npm start` takes to its first answered query, and how much memory it takes once the demo
// data is in. Runs it with the database in memory and in a folder of its own, on a free port.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** What issue and README promise. */
const wanted = { firstAnswerSeconds: 6, residentMegabytes: 700 };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Resident memory of a process and all below it, in megabytes, by name of the program. */
function residentOf(pid: number): { command: string; megabytes: number }[] {
  const processes = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return [{ pid: Number(name), parent }];
    } catch {
      return [];
    }
  });
  const family = new Set([pid]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const each of processes) if (family.has(each.parent)) family.add(each.pid);
  }
  return [...family].map((each) => ({
    command: readFileSync(`/proc/${each}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 110),
    megabytes: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, 'utf8'))?.[1] ?? 0) / 1024,
  }));
}

async function answers(origin: string): Promise<boolean> {
  try {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ merchants(first: 1) { edges { node { name } } } }' }),
    });
    const { data } = (await response.json()) as { data?: { merchants?: unknown } };
    return data?.merchants !== undefined && data.merchants !== null;
  } catch {
    return false;
  }
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

interface Measured {
  readonly firstAnswer: number;
  readonly everything: number;
  readonly resident: number;
}

async function measure(label: string, args: readonly string[], folder: string): Promise<Measured> {
  const port = await freePort();
  const { MONGODB_URI: _, ...env } = process.env;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const child = spawn('npm', ['start', '--silent', '--', '--port', String(port), ...args], {
    cwd: root,
    env: { ...env, DATA_FOLDER: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.once('close', done));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  while (!(await answers(`http://127.0.0.1:${port}`))) await pause(20);
  const firstAnswer = seconds();
  while (!output.includes('Ctrl-C')) await pause(20);
  const everything = seconds();
  await pause(1_000);
  const processes = residentOf(child.pid!);
  const resident = processes.reduce((sum, { megabytes }) => sum + megabytes, 0);
  console.log(`\n${label}`);
  console.log(
    `  first answered query ${firstAnswer.toFixed(2)} s, demo data in and told ${everything.toFixed(2)} s`,
  );
  console.log(`  resident ${resident.toFixed(0)} MB in ${processes.length} processes`);
  for (const { command, megabytes } of processes)
    console.log(`    ${megabytes.toFixed(0).padStart(4)} MB  ${command}`);
  process.kill(findLauncher(child.pid!), 'SIGINT');
  await ended;
  return { firstAnswer, everything, resident };
}

/** The innermost process that runs launch.ts: npm and its shell only pass on what it does. */
function findLauncher(pid: number): number {
  const launchers = readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('gateway/launch.ts')
      );
    } catch {
      return false;
    }
  });
  const below = (candidate: number): boolean => {
    for (let at = candidate; at > 1; ) {
      if (at === pid) return true;
      const stat = readFileSync(`/proc/${at}/stat`, 'utf8');
      at = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }
    return false;
  };
  return Math.max(...launchers.map(Number).filter(below));
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jifen-bench-'));
  console.log(`Node ${process.version} on ${cpus().length} cores`);
  try {
    const results = [
      await measure('In memory', ['--memory'], folder),
      await measure('In a new data folder', [], folder),
      await measure('In the same data folder again', [], folder),
    ];
    const slowest = Math.max(...results.map(({ firstAnswer }) => firstAnswer));
    const largest = Math.max(...results.map(({ resident }) => resident));
    const held = slowest < wanted.firstAnswerSeconds && largest < wanted.residentMegabytes;
    console.log(
      `\n${held ? 'Holds' : 'Does NOT hold'}: under ${wanted.firstAnswerSeconds} s (${slowest.toFixed(2)} s) and under ${wanted.residentMegabytes} MB (${largest.toFixed(0)} MB)`,
    );
    process.exitCode = held ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
