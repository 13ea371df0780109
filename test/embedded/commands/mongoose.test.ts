import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import { until } from '../../support/until.ts';

let server: EmbeddedMongo;
let connection: mongoose.Connection;
let count = 0;

beforeAll(async () => {
  server = await startEmbeddedMongo({ failpoints: true });
  connection = await mongoose.createConnection(server.uri, { dbName: 'test', maxPoolSize: 50 }).asPromise();
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

interface Item {
  _id: mongoose.Types.ObjectId;
  name: string;
  kind?: string;
  n?: number;
  tags?: string[];
  expiresAt?: Date;
}

/** A model over a collection of its own, its indexes built. */
async function freshModel(indexes: [Record<string, 1 | -1>, mongoose.IndexOptions][] = []) {
  const schema = new mongoose.Schema<Item>(
    { name: String, kind: String, n: Number, tags: { type: [String], default: undefined }, expiresAt: Date },
    { versionKey: false, autoIndex: false, strict: 'throw' },
  );
  for (const [key, options] of indexes) schema.index(key, options);
  const model = connection.model<Item>(`Item${++count}`, schema);
  await model.createCollection();
  await model.createIndexes();
  return model;
}

const UNIQUE: [Record<string, 1 | -1>, mongoose.IndexOptions][] = [[{ name: 1 }, { unique: true }]];

test('an unordered insertMany stores what it can and reports each duplicate where it stood', async () => {
  const Items = await freshModel(UNIQUE);
  await Items.create({ name: 'b' });

  const error = await Items.insertMany([{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'a' }], {
    ordered: false,
  }).catch((e) => e);

  expect(error.code).toBe(11000);
  expect(error.writeErrors.map((e: { index: number; code: number }) => [e.index, e.code])).toEqual([
    [1, 11000],
    [3, 11000],
  ]);
  expect((await Items.find().sort({ name: 1 }).lean()).map((i) => i.name)).toEqual(['a', 'b', 'c']);
});

test('an ordered insertMany stops at the first duplicate', async () => {
  const Items = await freshModel(UNIQUE);

  const error = await Items.insertMany([{ name: 'a' }, { name: 'a' }, { name: 'c' }]).catch((e) => e);

  expect([error.code, error.writeErrors[0].index]).toEqual([11000, 1]);
  expect(error.message).toContain(
    `E11000 duplicate key error collection: test.${Items.collection.name} index: name_1 dup key: { name: "a" }`,
  );
  expect(await Items.countDocuments()).toBe(1);
});

test('bulkWrite runs every kind of statement and counts them', async () => {
  const Items = await freshModel();
  await Items.insertMany([
    { name: 'a', n: 1 },
    { name: 'b', n: 1 },
    { name: 'c', n: 1 },
  ]);

  const result = await Items.bulkWrite([
    { insertOne: { document: { name: 'd' } as Item } },
    { updateOne: { filter: { name: 'a' }, update: { $inc: { n: 1 } } } },
    { updateMany: { filter: { n: 1 }, update: { $set: { kind: 'x' } } } },
    { replaceOne: { filter: { name: 'c' }, replacement: { name: 'c2' } } },
    { updateOne: { filter: { name: 'new' }, update: { $set: { n: 9 } }, upsert: true } },
    { deleteOne: { filter: { name: 'b' } } },
  ]);

  const { insertedCount, matchedCount, modifiedCount, upsertedCount, deletedCount } = result;
  expect([insertedCount, matchedCount, modifiedCount, upsertedCount, deletedCount]).toEqual([1, 4, 4, 1, 1]);
  const left = await Items.find({}, { _id: 0 }).sort({ name: 1 }).lean();
  expect(left).toEqual([{ name: 'a', n: 2 }, { name: 'c2' }, { name: 'd' }, { name: 'new', n: 9 }]);
});

test('fifty upserts of one key at once make one document', async () => {
  const Items = await freshModel(UNIQUE);

  await Promise.all(
    Array.from({ length: 50 }, () =>
      Items.findOneAndUpdate(
        { name: 'one' },
        { $inc: { n: 1 } },
        { upsert: true, returnDocument: 'after' },
      ).lean(),
    ),
  );

  expect(await Items.find({}, { _id: 0 }).lean()).toEqual([{ name: 'one', n: 50 }]);
});

test('connection.transaction commits all or nothing, and runs again after a conflict', async () => {
  const Items = await freshModel(UNIQUE);
  await Items.create({ name: 'counter', n: 0 });
  let runs = 0;
  let allHaveRead = () => {};
  const everybody = new Promise<void>((resolve) => {
    allHaveRead = resolve;
  });

  await Promise.all(
    Array.from({ length: 8 }, () =>
      connection.transaction(async (session) => {
        const now = await Items.findOne({ name: 'counter' }).session(session).lean();
        if (++runs === 8) allHaveRead();
        await everybody;
        await Items.updateOne({ name: 'counter' }, { $set: { n: now!.n! + 1 } }, { session });
        await Items.insertMany([{ name: `step-${now!.n}` }], { session });
      }),
    ),
  );
  await connection
    .transaction(async (session) => {
      await Items.insertMany([{ name: 'lost' }, { name: 'also lost' }], { session });
      throw new Error('no');
    })
    .catch(() => {});

  expect((await Items.findOne({ name: 'counter' }).lean())!.n).toBe(8);
  expect(await Items.countDocuments()).toBe(9);
  expect(runs).toBeGreaterThan(8);
});

test('cursors hand over batch after batch, see what was there when they began, and can be killed', async () => {
  const Items = await freshModel();
  await Items.insertMany(Array.from({ length: 250 }, (_, n) => ({ name: 'x', n })));

  const cursor = Items.find().lean().batchSize(20).cursor();
  const first = await cursor.next();
  await Items.deleteMany({ n: { $gt: 100 } });
  let seen = 1;
  for (let doc = await cursor.next(); doc; doc = await cursor.next()) expect(doc.n).toBe(seen++);

  expect([first!.n, seen, await Items.countDocuments()]).toEqual([0, 250, 101]);
  const open = Items.collection.find({}, { batchSize: 2 });
  await open.next();
  await open.close();
});

test('unique indexes can be partial, sparse and compound', async () => {
  const Items = await freshModel([
    [{ name: 1, n: -1 }, { unique: true }],
    [{ kind: 1 }, { unique: true, partialFilterExpression: { kind: { $exists: true } } }],
    [{ expiresAt: 1 }, { unique: true, sparse: true }],
  ]);
  await Items.insertMany([
    { name: 'a', n: 1 },
    { name: 'a', n: 2 },
    { name: 'b', n: 1, kind: 'k' },
  ]);

  const compound = await Items.create({ name: 'a', n: 1 }).catch((e) => e);
  const partial = await Items.updateOne({ name: 'a', n: 2 }, { $set: { kind: 'k' } }).catch((e) => e);

  expect([compound.code, compound.keyPattern, compound.keyValue]).toEqual([
    11000,
    { name: 1, n: -1 },
    { name: 'a', n: 1 },
  ]);
  expect([partial.code, partial.keyValue]).toEqual([11000, { kind: 'k' }]);
  const building = await Items.collection.createIndex({ name: 1 }, { unique: true }).catch((e) => e);
  expect(building.code).toBe(11000);
  expect((await Items.collection.indexes()).map((i) => i.name)).toEqual([
    '_id_',
    'name_1_n_-1',
    'kind_1',
    'expiresAt_1',
  ]);
});

test('an index is used for equality, range, order and alternatives, and explain says so', async () => {
  const Items = await freshModel([
    [{ kind: 1, n: -1 }, {}],
    [{ tags: 1 }, {}],
  ]);
  await Items.insertMany(
    Array.from({ length: 100 }, (_, n) => ({
      name: 'x',
      kind: n % 2 ? 'odd' : 'even',
      n,
      tags: [`t${n % 10}`],
    })),
  );
  const examined = async (filter: object, sort: Record<string, 1 | -1> = {}) => {
    const { executionStats, queryPlanner } = await Items.collection
      .find(filter)
      .sort(sort)
      .explain('executionStats');
    const plan = queryPlanner.winningPlan;
    return [
      plan.stage,
      (plan.inputStage ?? plan).stage,
      executionStats.nReturned,
      executionStats.totalDocsExamined,
    ];
  };

  expect(await examined({ kind: 'odd', n: { $gt: 90 } }, { n: 1 })).toEqual(['FETCH', 'IXSCAN', 5, 5]);
  expect(await examined({ tags: { $in: ['t1', 't2'] } })).toEqual(['FETCH', 'IXSCAN', 20, 20]);
  expect(await examined({ $or: [{ kind: 'odd', n: 1 }, { tags: 't4' }] })).toEqual(['FETCH', 'OR', 11, 11]);
  expect(await examined({ name: 'x' })).toEqual(['COLLSCAN', 'COLLSCAN', 100, 100]);
});

test('a TTL index removes what has expired and nothing else', async () => {
  const Items = await freshModel([[{ expiresAt: 1 }, { expireAfterSeconds: 0 }]]);
  await Items.insertMany([
    { name: 'old', expiresAt: new Date(Date.now() - 1000) },
    { name: 'new', expiresAt: new Date(Date.now() + 60_000) },
    { name: 'never' },
  ]);

  await until(async () => (await Items.countDocuments()) <= 2);

  expect((await Items.find().sort({ name: 1 }).lean()).map((i) => i.name)).toEqual(['never', 'new']);
});

test('64-bit numbers come back as they are with useBigInt64', async () => {
  const client = await new mongoose.mongo.MongoClient(server.uri, { useBigInt64: true }).connect();
  const big = client.db('test').collection('big');
  await big.insertOne({ points: 9007199254740993n });
  await big.updateOne({}, { $inc: { points: 1n } });

  const found = await big.findOne({ points: { $gt: 9007199254740993n } }, { projection: { _id: 0 } });

  expect(found).toEqual({ points: 9007199254740994n });
  await client.close();
});

test('what is not supported is refused with a code, not ignored', async () => {
  const Items = await freshModel();
  const codes = await Promise.all(
    [
      () => connection.db!.command({ frobnicate: 1 }),
      () => connection.db!.command({ find: 'x', sideways: true }),
      () => connection.db!.command({ ping: 1, unheardOf: 1 }),
      () => Items.collection.find({ a: { $frob: 1 } }).toArray(),
      () => Items.collection.aggregate([{ $frob: {} }]).toArray(),
      () => Items.collection.createIndex({ name: 'text' }),
      () => Items.collection.watch().next(),
      () => Items.collection.find({}).hint('nothing').toArray(),
      () => connection.db!.createCollection('capped', { capped: true, size: 1000 }),
    ].map((run) =>
      run().then(
        () => 'accepted',
        (e: { code?: number }) => e.code,
      ),
    ),
  );

  expect(codes).toEqual([59, 40415, 40415, 2, 40324, 67, 40573, 2, 115]);
});

test('fail points make commands fail as told, and the driver repeats what may be repeated', async () => {
  const Items = await freshModel();
  const arm = (mode: unknown, data: object = {}) =>
    connection.getClient().db('admin').command({ configureFailPoint: 'failCommand', mode, data });

  await arm({ times: 1 }, { failCommands: ['insert'], closeConnection: true });
  await Items.create({ name: 'once' });
  await arm({ times: 1 }, { failCommands: ['insert'], errorCode: 189, errorLabels: ['RetryableWriteError'] });
  await Items.create({ name: 'twice' });
  await arm({ times: 1 }, { failCommands: ['find'], errorCode: 13 });
  const refused = await Items.findOne()
    .lean()
    .catch((e) => e.code);
  await arm({ times: 1 }, { failCommands: ['commitTransaction'], closeConnection: true });
  await connection.transaction(async (session) => {
    await Items.create([{ name: 'thrice' }], { session });
  });
  await arm('off');

  expect(refused).toBe(13);
  expect((await Items.find().sort({ name: 1 }).lean()).map((i) => i.name)).toEqual([
    'once',
    'thrice',
    'twice',
  ]);
});

test('fifty connections work at once', async () => {
  const Items = await freshModel();
  await Promise.all(Array.from({ length: 400 }, (_, n) => Items.create({ name: `${n}`, n })));

  const sums = await Items.aggregate([{ $group: { _id: null, n: { $sum: '$n' }, count: { $sum: 1 } } }]);

  expect(sums).toEqual([{ _id: null, n: 79_800, count: 400 }]);
});

test('an index that is there already is left alone, one like it under other terms is refused', async () => {
  const Items = await freshModel([[{ name: 1 }, {}]]);
  const { collection } = Items;
  const codes = await Promise.all(
    [
      () => collection.createIndex({ name: 1 }),
      () => collection.createIndex({ name: 1 }, { unique: true }),
      () => collection.createIndex({ n: 1 }, { name: 'name_1' }),
      () => collection.createIndex({ name: 1 }, { name: 'other' }),
      () => collection.createIndex({ name: 1 }, { expireAfterSeconds: 5 }),
    ].map((run) => run().catch((e: { code?: number }) => e.code)),
  );

  expect(codes).toEqual(['name_1', 86, 86, 85, 85]);
});

test('a document that an update would make too large is refused and stays as it was', async () => {
  const Items = await freshModel();
  await Items.create({ name: 'x'.repeat(9_000_000), n: 1 });

  const error = await Items.collection.updateOne({}, [{ $set: { kind: '$name' } }]).catch((e) => e);

  expect(error.code).toBe(10334);
  expect(await Items.countDocuments({ n: 1, kind: { $exists: false } })).toBe(1);
});
