import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import { fillDisk } from './fill-disk.ts';
import { fuzz } from './fuzz.ts';
import { fuzzSockets } from './fuzz-sockets.ts';
import { runKills } from './kills.ts';
import { runBank } from './run-bank.ts';
import { watchdog } from './watchdog.ts';

/*
 * The long form of what the tests of the embedded database do in seconds:
 * `npm run embedded:torture -- --seconds 60 --messages 1000000 --sockets 20000 --kills 100 --full-disk --seed 1`. Each part runs when it is asked for.
 */

const HANG_MS = 60_000;
const BANK_COMMANDS = 10_000;

async function messages(seed: number, count: number): Promise<boolean> {
  const guard = watchdog(HANG_MS);
  const start = performance.now();
  const { findings, ...figures } = await fuzz(seed, count, (message) => guard.begin(message));
  await guard.end();
  console.log(`messages: ${count} in ${seconds(start)} s`, JSON.stringify(figures));
  for (const [what, message] of findings) console.log(`  ${what}: ${message}`);
  return findings.size === 0;
}

async function bank(seed: number, count: number): Promise<boolean> {
  const start = performance.now();
  const total: Record<string, number> = {};
  for (let round = 0; seconds(start) < count; round++) {
    const figures = await runBank(seed + round, BANK_COMMANDS);
    for (const [what, times] of Object.entries(figures)) total[what] = (total[what] ?? 0) + times;
  }
  console.log(`bank: ${seconds(start)} s`, JSON.stringify(total));
  return true;
}

async function kills(seed: number, count: number): Promise<boolean> {
  const start = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'kills-'));
  // A folder with which something is wrong is kept to be looked at.
  const figures = await runKills(folder, seed, count, (figures) => {
    if ((figures['kills'] as number) % 10 === 0) console.log('kills so far:', JSON.stringify(figures));
  }).catch((error: unknown) => {
    console.log(`kills: see ${folder}`);
    throw error;
  });
  rmSync(folder, { recursive: true });
  console.log(`kills: ${seconds(start)} s`, JSON.stringify(figures));
  return true;
}

/** On a small file system that really fills up; to mount one takes root on Linux. */
async function fullDisk(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder]);
  try {
    // Something else takes room that can be made again.
    writeFileSync(join(folder, 'other'), Buffer.alloc(1_000_000));
    const report = await fillDisk(folder, [], () => rmSync(join(folder, 'other')));
    console.log('full disk:', JSON.stringify(report));
    return report.lost.length === 0 && report.exitCode === 70 && report.lines.length === 1;
  } finally {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  }
}

async function sockets(seed: number, count: number): Promise<boolean> {
  const start = performance.now();
  const server = await startEmbeddedMongo();
  const report = await fuzzSockets(server.uri, seed, count);
  await server.stop();
  console.log(`sockets: ${count} in ${seconds(start)} s`, JSON.stringify(report));
  return true;
}

function seconds(start: number): number {
  return Math.round((performance.now() - start) / 1000);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      seconds: { type: 'string', default: '0' },
      messages: { type: 'string', default: '0' },
      sockets: { type: 'string', default: '0' },
      kills: { type: 'string', default: '0' },
      'full-disk': { type: 'boolean', default: false },
    },
  });
  const seed = Number(values.seed);
  console.log(`seed ${seed}`);
  const parts: [number, (seed: number, count: number) => Promise<boolean>][] = [
    [Number(values.seconds), bank],
    [Number(values.messages), messages],
    [Number(values.sockets), sockets],
    [Number(values.kills), kills],
    [Number(values['full-disk']), fullDisk],
  ];
  let good = true;
  for (const [count, run] of parts) if (count > 0) good = (await run(seed, count)) && good;
  process.exitCode = good ? 0 : 1;
}

await main();
