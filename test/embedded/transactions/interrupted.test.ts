import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Document, Long, UUID } from 'bson';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import { type RawClient, rawClient } from '../wire/raw-client.ts';

const DOCUMENTS = 6_000;

let server: EmbeddedMongo;
let [first, second]: RawClient[] = [];

beforeAll(async () => {
  server = await startEmbeddedMongo();
  first = await rawClient(server.uri);
  second = await rawClient(server.uri);
  const documents = Array.from({ length: DOCUMENTS }, (_, i) => ({ _id: i, n: 0, text: `text ${i % 10}` }));
  await first.command({ insert: 'c', documents, $db: 't' });
});

afterAll(async () => {
  first!.close();
  second!.close();
  await server.stop();
});

const begin = (): Document => ({ lsid: { id: new UUID() }, txnNumber: Long.ONE, autocommit: false });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Is false of every document, and takes a tenth of a millisecond or more to say so of one. */
const slow = {
  $expr: {
    $lt: [{ $reduce: { input: { $range: [0, 200] }, initialValue: 0, in: { $add: ['$$value', 1] } } }, 0],
  },
};
const updateAll = { update: 'c', updates: [{ q: {}, u: { $inc: { n: 1 } }, multi: true }], $db: 't' };

test.each([
  ['aborts', (inTransaction: Document) => ({ abortTransaction: 1, ...inTransaction, $db: 'admin' })],
  ['kills the session of', ({ lsid }: Document) => ({ killSessions: [lsid], $db: 'admin' })],
])(
  'a statement still running when another connection %s its transaction stops and leaves no lock',
  async (_, end) => {
    const inTransaction = begin();
    const running = first!.command({ ...updateAll, ...inTransaction, startTransaction: true });
    await pause(10);

    await second!.command(end(inTransaction));
    const stopped = await running;

    expect([stopped['ok'], stopped['code']]).toEqual([0, 251]);
    const free = await second!.command({ ...updateAll, maxTimeMS: 10_000 });
    expect([free['ok'], free['nModified']]).toEqual([1, DOCUMENTS]);
    await second!.command({
      update: 'c',
      updates: [{ q: {}, u: { $set: { n: 0 } }, multi: true }],
      $db: 't',
    });
  },
);

test('a cursor killed while it fills a batch answers so, and gives no batch of changing content', async () => {
  const opened = await first!.command({ find: 'c', filter: { _id: { $gte: 0 } }, batchSize: 1, $db: 't' });
  const held = await first!.command({ find: 'c', filter: slow, batchSize: 0, $db: 't' });
  const id = held['cursor'].id;

  const running = first!.command({ getMore: id, collection: 'c', $db: 't' });
  await pause(10);
  const killed = await second!.command({ killCursors: 'c', cursors: [id], $db: 't' });
  const reply = await running;

  expect(killed['cursorsKilled']).toHaveLength(1);
  expect([reply['ok'], reply['code'], reply['codeName']]).toEqual([0, 237, 'CursorKilled']);
  await second!.command({ killCursors: 'c', cursors: [opened['cursor'].id], $db: 't' });
});

test('distinct values in a transaction that another connection ends are not answered', async () => {
  const inTransaction = begin();
  const running = first!.command({
    distinct: 'c',
    key: 'text',
    query: slow,
    ...inTransaction,
    startTransaction: true,
    $db: 't',
  });
  await pause(10);

  await second!.command({ abortTransaction: 1, ...inTransaction, $db: 'admin' });

  expect((await running)['code']).toBe(251);
});

const elsewhere = { from: 'c', pipeline: [{ $match: slow }], as: 'found' };
test.each<[string, Document]>([
  ['count', { count: 'c', query: slow }],
  ['distinct', { distinct: 'c', key: 'text', query: slow }],
  ['find', { find: 'c', filter: slow }],
  ['aggregate', { aggregate: 'c', pipeline: [{ $match: slow }], cursor: {} }],
  ['$lookup', { aggregate: 'c', pipeline: [{ $limit: 1 }, { $lookup: elsewhere }], cursor: {} }],
])('others get their turn while %s looks through documents that do not match', async (_, command) => {
  const answered: string[] = [];
  const running = first!.command({ ...command, $db: 't' }).then(() => answered.push('search'));
  await pause(10);
  await second!.command({ ping: 1, $db: 't' }).then(() => answered.push('ping'));
  await running;

  expect(answered).toEqual(['ping', 'search']);
});
