import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Timestamp } from 'bson';
import mongoose, { type mongo } from 'mongoose';
import { type Connected, connected } from './database.ts';

// Manual, "Read Concern "snapshot"": outside transactions for find, aggregate and distinct, with or without atClusterTime.

let on: Connected;
let client: mongo.MongoClient;
let db: mongo.Db;

beforeAll(async () => {
  on = await connected();
  client = on.client;
});
afterAll(() => on.stop());
beforeEach(async () => {
  db = client.db(`d${new mongoose.mongo.ObjectId().toHexString()}`);
  await db.collection('a').insertMany([1, 2, 3].map((n) => ({ _id: n as never, n })));
  await db.collection('b').insertOne({ _id: 1 as never, n: 10 });
});

const snapshot = (atClusterTime?: unknown) => ({
  readConcern: { level: 'snapshot', ...(atClusterTime !== undefined && { atClusterTime }) },
});
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error) => error.code,
  );

/** Changes both collections, drops one and adds another. */
async function change(): Promise<void> {
  await db.collection('a').updateMany({}, { $inc: { n: 100 } });
  await db.collection('a').deleteOne({ _id: 1 as never });
  await db.collection('b').drop();
  await db.collection('c').insertOne({ _id: 1 as never });
}

test('all reads of a snapshot session see one moment, over all collections, whatever is written meanwhile', async () => {
  const session = client.startSession({ snapshot: true });
  const first = await db.collection('a').find({}, { session }).toArray();
  await change();

  const rest = [
    await db.collection('a').find({}, { session }).toArray(),
    await db.collection('a').distinct('n', {}, { session }),
    await db
      .collection('a')
      .aggregate([{ $lookup: { from: 'b', localField: '_id', foreignField: '_id', as: 'b' } }], { session })
      .toArray(),
    await db.collection('b').countDocuments({}, { session }),
    await db.collection('c').find({}, { session }).toArray(),
  ];
  await session.endSession();

  const all = [1, 2, 3].map((n) => ({ _id: n, n }));
  const joined = all.map((doc) => ({ ...doc, b: doc._id === 1 ? [{ _id: 1, n: 10 }] : [] }));
  expect(first).toEqual(all);
  expect(rest).toEqual([all, [1, 2, 3], joined, 1, []]);
  expect(await db.collection('a').distinct('n')).toEqual([102, 103]);
});

test('each command tells the time that it read at, and that time can be read again', async () => {
  const { cursor } = await db.command({ find: 'a', ...snapshot() });
  const time = cursor.atClusterTime;
  await change();
  const { values, atClusterTime } = await db.command({ distinct: 'a', key: 'n', ...snapshot(time) });
  const later = await db.command({ aggregate: 'a', pipeline: [{ $count: 'n' }], cursor: {}, ...snapshot() });

  expect(time).toBeInstanceOf(Timestamp);
  expect([values, atClusterTime]).toEqual([[1, 2, 3], time]);
  expect(later['cursor'].firstBatch).toEqual([{ n: 2 }]);
  expect(later['cursor'].atClusterTime.greaterThan(time)).toBe(true);
});

test('a cursor goes on reading its moment', async () => {
  const { cursor } = await db.command({ find: 'a', batchSize: 1, ...snapshot() });
  await change();

  const next = await db.command({ getMore: cursor.id, collection: 'a' });

  expect(next['cursor'].nextBatch).toEqual([
    { _id: 2, n: 2 },
    { _id: 3, n: 3 },
  ]);
});

test('only the last hundred moments are kept', async () => {
  const times: unknown[] = [];
  for (let i = 0; i < 101; i++)
    times.push((await db.command({ find: 'a', limit: 1, ...snapshot() }))['cursor'].atClusterTime);

  expect(await codeOf(db.command({ find: 'a', ...snapshot(times[0]) }))).toBe(239);
  expect(await codeOf(db.command({ find: 'a', ...snapshot(times[1]) }))).toBe('done');
});

test('a moment that is to come, or that nobody kept, is refused, and so are commands that cannot read one', async () => {
  const future = new Timestamp({ t: Math.floor(Date.now() / 1000) + 1000, i: 1 });
  const long = new Timestamp({ t: 1000, i: 1 });

  const codes = await Promise.all(
    [
      { find: 'a', ...snapshot(future) },
      { find: 'a', ...snapshot(long) },
      { count: 'a', ...snapshot() },
      { listIndexes: 'a', ...snapshot() },
      { find: 'a', readConcern: { level: 'local', atClusterTime: long } },
      { find: 'a', readConcern: { level: 'snapshot', atClusterTime: long, afterClusterTime: long } },
      { find: 'a', ...snapshot('now') },
      { find: 'a', readConcern: { level: 'snapshot', colour: 1 } },
    ].map((command) => codeOf(db.command(command))),
  );

  expect(codes).toEqual([72, 239, 72, 72, 72, 72, 14, 40415]);
});

test('a transaction with read concern snapshot reads its own snapshot, as before', async () => {
  const session = client.startSession();
  session.startTransaction({ readConcern: { level: 'snapshot' } });
  await db.collection('a').updateOne({ _id: 1 as never }, { $set: { n: 7 } }, { session });
  const inside = await db.collection('a').distinct('n', {}, { session });
  await session.commitTransaction();

  expect(inside).toEqual([7, 2, 3]);
});
