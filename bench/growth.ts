// Whether history makes the ledger slower: the middle time of a posting and of reading a wallet with few and with many postings
// in the store, and with few and with many lots in the wallet, on one store in one run.
// Usage: npm run bench:growth [-- --postings N] ; on MONGODB_URI if set, else on the embedded database, in memory.
import { parseArgs } from 'node:util';
import { type BenchLedger, commandBase, nthCommand, openLedger } from './support/ledger.ts';
import { median } from './support/measure.ts';
import { startStore } from './support/store.ts';

const { values } = parseArgs({ options: { postings: { type: 'string', default: '1000000' } } });
const few = 1_000;
const many = Number(values.postings);
const members = 20_000;
const samples = 400;
const together = 512;

interface Medians {
  readonly posting: number;
  readonly wallet: number;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Pays from and reads the wallets of some members, one request at a time. */
async function sample(bench: BenchLedger, label: string, memberId: (i: number) => string): Promise<Medians> {
  const postings: number[] = [];
  const wallets: number[] = [];
  for (let i = 0; i < samples; i++) {
    const base = commandBase(`${label}-${i}`, memberId(i));
    postings.push(
      await timed(() => bench.grouped({ ...base, kind: 'REDEEM', merchantId: 'cafe', points: 1n })),
    );
    wallets.push(await timed(() => bench.ledger.wallet(memberId(i), 'SHARED')));
  }
  return { posting: median(postings), wallet: median(wallets) };
}

/** Makes postings until there are so many, hundreds at a time. */
async function fill(bench: BenchLedger, from: number, to: number): Promise<void> {
  let next = from;
  const one = async () => {
    while (next < to) {
      const n = next++;
      await bench.grouped(nthCommand(n, members));
      if (n % 100_000 === 0 && n > 0) console.error(`${n} postings`);
    }
  };
  await Promise.all(Array.from({ length: together }, one));
}

/** A wallet with so many open lots, each of an earn of its own. */
async function withLots(bench: BenchLedger, memberId: string, lots: number): Promise<void> {
  const earns = Array.from({ length: lots }, (_, i) =>
    bench.grouped({
      ...commandBase(`${memberId}-${i}`, memberId),
      kind: 'EARN',
      merchantId: 'pets',
      points: 100_000n,
    }),
  );
  await Promise.all(earns);
}

function report(what: string, less: Medians, more: Medians, wanted: number): void {
  for (const [name, a, b] of [
    ['a posting', less.posting, more.posting],
    ['reading a wallet', less.wallet, more.wallet],
  ] as const) {
    const ratio = (b / a).toFixed(2);
    const verdict = b / a <= wanted ? '' : ', NOT reached';
    console.log(
      `${what}: ${name} ${a.toFixed(2)} ms, then ${b.toFixed(2)} ms: ${ratio} times (wanted: at most ${wanted}${verdict})`,
    );
  }
}

const store = await startStore({ inMemory: true });
const bench = await openLedger(store.uri, `bench-growth-${process.pid}`);
for (const [memberId, lots] of [
  ['few-lots', 10],
  ['many-lots', 10_000],
] as const)
  await withLots(bench, memberId, lots);
await sample(bench, 'warm', () => 'few-lots');
const lotsFew = await sample(bench, 'few', () => 'few-lots');
const lotsMany = await sample(bench, 'many', () => 'many-lots');
report('10 lots in the wallet, then 10,000', lotsFew, lotsMany, 2);
await bench.drop();
await bench.close();

const large = await openLedger(store.uri, `bench-growth-large-${process.pid}`);
const anyMember = (i: number) => `member-${(i * 7_919) % few}`;
for (let i = 0; i < few; i++)
  await large.grouped({
    ...commandBase(`first-${i}`, `member-${i}`),
    kind: 'EARN',
    merchantId: 'pets',
    points: 1_000n,
  });
await sample(large, 'warm', anyMember);
const storeFew = await sample(large, 'few', anyMember);
await fill(large, 0, many);
const storeMany = await sample(large, 'many', anyMember);
report(
  `${few.toLocaleString('en')} postings in the store, then ${many.toLocaleString('en')}`,
  storeFew,
  storeMany,
  1.3,
);
await large.drop();
await large.close();
await store.stop();
