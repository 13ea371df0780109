import { expect, test } from '@jest/globals';
import { deserialize } from 'bson';
import { startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import { fuzz } from '../long/fuzz.ts';
import { fuzzSockets } from '../long/fuzz-sockets.ts';
import { COMMANDS, seedMessages } from '../long/seed-messages.ts';
import { inProcess } from './in-process.ts';
import { rawClient } from './raw-client.ts';

/** A seed that fails is to be named here until it does not. */
const SEED = Number(process.env['EMBEDDED_FUZZ_SEED'] ?? 20261126);
const MESSAGES = Number(process.env['EMBEDDED_FUZZ_MESSAGES'] ?? 20_000);

test('the messages that are going to be changed are good ones', async () => {
  const { send } = inProcess();
  const refused: unknown[] = [];
  for (const [i, message] of seedMessages().entries()) {
    const answer = await send(message);
    const body = answer && message.readInt32LE(12) === 2013 ? deserialize(answer.subarray(21)) : { ok: 1 };
    if (body['ok'] !== 1) refused.push([Object.keys(COMMANDS[i] ?? {})[0], body['code']]);
  }

  // There is no cursor of that number, and the transaction was committed.
  expect(refused).toEqual([
    ['getMore', 43],
    ['abortTransaction', 256],
  ]);
});

test('no message, however it is changed, breaks the server, hangs it, or leaves anything behind', async () => {
  const report = await fuzz(SEED, MESSAGES);

  expect([...report.findings]).toEqual([]);
  expect(report.answered + report.refused).toBeGreaterThan(MESSAGES / 2);
  expect(report.closed).toBeGreaterThan(MESSAGES / 20);
  expect(report.heap[1] - report.heap[0]).toBeLessThan(20_000_000);
});

test('while others send garbage, in pieces and without reading, a client is answered', async () => {
  const server = await startEmbeddedMongo();

  const report = await fuzzSockets(server.uri, SEED, MESSAGES / 10);

  const client = await rawClient(server.uri);
  const status = await client.command({ serverStatus: 1, $db: 'admin' });
  client.close();
  await server.stop();
  expect(report.sent).toBeGreaterThanOrEqual(MESSAGES / 10);
  expect(report.pings).toBeGreaterThan(10);
  expect(status['connections'].current).toBeLessThan(20);
});
