import {
  Binary,
  Code,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from 'bson';
import { opMsg } from '../wire/raw-client.ts';
import { PIPELINES } from './seed-pipelines.ts';

const lsid = { id: new Binary(Buffer.alloc(16, 7), 4) };
const one = { lsid, txnNumber: Long.ONE };
const inTransaction = { lsid, txnNumber: Long.fromNumber(2), autocommit: false };

const document = {
  _id: new Int32(1),
  text: 'a text ä 文',
  n: new Double(1.5),
  long: Long.fromString('9007199254740993'),
  decimal: Decimal128.fromString('12.5'),
  when: new Date(1_700_000_000_000),
  id: new ObjectId('64b000000000000000000001'),
  bytes: new Binary(Buffer.from('bytes')),
  tags: ['a', 'b', { c: [1, 2, [3]] }],
  nested: { a: { b: { c: null } } },
  flags: { yes: true, no: false },
  regex: /^a.*b$/i,
  stamp: new Timestamp({ t: 1, i: 2 }),
  ends: [new MinKey(), new MaxKey(), new Code('x')],
};

/** Commands of every family, each accepted as it is. */
export const COMMANDS: readonly Document[] = [
  { hello: 1, client: { application: { name: 'a' }, driver: { name: 'd', version: '1' } } },
  { ping: 1 },
  { buildInfo: 1 },
  { serverStatus: 1 },
  { listDatabases: 1, nameOnly: true, $db: 'admin' },
  { insert: 'c', documents: [document, { _id: 2, n: 2 }], ordered: true, ...one },
  { insert: 'c', documents: [{ n: 3 }, { n: 4 }], ordered: false, writeConcern: { w: 'majority' } },
  { update: 'c', updates: [{ q: { n: 1.5 }, u: { $set: { 'nested.a.b': 1 }, $inc: { n: 1 } } }] },
  {
    update: 'c',
    updates: [
      {
        q: { _id: 7 },
        u: { $setOnInsert: { x: 1 }, $push: { tags: { $each: ['c'], $slice: -3, $sort: 1 } } },
        upsert: true,
      },
    ],
  },
  {
    update: 'c',
    updates: [
      { q: { tags: 'a' }, u: { $set: { 'tags.$[t]': 'z' } }, arrayFilters: [{ t: 'a' }], multi: true },
    ],
  },
  {
    update: 'c',
    updates: [
      {
        q: {},
        u: [{ $set: { sum: { $add: ['$n', 1] } } }],
        multi: true,
        collation: { locale: 'en', strength: 2 },
      },
    ],
  },
  {
    update: 'c',
    updates: [
      {
        q: { _id: 2 },
        u: {
          $unset: { n: '' },
          $rename: { text: 'words' },
          $min: { low: 1 },
          $mul: { m: 2 },
          $currentDate: { at: true },
          $bit: { b: { or: new Int32(5) } },
          $addToSet: { set: 1 },
          $pull: { tags: { $in: ['a'] } },
          $pop: { p: 1 },
        },
      },
    ],
  },
  {
    delete: 'c',
    deletes: [
      { q: { n: { $gt: 100 } }, limit: 0 },
      { q: { _id: 2 }, limit: 1 },
    ],
  },
  {
    findAndModify: 'c',
    query: { n: 1.5 },
    sort: { n: -1 },
    update: { $inc: { n: 1 } },
    new: true,
    fields: { n: 1 },
  },
  { findAndModify: 'c', query: { n: 100 }, remove: true },
  {
    find: 'c',
    filter: { n: { $gte: 1, $lt: 5 }, tags: { $elemMatch: { c: { $size: 3 } } } },
    sort: { n: 1, _id: -1 },
    projection: { text: 1, tags: { $slice: 1 } },
    skip: 0,
    limit: 5,
    batchSize: 2,
  },
  {
    find: 'c',
    filter: {
      $or: [{ text: /a/i }, { n: { $in: [1, 2, null] } }, { nested: { $exists: true, $type: 'object' } }],
      $nor: [{ n: { $mod: [2, 1] } }],
      flags: { $not: { $eq: 1 } },
    },
  },
  {
    find: 'c',
    filter: {
      $expr: {
        $eq: [{ $dateToString: { date: '$when', format: '%Y-%m-%d', timezone: 'Asia/Shanghai' } }, 'x'],
      },
    },
    hint: { _id: 1 },
    collation: { locale: 'en', strength: 1 },
  },
  {
    find: 'c',
    filter: { bits: { $bitsAllSet: [1, 2] }, s: { $all: ['a'] } },
    sort: { $natural: -1 },
    noCursorTimeout: true,
    batchSize: 0,
    lsid,
  },
  { getMore: Long.fromNumber(1), collection: 'c', batchSize: 10 },
  { killCursors: 'c', cursors: [Long.fromNumber(1)] },
  { count: 'c', query: { n: { $gt: 0 } }, limit: 10, skip: 1 },
  { distinct: 'c', key: 'tags.c', query: { n: { $ne: 5 } } },
  ...PIPELINES,
  { explain: { find: 'c', filter: { n: 1 } }, verbosity: 'executionStats' },
  { create: 'd' },
  {
    createIndexes: 'c',
    indexes: [
      { key: { n: 1, text: -1 }, name: 'n_text' },
      { key: { tags: 1 }, name: 'tags' },
    ],
  },
  {
    createIndexes: 'c',
    indexes: [
      {
        key: { _id: 1, 'nested.a': 1 },
        name: 'partial',
        unique: true,
        partialFilterExpression: { n: { $gt: 1 } },
      },
      { key: { when: 1 }, name: 'ttl', expireAfterSeconds: 3600, sparse: true },
    ],
  },
  { listIndexes: 'c' },
  { dropIndexes: 'c', index: 'tags' },
  { collMod: 'c', index: { name: 'ttl', expireAfterSeconds: 60 } },
  { listCollections: 1, filter: { name: 'c' }, nameOnly: true },
  { renameCollection: 't.d', to: 't.g', dropTarget: true, $db: 'admin' },
  { drop: 'g' },
  { collStats: 'c' },
  { dbStats: 1 },
  {
    insert: 'c',
    documents: [{ _id: 50 }],
    ...inTransaction,
    startTransaction: true,
    readConcern: { level: 'snapshot' },
  },
  { update: 'c', updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }], ...inTransaction },
  { find: 'c', filter: {}, ...inTransaction },
  { commitTransaction: 1, ...inTransaction, $db: 'admin' },
  { abortTransaction: 1, ...inTransaction, $db: 'admin' },
  { endSessions: [lsid] },
  { refreshSessions: [lsid] },
  { startSession: 1 },
  { getParameter: '*' },
  { connectionStatus: 1 },
];

const withDatabase = (command: Document): Document => ({ ...command, $db: command['$db'] ?? 't' });

/** The messages that the fuzzer starts from. */
export function seedMessages(): Buffer[] {
  const plain = COMMANDS.map((command, i) => opMsg(withDatabase(command), i));
  return [...plain, sequenceMessage(), helloQuery()];
}

function sequenceMessage(): Buffer {
  const docs = Buffer.concat([serialize(document), serialize({ _id: 9, text: 'x' })]);
  const name = Buffer.from('documents\0');
  const section = Buffer.alloc(5);
  section[0] = 1;
  section.writeInt32LE(4 + name.length + docs.length, 1);
  const message = Buffer.concat([opMsg({ insert: 's', $db: 't' }), section, name, docs]);
  message.writeInt32LE(message.length, 0);
  return message;
}

function helloQuery(): Buffer {
  const head = Buffer.alloc(20);
  head.writeInt32LE(2004, 12);
  const message = Buffer.concat([
    head,
    Buffer.from('admin.$cmd\0'),
    Buffer.alloc(8),
    serialize({ isMaster: 1, helloOk: true }),
  ]);
  message.writeInt32LE(message.length, 0);
  return message;
}
