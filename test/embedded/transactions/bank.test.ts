import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';

const { MongoClient } = mongoose.mongo;
const ACCOUNTS = 6;
const START = 100;

let server: EmbeddedMongo;
let clients: InstanceType<typeof MongoClient>[];

beforeAll(async () => {
  server = await startEmbeddedMongo();
  clients = await Promise.all([0, 1, 2].map(() => new MongoClient(server.uri).connect()));
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.stop();
});

beforeEach(async () => {
  const db = clients[0]!.db('bank');
  await db.dropDatabase();
  await db.collection('transfers').createIndex({ key: 1 }, { unique: true });
  await db.collection('accounts').createIndex({ balance: 1 });
  await db
    .collection('accounts')
    .insertMany(
      Array.from({ length: ACCOUNTS }, (_, i) => ({ _id: i as never, balance: START, touched: 0 })),
    );
});

function randomly(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

class Abandon extends Error {}

/** Moves money by reading, deciding, and writing what was decided: an update lost is money made or lost. */
async function transfer(worker: number, random: () => number, committed: Set<string>): Promise<void> {
  const client = clients[worker % clients.length]!;
  const db = client.db('bank');
  const from = Math.floor(random() * ACCOUNTS);
  const to = (from + 1 + Math.floor(random() * (ACCOUNTS - 1))) % ACCOUNTS;
  const amount = 1 + Math.floor(random() * 10);
  const key = `${Math.floor(random() * 200)}`;
  const abandon = random() < 0.15;
  const session = client.startSession();
  try {
    await session.withTransaction(async () => {
      const accounts = db.collection('accounts');
      const a = await accounts.findOne({ _id: from as never }, { session });
      const b = await accounts.findOne({ _id: to as never }, { session });
      await accounts.bulkWrite(
        [
          {
            updateOne: {
              filter: { _id: from as never },
              update: { $set: { balance: a!['balance'] - amount } },
            },
          },
          {
            updateOne: {
              filter: { _id: to as never },
              update: { $set: { balance: b!['balance'] + amount } },
            },
          },
        ],
        { session },
      );
      await db.collection('transfers').insertOne({ key, from, to, amount }, { session });
      if (abandon) throw new Abandon();
    });
    if (committed.has(key)) throw new Error(`the key ${key} was committed twice`);
    committed.add(key);
  } catch (error) {
    if (!(error instanceof Abandon) && (error as { code?: number }).code !== 11000) throw error;
  } finally {
    await session.endSession();
  }
}

/** Reads every account twice in one transaction, by two ways; both must show the same whole. */
async function audit(worker: number): Promise<void> {
  const client = clients[worker % clients.length]!;
  const accounts = client.db('bank').collection('accounts');
  const session = client.startSession();
  session.startTransaction({ readConcern: { level: 'snapshot' } });
  const first = await accounts.find({}, { session, batchSize: 2 }).toArray();
  const second = await accounts
    .find({ balance: { $gte: -1e9 } }, { session })
    .sort({ balance: 1 })
    .toArray();
  const [sum] = await accounts
    .aggregate([{ $group: { _id: null, sum: { $sum: '$balance' } } }], { session })
    .toArray();
  await session.commitTransaction();
  await session.endSession();
  const total = (docs: readonly { [field: string]: unknown }[]): number =>
    docs.reduce((s, d) => s + Number(d['balance']), 0);
  expect([first.length, total(first), second.length, total(second), sum!['sum']]).toEqual([
    ACCOUNTS,
    ACCOUNTS * START,
    ACCOUNTS,
    ACCOUNTS * START,
    ACCOUNTS * START,
  ]);
}

test('under random transfers, aborts, duplicate keys and plain writers no money appears or disappears', async () => {
  const committed = new Set<string>();
  let touches = 0;
  const workers = Array.from({ length: 9 }, async (_, worker) => {
    const random = randomly(worker + 1);
    for (let i = 0; i < 20; i++) {
      if (worker < 5) await transfer(worker, random, committed);
      else if (worker < 7) await audit(worker);
      else {
        const accounts = clients[worker % clients.length]!.db('bank').collection('accounts');
        const one = random() < 0.7;
        const filter = one ? { _id: Math.floor(random() * ACCOUNTS) as never } : {};
        const result = one
          ? await accounts.updateOne(filter, { $inc: { touched: 1 } })
          : await accounts.updateMany(filter, { $inc: { touched: 1 } });
        touches += result.modifiedCount;
      }
    }
  });
  await Promise.all(workers);

  const db = clients[0]!.db('bank');
  const accounts = await db.collection('accounts').find().toArray();
  const transfers = await db.collection('transfers').find().toArray();
  expect(accounts.reduce((sum, a) => sum + a['balance'], 0)).toBe(ACCOUNTS * START);
  expect(accounts.reduce((sum, a) => sum + a['touched'], 0)).toBe(touches);
  expect(new Set(transfers.map((t) => t['key']))).toEqual(committed);
  expect(transfers.length).toBe(committed.size);
  for (const account of accounts) {
    const moved = transfers.reduce(
      (sum, t) =>
        sum + (t['to'] === account._id ? t['amount'] : 0) - (t['from'] === account._id ? t['amount'] : 0),
      START,
    );
    expect(account['balance']).toBe(moved);
  }
  expect(committed.size).toBeGreaterThan(25);

  // No lock is left behind: everything can be written at once.
  const written = await db
    .collection('accounts')
    .updateMany({}, { $set: { done: true } }, { maxTimeMS: 500 });
  expect(written.modifiedCount).toBe(ACCOUNTS);
});

test('a write that had to wait for a transaction is applied exactly once, to what the transaction left', async () => {
  const accounts = clients[0]!.db('bank').collection('accounts');
  const session = clients[0]!.startSession();
  session.startTransaction();
  await accounts.updateOne({ _id: 3 as never }, { $inc: { balance: 7 } }, { session });

  const many = accounts.updateMany({}, { $inc: { balance: 1 } });
  const inserted = accounts.insertMany([{ _id: 50 as never }, { _id: 3.5 as never }]);
  await inserted;
  await new Promise((resolve) => setTimeout(resolve, 50));
  await session.commitTransaction();

  expect((await many).modifiedCount).toBeGreaterThanOrEqual(ACCOUNTS);
  expect((await accounts.findOne({ _id: 3 as never }))!['balance']).toBe(START + 8);
  expect((await accounts.findOne({ _id: 5 as never }))!['balance']).toBe(START + 1);
  await session.endSession();
});

test('an insert of a key that a transaction holds waits, and fails when the transaction commits it', async () => {
  const transfers = clients[0]!.db('bank').collection('transfers');
  const outcome = async (end: 'commit' | 'abort', key: string): Promise<unknown> => {
    const session = clients[0]!.startSession();
    session.startTransaction();
    await transfers.insertOne({ key }, { session });
    const waiting = transfers.insertOne({ key }).then(
      () => 'inserted',
      (error) => error.code,
    );
    await new Promise((resolve) => setTimeout(resolve, 30));
    await (end === 'commit' ? session.commitTransaction() : session.abortTransaction());
    await session.endSession();
    return waiting;
  };

  expect([await outcome('commit', 'x'), await outcome('abort', 'y')]).toEqual([11000, 'inserted']);
  expect(await transfers.countDocuments()).toBe(2);
});

test('the second of two transactions that write one document gets 112 with the label that makes it run again', async () => {
  const accounts = clients[0]!.db('bank').collection('accounts');
  const [a, b] = [clients[0]!.startSession(), clients[0]!.startSession()];
  a.startTransaction();
  b.startTransaction();
  await accounts.findOne({ _id: 1 as never }, { session: b });
  await accounts.updateOne({ _id: 1 as never }, { $inc: { balance: 1 } }, { session: a });

  const open = await accounts
    .updateOne({ _id: 1 as never }, { $inc: { balance: 1 } }, { session: b })
    .catch((e) => e);
  expect([open.code, open.hasErrorLabel('TransientTransactionError')]).toEqual([112, true]);
  const after = await accounts.findOne({ _id: 1 as never }, { session: b }).catch((e) => e);
  expect([after.code, after.hasErrorLabel('TransientTransactionError')]).toEqual([251, true]);
  await a.commitTransaction();
  await b.abortTransaction();

  b.startTransaction();
  await accounts.findOne({ _id: 2 as never }, { session: b });
  await accounts.updateOne({ _id: 1 as never }, { $inc: { balance: 1 } });
  const stale = await accounts
    .updateOne({ _id: 1 as never }, { $inc: { balance: 1 } }, { session: b })
    .catch((e) => e);
  expect([stale.code, stale.hasErrorLabel('TransientTransactionError')]).toEqual([112, true]);
  await b.abortTransaction();
  expect((await accounts.findOne({ _id: 1 as never }))!['balance']).toBe(START + 2);
  await Promise.all([a.endSession(), b.endSession()]);
});

test('a transaction sees its own writes, others see them only after the commit', async () => {
  const accounts = clients[0]!.db('bank').collection('accounts');
  const session = clients[0]!.startSession();
  session.startTransaction();
  await accounts.insertOne({ _id: 99 as never, balance: 1 }, { session });
  await accounts.deleteOne({ _id: 0 as never }, { session });
  await accounts.updateOne({ _id: 1 as never }, { $set: { balance: 5 } }, { session });

  const inside = await accounts
    .find({ balance: { $lt: 10 } }, { session })
    .sort({ balance: 1 })
    .toArray();
  const outside = await accounts.countDocuments({ balance: START });
  await session.commitTransaction();
  await session.endSession();

  expect(inside.map((d) => d._id as unknown)).toEqual([99, 1]);
  expect(outside).toBe(ACCOUNTS);
  expect(await accounts.countDocuments()).toBe(ACCOUNTS);
});
