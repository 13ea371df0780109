import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Long, UUID } from 'bson';
import mongoose from 'mongoose';
import { startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import { until } from '../../support/until.ts';
import { rawClient } from '../wire/raw-client.ts';

const { MongoClient } = mongoose.mongo;
const MAIN = join(import.meta.dirname, '../../../embedded-mongodb/main.ts');

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-'));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Spawned {
  readonly child: ChildProcess;
  readonly uri: string | undefined;
  readonly output: string;
  readonly code: number | null;
}

/** Starts the server as its own process; settles when it is ready or has ended. */
function spawnServer(): Promise<Spawned> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, '--port', '0', '--data', folder]);
  children.push(child);
  let output = '';
  return new Promise((resolve) => {
    child.stderr.on('data', (text) => {
      output += text;
    });
    child.stdout.on('data', (text) =>
      resolve({ child, uri: JSON.parse(String(text)).uri, output, code: null }),
    );
    child.on('exit', (code) => resolve({ child, uri: undefined, output, code }));
  });
}

async function killed({ child }: Spawned): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

test('collections, indexes and the kinds of numbers survive an orderly restart', async () => {
  const first = await startEmbeddedMongo({ dataFolder: folder });
  const client = await new MongoClient(first.uri).connect();
  const things = client.db('t').collection('things');
  await things.createIndex(
    { name: 1 },
    { unique: true, partialFilterExpression: { name: { $exists: true } } },
  );
  await things.insertOne({ name: 'a', big: mongoose.mongo.Long.fromString('9007199254740993') });
  await things.insertOne({ gone: true });
  await things.deleteOne({ gone: true });
  await client.db('t').createCollection('dropped');
  await client.db('t').dropCollection('dropped');
  await client.close();
  await first.stop();

  const second = await startEmbeddedMongo({ dataFolder: folder });
  const again = await new MongoClient(second.uri, { useBigInt64: true }).connect();
  const found = await again
    .db('t')
    .collection('things')
    .find({}, { projection: { _id: 0 } })
    .toArray();
  const indexes = await again.db('t').collection('things').indexes();
  const collections = await again.db('t').listCollections().toArray();
  const duplicate = await again
    .db('t')
    .collection('things')
    .insertOne({ name: 'a' })
    .catch((e) => e.code);
  await again.close();
  await second.stop();

  expect(found).toEqual([{ name: 'a', big: 9007199254740993n }]);
  expect(indexes.map((index) => index.name)).toEqual(['_id_', 'name_1']);
  expect(collections.map((c) => c.name)).toEqual(['things']);
  expect(duplicate).toBe(11000);
});

test('a folder in use by a live server is refused in one line, and free again after a kill', async () => {
  const first = await spawnServer();

  const second = await spawnServer();

  expect(second.code).toBe(1);
  expect(second.output.trim()).toMatch(/^the data folder .* is in use by process \d+$/);
  await expect(startEmbeddedMongo({ dataFolder: folder })).rejects.toMatchObject({ reason: 'in use' });

  await killed(first);
  const third = await startEmbeddedMongo({ dataFolder: folder });
  await third.stop();
});

test('a damaged folder is refused in one line that says what can be done', async () => {
  const server = await startEmbeddedMongo({ dataFolder: folder });
  const client = await new MongoClient(server.uri).connect();
  const docs = Array.from({ length: 500 }, (_, i) => ({ i, pad: `padding-${'x'.repeat(80)}` }));
  await client.db('t').collection('c').insertMany(docs);
  await client.close();
  await server.stop();
  const path = join(folder, 'data.log');
  const bent = readFileSync(path);
  bent.write('Padding', bent.indexOf('padding-'));
  writeFileSync(path, bent);

  const refused = await spawnServer();

  expect(refused.code).toBe(1);
  expect(refused.output.trim()).toMatch(
    /^the data in .*data\.log is damaged \(the entry at byte \d+ was changed\); restore a copy, or move it away to start empty$/,
  );
});

test('a folder of the earlier format is refused in one line and left as it is', async () => {
  writeFileSync(join(folder, 'data.mdb'), 'old');

  await expect(startEmbeddedMongo({ dataFolder: folder })).rejects.toMatchObject({
    reason: 'unusable',
    message: expect.stringMatching(/^the data folder .* was written by an earlier version.*$/),
  });

  expect(readFileSync(join(folder, 'data.mdb'), 'utf8')).toBe('old');
});

test('a retried commit and a retried write are known after a restart and not applied again', async () => {
  const update = { update: 'c', updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } }, upsert: true }], $db: 't' };
  const retryable = { lsid: { id: new UUID() }, txnNumber: Long.ONE };
  const inTransaction = { lsid: { id: new UUID() }, txnNumber: Long.ONE, autocommit: false };
  const commit = { commitTransaction: 1, ...inTransaction, $db: 'admin' };
  const first = await startEmbeddedMongo({ dataFolder: folder });
  const client = await rawClient(first.uri);
  const original = await client.command({ ...update, ...retryable });
  await client.command({ ...update, ...inTransaction, startTransaction: true });
  await client.command(commit);
  await first.stop();

  const second = await startEmbeddedMongo({ dataFolder: folder });
  const again = await rawClient(second.uri);
  const repeated = await again.command({ ...update, ...retryable });
  const committed = await again.command(commit);
  const read = await again.command({ find: 'c', $db: 't' });
  await second.stop();

  expect([repeated['n'], repeated['upserted']]).toEqual([original['n'], original['upserted']]);
  expect(committed['ok']).toBe(1);
  expect(read['cursor'].firstBatch).toEqual([{ _id: 1, n: 2 }]);
});

test('stopping under load loses nothing that was acknowledged and disturbs nobody else', async () => {
  const acknowledged: number[] = [];
  const server = await startEmbeddedMongo({ dataFolder: folder });
  const client = await new MongoClient(server.uri, {
    retryWrites: false,
    serverSelectionTimeoutMS: 200,
  }).connect();
  const work = Promise.allSettled(
    Array.from({ length: 8 }, async (_, worker) => {
      for (let i = 0; i < 10_000; i++) {
        await client
          .db('t')
          .collection('c')
          .insertOne({ _id: (worker * 10_000 + i) as never });
        acknowledged.push(worker * 10_000 + i);
      }
    }),
  );
  await until(() => acknowledged.length >= 100);
  await server.stop();
  await client.close(true);
  await work;

  const again = await startEmbeddedMongo({ dataFolder: folder });
  const reader = await new MongoClient(again.uri).connect();
  const stored = new Set((await reader.db('t').collection('c').find().toArray()).map((d) => Number(d._id)));
  await reader.close();
  await again.stop();

  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
});

test('a server run as a child ends when its parent lets go of it', async () => {
  const child = fork(MAIN, ['--port', '0', '--memory'], { execArgv: ['--import', 'tsx'], silent: true });
  children.push(child);
  await new Promise((resolve) => child.stdout!.once('data', resolve));

  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.disconnect();

  expect(await ended).toBe(0);
});
