import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Document, Long, UUID } from 'bson';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import { type RawClient, rawClient } from '../wire/raw-client.ts';

let server: EmbeddedMongo;
let client: RawClient;
let round = 0;
let name: string;

beforeAll(async () => {
  server = await startEmbeddedMongo({ failpoints: true });
});
afterAll(() => server.stop());

beforeEach(async () => {
  name = `c${++round}`;
  client = await rawClient(server.uri);
});
afterEach(async () => {
  const healer = await rawClient(server.uri);
  for (const point of ['failCommand', 'onPrimaryTransactionalWrite'])
    await healer.command({ configureFailPoint: point, mode: 'off', $db: 'admin' });
  healer.close();
  client.close();
});

const arm = (mode: unknown, data: Document, point = 'failCommand'): Promise<Document> =>
  client.command({ configureFailPoint: point, mode, data, $db: 'admin' });

const insert = (_id: number, more: Document = {}): Document => ({
  insert: name,
  documents: [{ _id }],
  $db: 't',
  ...more,
});

const ids = async (): Promise<number[]> => {
  const { values } = await client.command({ distinct: name, key: '_id', $db: 't' });
  return values;
};

/** The fields of a retryable write. */
const retryable = (number = 1): Document => ({
  lsid: { id: new UUID() },
  txnNumber: Long.fromNumber(number),
});

/** Resolves when the server has closed the client's connection, and connects it anew. */
async function reconnected(): Promise<void> {
  if (!client.socket.destroyed) await new Promise((resolve) => client.socket.once('close', resolve));
  client = await rawClient(server.uri);
}

test('a command fails as often as told, then runs again; how often it did is told when the fail point is set anew', async () => {
  await arm({ times: 2 }, { failCommands: ['insert', 'update'], errorCode: 96 });
  const codes: unknown[] = [];
  for (const _id of [1, 2, 3]) codes.push((await client.command(insert(_id))).code);
  const found = await client.command({ find: name, $db: 't' });
  const { count } = await arm('off', {});

  expect(codes).toEqual([96, 96, undefined]);
  expect(found['cursor'].firstBatch).toEqual([{ _id: 3 }]);
  expect(count).toBe(2);
});

test('a fail point passes as often as told before it strikes, and strikes at the odds told', async () => {
  await arm({ skip: 2 }, { failCommands: ['insert'], errorCode: 96 });
  const skipped: unknown[] = [];
  for (const _id of [1, 2, 3, 4]) skipped.push((await client.command(insert(_id))).code);
  await arm({ activationProbability: 0 }, { failCommands: ['insert'], errorCode: 96 });
  const never = await client.command(insert(5));
  await arm({ activationProbability: 1 }, { failCommands: ['insert'], errorCode: 96 });
  const always = await client.command(insert(6));

  expect(skipped).toEqual([undefined, undefined, 96, 96]);
  expect([never.ok, always.code]).toEqual([1, 96]);
});

test('a fail point may be for one namespace or for one application', async () => {
  await arm('alwaysOn', { failCommands: ['insert'], errorCode: 96, namespace: `t.${name}` });
  const [here, elsewhere] = [await client.command(insert(1)), await client.command(insert(1, { $db: 'u' }))];
  await client.command(insert(4, { $db: 'u' }));
  const { cursor } = await client.command({ find: name, batchSize: 1, $db: 'u' });
  await arm('alwaysOn', { failCommands: ['getMore'], errorCode: 96, namespace: `u.${name}` });
  const more = await client.command({ getMore: cursor.id, collection: name, $db: 'u' });
  await arm('alwaysOn', { failCommands: ['insert'], errorCode: 96, appName: 'till' });
  const till = await rawClient(server.uri);
  await till.command({ hello: 1, client: { application: { name: 'till' } }, $db: 'admin' });
  const [other, named] = [await client.command(insert(2)), await till.command(insert(3))];
  till.close();

  expect([here.code, elsewhere.ok, more.code]).toEqual([96, 1, 96]);
  expect([other.ok, named.code]).toEqual([1, 96]);
});

test('a closed connection means that the command did not run', async () => {
  await arm({ times: 1 }, { failCommands: ['insert'], closeConnection: true });
  void client.command(insert(1));
  await reconnected();

  expect(await ids()).toEqual([]);
});

test('only the commands struck are held up', async () => {
  await arm('alwaysOn', { failCommands: ['insert'], blockConnection: true, blockTimeMS: 300 });
  const other = await rawClient(server.uri);
  const order: string[] = [];
  await Promise.all([
    client.command(insert(1)).then(() => order.push('insert')),
    other.command({ ping: 1, $db: 'admin' }).then(() => order.push('ping')),
  ]);
  other.close();

  expect(order).toEqual(['ping', 'insert']);
  expect(await ids()).toEqual([1]);
});

test('a command with a write concern error has run', async () => {
  const writeConcernError = { code: 64, errmsg: 'waiting for replication timed out' };
  await arm({ times: 1 }, { failCommands: ['insert'], writeConcernError });

  const reply = await client.command(insert(1));

  expect(reply).toMatchObject({ ok: 1, n: 1, writeConcernError });
  expect(reply['errorLabels']).toBeUndefined();
  expect(await ids()).toEqual([1]);
});

// Manual, "Retryable Writes": a driver repeats a write once when the server labels its error, or write concern error, so.
test('without labels of its own an error gets those that the server gives: for retryable writes and their write concern', async () => {
  await arm('alwaysOn', { failCommands: ['insert'], errorCode: 189 });
  const once = await client.command(insert(1, retryable()));
  const plain = await client.command(insert(1));
  const writeConcernError = { code: 91, errmsg: 'shutting down' };
  await arm('alwaysOn', { failCommands: ['insert'], writeConcernError });
  const concern = await client.command(insert(1, retryable()));

  expect([once.errorLabels, plain.errorLabels]).toEqual([['RetryableWriteError'], undefined]);
  expect(concern).toMatchObject({ n: 1, errorLabels: ['RetryableWriteError'] });
});

test('labels that the fail point names take the place of the usual ones, even if it names none', async () => {
  await arm('alwaysOn', { failCommands: ['insert'], errorCode: 189, errorLabels: [] });
  const none = await client.command(insert(1, retryable()));
  await arm('alwaysOn', { failCommands: ['insert'], errorCode: 96, errorLabels: ['RetryableWriteError'] });
  const given = await client.command(insert(1));

  expect([none.errorLabels, given.errorLabels]).toEqual([[], ['RetryableWriteError']]);
});

// Manual, "Transactions": TransientTransactionError means that the whole transaction may be run again.
test('in a transaction the label says that it may be run again; a commit that found none says so too', async () => {
  const fields = { ...retryable(), autocommit: false };
  const commit = { commitTransaction: 1, ...fields, $db: 'admin' };
  const failures = [
    [{ failCommands: ['insert'], errorCode: 189 }, insert(1, { ...fields, startTransaction: true })],
    [{ failCommands: ['insert'], errorCode: 112 }, insert(1, { ...fields, startTransaction: true })],
    [{ failCommands: ['commitTransaction'], errorCode: 251 }, commit],
    [{ failCommands: ['commitTransaction'], errorCode: 112 }, commit],
    [{ failCommands: ['commitTransaction'], errorCode: 189 }, commit],
    [{ failCommands: ['commitTransaction'], errorCode: 50 }, commit],
  ] as const;
  const labels: unknown[] = [];
  for (const [data, command] of failures) {
    await arm('alwaysOn', data);
    labels.push((await client.command(command)).errorLabels);
  }

  expect(labels).toEqual([
    ['TransientTransactionError'],
    ['TransientTransactionError'],
    ['TransientTransactionError'],
    ['TransientTransactionError'],
    ['RetryableWriteError'],
    undefined,
  ]);
});

test('a command that a fail point kept from running leaves its transaction as it was', async () => {
  const fields = { ...retryable(), autocommit: false };
  await client.command(insert(1, { ...fields, startTransaction: true }));
  await arm({ times: 1 }, { failCommands: ['insert'], errorCode: 462 });
  const failed = await client.command(insert(2, fields));
  const again = await client.command(insert(2, fields));
  const commit = await client.command({ commitTransaction: 1, ...fields, $db: 'admin' });

  expect([failed.code, again.ok, commit.ok]).toEqual([462, 1, 1]);
  expect(await ids()).toEqual([1, 2]);
});

const TRANSACTIONAL = 'onPrimaryTransactionalWrite';

test('an answer that is lost is given when the write is sent again, which does nothing twice', async () => {
  await client.command(insert(1));
  const updates = [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }];
  const update = { update: name, updates, ...retryable(), $db: 't' };
  await arm({ times: 1 }, {}, TRANSACTIONAL);
  void client.command(update);
  await reconnected();
  const again = await client.command(update);

  expect(again).toMatchObject({ n: 1, nModified: 1, ok: 1 });
  const found = await client.command({ find: name, $db: 't' });
  expect(found['cursor'].firstBatch).toEqual([{ _id: 1, n: 1 }]);
});

test('a write stopped in the middle goes on where it was stopped, and each statement is carried out once', async () => {
  await client.command(insert(1));
  const one = { q: { _id: 1 }, u: { $inc: { n: 1 } } };
  const update = { update: name, updates: [one, one, one], ...retryable(), $db: 't' };
  const data = { closeConnection: false, failBeforeCommitExceptionCode: 8000 };
  const count = async (): Promise<unknown> =>
    (await client.command({ find: name, $db: 't' }))['cursor'].firstBatch[0].n;

  await arm({ skip: 2 }, data, TRANSACTIONAL);
  const stopped = await client.command(update);
  const before = await count();
  const stillStopped = await client.command(update);
  await arm('off', {}, TRANSACTIONAL);
  const done = await client.command(update);
  const repeated = await client.command(update);

  expect([stopped.code, before, stillStopped.code]).toEqual([8000, 2, 8000]);
  expect([done.nModified, repeated.nModified, await count()]).toEqual([3, 3, 3]);
});

test('it strikes retryable writes only: neither others nor those of a transaction', async () => {
  const fields = { ...retryable(), autocommit: false };
  await arm('alwaysOn', { closeConnection: false, failBeforeCommitExceptionCode: 8000 }, TRANSACTIONAL);

  const plain = await client.command(insert(1));
  const inside = await client.command(insert(2, { ...fields, startTransaction: true }));
  const commit = await client.command({ commitTransaction: 1, ...fields, $db: 'admin' });
  const once = await client.command(insert(3, retryable()));
  const remove = { findAndModify: name, query: { _id: 1 }, remove: true, ...retryable(), $db: 't' };
  const removed = await client.command(remove);

  expect([plain.ok, inside.ok, commit.ok]).toEqual([1, 1, 1]);
  expect([once.code, removed.code]).toEqual([8000, 8000]);
  expect(await ids()).toEqual([1, 2]);
});

test('what a fail point does not know is refused, and without leave there are none', async () => {
  const unarmed = await startEmbeddedMongo();
  const other = await rawClient(unarmed.uri);
  const off = { configureFailPoint: 'failCommand', mode: 'off' };
  const replies = [
    await arm('alwaysOn', { failCommands: ['insert'], errorColour: 1 }),
    await arm('sometimes', {}),
    await arm({ activationProbability: 2 }, {}),
    await arm('alwaysOn', {}, 'failEverything'),
    await client.command({ ...off, $db: 't' }),
    await other.command({ ...off, $db: 'admin' }),
  ];
  other.close();
  await unarmed.stop();

  expect(replies.map(({ code }) => code)).toEqual([40415, 9, 9, 2, 13, 59]);
});
