import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { mongo } from 'mongoose';
import { type Connected, connected } from './database.ts';

let on: Connected;
let client: mongo.MongoClient;
let db: mongo.Db;

beforeAll(async () => {
  on = await connected();
  client = on.client;
  db = client.db('t');
});
afterAll(() => on.stop());

const errorOf = (promise: Promise<unknown>): Promise<mongo.MongoServerError | undefined> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

// Manual, "Documents", "The _id Field": a document as _id may have no field whose name begins with a dollar.
test('an _id that is a document has no field that begins with a dollar', async () => {
  const ids = [{ $a: 1 }, { a: 1, $b: 2 }, { a: 'costs $5' }, { a: { b: 1 } }];
  const things = db.collection<{ _id: object }>('ids');

  const errors = [];
  for (const _id of ids) errors.push((await errorOf(things.insertOne({ _id })))?.code);

  expect(errors).toEqual([52, 52, undefined, undefined]);
  expect(await things.countDocuments()).toBe(2);
});

// Manual, "$merge (aggregation)": whenMatched "fail" stops with a duplicate key error.
test('a $merge that may not replace names the index and the values that were in its way', async () => {
  await db.collection('source').insertOne({ _id: 7 as never, a: 1 });
  await db.collection('target').insertOne({ _id: 7 as never });

  const error = await errorOf(
    db
      .collection('source')
      .aggregate([{ $merge: { into: 'target', whenMatched: 'fail' } }])
      .toArray(),
  );

  expect(error?.errorResponse).toMatchObject({ code: 11000, keyPattern: { _id: 1 }, keyValue: { _id: 7 } });
});

// Manual, "$out (aggregation)" and "$merge (aggregation)", "Restrictions".
test('a pipeline that reads with concern linearizable may not write', async () => {
  const run = (stage: object) =>
    errorOf(
      db
        .collection('source')
        .aggregate([stage], { readConcern: { level: 'linearizable' } })
        .toArray(),
    );

  expect((await run({ $out: 'other' }))?.code).toBe(72);
  expect((await run({ $merge: 'other' }))?.code).toBe(72);
  expect(await run({ $match: {} })).toBeUndefined();
  expect(await db.listCollections({ name: 'other' }).toArray()).toEqual([]);
});

// Manual, "$listLocalSessions".
test('$listLocalSessions lists the sessions, from a database only and not in a transaction', async () => {
  const session = client.startSession();
  await db.command({ ping: 1 }, { session });

  const listed = await db.aggregate([{ $listLocalSessions: {} }]).toArray();
  const wrong = await errorOf(
    db
      .collection('source')
      .aggregate([{ $listLocalSessions: {} }])
      .toArray(),
  );
  session.startTransaction();
  const inside = await errorOf(db.aggregate([{ $listLocalSessions: {} }], { session }).toArray());
  await session.endSession();

  const id = session.id?.id as mongo.Binary;
  const found = listed.find((one) => one['_id'].id.toString('hex') === id.toString('hex'));
  expect(found?.['lastUse']).toBeInstanceOf(Date);
  expect([wrong?.code, inside?.code]).toEqual([73, 263]);
});

// Manual, "Change Streams": available for replica sets and sharded clusters only.
test('a change stream is refused with the code of a server that cannot offer one', async () => {
  expect((await errorOf(db.collection('source').watch().next()))?.code).toBe(40573);
});

// Manual, "Write Concern": a concern that no number of nodes here can meet is reported beside what was written.
test('a write that more nodes should confirm than there are is done, and reported with code 100', async () => {
  const error = await errorOf(
    db.collection('concern').insertOne({ _id: 1 as never }, { writeConcern: { w: 3 } }),
  );

  expect([error?.name, error?.code]).toEqual(['MongoWriteConcernError', 100]);
  expect(await db.collection('concern').countDocuments()).toBe(1);
});
