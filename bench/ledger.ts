// Postings per second: commands committed in groups against one transaction a posting, on the same store in one run.
// Usage: npm run bench:ledger [-- --seconds N] ; on MONGODB_URI if set, else on the embedded database, durable, in its own process.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import type { Command } from '../subgraphs/accounts/ledger/command.ts';
import { commitBatch } from '../subgraphs/accounts/ledger/commit-batch.ts';
import { createCommitter } from '../subgraphs/accounts/ledger/committer.ts';
import { commitPorts, loadPorts } from '../subgraphs/accounts/ledger/ledger-ports.ts';
import { createLedgerStores } from '../subgraphs/accounts/ledger/ledger-stores.ts';
import { createOutboxStore } from '../subgraphs/shared/events/outbox-store.ts';
import { newId, systemClock } from '../subgraphs/shared/ids.ts';
import { buildIndexes, connectMongo } from '../subgraphs/shared/mongo.ts';

const levels = [1, 16, 64, 256];
const members = 5_000;
const merchants = ['supermarket', 'pets', 'books', 'cafe'];

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '4' } } });
const runMs = Number(values.seconds) * 1000;

interface Store {
  readonly uri: string;
  stop(): Promise<void>;
}

async function readyLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.startsWith('{')) return (JSON.parse(line) as { uri: string }).uri;
  }
  throw new Error('the embedded database did not start');
}

async function startStore(): Promise<Store> {
  const given = process.env['MONGODB_URI'];
  if (given) return { uri: given, stop: async () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'jifen-bench-'));
  // As `npm start` runs it.
  const runner = join(import.meta.dirname, '../tools/run.mjs');
  const main = join(import.meta.dirname, '../embedded-mongodb/main.ts');
  const child = spawn(process.execPath, [runner, main, '--port', '0', '--data', folder], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const uri = await readyLine(child);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  return { uri, stop };
}

let made = 0;

/** Two earns to one payment, over many wallets; a payment of at most what the first earn of a wallet brings. */
function nextCommand(): Command {
  const n = made++;
  const memberId = `member-${(n * 7_919) % members}`;
  const base = {
    caller: 'bench',
    idempotencyKey: `key-${n}`,
    inputHash: 'bench',
    programme: 'SHARED',
    memberId,
  };
  const merchantId = merchants[n % merchants.length]!;
  if (n < members || n % 3 !== 0)
    return { ...base, kind: 'EARN', merchantId, points: 120n, externalRef: `receipt-${n}` };
  return { ...base, kind: 'REDEEM', merchantId, points: 50n };
}

type Execute = (command: Command) => Promise<unknown>;

/** Commands answered, the time that took, and the processor time that this process spent on it. */
interface Measured {
  done: number;
  ms: number;
  cpuMs: number;
}

const nothing = (): Measured => ({ done: 0, ms: 0, cpuMs: 0 });

/** Keeps so many commands under way for a while and adds what was answered. */
async function measure(execute: Execute, concurrency: number, forMs: number, sum: Measured): Promise<void> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const one = async () => {
    while (performance.now() - start < forMs) {
      await execute(nextCommand());
      sum.done++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  sum.ms += performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  sum.cpuMs += (user + system) / 1_000;
}

/** Commands a second, one by one and grouped, in turns of a second so that a busy machine slows both alike. */
async function compare(
  single: Execute,
  grouped: Execute,
  concurrency: number,
): Promise<[Measured, Measured]> {
  const sums: [Measured, Measured] = [nothing(), nothing()];
  for (let spent = 0; spent < runMs; spent += 1_000) {
    await measure(single, concurrency, 1_000, sums[0]);
    await measure(grouped, concurrency, 1_000, sums[1]);
  }
  return sums;
}

async function main(): Promise<void> {
  const store = await startStore();
  const connection = await connectMongo(store.uri, `bench-ledger-${process.pid}`);
  const wiring = {
    connection,
    clock: systemClock,
    newId,
    programmeAt: async (code: string) => ({
      code,
      version: 1,
      unlock: { kind: 'IMMEDIATE' as const },
      validity: { kind: 'ROLLING' as const, months: 24, roundTo: 'DAY' as const },
      eligibleIssuerIds: null,
      arrears: 'OWE' as const,
      transfers: { allowed: true, mostPerTransfer: null, mostPerDay: null, declineWithinDays: 0 },
      pooling: { allowed: true },
      reminders: { daysBefore: [30, 7, 1], graceDays: 0, restoreOnce: false },
      holdTimeoutSeconds: 900,
      reinstatementDays: 30,
    }),
    addEvents: createOutboxStore(connection).add,
    rosters: async () => [],
    guardHouseholds: async () => true,
    priceAt: async () => ({ issuePricePerThousand: 950n, redemptionPricePerThousand: 900n }),
  };
  const stores = createLedgerStores(connection);
  await buildIndexes(connection);
  const ports = commitPorts(stores, loadPorts(stores, wiring), wiring);
  const committer = createCommitter(ports, pino({ level: 'warn' }));
  const grouped: Execute = (command) => committer.submit(command);
  const single: Execute = async (command) => {
    const [answer] = await commitBatch([command], ports);
    if (!answer || 'fault' in answer) throw new Error('a command failed', { cause: answer });
  };
  // Every wallet exists before anything is measured, and both paths have run.
  await Promise.all(Array.from({ length: members }, () => grouped(nextCommand())));
  await measure(single, 16, 1_000, nothing());
  console.log('concurrency   one by one/s   grouped/s    ratio   client CPU ms each: one by one   grouped');
  for (const concurrency of levels) {
    const [one, many] = await compare(single, grouped, concurrency);
    const rate = ({ done, ms }: Measured) => (done * 1_000) / ms;
    const cells = [
      String(concurrency).padStart(11),
      rate(one).toFixed(0).padStart(14),
      rate(many).toFixed(0).padStart(11),
      `${(rate(many) / rate(one)).toFixed(1)}×`.padStart(8),
      (one.cpuMs / one.done).toFixed(2).padStart(31),
      (many.cpuMs / many.done).toFixed(2).padStart(9),
    ];
    console.log(cells.join(' '));
  }
  await committer.stop();
  await connection.dropDatabase();
  await connection.close();
  await store.stop();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
