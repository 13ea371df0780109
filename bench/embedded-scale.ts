import { readFileSync } from 'node:fs';
import type { mongo } from 'mongoose';
import { median } from './support/measure.ts';

type Collection = mongo.Collection<mongo.Document & { _id: number }>;

const grouped = 200_000;
const many = 1_000_000;
const few = 1_000;
const chunk = 20_000;

const keyOf = (i: number): string => `key-${String(i).padStart(8, '0')}`;

async function fill(collection: Collection, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += chunk) {
    const rows = Array.from({ length: Math.min(chunk, to - start) }, (_, k) => {
      const i = start + k;
      return { _id: i, key: keyOf(i), group: i % 5_000, n: i };
    });
    await collection.insertMany(rows, { ordered: false });
  }
}

/** How often long work is done while others wait: of fewer waits than a few hundred the 99th percentile is only the worst. */
const rounds = 6;

/** What others wait for one document while a command goes through 200,000: the 99th percentile, in milliseconds. */
async function waitsDuring(collection: Collection, work: () => Promise<unknown>): Promise<number> {
  const waits: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let isDone = false;
    const working = work().finally(() => {
      isDone = true;
    });
    while (!isDone) {
      const start = performance.now();
      await collection.findOne({ _id: waits.length });
      waits.push(performance.now() - start);
    }
    await working;
  }
  waits.sort((a, b) => a - b);
  return waits[Math.floor(waits.length * 0.99)]!;
}

async function pageMs(collection: Collection): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 300; i++) {
    const start = performance.now();
    const found = collection.find({ key: { $gte: keyOf((i * 37) % (few - 20)) } }).sort({ key: 1 });
    await found.limit(20).toArray();
    times.push(performance.now() - start);
  }
  return median(times);
}

const residentKb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

/** Fills a collection with 200,000 documents under three indexes, and gives what each takes of the server's memory. */
export async function measureMemory(db: mongo.Db, serverPid: number): Promise<void> {
  const rows = db.collection<mongo.Document & { _id: number }>('scale');
  const before = residentKb(serverPid);
  await rows.createIndexes([
    { key: { key: 1 }, name: 'key' },
    { key: { group: 1 }, name: 'group' },
  ]);
  await fill(rows, 0, grouped);
  console.log(
    `a small document with three indexes  ${((residentKb(serverPid) - before) / grouped).toFixed(2)} KB resident`,
  );
}

/** Short commands beside long ones, and pages of a large collection beside those of a small one. */
export async function measureScale(db: mongo.Db): Promise<void> {
  const rows = db.collection<mongo.Document & { _id: number }>('scale');
  const commands = {
    $group: () => rows.aggregate([{ $group: { _id: '$group', total: { $sum: '$n' } } }]).toArray(),
    '$group by all': () => rows.aggregate([{ $group: { _id: '$key' } }, { $count: 'n' }]).toArray(),
    sort: () => rows.find().sort({ n: -1 }).limit(150_000).batchSize(1_000).toArray(),
    updateMany: () => rows.updateMany({}, { $inc: { n: 1 } }),
  };
  for (const [name, work] of Object.entries(commands))
    console.log(
      `findOne during ${name} of ${grouped}: ${(await waitsDuring(rows, work)).toFixed(1)} ms (99th percentile)`,
    );
  const small = db.collection<mongo.Document & { _id: number }>('few');
  await small.createIndex({ key: 1 });
  await fill(small, 0, few);
  await fill(rows, grouped, many);
  const [large, little] = [await pageMs(rows), await pageMs(small)];
  console.log(`a page of 20 from ${many} ÷ from ${few}: ${(large / little).toFixed(2)}`);
}
