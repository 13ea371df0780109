// Postings per second against Medici (npm, double entry over mongoose) doing the same earns and spends on the same store in one
// run, 64 at once. Usage: npm run bench:medici [-- --seconds N] ; on MONGODB_URI if set, else on the embedded database.
//
// Medici is used as its README advises where a balance must not go below zero: a transaction that writes, reads the balance and
// locks the member's account. It keeps no lots, so nothing expires, is attributed to an issuer or priced; it has no
// idempotency, no holds, no events and nothing that tells a merchant its position, all of which Jifen's postings carry.
import { parseArgs } from 'node:util';
import { Book, initModels, mongoTransaction } from 'medici';
import mongoose from 'mongoose';
import { memberOf, nthCommand, openLedger } from './support/ledger.ts';
import { inTurns, measure, nothing, rate } from './support/measure.ts';
import { startStore } from './support/store.ts';

const members = 5_000;
const concurrency = 64;
const wanted = 20;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '6' } } });

const store = await startStore();
const bench = await openLedger(store.uri, `bench-jifen-${process.pid}`);
await mongoose.connect(store.uri, {
  dbName: `bench-medici-${process.pid}`,
  maxPoolSize: 32,
  writeConcern: { w: 'majority', journal: true },
});
await initModels();
// Cached balances are of no use to accounts that change with every posting; without them Medici is faster here.
const book = new Book('points', { precision: 0, balanceSnapshotSec: 0 });

const accountOf = (memberId: string) => `Members:${memberId}`;

const earn = (memberId: string, points: number) =>
  mongoTransaction(async (session) => {
    const entry = book.entry('earn').debit('Issuers:supermarket', points).credit(accountOf(memberId), points);
    await entry.commit({ session });
  });

const spend = (memberId: string, points: number) =>
  mongoTransaction(async (session) => {
    const account = accountOf(memberId);
    await book.entry('spend').debit(account, points).credit('Honourers:cafe', points).commit({ session });
    const { balance } = await book.balance({ account }, { session });
    if (balance < 0) throw new Error('not enough points');
    await book.writelockAccounts([account], { session });
  });

let ours = 0;
let theirs = 0;
const jifen = () => bench.grouped(nthCommand(ours++, members));
const medici = () => {
  const n = theirs++;
  const { kind } = nthCommand(n, members);
  return kind === 'EARN' ? earn(memberOf(n, members), 120) : spend(memberOf(n, members), 50);
};

console.log('every member earns once, in both');
await Promise.all(Array.from({ length: members }, jifen));
await Promise.all(
  Array.from({ length: concurrency }, async () => {
    while (theirs < members) await medici();
  }),
);
await measure(medici, concurrency, 1_000, nothing());
await measure(jifen, concurrency, 1_000, nothing());
const [them, us] = await inTurns(medici, jifen, concurrency, Number(values.seconds) * 1_000);
const ratio = rate(us) / rate(them);
console.log(
  `Medici ${rate(them).toFixed(0)} postings/s, Jifen ${rate(us).toFixed(0)}: ${ratio.toFixed(1)} times`,
);
console.log(`wanted: at least ${wanted} times${ratio < wanted ? ', NOT reached' : ''}`);
await bench.drop();
await bench.close();
await mongoose.connection.dropDatabase();
await mongoose.disconnect();
await store.stop();
