import { parseArgs } from 'node:util';
import { startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import { fuzz } from './fuzz.ts';
import { fuzzSockets } from './fuzz-sockets.ts';
import { watchdog } from './watchdog.ts';

/*
 * The long form of what the tests of the embedded database do in seconds:
 * `npm run embedded:torture -- --messages 1000000 --sockets 20000 --seed 1`. Each part runs when it is asked for.
 */

const HANG_MS = 60_000;

async function messages(seed: number, count: number): Promise<boolean> {
  const guard = watchdog(HANG_MS);
  const start = performance.now();
  const { findings, ...figures } = await fuzz(seed, count, (message) => guard.begin(message));
  await guard.end();
  console.log(`messages: ${count} in ${seconds(start)} s`, JSON.stringify(figures));
  for (const [what, message] of findings) console.log(`  ${what}: ${message}`);
  return findings.size === 0;
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
      messages: { type: 'string', default: '0' },
      sockets: { type: 'string', default: '0' },
    },
  });
  const seed = Number(values.seed);
  console.log(`seed ${seed}`);
  const parts: [number, (seed: number, count: number) => Promise<boolean>][] = [
    [Number(values.messages), messages],
    [Number(values.sockets), sockets],
  ];
  let good = true;
  for (const [count, run] of parts) if (count > 0) good = (await run(seed, count)) && good;
  process.exitCode = good ? 0 : 1;
}

await main();
