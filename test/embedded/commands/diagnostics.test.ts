// Rules of the manual's pages of the commands named.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { mongo } from 'mongoose';
import { type Connected, connected, refusalOf, replyTo } from './database.ts';

let on: Connected;
let admin: mongo.Db;

beforeAll(async () => {
  on = await connected();
  admin = on.client.db('admin');
});
afterAll(() => on.stop());

describe('what the server says of itself', () => {
  test('ping answers', async () => {
    expect(await replyTo(admin, { ping: 1 })).toEqual({});
  });

  test('hello, and isMaster in the old words, give the set and the limits', async () => {
    const limits = {
      setName: 'embedded',
      hosts: [`127.0.0.1:${on.server.port}`],
      maxBsonObjectSize: 16_777_216,
      maxMessageSizeBytes: 48_000_000,
      maxWriteBatchSize: 100_000,
      logicalSessionTimeoutMinutes: 30,
      readOnly: false,
    };

    expect(await replyTo(admin, { hello: 1 })).toMatchObject({
      isWritablePrimary: true,
      secondary: false,
      ...limits,
    });
    expect(await replyTo(admin, { isMaster: 1 })).toMatchObject({
      ismaster: true,
      secondary: false,
      ...limits,
    });
  });

  test('buildInfo names the version whose rules it keeps and says that it is an embedded server', async () => {
    expect(await replyTo(admin, { buildInfo: 1 })).toMatchObject({
      version: '7.0.0',
      versionArray: [7, 0, 0, 0],
      modules: ['embedded-server-for-development'],
      storageEngines: ['embedded'],
      bits: 64,
    });
  });

  test('connectionStatus names no users, for there are none', async () => {
    expect(await replyTo(admin, { connectionStatus: 1 })).toEqual({
      authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] },
    });
  });

  test('whatsmyuri gives the address of the one who asks', async () => {
    const { you } = await replyTo(admin, { whatsmyuri: 1 });

    expect(you).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(you).not.toBe(`127.0.0.1:${on.server.port}`);
  });

  test('getParameter gives those asked for, or all', async () => {
    const limit = { transactionLifetimeLimitSeconds: 60 };

    expect(await replyTo(admin, { getParameter: 1, transactionLifetimeLimitSeconds: 1 })).toEqual(limit);
    expect(await replyTo(admin, { getParameter: '*' })).toMatchObject({
      ...limit,
      featureCompatibilityVersion: { version: '7.0' },
    });
    expect(await refusalOf(admin, { getParameter: 1 })).toEqual([72, 'InvalidOptions']);
  });

  test('serverStatus tells of memory, connections, cursors and sessions', async () => {
    const cursor = on.client.db('status').collection('things');
    await cursor.insertMany(Array.from({ length: 10 }, (_, n) => ({ n })));
    const open = cursor.find().batchSize(2);
    await open.next();
    const status = await replyTo(admin, { serverStatus: 1 });
    await open.close();

    expect(status).toMatchObject({
      version: '7.0.0',
      cursors: { open: 1 },
      storageEngine: { name: 'embedded' },
    });
    expect(status['connections'].current).toBeGreaterThan(0);
    expect(status['mem'].resident).toBeGreaterThan(20);
    expect((await replyTo(admin, { serverStatus: 1 }))['cursors']).toEqual({ open: 0 });
  });
});

describe('sessions', () => {
  const sessions = async (): Promise<number> =>
    (await replyTo(admin, { serverStatus: 1 }))['logicalSessionRecordCache'].activeSessionsCount;

  test('startSession gives out an id that nobody else has', async () => {
    const [one, other] = [
      await replyTo(admin, { startSession: 1 }),
      await replyTo(admin, { startSession: 1 }),
    ];

    expect(one).toMatchObject({ timeoutMinutes: 30 });
    expect(String(one['id'].id)).not.toBe(String(other['id'].id));
  });

  test.each(['endSessions', 'killSessions'])(
    '%s forgets a session, its transaction and its cursors',
    async (name) => {
      const session = on.client.startSession();
      const things = on.client.db('sessions').collection<{ _id: string }>('things');
      await things.deleteMany({});
      session.startTransaction();
      await things.insertOne({ _id: 'held' }, { session });
      await replyTo(admin, { [name]: [session.id] });

      await expect(session.commitTransaction()).rejects.toMatchObject({
        code: 251,
        codeName: 'NoSuchTransaction',
      });
      await things.insertOne({ _id: 'held' });
      await session.endSession();
    },
  );

  test('killAllSessions forgets them all', async () => {
    const session = on.client.startSession();
    session.startTransaction();
    await on.client.db('sessions').collection('others').insertOne({}, { session });
    expect(await sessions()).toBeGreaterThan(0);

    await replyTo(admin, { killAllSessions: [] });

    await expect(session.commitTransaction()).rejects.toMatchObject({ code: 251 });
    await session.endSession();
  });

  test('refreshSessions takes sessions, known or not', async () => {
    const session = on.client.startSession();

    expect(await replyTo(admin, { refreshSessions: [session.id] })).toEqual({});
    await session.endSession();
  });
});

describe('cursors', () => {
  test('getMore goes on where the batch before ended, and killCursors tells what it ended', async () => {
    const db = on.fresh();
    await db.collection<{ _id: number }>('n').insertMany(Array.from({ length: 5 }, (_, _id) => ({ _id })));
    const first = (await replyTo(db, { find: 'n', batchSize: 2 }))['cursor'];
    const more = (await replyTo(db, { getMore: first.id, collection: 'n', batchSize: 2 }))['cursor'];

    expect(first.firstBatch).toEqual([{ _id: 0 }, { _id: 1 }]);
    expect(more).toEqual({ id: first.id, ns: `${db.databaseName}.n`, nextBatch: [{ _id: 2 }, { _id: 3 }] });
    const killed = await replyTo(db, { killCursors: 'n', cursors: [first.id] });
    expect(killed).toEqual({
      cursorsKilled: [first.id],
      cursorsNotFound: [],
      cursorsAlive: [],
      cursorsUnknown: [],
    });
    expect(await refusalOf(db, { getMore: first.id, collection: 'n' })).toEqual([43, 'CursorNotFound']);
    expect((await replyTo(db, { killCursors: 'n', cursors: [first.id] }))['cursorsNotFound']).toEqual([
      first.id,
    ]);
  });

  test('the last batch says with 0 that there is no more, and a limit below 0 asks for one batch', async () => {
    const db = on.fresh();
    await db.collection<{ _id: number }>('n').insertMany(Array.from({ length: 5 }, (_, _id) => ({ _id })));

    const all = (await replyTo(db, { find: 'n', batchSize: 5 }))['cursor'];
    expect(Number(all.id)).not.toBe(0);
    expect((await replyTo(db, { getMore: all.id, collection: 'n' }))['cursor']).toMatchObject({
      id: 0,
      nextBatch: [],
    });
    const one = (await replyTo(db, { find: 'n', limit: 3, batchSize: 2, singleBatch: true }))['cursor'];
    expect(one).toMatchObject({ id: 0, firstBatch: [{ _id: 0 }, { _id: 1 }] });
  });

  test('a cursor belongs to its collection, and one that never was is not found', async () => {
    const db = on.fresh();
    await db.collection('n').insertMany([{}, {}, {}]);
    const { id } = (await replyTo(db, { find: 'n', batchSize: 1 }))['cursor'];

    expect(await refusalOf(db, { getMore: id, collection: 'm' })).toEqual([13, 'Unauthorized']);
    expect(await refusalOf(db, { getMore: 7, collection: 'n' })).toEqual([43, 'CursorNotFound']);
  });
});

describe('values of a field', () => {
  test('distinct spreads arrays out and gives equal values once, by collation too', async () => {
    const db = on.fresh();
    await db.collection('n').insertMany([{ a: [1, 'x'] }, { a: 'X' }, { a: 1 }, { b: 1 }, { a: null }]);
    const distinct = (more: object = {}) => replyTo(db, { distinct: 'n', key: 'a', ...more });

    expect((await distinct())['values']).toEqual([1, 'x', 'X', null]);
    expect((await distinct({ query: { a: { $type: 'string' } } }))['values']).toEqual([1, 'x', 'X']);
    expect((await distinct({ collation: { locale: 'en', strength: 2 } }))['values']).toEqual([1, 'x', null]);
    expect(await refusalOf(db, { distinct: 'n', key: 5 })).toEqual([14, 'TypeMismatch']);
  });

  test('count counts what matches, after skip and up to limit', async () => {
    const db = on.fresh();
    await db.collection('n').insertMany([{ a: 1 }, { a: 2 }, { a: 3 }]);

    expect(await replyTo(db, { count: 'n' })).toEqual({ n: 3 });
    expect(await replyTo(db, { count: 'n', query: { a: { $gt: 1 } } })).toEqual({ n: 2 });
    expect(await replyTo(db, { count: 'n', skip: 1, limit: 1 })).toEqual({ n: 1 });
    expect(await replyTo(db, { count: 'none' })).toEqual({ n: 0 });
  });
});

describe('findAndModify', () => {
  test('gives the document as it was or, when asked, as it is, and what it did', async () => {
    const db = on.fresh();
    await db.collection<{ _id: number; n: number }>('n').insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
    ]);
    const act = (more: object) => replyTo(db, { findAndModify: 'n', ...more });
    const found = { n: 1, updatedExisting: true };

    expect(await act({ query: { _id: 1 }, update: { $inc: { n: 5 } } })).toEqual({
      lastErrorObject: found,
      value: { _id: 1, n: 1 },
    });
    expect(
      await act({
        query: {},
        sort: { n: -1 },
        update: { $inc: { n: 1 } },
        new: true,
        fields: { n: 1, _id: 0 },
      }),
    ).toEqual({ lastErrorObject: found, value: { n: 7 } });
    expect(await act({ query: { _id: 3 }, update: { n: 3 }, upsert: true })).toEqual({
      lastErrorObject: { n: 1, updatedExisting: false, upserted: 3 },
      value: null,
    });
    expect(await act({ query: { _id: 3 }, remove: true })).toEqual({
      lastErrorObject: { n: 1 },
      value: { _id: 3, n: 3 },
    });
    expect(await act({ query: { _id: 3 }, remove: true })).toEqual({
      lastErrorObject: { n: 0 },
      value: null,
    });
  });

  test.each([
    ['neither an update nor remove', {}],
    ['both', { update: {}, remove: true }],
    ['remove and upsert', { remove: true, upsert: true }],
    ['remove and new', { remove: true, new: true }],
  ])('%s is refused', async (_, more) => {
    expect(await refusalOf(on.fresh(), { findAndModify: 'n', query: {}, ...more })).toEqual([
      9,
      'FailedToParse',
    ]);
  });
});
