import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  createEndpointClient,
  type EndpointClient,
  type LookupHost,
} from '../../subgraphs/accounts/webhook/endpoint-client.ts';
import { startEndpoint, type TestEndpoint } from '../support/endpoint.ts';

let endpoint: TestEndpoint;
const clients: EndpointClient[] = [];

beforeEach(async () => {
  endpoint = await startEndpoint();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.stop();
  await endpoint.stop();
});

function clientOf(options: Parameters<typeof createEndpointClient>[0]): EndpointClient {
  const client = createEndpointClient(options);
  clients.push(client);
  return client;
}

const body = '{"id":"evt_1"}';
const refused = 'must be a URL on the public internet, not on a private, local or reserved network';

/** A look-up that gives other addresses each time, the last for ever. */
function lookups(...answers: string[][]): LookupHost {
  let asked = 0;
  return async () => {
    const addresses = answers[Math.min(asked++, answers.length - 1)]!;
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
}

test.each([
  ['loopback', ['127.0.0.1']],
  ['the metadata of a cloud', ['169.254.169.254']],
  ['a private network', ['10.1.2.3']],
  ['IPv4 in IPv6', ['::ffff:127.0.0.1']],
  ['one public and one private address', ['93.184.216.34', '192.168.0.1']],
])('a name that stands for %s is not connected to', async (_, addresses) => {
  const client = clientOf({ targets: { allowLoopback: false }, lookup: lookups(addresses) });
  const { port } = new URL(endpoint.url);

  const answer = await client.post(`https://partner.example:${port}/hooks`, {}, body);

  expect(answer).toEqual({ responseStatus: null, error: `partner.example ${refused}`, retryAfter: null });
  expect(endpoint.received).toEqual([]);
});

test('a name that was public when it was checked and is private when it is connected to gains nothing', async () => {
  const lookup = lookups(['93.184.216.34'], ['127.0.0.1']);
  const client = clientOf({ targets: { allowLoopback: false }, lookup });
  await lookup('partner.example');

  const answer = await client.post(`https://partner.example:${new URL(endpoint.url).port}/hooks`, {}, body);

  expect(answer).toEqual({ responseStatus: null, error: `partner.example ${refused}`, retryAfter: null });
  expect(endpoint.received).toEqual([]);
});

test('an address in the URL itself is checked at each request, though it is never looked up', async () => {
  const client = clientOf({ targets: { allowLoopback: false } });

  const answer = await client.post(endpoint.url.replace('http:', 'https:'), {}, body);

  expect(answer).toEqual({ responseStatus: null, error: `the URL ${refused}`, retryAfter: null });
  expect(endpoint.received).toEqual([]);
});

test('what is sent arrives as it is, and of a long answer only the status counts', async () => {
  const client = clientOf({ targets: { allowLoopback: true } });
  endpoint.answer(() => 202);

  const answer = await client.post(endpoint.url, { 'webhook-id': 'evt_1' }, body);

  expect(answer).toEqual({ responseStatus: 202, error: null, retryAfter: null });
  expect(endpoint.received.map(({ text, headers }) => [text, headers['webhook-id']])).toEqual([
    [body, 'evt_1'],
  ]);
});

test('what an endpoint says of when to come again is handed on as it stands there', async () => {
  const client = clientOf({ targets: { allowLoopback: true } });
  endpoint.answer(() => 503, { 'retry-after': '120' });

  expect(await client.post(endpoint.url, {}, body)).toEqual({
    responseStatus: 503,
    error: null,
    retryAfter: '120',
  });
});

test('an endpoint that does not answer in time has failed', async () => {
  const client = clientOf({ targets: { allowLoopback: true }, timeoutMs: 50 });
  endpoint.answer(() => null);

  expect(await client.post(endpoint.url, {}, body)).toEqual({
    responseStatus: null,
    error: 'timed out',
    retryAfter: null,
  });
});

test('the garbage collector does not take the deadline of a request that hangs', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const client = clientOf({ targets: { allowLoopback: true }, timeoutMs: 1_000 });
  endpoint.answer(() => null);

  const answer = client.post(endpoint.url, {}, body);
  for (let i = 0; i < 5; i++) {
    await sleep(100);
    collect();
  }

  expect(await Promise.race([answer, sleep(5_000, null, { ref: false })])).toMatchObject({
    error: 'timed out',
  });
});

test('an answer whose body comes a byte at a time is done with at its deadline', async () => {
  const dripping = createServer((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => dripping.listen(0, '127.0.0.1', resolve));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const client = clientOf({ targets: { allowLoopback: true }, timeoutMs: 1_000 });

  const answer = client.post(`http://127.0.0.1:${(dripping.address() as AddressInfo).port}/`, {}, body);
  for (let i = 0; i < 5; i++) {
    await sleep(100);
    collect();
  }
  const given = await Promise.race([answer, sleep(5_000, 'still reading', { ref: false })]);

  dripping.closeAllConnections();
  dripping.close();
  // Its status came in time, and nothing else counts.
  expect(given).toEqual({ responseStatus: 200, error: null, retryAfter: null });
}, 10_000);

test('an answer that never ends holds nobody up', async () => {
  const endless = createServer((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'.repeat(1_000)), 1);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
  const client = clientOf({ targets: { allowLoopback: true } });

  const answer = await client.post(`http://127.0.0.1:${(endless.address() as AddressInfo).port}/`, {}, body);

  endless.closeAllConnections();
  endless.close();
  expect(answer).toEqual({ responseStatus: 200, error: null, retryAfter: null });
});

test('stopped, it breaks off what is under way', async () => {
  const client = clientOf({ targets: { allowLoopback: true } });
  endpoint.answer(() => null);
  const answer = client.post(endpoint.url, {}, body);

  await client.stop();

  expect(await answer).toMatchObject({ responseStatus: null, error: expect.any(String), retryAfter: null });
});
