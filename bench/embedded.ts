import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose, { type mongo } from 'mongoose';
import { measureMemory, measureScale } from './embedded-scale.ts';
import { measure, nothing, rate } from './support/measure.ts';

/*
 * Measures the embedded database through the official driver against the driver's own ceiling, ping, in turns with it:
 * `tsx bench/embedded.ts [--memory]`. The server is a process of its own, with data on disk unless --memory.
 */

const CONCURRENCY = 16;
const TURNS = 3;
const DOCUMENTS = 2_000;

type Operation = (i: number) => Promise<unknown>;

function startServer(folder: string | undefined): Promise<{ child: ChildProcess; uri: string }> {
  // As `npm start` runs it: our own files joined into one.
  const [runner, main] = ['../tools/run.mjs', '../embedded-mongodb/main.ts'].map((file) =>
    join(import.meta.dirname, file),
  );
  const where = folder === undefined ? ['--memory'] : ['--data', folder];
  const child = fork(runner!, [main!, '--port', '0', ...where], { silent: true, execArgv: [] });
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (text) => resolve({ child, uri: JSON.parse(String(text)).uri }));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

/** Processor time that a process has used, in milliseconds. */
function cpuMs(pid: number): number {
  const [, rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
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

async function measureRates(client: mongo.MongoClient, pid: number): Promise<void> {
  const db = client.db('bench');
  const things = db.collection<{ _id: number; key: string; n: number }>('things');
  await things.insertMany(Array.from({ length: DOCUMENTS }, (_, i) => ({ _id: i, key: `key-${i}`, n: 0 })));
  await things.createIndex({ key: 1 });
  await db.collection('log').createIndex({ i: 1 });
  const ping = () => db.command({ ping: 1 });
  for (const [name, operation] of Object.entries(operations(client))) {
    let next = 0;
    const [pings, own] = [nothing(), nothing()];
    let serverMs = 0;
    await measure(() => operation(next++), CONCURRENCY, 500, nothing());
    for (let turn = 0; turn < TURNS; turn++) {
      await measure(ping, CONCURRENCY, 1_000, pings);
      const before = cpuMs(pid);
      await measure(() => operation(next++), CONCURRENCY, 1_000, own);
      serverMs += cpuMs(pid) - before;
    }
    const cells = [
      name.padEnd(20),
      `${rate(own).toFixed(0).padStart(6)} /s`,
      `${(rate(own) / rate(pings)).toFixed(2)} of ping`,
      `server's processor time ${(serverMs / own.cpuMs).toFixed(2)} of the client's`,
    ];
    console.log(cells.join('  '));
  }
}

/** How long a server takes that finds 200,000 documents in its folder. */
async function measureReopening(folder: string): Promise<void> {
  const start = performance.now();
  const { child } = await startServer(folder);
  console.log(`opening 200,000 documents again: ${((performance.now() - start) / 1_000).toFixed(2)} s`);
  await end(child);
}

async function end(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

async function main(): Promise<void> {
  const inMemory = process.argv.includes('--memory');
  const folders = [1, 2].map(() => (inMemory ? undefined : mkdtempSync(join(tmpdir(), 'bench-'))));
  const connect = (uri: string) =>
    new mongoose.mongo.MongoClient(uri, { maxPoolSize: CONCURRENCY }).connect();
  const using = async (
    folder: string | undefined,
    work: (client: mongo.MongoClient, pid: number) => Promise<void>,
  ) => {
    const { child, uri } = await startServer(folder);
    const client = await connect(uri);
    await work(client, child.pid!);
    await client.close();
    await end(child);
  };
  await using(folders[0], measureRates);
  await using(folders[1], async (client, pid) => {
    await measureMemory(client.db('bench'), pid);
    if (inMemory) await measureScale(client.db('bench'));
  });
  if (folders[1]) {
    await measureReopening(folders[1]);
    await using(folders[1], (client) => measureScale(client.db('bench')));
  }
  for (const folder of folders) if (folder) rmSync(folder, { recursive: true, force: true });
}

await main();
