// Whether history makes the ledger slower: the middle time of a posting, of a return, of reading a wallet, a page of postings with what
// was reversed of them, and a month's statement, with few and with many postings in the store; and of a posting, a wallet and a page
// with few and with many lots in the wallet; on one store in one run.
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

/** Does each of some things so often, one request at a time. */
async function sample(acts: Acts): Promise<Medians> {
  const times = new Map(Object.keys(acts).map((name) => [name, [] as number[]]));
  for (let i = 0; i < samples; i++)
    for (const [name, act] of Object.entries(acts)) times.get(name)!.push(await timed(() => act(i)));
  return new Map([...times].map(([name, each]) => [name, median(each)]));
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

function report(what: string, less: Medians, more: Medians, wanted: number): void {
  for (const [name, a] of less) {
    const b = more.get(name)!;
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
const lotsFew = await sample(everyday(bench, 'few', () => 'few-lots'));
const lotsMany = await sample(everyday(bench, 'many', () => 'many-lots'));
report('10 lots in the wallet, then 10,000', lotsFew, lotsMany, 2);
await bench.drop();
await bench.close();

const large = await openLedger(store.uri, `bench-growth-large-${process.pid}`);
const anyMember = (i: number) => `member-${(i * 7_919) % few}`;
const quiet = (i: number) => `quiet-${i % samples}`;
const earn = (memberId: string) =>
  large.grouped({
    ...commandBase(`first-${memberId}`, memberId),
    kind: 'EARN',
    merchantId: 'pets',
    points: 1_000n,
  });
const earns: string[] = [];
for (let i = 0; i < few; i++) await earn(`member-${i}`);
for (let i = 0; i < samples; i++) {
  await earn(quiet(i));
  const [made] = await large.ledger.postings({ memberId: quiet(i) }, { first: 1, after: null });
  earns.push(made!.id);
}
const acts = (label: string): Acts => ({ ...everyday(large, label, anyMember), ...now(large, label, earns) });
await sample(acts('warm'));
const storeFew = await sample(acts('few'));
await fill(large, 0, many);
const storeMany = await sample(acts('many'));
report(
  `${few.toLocaleString('en')} postings in the store, then ${many.toLocaleString('en')}`,
  storeFew,
  storeMany,
  1.3,
);
await large.drop();
await large.close();
await store.stop();
