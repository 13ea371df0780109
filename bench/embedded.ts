import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';

/*
 * Measures the embedded database through the official driver against the driver's own ceiling, ping, in one run:
 * `tsx bench/embedded.ts [--memory]`. The server is a process of its own, with data on disk unless --memory.
 */

const CONCURRENCY = 16;
const SECONDS = 2;
const DOCUMENTS = 2_000;

type Operation = (i: number) => Promise<unknown>;

function startServer(folder: string | undefined): Promise<{ child: ChildProcess; uri: string }> {
  const main = join(import.meta.dirname, '../embedded-mongodb/main.ts');
  const where = folder === undefined ? ['--memory'] : ['--data', folder];
  const child = fork(main, ['--port', '0', ...where], { silent: true });
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (text) => resolve({ child, uri: JSON.parse(String(text)).uri }));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

/** Operations a second with a fixed number in flight. */
async function measure(operation: Operation): Promise<number> {
  let next = 0;
  const warm = performance.now() + 500;
  const worker = async (end: number): Promise<void> => {
    while (performance.now() < end) await operation(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, () => worker(warm)));
  const [start, from] = [performance.now(), next];
  await Promise.all(Array.from({ length: CONCURRENCY }, () => worker(start + SECONDS * 1000)));
  return ((next - from) / (performance.now() - start)) * 1000;
}

function operations(client: mongoose.mongo.MongoClient): Record<string, Operation> {
  const db = client.db('bench');
  const things = db.collection<{ _id: number; key: string; n: number }>('things');
  const log = db.collection('log');
  const transaction = async (i: number): Promise<void> => {
    const session = client.startSession();
    const pair = [(2 * i) % DOCUMENTS, (2 * i + 1) % DOCUMENTS];
    await session.withTransaction(async () => {
      await things.bulkWrite(
        pair.map((_id) => ({ updateOne: { filter: { _id }, update: { $inc: { n: 1 } } } })),
        { session },
      );
      await log.insertMany(
        [
          { i, side: 'a' },
          { i, side: 'b' },
        ],
        { session },
      );
    });
    await session.endSession();
  };
  const ledger = async (i: number): Promise<void> => {
    const session = client.startSession();
    await session.withTransaction(async () => {
      const ids = Array.from({ length: 20 }, (_, k) => (i * 20 + k) % DOCUMENTS);
      await things.bulkWrite(
        ids.map((_id) => ({ updateOne: { filter: { _id }, update: { $inc: { n: 1 } } } })),
        { session },
      );
      await log.insertMany(
        ids.map((id) => ({ id, side: 'x', amount: 5, at: new Date() })),
        { session },
      );
    });
    await session.endSession();
  };
  return {
    ping: () => db.command({ ping: 1 }),
    'findOne by _id': (i) => things.findOne({ _id: i % DOCUMENTS }),
    'findOne by key': (i) => things.findOne({ key: `key-${i % DOCUMENTS}` }),
    'find 20 by range': (i) =>
      things
        .find({ key: { $gte: `key-${i % DOCUMENTS}` } })
        .sort({ key: 1 })
        .limit(20)
        .toArray(),
    insertOne: (i) => log.insertOne({ i, side: 'c', text: 'some text of a usual length' }),
    findOneAndUpdate: (i) => things.findOneAndUpdate({ _id: i % DOCUMENTS }, { $inc: { n: 1 } }),
    'transaction 2+2': transaction,
    'transaction 20+20': ledger,
  };
}

async function main(): Promise<void> {
  const folder = process.argv.includes('--memory') ? undefined : mkdtempSync(join(tmpdir(), 'bench-'));
  const { child, uri } = await startServer(folder);
  const client = await new mongoose.mongo.MongoClient(uri, { maxPoolSize: CONCURRENCY }).connect();
  const things = client.db('bench').collection<{ _id: number; key: string; n: number }>('things');
  await things.insertMany(Array.from({ length: DOCUMENTS }, (_, i) => ({ _id: i, key: `key-${i}`, n: 0 })));
  await things.createIndex({ key: 1 });
  await client.db('bench').collection('log').createIndex({ i: 1 });
  let ceiling: number | undefined;
  for (const [name, operation] of Object.entries(operations(client))) {
    const rate = await measure(operation);
    ceiling ??= rate;
    console.log(
      `${name.padEnd(20)} ${Math.round(rate).toString().padStart(6)} /s  ${(rate / ceiling).toFixed(2)} of ping`,
    );
  }
  await client.close();
  child.removeAllListeners('exit');
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
  if (folder) rmSync(folder, { recursive: true, force: true });
}

await main();
