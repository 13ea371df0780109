// Postings per second: commands committed in groups against one transaction a posting, on the same store in one run.
// Usage: npm run bench:ledger [-- --seconds N] ; on MONGODB_URI if set, else on the embedded database, durable, in its own process.
import { parseArgs } from 'node:util';
import { nthCommand, openLedger } from './support/ledger.ts';
import { inTurns, measure, nothing, rate } from './support/measure.ts';
import { startStore } from './support/store.ts';

const levels = [1, 16, 64, 256];
const members = 5_000;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '4' } } });
const runMs = Number(values.seconds) * 1000;

const store = await startStore();
const bench = await openLedger(store.uri, `bench-ledger-${process.pid}`);
let made = 0;
const grouped = () => bench.grouped(nthCommand(made++, members));
const single = () => bench.single(nthCommand(made++, members));
// Every wallet exists before anything is measured, and both paths have run.
await Promise.all(Array.from({ length: members }, grouped));
await measure(single, 16, 1_000, nothing());
console.log('concurrency   one by one/s   grouped/s    ratio   client CPU ms each: one by one   grouped');
for (const concurrency of levels) {
  const [one, many] = await inTurns(single, grouped, concurrency, runMs);
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
await bench.drop();
await bench.close();
await store.stop();
