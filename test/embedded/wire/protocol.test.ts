import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Document, Long, serialize, UUID } from 'bson';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import { opMsg, rawClient } from './raw-client.ts';

let server: EmbeddedMongo;

beforeAll(async () => {
  server = await startEmbeddedMongo();
});

afterAll(() => server.stop());

/** Sends bytes and resolves to what came back before the connection was closed or fell silent. */
function exchange(bytes: Buffer, silence = 150): Promise<{ reply: Buffer; closed: boolean }> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1');
    const parts: Buffer[] = [];
    const end = (closed: boolean): void => {
      socket.destroy();
      resolve({ reply: Buffer.concat(parts), closed });
    };
    socket.setTimeout(silence, () => end(false));
    socket.on('data', (part) => parts.push(part));
    socket.on('error', () => {});
    socket.on('close', () => end(true));
    socket.write(bytes);
  });
}

test('hello names the set and the address, and carries times and limits', async () => {
  const client = await rawClient(server.uri);

  const reply = await client.command({ hello: 1, $db: 'admin', anythingNew: 1 });

  client.close();
  expect(reply).toMatchObject({
    isWritablePrimary: true,
    setName: 'embedded',
    hosts: [`127.0.0.1:${server.port}`],
    maxWireVersion: 21,
    logicalSessionTimeoutMinutes: 30,
    maxBsonObjectSize: 16777216,
    ok: 1,
  });
  expect(Object.keys(reply)).toEqual(expect.arrayContaining(['$clusterTime', 'operationTime']));
});

test('documents may come as a sequence beside the body, and a message in any number of pieces', async () => {
  const body = serialize({ insert: 'pieces', $db: 't' });
  const docs = Buffer.concat([serialize({ _id: 1, text: 'one' }), serialize({ _id: 2 })]);
  const name = Buffer.from('documents\0');
  const size = Buffer.alloc(4);
  size.writeInt32LE(4 + name.length + docs.length);
  const sections = Buffer.concat([Buffer.of(1), size, name, docs, Buffer.of(0), body]);
  const head = Buffer.alloc(20);
  head.writeInt32LE(20 + sections.length, 0);
  head.writeInt32LE(2013, 12);
  const client = await rawClient(server.uri);
  const reply = new Promise<Buffer>((resolve) => client.socket.once('data', resolve));

  for (const byte of Buffer.concat([head, sections])) client.socket.write(Buffer.of(byte));

  expect((await reply).length).toBeGreaterThan(20);
  const found = await client.command({ find: 'pieces', $db: 't' });
  client.close();
  expect(found['cursor'].firstBatch).toEqual([{ _id: 1, text: 'one' }, { _id: 2 }]);
});

test('several messages in one piece are answered in order', async () => {
  const ping = opMsg({ ping: 1, $db: 'admin' }, 7);
  const unknown = opMsg({ nothing: 1, $db: 'admin' }, 8);

  const { reply } = await exchange(Buffer.concat([ping, unknown, ping]));

  const answered: number[] = [];
  for (let at = 0; at < reply.length; at += reply.readInt32LE(at)) answered.push(reply.readInt32LE(at + 8));
  expect(answered).toEqual([7, 8, 7]);
});

test('who sends garbage is cut off, and nobody else notices', async () => {
  const client = await rawClient(server.uri);
  const bent = opMsg({ ping: 1, $db: 'admin' });
  bent.writeInt32LE(0x7fffffff, 0);
  const shortDocument = opMsg({ ping: 1, $db: 'admin' });
  shortDocument.writeInt32LE(9999, 21);
  const wrongOpcode = opMsg({ ping: 1, $db: 'admin' });
  wrongOpcode.writeInt32LE(4711, 12);

  const results = await Promise.all(
    [
      Buffer.from('GET / HTTP/1.1\r\nHost: here\r\n\r\n'),
      bent,
      shortDocument,
      wrongOpcode,
      Buffer.alloc(64),
    ].map((bytes) => exchange(bytes, 1000)),
  );

  expect(results.map(({ closed, reply }) => [closed, reply.length])).toEqual(Array(5).fill([true, 0]));
  expect((await client.command({ ping: 1, $db: 'admin' }))['ok']).toBe(1);
  client.close();
});

test('a message without a reply asked for gets none', async () => {
  const silent = opMsg({ insert: 'silent', documents: [{ _id: 1 }], $db: 't' }, 1);
  silent.writeUInt32LE(2, 16);

  const { reply } = await exchange(Buffer.concat([silent, opMsg({ count: 'silent', $db: 't' }, 2)]));

  expect(reply.readInt32LE(8)).toBe(2);
  expect(reply.length).toBe(reply.readInt32LE(0));
});

test('a duplicate of a retryable write gets the first answer, even while the first is waiting', async () => {
  const [a, b, c] = await Promise.all([rawClient(server.uri), rawClient(server.uri), rawClient(server.uri)]);
  const update: Document = { update: 'once', updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }], $db: 't' };
  await a.command({ insert: 'once', documents: [{ _id: 1, n: 0 }], $db: 't' });
  const holder = { lsid: { id: new UUID() }, txnNumber: Long.ONE, autocommit: false };
  await c.command({ ...update, ...holder, startTransaction: true });
  const retryable = { ...update, lsid: { id: new UUID() }, txnNumber: Long.ONE };

  const both = Promise.all([a.command(retryable), b.command(retryable)]);
  await new Promise((done) => setTimeout(done, 50));
  await c.command({ commitTransaction: 1, ...holder, $db: 'admin' });
  const [first, second] = await both;
  const third = await a.command(retryable);

  const read = await a.command({ find: 'once', $db: 't' });
  expect([first['nModified'], second['nModified'], third['nModified']]).toEqual([1, 1, 1]);
  expect(read['cursor'].firstBatch).toEqual([{ _id: 1, n: 2 }]);
  for (const client of [a, b, c]) client.close();
});

test('a transaction whose client has gone gives its locks back', async () => {
  const [gone, stays] = await Promise.all([rawClient(server.uri), rawClient(server.uri)]);
  await stays.command({ insert: 'orphan', documents: [{ _id: 1, n: 0 }], $db: 't' });
  const update = { update: 'orphan', updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }], $db: 't' };
  await gone.command({
    ...update,
    lsid: { id: new UUID() },
    txnNumber: Long.ONE,
    autocommit: false,
    startTransaction: true,
  });
  gone.close();

  const waited = await stays.command(update);

  expect(waited['nModified']).toBe(1);
  expect((await stays.command({ find: 'orphan', $db: 't' }))['cursor'].firstBatch).toEqual([
    { _id: 1, n: 1 },
  ]);
  stays.close();
});

test('while a long aggregation runs, a find by _id is answered in between', async () => {
  const [busy, other] = await Promise.all([rawClient(server.uri), rawClient(server.uri)]);
  for (let part = 0; part < 5; part++) {
    const documents = Array.from({ length: 8000 }, (_, i) => ({
      _id: part * 8000 + i,
      k: i % 7,
      text: `text ${i}`,
    }));
    await busy.command({ insert: 'long', documents, $db: 't' });
  }
  let finished = false;
  const grouped = busy
    .command({
      aggregate: 'long',
      pipeline: [{ $group: { _id: '$k', n: { $sum: '$_id' } } }],
      cursor: {},
      $db: 't',
    })
    .then((reply) => {
      finished = true;
      return reply;
    });
  await new Promise((done) => setTimeout(done, 5));
  let answeredBefore = 0;
  while (!finished && answeredBefore < 1000) {
    await other.command({ find: 'long', filter: { _id: 5 }, $db: 't' });
    if (!finished) answeredBefore++;
  }

  expect((await grouped)['cursor'].firstBatch).toHaveLength(7);
  expect(answeredBefore).toBeGreaterThan(1);
  busy.close();
  other.close();
});
