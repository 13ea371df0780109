// Whether history makes the ledger slower: the middle time of a posting, of a return, of reading a wallet, a page of postings with what
// was reversed of them, and a month's statement, with few and with many postings in the store, each store in a database server of its
// own unless MONGODB_URI is set; and of a posting, a wallet and a page with few and with many lots in the wallet. What is compared
// is measured in turns, for a machine is not as fast now as it was a quarter of an hour ago.
// Usage: npm run bench:growth [-- --postings N] ; on MONGODB_URI if set, else on the embedded database, in memory.
import { parseArgs } from 'node:util';
import { monthOf } from '../subgraphs/accounts/ledger/month.ts';
import { type BenchLedger, commandBase, nthCommand, openLedger } from './support/ledger.ts';
import { median } from './support/measure.ts';
import { startStore } from './support/store.ts';

const { values } = parseArgs({ options: { postings: { type: 'string', default: '1000000' } } });
const few = 1_000;
const many = Number(values.postings);
const members = 20_000;
const samples = 400;
const together = 512;

/** Middle times by what was done, in milliseconds. */
type Medians = ReadonlyMap<string, number>;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

type Acts = Readonly<Record<string, (i: number) => Promise<unknown>>>;

/** Does each of some things so often on each side, one request at a time and the sides in turns. */
async function sample(...sides: readonly Acts[]): Promise<readonly Medians[]> {
  const times = sides.map((acts) => new Map(Object.keys(acts).map((name) => [name, [] as number[]])));
  for (let i = 0; i < samples; i++)
    for (const name of Object.keys(sides[0]!)) {
      // Who comes second finds the machine awake, so that is now the one and now the other.
      const order = i % 2 === 0 ? [...sides.keys()] : [...sides.keys()].reverse();
      for (const n of order) times[n]!.get(name)!.push(await timed(() => sides[n]![name]!(i)));
    }
  return times.map((side) => new Map([...side].map(([name, each]) => [name, median(each)])));
}

/** A payment from some member's wallet, the wallet, and its newest postings with what was reversed of them. */
function everyday({ grouped, ledger }: BenchLedger, label: string, memberId: (i: number) => string): Acts {
  return {
    'a posting': (i) =>
      grouped({
        ...commandBase(`${label}-${i}`, memberId(i)),
        kind: 'REDEEM',
        merchantId: 'cafe',
        points: 1n,
      }),
    'reading a wallet': (i) => ledger.wallet(memberId(i), 'SHARED'),
    'a page of postings': async (i) => {
      const page = await ledger.postings({ memberId: memberId(i) }, { first: 20, after: null });
      return ledger.reversals(page.map(({ id }) => id));
    },
  };
}

/** A return, and the statement of the month, of members that do nothing else. */
function now({ grouped, ledger }: BenchLedger, label: string, earns: readonly string[]): Acts {
  return {
    'a return': (i) => {
      const { idempotencyKey, inputHash } = commandBase(`${label}-return-${i}`, quiet(i));
      const postingId = earns[i % earns.length]!;
      return grouped({
        ...{ caller: 'merchant:pets', idempotencyKey, inputHash, kind: 'REVERSE' },
        ...{ postingId, points: 1n },
      });
    },
    'a statement of the month': (i) => ledger.month(quiet(i), monthOf(new Date())),
  };
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

function report(what: string, [less, more]: readonly Medians[], wanted: number): void {
  for (const [name, a] of less!) {
    const b = more!.get(name)!;
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
await sample(everyday(bench, 'warm', () => 'few-lots'));
report(
  '10 lots in the wallet, then 10,000',
  await sample(
    everyday(bench, 'few', () => 'few-lots'),
    everyday(bench, 'many', () => 'many-lots'),
  ),
  2,
);
await bench.drop();
await bench.close();
await store.stop();

/** So few members that each has a page of postings from the beginning. */
const busy = 50;
const anyMember = (i: number) => `member-${i % busy}`;
const quiet = (i: number) => `quiet-${i % samples}`;

/** A store with few postings, in which then so many were made; with what is done there. */
async function storeWith(postings: number) {
  const store = await startStore({ inMemory: true });
  const bench = await openLedger(store.uri, `bench-growth-${process.pid}-${postings}`);
  const earn = (memberId: string, n = 0) =>
    bench.grouped({
      ...commandBase(`first-${memberId}-${n}`, memberId),
      kind: 'EARN',
      merchantId: 'pets',
      points: 1_000n,
    });
  const earns: string[] = [];
  await Promise.all(Array.from({ length: few }, (_, i) => earn(anyMember(i), i)));
  for (let i = 0; i < samples; i++) {
    await earn(quiet(i));
    const [made] = await bench.ledger.postings({ memberId: quiet(i) }, { first: 1, after: null });
    earns.push(made!.id);
  }
  await fill(bench, 0, postings);
  return {
    acts: (label: string): Acts => ({
      ...everyday(bench, label, anyMember),
      ...now(bench, label, earns),
    }),
    async stop() {
      await bench.drop();
      await bench.close();
      await store.stop();
    },
  };
}

const large = await storeWith(many);
const small = await storeWith(0);
const sides = (label: string) => [small.acts(label), large.acts(label)] as const;
await sample(...sides('warm'));
const medians = await sample(...sides('measured'));
report(`${few.toLocaleString('en')} postings in the store, then ${many.toLocaleString('en')}`, medians, 1.3);
await large.stop();
await small.stop();
