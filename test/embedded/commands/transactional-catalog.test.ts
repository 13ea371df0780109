import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose, { type mongo } from 'mongoose';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';

// Manual, "Transactions", "Create Collections and Indexes in a Transaction".

const { MongoClient } = mongoose.mongo;
let server: EmbeddedMongo;
let client: mongo.MongoClient;
let db: mongo.Db;
let round = 0;

beforeAll(async () => {
  server = await startEmbeddedMongo();
  client = await new MongoClient(server.uri).connect();
  db = client.db('catalogue');
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const freshName = (): string => `c${++round}`;
const names = async (): Promise<string[]> =>
  (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
const indexes = async (name: string): Promise<string[]> =>
  (await db.collection(name).listIndexes().toArray()).map((index) => index['name']);

/** Runs something in a transaction that is still open. */
async function begun<T>(
  act: (session: mongo.ClientSession) => Promise<T>,
  options: mongo.TransactionOptions = {},
): Promise<{ session: mongo.ClientSession; result: T | mongo.MongoServerError }> {
  const session = client.startSession();
  session.startTransaction(options);
  const result = await act(session).catch((error) => error as mongo.MongoServerError);
  return { session, result };
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error) => [error.code, error.errorLabels],
  );

test('what a transaction creates, by command or by writing, is its own until it commits', async () => {
  const [made, written, indexed] = [freshName(), freshName(), freshName()];

  const { session, result } = await begun(async (inside) => {
    await db.createCollection(made, { session: inside });
    await db.collection(written).insertOne({ _id: 1 as never }, { session: inside });
    await db.collection(indexed).createIndex({ a: 1 }, { session: inside });
    return [
      await db.collection(made).find({}, { session: inside }).toArray(),
      await db.collection(written).find({}, { session: inside }).toArray(),
    ];
  });
  const before = await names();
  const unseen = await db.collection(written).find().toArray();
  await session.commitTransaction();

  expect(result).toEqual([[], [{ _id: 1 }]]);
  expect(unseen).toEqual([]);
  for (const name of [made, written, indexed]) expect(before).not.toContain(name);
  expect(await names()).toEqual(expect.arrayContaining([made, written, indexed]));
  expect(await db.collection(written).find().toArray()).toEqual([{ _id: 1 }]);
  expect(await indexes(indexed)).toEqual(['_id_', 'a_1']);
});

test('what a transaction created is gone when it aborts', async () => {
  const [made, written, indexed] = [freshName(), freshName(), freshName()];
  const { session } = await begun(async (inside) => {
    await db.createCollection(made, { session: inside });
    await db.collection(written).updateOne({ a: 1 }, { $set: { b: 1 } }, { upsert: true, session: inside });
    await db.collection(indexed).createIndex({ a: 1 }, { session: inside });
  });

  await session.abortTransaction();

  for (const name of [made, written, indexed]) expect(await names()).not.toContain(name);
});

test('an index that the transaction made on its empty collection holds at once', async () => {
  const name = freshName();

  const { session, result } = await begun(async (inside) => {
    await db.createCollection(name, { session: inside });
    await db.collection(name).createIndex({ a: 1 }, { unique: true, session: inside });
    await db.collection(name).insertOne({ a: 1 }, { session: inside });
    await db.collection(name).insertOne({ a: 1 }, { session: inside });
  });
  await session.abortTransaction();

  expect((result as mongo.MongoServerError).code).toBe(11000);
});

test('a collection that has been emptied again takes an index, and what is written after it is found by it', async () => {
  const name = freshName();
  const things = db.collection(name);

  const { session } = await begun(async (inside) => {
    await things.insertOne({ _id: 1 as never, a: 1 }, { session: inside });
    await things.deleteOne({ a: 1 }, { session: inside });
    await things.createIndex({ a: 1 }, { session: inside });
    await things.insertOne({ _id: 2 as never, a: 2 }, { session: inside });
  });
  await session.commitTransaction();

  expect(await things.find({ a: 2 }, { hint: 'a_1' }).toArray()).toEqual([{ _id: 2, a: 2 }]);
  expect(await things.find({}, { hint: 'a_1' }).toArray()).toEqual([{ _id: 2, a: 2 }]);
});

test('an existing collection, and one that holds documents, take no new index in a transaction', async () => {
  const [old, filled] = [freshName(), freshName()];
  await db.collection(old).createIndex({ a: 1 });

  const existing = await begun((inside) => db.collection(old).createIndex({ b: 1 }, { session: inside }));
  const nonEmpty = await begun(async (inside) => {
    await db.collection(filled).insertOne({ a: 1 }, { session: inside });
    await db.collection(filled).createIndex({ a: 1 }, { session: inside });
  });
  const known = await begun((inside) => db.collection(old).createIndex({ a: 1 }, { session: inside }));
  for (const { session } of [existing, nonEmpty, known]) await session.abortTransaction();

  expect([existing.result, nonEmpty.result]).toMatchObject([{ code: 263 }, { code: 263 }]);
  expect(known.result).toBe('a_1');
  expect(await indexes(old)).toEqual(['_id_', 'a_1']);
});

test('of two transactions that create one collection the first to commit has it; the other is to run again', async () => {
  const name = freshName();
  const write = (n: number) => (inside: mongo.ClientSession) =>
    db.collection(name).insertOne({ _id: n as never }, { session: inside });
  const first = await begun(write(1));
  const second = await begun(write(2));

  await second.session.commitTransaction();
  const lost = await codeOf(first.session.commitTransaction());

  expect(lost).toEqual([112, ['TransientTransactionError']]);
  expect(await db.collection(name).find().toArray()).toEqual([{ _id: 2 }]);
});

test('a collection that others created or dropped after the snapshot cannot be written to', async () => {
  const [created, dropped, seen] = [freshName(), freshName(), freshName()];
  await db.collection(dropped).insertOne({});
  await db.collection(seen).insertOne({ _id: 1 as never });
  const open = async () =>
    (await begun((inside) => db.collection(seen).findOne({}, { session: inside }))).session;
  const [a, b] = [await open(), await open()];
  await db.createCollection(created);
  await db.collection(dropped).drop();

  const read = await db.collection(created).find({}, { session: a }).toArray();
  const codes = [
    await codeOf(db.collection(created).insertOne({}, { session: a })),
    await codeOf(db.collection(dropped).insertOne({}, { session: b })),
  ];
  for (const session of [a, b]) await session.abortTransaction();

  expect(read).toEqual([]);
  expect(codes).toEqual(Array(2).fill([112, ['TransientTransactionError']]));
  expect(await names()).not.toContain(dropped);
});

test('creating by command needs read concern local; creating by writing does not', async () => {
  const majority = { readConcern: { level: 'majority' as const } };

  const create = await begun((inside) => db.createCollection(freshName(), { session: inside }), majority);
  const index = await begun(
    (inside) => db.collection(freshName()).createIndex({ a: 1 }, { session: inside }),
    majority,
  );
  const name = freshName();
  const write = await begun((inside) => db.collection(name).insertOne({}, { session: inside }), majority);
  await write.session.commitTransaction();
  for (const { session } of [create, index]) await session.abortTransaction();

  expect([create.result, index.result]).toMatchObject([{ code: 72 }, { code: 72 }]);
  expect(await db.collection(name).countDocuments()).toBe(1);
});

test('a committed creation is on disk with its documents and indexes, an aborted one is not', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'embedded-'));
  const first = await startEmbeddedMongo({ dataFolder });
  const writer = await new MongoClient(first.uri).connect();
  const session = writer.startSession();
  for (const name of ['kept', 'lost']) {
    session.startTransaction();
    await writer.db('d').collection(name).createIndex({ a: 1 }, { session });
    await writer
      .db('d')
      .collection(name)
      .insertOne({ _id: 1 as never, a: 1 }, { session });
    if (name === 'kept') await session.commitTransaction();
    else await session.abortTransaction();
  }
  await writer.close();
  await first.stop();

  const second = await startEmbeddedMongo({ dataFolder });
  const reader = await new MongoClient(second.uri).connect();
  const found = await reader.db('d').collection('kept').find({ a: 1 }, { hint: 'a_1' }).toArray();
  const listed = await reader.db('d').listCollections().toArray();
  await reader.close();
  await second.stop();
  rmSync(dataFolder, { recursive: true });

  expect(found).toEqual([{ _id: 1, a: 1 }]);
  expect(listed.map(({ name }) => name)).toEqual(['kept']);
});
