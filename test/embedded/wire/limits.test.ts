import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Binary, type Document, serialize, UUID } from 'bson';
import { dropCursorsOf, sweepCursors } from '../../../embedded-mongodb/commands/cursors.ts';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import { sweepSessions } from '../../../embedded-mongodb/transactions/sessions.ts';
import { until } from '../../support/until.ts';
import { inProcess } from './in-process.ts';
import { opMsg, type RawClient, rawClient } from './raw-client.ts';

const MiB = 1024 * 1024;

let server: EmbeddedMongo;
let client: RawClient;

beforeAll(async () => {
  server = await startEmbeddedMongo();
  client = await rawClient(server.uri);
});

afterAll(async () => {
  client.close();
  await server.stop();
});

/** A document of exactly so many bytes. */
function sized(_id: number, bytes: number): Document {
  const empty = serialize({ _id, b: new Binary(Buffer.alloc(0)) }).length;
  return { _id, b: new Binary(Buffer.alloc(bytes - empty)) };
}

/** `levels` documents inside one another, the outermost counted. */
function nested(levels: number): Document {
  let doc: Document = { leaf: 1 };
  for (let i = 1; i < levels; i++) doc = { a: doc };
  return doc;
}

/** An OP_MSG whose documents come as a sequence, as drivers send them. */
function withSequence(command: Document, field: string, docs: readonly Uint8Array[]): Buffer {
  const body = opMsg(command);
  const name = Buffer.from(`${field}\0`);
  const length = Buffer.alloc(5);
  length[0] = 1;
  length.writeInt32LE(4 + name.length + docs.reduce((sum, doc) => sum + doc.length, 0), 1);
  const message = Buffer.concat([body, length, name, ...docs]);
  message.writeInt32LE(message.length, 0);
  return message;
}

const first = (reply: Document): unknown[] => {
  const error = reply['writeErrors']?.[0] ?? reply;
  return [error.code, error.errmsg];
};

test('a document of 16 MiB is stored; one byte more, by insert or by update, is refused with the codes of a real server', async () => {
  const largest = await client.command({ insert: 'big', documents: [sized(1, 16 * MiB)], $db: 't' });
  const larger = await client.command({ insert: 'big', documents: [sized(2, 16 * MiB + 1)], $db: 't' });
  const grown = await client.command({
    update: 'big',
    updates: [{ q: { _id: 1 }, u: { $set: { more: 1 } } }],
    $db: 't',
  });
  const found = await client.command({ find: 'big', projection: { b: 0 }, $db: 't' });

  expect([largest['ok'], largest['n']]).toEqual([1, 1]);
  expect(first(larger)).toEqual([
    2,
    'object to insert too large. size in bytes: 16777217, max size: 16777216',
  ]);
  expect(first(grown)).toEqual([17419, 'Resulting document after update is larger than 16777216']);
  expect(found['cursor'].firstBatch).toEqual([{ _id: 1 }]);
  await client.command({ drop: 'big', $db: 't' });
});

test('a document over 16,793,600 bytes is answered with 10334 wherever it is, and the connection stays', async () => {
  const body = await client.command({ insert: 'big', documents: [sized(1, 16_793_600)], $db: 't' });
  const sequence = withSequence({ insert: 'big', $db: 't' }, 'documents', [serialize(sized(1, 16_793_601))]);
  const answers = client.next();
  client.socket.write(sequence);
  const { code, codeName, errmsg } = await answers;
  const result = await client.command({
    aggregate: 1,
    pipeline: [
      { $documents: [{ s: 'x'.repeat(6 * MiB) }] },
      { $project: { _id: 0, a: '$s', b: '$s', c: '$s' } },
    ],
    cursor: {},
    $db: 't',
  });

  expect([body['code'], result['code']]).toEqual([10334, 10334]);
  expect([code, codeName, errmsg]).toEqual([
    10334,
    'BSONObjectTooLarge',
    'BSONObj size: 16793601 (0x1004001) is invalid. Size must be between 0 and 16793600(16MB)',
  ]);
  expect((await client.command({ count: 'big', $db: 't' }))['n']).toBe(0);
});

test('180 levels of nesting are stored, 181 refused, and a message of more than 200 is answered with 15', async () => {
  const stored = await client.command({ insert: 'deep', documents: [nested(180)], $db: 't' });
  const deeper = await client.command({ insert: 'deep', documents: [nested(181)], $db: 't' });
  const updated = await client.command({
    update: 'deep',
    updates: [{ q: {}, u: { $set: { more: nested(180) } } }],
    $db: 't',
  });
  const deepest = await client.command({ find: 'deep', filter: nested(200), $db: 't' });
  const absurd = await client.command({ find: 'deep', filter: nested(500), $db: 't' });

  expect(stored['n']).toBe(1);
  expect(first(deeper)).toEqual([15, 'cannot insert document because it exceeds 180 levels of nesting']);
  expect(first(updated)).toEqual([15, 'Document exceeds maximum nesting depth of 180']);
  expect(first(deepest)).toEqual([15, 'BSONObj exceeds maximum nested object depth']);
  expect(first(absurd)).toEqual([15, 'BSONObj exceeds maximum nested object depth']);
});

test('nesting that would overflow the stack is answered with 15', async () => {
  const levels = 300_000;
  const bytes = Buffer.alloc(5 + levels * 8);
  for (let i = 0; i < levels; i++) {
    bytes.writeInt32LE(bytes.length - i * 8, i * 7);
    bytes.write('\x03a\0', i * 7 + 4, 'latin1');
  }
  bytes.writeInt32LE(5, levels * 7);
  const answers = client.next();

  client.socket.write(withSequence({ insert: 'deep', $db: 't' }, 'documents', [bytes]));

  expect((await answers)['code']).toBe(15);
});

test.each([
  ['insert', { insert: 'many' }, 'documents', { x: 1 }],
  ['update', { update: 'many' }, 'updates', { q: { x: 1 }, u: { $set: { y: 1 } } }],
  ['delete', { delete: 'many' }, 'deletes', { q: { x: 1 }, limit: 1 }],
] as const)('%s takes from 1 to 100,000 statements', async (_, command, field, statement) => {
  const raw = serialize(statement);
  const send = async (count: number): Promise<Document> => {
    const answers = client.next();
    client.socket.write(withSequence({ ...command, $db: 't' }, field, Array(count).fill(raw)));
    return answers;
  };

  const message = 'Write batch sizes must be between 1 and 100000.';
  expect(first(await send(100_001))).toEqual([16, `${message} Got 100001 operations.`]);
  expect(first(await send(0))).toEqual([16, `${message} Got 0 operations.`]);
  expect((await client.command({ count: 'many', $db: 't' }))['n']).toBe(0);
});

test('a message of 48,000,000 bytes is taken, one of a byte more is cut off before it has come', async () => {
  const command = { insert: 'large', $db: 't' };
  const rest = 48_000_000 - withSequence(command, 'documents', []).length - 2 * 16 * MiB;
  const docs = [16 * MiB, 16 * MiB, rest].map((bytes, i) => serialize(sized(i, bytes)));
  const message = withSequence(command, 'documents', docs);
  const answers = client.next();
  client.socket.write(message);
  const taken = await answers;

  const other = await rawClient(server.uri);
  const gone = new Promise((resolve) => other.socket.once('close', resolve));
  const head = Buffer.from(message.subarray(0, 16));
  head.writeInt32LE(48_000_001, 0);
  other.socket.write(head);
  await gone;

  expect(message.length).toBe(48_000_000);
  expect([taken['ok'], taken['n']]).toEqual([1, 3]);
  await client.command({ drop: 'large', $db: 't' });
});

test('who sends half a message and goes, or sends on without reading, costs others nothing', async () => {
  await client.command({ insert: 'fat', documents: [sized(1, 4 * MiB)], $db: 't' });
  const half = await rawClient(server.uri);
  const ping = opMsg({ ping: 1, $db: 'admin' });
  half.socket.write(ping.subarray(0, 30));
  const deaf = connect(server.port, '127.0.0.1');
  deaf.on('error', () => {});
  deaf.pause();
  const before = process.memoryUsage().rss;
  const find = opMsg({ find: 'fat', $db: 't' });
  for (let i = 0; i < 1_000; i++) deaf.write(find);
  await new Promise((resolve) => setTimeout(resolve, 300));

  for (let i = 0; i < 20; i++) expect((await client.command({ ping: 1, $db: 'admin' }))['ok']).toBe(1);

  // Its answers are 4 GB.
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * MiB);
  half.close();
  deaf.destroy();
  const status = async (): Promise<Document> => client.command({ serverStatus: 1, $db: 'admin' });
  await until(async () => (await status())['connections'].current === 1);
});

test('connections beyond the limit are cut off, and taken again when others have gone', async () => {
  const small = await startEmbeddedMongo({ maxConnections: 2, logger: { info() {}, warn() {}, error() {} } });
  const [one, two] = await Promise.all([rawClient(small.uri), rawClient(small.uri)]);
  const three = connect(small.port, '127.0.0.1').on('error', () => {});

  await new Promise((resolve) => three.once('close', resolve));

  expect((await one.command({ ping: 1, $db: 'admin' }))['ok']).toBe(1);
  two.close();
  await until(async () => {
    const again = await rawClient(small.uri).catch(() => undefined);
    const gone = new Promise((resolve) => again?.socket.once('close', () => resolve(undefined)));
    const reply =
      again && ((await Promise.race([again.command({ ping: 1, $db: 'admin' }), gone])) as Document);
    again?.close();
    return reply?.['ok'] === 1;
  });
  one.close();
  await small.stop();
});

test('an idle cursor is closed after ten minutes, one without time-out when its session has expired', async () => {
  const { engine, command } = inProcess();
  const minutes = (n: number): number => Date.now() + n * 60_000;
  await command({ insert: 'c', documents: [{ _id: 1 }, { _id: 2 }], $db: 't' });
  const lsid = { id: new UUID() };
  const find = { find: 'c', batchSize: 1, $db: 't' };
  const idle = await command(find);
  const kept = await command({ ...find, noCursorTimeout: true, lsid });

  sweepCursors(engine.cursors, minutes(9));
  expect(engine.cursors.size).toBe(2);
  sweepCursors(engine.cursors, minutes(11));
  const gone = await command({ getMore: idle['cursor'].id, collection: 'c', $db: 't' });
  expect([gone['code'], engine.cursors.size]).toEqual([43, 1]);
  sweepSessions(engine.sessions, minutes(29), (id) => dropCursorsOf(engine.cursors, id));
  expect(engine.cursors.has(String(kept['cursor'].id))).toBe(true);
  sweepSessions(engine.sessions, minutes(31), (id) => dropCursorsOf(engine.cursors, id));
  expect([engine.cursors.size, engine.store.snapshots.size]).toEqual([0, 0]);
});
