import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as older from 'mongodb-6';
import mongoose from 'mongoose';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';

let from: EmbeddedMongo;
let to: EmbeddedMongo;

beforeAll(async () => {
  [from, to] = [await startEmbeddedMongo(), await startEmbeddedMongo()];
});
afterAll(() => Promise.all([from.stop(), to.stop()]));

// Two major versions of the driver: that of mongoose, and the one before it. What is used of them is alike in both.
const drivers = [
  ['7', mongoose.mongo],
  ['6', older as unknown as typeof mongoose.mongo],
] as const;

describe.each(drivers)('the driver, major version %s', (version, driver) => {
  const connect = ({ uri }: EmbeddedMongo) => new driver.MongoClient(uri).connect();
  const database = `driver-${version}`;

  test('writes and reads, in sessions and transactions too', async () => {
    const client = await connect(from);
    const things = client.db(database).collection<{ _id: number; n: number }>('things');
    await things.insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
    ]);
    await things.bulkWrite([
      { updateOne: { filter: { _id: 1 }, update: { $inc: { n: 10 } } } },
      { deleteOne: { filter: { _id: 2 } } },
    ]);
    await client.withSession((session) =>
      session.withTransaction(() => things.insertOne({ _id: 3, n: 3 }, { session })),
    );
    const failed = client.withSession((session) =>
      session.withTransaction(async () => {
        await things.insertOne({ _id: 4, n: 4 }, { session });
        throw new Error('never mind');
      }),
    );

    await expect(failed).rejects.toThrow('never mind');
    expect(await things.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, n: 11 },
      { _id: 3, n: 3 },
    ]);
    const [total] = await things.aggregate([{ $group: { _id: null, n: { $sum: '$n' } } }]).toArray();
    expect(total).toEqual({ _id: null, n: 14 });
    await client.close();
  });

  test('carries everything to another server, documents byte for byte and indexes as they were', async () => {
    const { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp } = driver;
    const [source, target] = [await connect(from), await connect(to)];
    const database = `export-${version}`;
    const one = source.db(database).collection('one');
    await one.insertMany([
      {
        whole: new Int32(1),
        real: new Double(1),
        long: Long.fromNumber(1),
        exact: Decimal128.fromString('1.10'),
      },
      {
        at: new Date(5),
        id: new ObjectId(),
        bytes: new Binary(Buffer.of(1, 2), 4),
        stamp: new Timestamp({ t: 1, i: 2 }),
      },
      { pattern: /a.b/i, list: [null, [1], { a: [] }], 10: 'a name that is a number' },
    ]);
    await one.createIndex(
      { whole: 1, at: -1 },
      { unique: true, partialFilterExpression: { whole: { $gt: 0 } } },
    );
    await source.db(database).collection('two').createIndex({ at: 1 }, { expireAfterSeconds: 1_000_000 });
    const dump = async (client: typeof source) => {
      const db = client.db(database);
      const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
      return Promise.all(
        names.map(async (name) => ({
          name,
          indexes: await db.collection(name).indexes(),
          documents: (await db.collection(name).find({}, { raw: true }).toArray()) as unknown as Buffer[],
        })),
      );
    };
    const dumped = await dump(source);

    for (const { name, indexes, documents } of dumped) {
      const collection = target.db(database).collection(name);
      await collection.createIndexes(indexes as Parameters<typeof collection.createIndexes>[0]);
      for (const document of documents)
        await collection.insertOne(
          driver.BSON.deserialize(document, { promoteValues: false, bsonRegExp: true }),
        );
    }

    const restored = await dump(target);
    expect(restored.map(({ name, indexes }) => ({ name, indexes }))).toEqual(
      dumped.map(({ name, indexes }) => ({ name, indexes })),
    );
    const hex = ({ documents }: { documents: Buffer[] }) =>
      documents.map((document) => Buffer.from(document).toString('hex'));
    expect(restored.map(hex)).toEqual(dumped.map(hex));
    expect(dumped.map(({ documents }) => documents.length)).toEqual([3, 0]);
    await source.close();
    await target.close();
  });
});
