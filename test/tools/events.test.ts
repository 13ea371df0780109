import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parkEvent } from '../../subgraphs/shared/events/park-event.ts';
import { defineTelling } from '../../subgraphs/shared/events/start-relay.ts';
import { buildIndexes, connectMongo, inTransaction } from '../../subgraphs/shared/mongo.ts';
import { eventOf, subscriber } from '../support/events.ts';
import { startTestMongo, type TestMongo } from '../support/mongo.ts';

const root = join(import.meta.dirname, '../..');
const parkedAt = new Date('2026-03-01T12:00:00Z');

let mongo: TestMongo;
let connection: Awaited<ReturnType<typeof connectMongo>>;

beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('campaigns'));
});
afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
  await mongo.stop();
});

/** Runs the command as a process of its own; gives its exit status and what it says. */
async function events(...args: string[]): Promise<[number, string[]]> {
  const command = [join(root, 'tools/run.mjs'), join(root, 'tools/events.ts'), ...args];
  const env = {
    PATH: process.env['PATH'],
    MONGODB_URI: mongo.uri,
    DATABASE_PREFIX: connection.name.replace(/-campaigns$/, ''),
  };
  const result = await promisify(execFile)(process.execPath, command, { cwd: root, env }).catch(
    (error: unknown) => error,
  );
  const { code = 0, stdout, stderr } = result as { code?: number; stdout: string; stderr: string };
  return [code, `${stdout}${stderr}`.trim().split('\n')];
}

test('the command lists what is set aside, by whom and why, and hands over what it is told to', async () => {
  const { outbox, parked } = defineTelling(connection, { [subscriber]: ['test.happened'] });
  await buildIndexes(connection);
  const ports = {
    outbox,
    parked,
    inTransaction: <T>(work: () => Promise<T>) => inTransaction(connection, work),
  };
  for (const n of [1, 2]) {
    const waiting = { subscriber, event: eventOf('home', n), failures: 20 };
    await parkEvent(ports, waiting, 'no such thing', parkedAt);
  }
  const line = (n: number) =>
    `home#${n}  test.happened  campaigns to test  since 2026-03-01T12:00:00.000Z  20 times: no such thing`;

  expect(await events()).toEqual([1, [line(1), line(2)]]);
  expect(await events('--replay', 'home#2')).toEqual([1, [line(1), `handed over again: ${line(2)}`]]);
  expect(await events('--replay')).toEqual([0, [`handed over again: ${line(1)}`, 'No event is set aside.']]);

  const waiting = await connection.collection('outbox').find().sort({ _id: 1 }).toArray();
  expect(waiting).toHaveLength(2);
  expect(await parked.list(10)).toEqual([]);
});

test('why an event was refused is told in its own line, whatever the subscriber answered', async () => {
  const { parked } = defineTelling(connection, { [subscriber]: ['test.happened'] });
  const event = eventOf('loud', 1);
  const reason = `no:\nNo event is set aside.\u001b[8m${'x'.repeat(5_000)}`;
  await connection.collection<{ _id: string }>('parked-events').insertOne({
    _id: `${event.id}:${subscriber}`,
    subscriber,
    event,
    failures: 20,
    reason,
    parkedAt,
  } as {
    _id: string;
  });

  const [status, lines] = await events();
  await connection.collection('parked-events').deleteMany({});

  expect([status, lines.length, await parked.list(10)]).toEqual([1, 1, []]);
  expect(lines[0]).toMatch(/20 times: no:\\u\{a\}No event is set aside\.\\u\{1b\}\[8mx+…$/);
  expect(lines[0]!.length).toBeLessThan(1_020);
});

test('one of more than a thousand is found, listed and handed over, and so are all', async () => {
  const { parked } = defineTelling(connection, { [subscriber]: ['test.happened'] });
  const rows = Array.from({ length: 1_205 }, (_, i) => {
    const event = eventOf('crowd', i);
    // Many at one instant, so that pages begin and end within them.
    const at = new Date(parkedAt.getTime() + Math.floor(i / 300));
    return { _id: `${event.id}:${subscriber}`, subscriber, event, failures: 20, reason: 'no', parkedAt: at };
  });
  await connection.collection<{ _id: string }>('parked-events').insertMany(rows);

  const [status, lines] = await events('--replay', 'crowd#1204');
  expect(status).toBe(1);
  expect(lines).toHaveLength(1_205);
  expect(new Set(lines.map((line) => line.match(/crowd#\d+/)?.[0])).size).toBe(1_205);
  expect(lines.filter((line) => line.startsWith('handed over again'))).toEqual([
    expect.stringContaining('crowd#1204 '),
  ]);

  const [after, all] = await events('--replay');
  expect([after, all.length, all.at(-1)]).toEqual([0, 1_205, 'No event is set aside.']);
  expect(await parked.list(10)).toEqual([]);
}, 120_000);

test('what could not be looked at is told in one line', async () => {
  const args = [join(root, 'tools/run.mjs'), join(root, 'tools/events.ts')];
  const env = { PATH: process.env['PATH'], MONGODB_URI: 'http://x' };
  const error = await promisify(execFile)(process.execPath, args, { cwd: root, env }).catch((one) => one);

  expect(error).toMatchObject({
    code: 2,
    stderr: 'events: bad configuration: MONGODB_URI: must start with mongodb:// or mongodb+srv://\n',
  });
});
