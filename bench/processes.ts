// Postings per second of two accounts processes on one store against one, on wallets of their own and all on one wallet.
// Usage: npm run bench:processes [-- --seconds N] ; on MONGODB_URI if set, else on the embedded database.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commandBase, openLedger } from './support/ledger.ts';
import { measure, nothing } from './support/measure.ts';
import { startStore } from './support/store.ts';

const runner = join(import.meta.dirname, '../tools/run.mjs');
const members = 2_000;
const concurrency = 64;
const turnMs = 2_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    worker: { type: 'string' },
    database: { type: 'string' },
  },
});
const forMs = Number(values.seconds) * 1_000;
const database = values.database ?? `bench-processes-${process.pid}`;

interface Order {
  readonly oneWallet: boolean;
  readonly forMs: number;
}

/** What a worker process does: tells that it is ready, then works on each order and tells how much it did. */
async function work(name: string, uri: string): Promise<void> {
  const bench = await openLedger(uri, database);
  let n = 0;
  const earn = (oneWallet: boolean) => () => {
    const memberId = oneWallet ? 'member-shared' : `member-${name}-${n % members}`;
    const base = commandBase(`${name}-${n++}`, memberId);
    return bench.grouped({ ...base, kind: 'EARN', merchantId: 'cafe', points: 10n });
  };
  const carryOut = async ({ oneWallet, forMs: ms }: Order) => {
    const sum = nothing();
    await measure(earn(oneWallet), concurrency, ms, sum);
    process.send!({ done: sum.done });
  };
  process.on('message', (order: Order) => void carryOut(order));
  process.once('disconnect', () => process.exit());
  process.send!({ done: 0 });
}

async function answer(child: ChildProcess): Promise<number> {
  const [{ done }] = (await once(child, 'message')) as [{ done: number }];
  return done;
}

async function order(children: readonly ChildProcess[], oneWallet: boolean, ms: number): Promise<number> {
  for (const child of children) child.send({ oneWallet, forMs: ms } satisfies Order);
  const done = await Promise.all(children.map(answer));
  return done.reduce((sum, each) => sum + each, 0);
}

async function compare(): Promise<void> {
  const store = await startStore();
  const start = async (name: string) => {
    const args = ['--worker', name, '--database', database];
    const child = fork(runner, [process.argv[1]!, ...args], {
      env: { ...process.env, BENCH_URI: store.uri },
    });
    await answer(child);
    return child;
  };
  const children = [await start('a'), await start('b')];
  const alone = children.slice(0, 1);
  let shared = 0;
  const turn = async (some: readonly ChildProcess[], oneWallet: boolean) => {
    const done = await order(some, oneWallet, turnMs);
    if (oneWallet) shared += done;
    return done;
  };
  for (const oneWallet of [false, true]) {
    await turn(children, oneWallet);
    let [one, two] = [0, 0];
    for (let spent = 0; spent < forMs; spent += turnMs) {
      one += await turn(alone, oneWallet);
      two += await turn(children, oneWallet);
    }
    const where = oneWallet ? 'all on one wallet' : 'wallets of their own';
    const perSecond = (done: number) => ((done * 1_000) / forMs).toFixed(0);
    console.log(
      `${where}: one process ${perSecond(one)}/s, two ${perSecond(two)}/s: ${(two / one).toFixed(2)} times`,
    );
  }
  console.log('wanted: at least 1.5 on wallets of their own, never below 0.5 on one wallet');
  const bench = await openLedger(store.uri, database);
  const { available } = await bench.ledger.wallet('member-shared', 'SHARED');
  if (available !== BigInt(shared) * 10n)
    throw new Error(`the shared wallet holds ${available} points of ${shared} earns of 10`);
  console.log(`the shared wallet holds exactly what its ${shared} earns brought`);
  for (const child of children) child.disconnect();
  await bench.drop();
  await bench.close();
  await store.stop();
}

if (values.worker === undefined) await compare();
else await work(values.worker, process.env['BENCH_URI']!);
