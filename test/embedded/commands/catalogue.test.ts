// Rules of the manual's pages of the commands named; codes are those of mongo/base/error_codes.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { mongo } from 'mongoose';
import { type Connected, connected, refusalOf, replyTo } from './database.ts';

let on: Connected;
let db: mongo.Db;

beforeAll(async () => {
  on = await connected();
});
beforeEach(() => {
  db = on.fresh();
});
afterAll(() => on.stop());

const namesIn = async (): Promise<string[]> =>
  (await db.listCollections().toArray()).map(({ name }) => name).sort();

describe('collections', () => {
  test('create makes an empty one, and does nothing where it is there under the same terms', async () => {
    expect(await replyTo(db, { create: 'things' })).toEqual({});
    expect(await replyTo(db, { create: 'things' })).toEqual({});
    expect(await namesIn()).toEqual(['things']);
  });

  test('are made by the first document, and listed with their kind, id and index', async () => {
    await db.collection('things').insertOne({ a: 1 });

    const [listed] = await db.listCollections().toArray();
    expect(listed).toMatchObject({
      name: 'things',
      type: 'collection',
      options: {},
      info: { readOnly: false, uuid: expect.anything() },
      idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
    });
    const listedNames = await db.listCollections({}, { nameOnly: true }).toArray();
    expect(listedNames).toEqual([{ name: 'things', type: 'collection' }]);
    expect(await db.listCollections({ name: 'others' }).toArray()).toEqual([]);
  });

  test('drop removes documents and indexes, and is content where there is nothing', async () => {
    await db.collection('things').createIndex({ a: 1 });

    expect(await replyTo(db, { drop: 'things' })).toEqual({
      nIndexesWas: 2,
      ns: `${db.databaseName}.things`,
    });
    expect(await replyTo(db, { drop: 'things' })).toEqual({});
    expect(await namesIn()).toEqual([]);
  });

  test('dropDatabase removes all of a database and nothing of another', async () => {
    const other = on.fresh();
    await other.collection('kept').insertOne({});
    await db.collection('one').insertOne({});
    await db.collection('two').insertOne({});

    expect(await replyTo(db, { dropDatabase: 1 })).toEqual({ dropped: db.databaseName });
    expect(await namesIn()).toEqual([]);
    expect(await other.collection('kept').countDocuments()).toBe(1);
  });

  test('listDatabases names those that hold something, by name or with their sizes', async () => {
    await db.collection('things').insertOne({ a: 'some text' });
    const admin = on.client.db('admin');
    const filter = { name: db.databaseName };

    expect(await replyTo(admin, { listDatabases: 1, filter, nameOnly: true })).toEqual({
      databases: [{ name: db.databaseName }],
    });
    const { databases, totalSize } = await replyTo(admin, { listDatabases: 1, filter });
    expect(databases).toEqual([{ name: db.databaseName, sizeOnDisk: totalSize, empty: false }]);
    expect(totalSize).toBeGreaterThan(20);
    expect(await refusalOf(db, { listDatabases: 1 })).toEqual([13, 'Unauthorized']);
  });

  test('renameCollection moves documents and indexes, over another only when told', async () => {
    const { databaseName } = db;
    const admin = on.client.db('admin');
    await db.collection('from').insertOne({ _id: 1 as never });
    await db.collection('from').createIndex({ a: 1 });
    await db.collection('taken').insertOne({});
    const rename = (to: string, more: object = {}) => ({
      renameCollection: `${databaseName}.from`,
      to: `${databaseName}.${to}`,
      ...more,
    });

    expect(await refusalOf(admin, rename('taken'))).toEqual([48, 'NamespaceExists']);
    expect(await refusalOf(admin, rename('from'))).toEqual([20, 'IllegalOperation']);
    expect(await refusalOf(db, rename('to'))).toEqual([13, 'Unauthorized']);
    expect(await replyTo(admin, rename('taken', { dropTarget: true }))).toEqual({});
    expect(await refusalOf(admin, rename('to'))).toEqual([26, 'NamespaceNotFound']);
    expect(await db.collection('taken').find().toArray()).toEqual([{ _id: 1 }]);
    expect((await db.collection('taken').indexes()).map(({ name }) => name)).toEqual(['_id_', 'a_1']);
  });

  test('collMod changes how soon an index expires and whether it is hidden', async () => {
    await db.collection('things').createIndex({ at: 1 }, { expireAfterSeconds: 60 });
    const change = (index: object) => ({ collMod: 'things', index });

    expect(await refusalOf(db, change({ name: 'at_1', expireAfterSeconds: 90 }))).toBeUndefined();
    expect(await refusalOf(db, change({ keyPattern: { at: 1 }, hidden: true }))).toBeUndefined();
    expect((await db.collection('things').indexes())[1]).toMatchObject({
      expireAfterSeconds: 90,
      hidden: true,
    });
    expect(await refusalOf(db, change({ name: 'none', hidden: true }))).toEqual([27, 'IndexNotFound']);
    expect(await refusalOf(db, { collMod: 'none', index: {} })).toEqual([26, 'NamespaceNotFound']);
  });

  test('collStats and dbStats count documents, indexes and bytes', async () => {
    await db.collection('things').insertMany([{ a: 1 }, { a: 2 }]);
    await db.collection('things').createIndex({ a: 1 });
    const size = 2 * 29;

    expect(await replyTo(db, { collStats: 'things' })).toMatchObject({
      ns: `${db.databaseName}.things`,
      count: 2,
      size,
      avgObjSize: 29,
      nindexes: 2,
    });
    expect(await replyTo(db, { collStats: 'none' })).toMatchObject({ count: 0, size: 0, nindexes: 0 });
    expect(await replyTo(db, { dbStats: 1 })).toMatchObject({
      db: db.databaseName,
      collections: 1,
      objects: 2,
      dataSize: size,
      indexes: 2,
    });
  });

  test.each([
    'capped',
    'viewOn',
    'timeseries',
    'validator',
    'collation',
    'clusteredIndex',
    'encryptedFields',
  ])('create refuses the option %s, which would change what a collection does', async (option) => {
    const value = option === 'capped' ? true : {};
    expect(await refusalOf(db, { create: 'things', [option]: value })).toEqual([115, 'CommandNotSupported']);
    expect(await namesIn()).toEqual([]);
  });

  test.each([
    ['', 73],
    ['a$b', 73],
    ['.a', 73],
    [7, 73],
  ])('a collection cannot be called %p', async (name, code) => {
    expect((await refusalOf(db, { create: name }))?.[0]).toBe(code);
    expect((await refusalOf(db, { insert: name, documents: [{}] }))?.[0]).toBe(code);
  });
});

describe('indexes', () => {
  const create = (...indexes: object[]) => ({ createIndexes: 'things', indexes });

  test('are counted before and after, and made with the collection', async () => {
    expect(await replyTo(db, create({ key: { a: 1 }, name: 'a' }))).toEqual({
      numIndexesBefore: 1,
      numIndexesAfter: 2,
      createdCollectionAutomatically: true,
    });
    expect(await replyTo(db, create({ key: { a: 1 }, name: 'a' }))).toEqual({
      numIndexesBefore: 2,
      numIndexesAfter: 2,
      createdCollectionAutomatically: false,
      note: 'all indexes already exist',
    });
  });

  test('listIndexes shows them as they were made, the one of _id first', async () => {
    const unique = { key: { a: 1, b: -1 }, name: 'ab', unique: true };
    const partial = { key: { c: 1 }, name: 'c', partialFilterExpression: { c: { $gt: 5 } } };
    await replyTo(db, create(unique, partial));

    const { cursor } = await replyTo(db, { listIndexes: 'things' });
    expect(cursor).toEqual({
      id: 0,
      ns: `${db.databaseName}.things`,
      firstBatch: [
        { v: 2, key: { _id: 1 }, name: '_id_' },
        { v: 2, ...unique },
        { v: 2, ...partial },
      ],
    });
    expect(await refusalOf(db, { listIndexes: 'none' })).toEqual([26, 'NamespaceNotFound']);
  });

  test('dropIndexes takes a name, several, a key or all but that of _id', async () => {
    const things = db.collection('things');
    const left = async () => (await things.indexes()).map(({ name }) => name);
    await replyTo(db, create(...['a', 'b', 'c', 'd', 'e'].map((name) => ({ key: { [name]: 1 }, name }))));
    const drop = (index: unknown) => ({ dropIndexes: 'things', index });

    expect(await replyTo(db, drop('a'))).toEqual({ nIndexesWas: 6 });
    await replyTo(db, drop(['b', 'c']));
    await replyTo(db, drop({ d: 1 }));
    expect(await left()).toEqual(['_id_', 'e']);
    expect(await refusalOf(db, drop('a'))).toEqual([27, 'IndexNotFound']);
    expect(await refusalOf(db, drop('_id_'))).toEqual([72, 'InvalidOptions']);
    await replyTo(db, drop('*'));
    expect(await left()).toEqual(['_id_']);
  });

  test.each([
    ['no key', { name: 'x' }, 9],
    ['an empty key', { key: {}, name: 'x' }, 67],
    ['a direction of 0', { key: { a: 0 }, name: 'x' }, 67],
    ['an empty field', { key: { 'a..b': 1 }, name: 'x' }, 67],
    ['a field that begins with $', { key: { $a: 1 }, name: 'x' }, 67],
    ['text', { key: { a: 'text' }, name: 'x' }, 67],
    ['geography', { key: { a: '2dsphere' }, name: 'x' }, 67],
    ['hashes', { key: { a: 'hashed' }, name: 'x' }, 67],
    ['wildcards', { key: { '$**': 1 }, name: 'x' }, 67],
    [
      'sparse and partial at once',
      { key: { a: 1 }, name: 'x', sparse: true, partialFilterExpression: {} },
      67,
    ],
    ['an expiry over two fields', { key: { a: 1, b: 1 }, name: 'x', expireAfterSeconds: 1 }, 67],
    ['an expiry in the past', { key: { a: 1 }, name: 'x', expireAfterSeconds: -1 }, 67],
    ['a collation without a locale', { key: { a: 1 }, name: 'x', collation: { strength: 2 } }, 40414],
    [
      'a collation that it could not keep',
      { key: { a: 1 }, name: 'x', collation: { locale: 'en', numericOrdering: true } },
      115,
    ],
  ])('%s is refused, and nothing is made', async (_, index, code) => {
    expect((await refusalOf(db, create(index)))?.[0]).toBe(code);
    expect((await refusalOf(db, { listIndexes: 'things' }))?.[0]).toBe(26);
  });

  test('a duplicate that stands in the way of a unique index is named, and no index is left behind', async () => {
    await db.collection('things').insertMany([{ a: 1 }, { a: 1 }]);

    expect(await refusalOf(db, create({ key: { a: 1 }, name: 'a', unique: true }))).toEqual([
      11000,
      'DuplicateKey',
    ]);
    expect(await db.collection('things').indexes()).toHaveLength(1);
  });

  test('strings that a collation of strength 2 holds equal are duplicates, and found by one another', async () => {
    const collation = { locale: 'en', strength: 2 };
    await replyTo(db, create({ key: { name: 1 }, name: 'n', unique: true, collation }));
    const things = db.collection('things');
    await things.insertOne({ name: 'Ann' });

    await expect(things.insertOne({ name: 'ann' })).rejects.toMatchObject({ code: 11000 });
    expect(await things.countDocuments({ name: 'ANN' }, { collation })).toBe(1);
    expect(await things.countDocuments({ name: 'ANN' })).toBe(0);
    expect(await things.countDocuments({ name: 'Änn' }, { collation })).toBe(0);
  });
});
