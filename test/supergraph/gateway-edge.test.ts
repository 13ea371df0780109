import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { request } from 'undici';
import { type GatewayWorld, startGatewayWorld, startRawServer } from './gateway-world.ts';

const lines: string[] = [];
const log = pino({ level: 'error' }, { write: (line: string) => lines.push(line) });

const accounts = {
  Query: {
    merchant: (_: unknown, { id }: { id: string }) => {
      if (id === 'fault') throw new Error('mongodb://secret is down');
      return { id, name: 'Demo', category: 'shop', currency: 'CNY' };
    },
    merchants: (_: unknown, { first }: { first: number }) => ({
      edges: Array.from({ length: Math.min(first, 2) }, (_row, i) => ({
        cursor: String(i),
        node: { id: `mer_${i}`, name: `Demo ${i}`, category: 'shop', currency: 'CNY' },
      })),
      pageInfo: { hasNextPage: false, endCursor: null },
    }),
  },
  Mutation: {
    issuePoints: (_: unknown, { input }: { input: { points: bigint } }) => ({
      __typename: 'InvalidInput',
      code: 'INVALID_INPUT',
      message: String(input.points),
      field: 'input.points',
      expected: 'x',
    }),
  },
};
const charity = {
  Merchant: {
    __resolveReference: ({ id }: { id: string }) => ({ id }),
    pledges: () => [],
  },
};

let world: GatewayWorld;
const opened: { stop(): Promise<void> }[] = [];
/** Has something stopped after the test, however it ends. */
async function open<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  opened.push(started);
  return started;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.stop()));
});
beforeAll(async () => {
  world = await startGatewayWorld({ accounts, charity }, { log });
});
afterAll(() => world.stop());
beforeEach(() => {
  world.met.length = 0;
  lines.length = 0;
});

test('one query joins entities of two subgraphs, and each hears the same caller', async () => {
  const token = await world.issuer.sign({ kind: 'OPERATOR', subject: 'ops' }, 60);

  const { body } = await world.ask('{ merchants(first: 2) { edges { node { name pledges { id } } } } }', {
    token,
  });

  expect(body).toEqual({
    data: {
      merchants: {
        edges: [{ node: { name: 'Demo 0', pledges: [] } }, { node: { name: 'Demo 1', pledges: [] } }],
      },
    },
  });
  const caller = { kind: 'OPERATOR', subject: 'ops' };
  expect(world.met).toEqual([
    { subgraph: 'accounts', caller },
    { subgraph: 'charity', caller },
  ]);
});

test('the subgraphs get a signed caller, the request id, and never the token', async () => {
  const raw = await open(startRawServer(200, '{"data":{"causes":{"pageInfo":{"hasNextPage":false}}}}'));
  const other = await open(startGatewayWorld({}, { subgraphs: { ...urlsOf(world), charity: raw.url } }));
  const token = await other.issuer.sign({ kind: 'AUDITOR', subject: 'a' }, 60);

  await other.ask('{ causes { pageInfo { hasNextPage } } }', { token, headers: { cookie: 'a=b' } });

  expect(raw.requests).toHaveLength(1);
  const headers = raw.requests[0]!;
  expect(headers['x-request-id']).toMatch(/^req_/);
  expect(headers['jifen-caller']).toMatch(/^ey/);
  expect(headers).not.toHaveProperty('authorization');
  expect(headers).not.toHaveProperty('cookie');
});

const urlsOf = (from: GatewayWorld) => ({
  accounts: from.subgraphs.accounts.url,
  'rewards-catalogue': from.subgraphs['rewards-catalogue'].url,
  campaigns: from.subgraphs.campaigns.url,
  charity: from.subgraphs.charity.url,
});

test("a subgraph's fault is told by its id alone, the same in both logs", async () => {
  const { body } = await world.ask('{ merchant(id: "fault") { id } }');

  const { errorId } = body.errors[0].extensions;
  expect(body.data).toEqual({ merchant: null });
  expect(body.errors).toEqual([
    {
      message: `Unexpected error ${errorId}.`,
      path: ['merchant'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', errorId: expect.stringMatching(/^err_/) },
    },
  ]);
  expect(lines.filter((line) => line.includes(errorId))).toHaveLength(1);
});

test('a subgraph that is away is a masked fault, and what the others answer is kept', async () => {
  const raw = await open(startRawServer(200, '{}'));
  await raw.stop();
  const other = await open(
    startGatewayWorld({ accounts }, { log, subgraphs: { ...urlsOf(world), charity: raw.url } }),
  );

  const { status, body } = await other.ask('{ merchant(id: "m") { id } cause(id: "c") { id } }');

  expect(status).toBe(200);
  expect(body.data).toEqual({ merchant: { id: 'm' }, cause: null });
  expect(body.errors).toHaveLength(1);
  expect(body.errors[0].extensions.code).toBe('INTERNAL_SERVER_ERROR');
  expect(JSON.stringify(body)).not.toContain('ECONNREFUSED');
  expect(lines.join()).toContain('ECONNREFUSED');
});

test('a refusal of access keeps its code, message and place', async () => {
  const { body } = await world.ask('{ m: merchant(id: "m") { id position { issued } } }');

  expect(body).toEqual({
    data: { m: { id: 'm', position: null } },
    errors: [
      {
        message: 'Merchant.position needs a token of kind MERCHANT, OPERATOR, AUDITOR.',
        path: ['m', 'position'],
        extensions: { code: 'UNAUTHENTICATED' },
      },
    ],
  });
});

test('a request that takes too long says so', async () => {
  const raw = await open(startRawServer(200, '{"data":{}}', 5_000));
  const limits = { bodyBytes: 1e6, tokens: 1e4, depth: 15, aliases: 50, cost: 1e4, seconds: 1 };
  const other = await open(
    startGatewayWorld({}, { limits, subgraphs: { ...urlsOf(world), charity: raw.url } }),
  );

  const { body } = await other.ask('{ cause(id: "c") { id } }');

  expect(body.data).toEqual({ cause: null });
  expect(body.errors[0].extensions).toEqual({ code: 'TIMEOUT' });
});

const nest = (times: number) =>
  'a: merchants { edges { node { pledges { cause { pledges { merchant {'.concat(
    ' pledges { cause { pledges { merchant {'.repeat(times),
    ' id ',
    '} } } }'.repeat(times),
    '} } } } } } }',
  );

const tooLarge: readonly (readonly [string, string, string])[] = [
  ['too deep', `{ ${nest(3)} }`, "The operation's depth is 20; at most 15 is allowed."],
  [
    'deep by a fragment',
    `{ merchants { edges { node { pledges { ...P } } } } }
     fragment P on Pledge { cause { pledges { cause { pledges { cause { pledges { cause { pledges { cause { pledges { id } } } } } } } } } } }`,
    "The operation's depth is 15; at most 10 is allowed.",
  ],
  [
    'full of aliases',
    `{ ${Array.from({ length: 51 }, (_, i) => `a${i}: merchants { pageInfo { hasNextPage } }`).join(' ')} }`,
    "The operation's aliases is 51; at most 50 is allowed.",
  ],
  [
    'able to answer too much',
    '{ merchants(first: 100) { edges { node { rewards(first: 100) { edges { node { id name } } } } } } }',
    "The operation's cost is 41210; at most 20000 is allowed.",
  ],
];

test.each(tooLarge)('refuses an operation that is %s', async (_, query, message) => {
  const limits = { bodyBytes: 1e6, tokens: 1e4, depth: 15, aliases: 50, cost: 20_000, seconds: 5 };
  const other = await open(
    startGatewayWorld({}, { limits: message.includes('at most 10 ') ? { ...limits, depth: 10 } : limits }),
  );

  const { status, body } = await other.ask(query);

  expect(body).toEqual({ errors: [{ message, extensions: { code: 'OPERATION_TOO_LARGE' } }] });
  expect(status).toBe(400);
  expect(other.met).toEqual([]);
});

test('counts the length of a list given by a variable', async () => {
  const query =
    'query Q($n: Int = 100) { merchants(first: $n) { edges { node { rewards(first: $n) { edges { node { id name } } } } } } }';

  const much = await world.ask(query);
  const little = await world.ask(query, { variables: { n: 2 } });

  expect(much.body.errors[0].message).toBe("The operation's cost is 41210; at most 20000 is allowed.");
  expect(little.body.errors?.[0]?.extensions.code).not.toBe('OPERATION_TOO_LARGE');
});

test('refuses a text of too many tokens and a body that is too large', async () => {
  const tokens = await world.ask(`{ merchants { edges { ${'cursor '.repeat(10_000)} } } }`);
  const bytes = await world.ask(`{ merchants { edges { cursor } } } # ${'x'.repeat(1_000_000)}`);

  expect(tokens.status).toBe(400);
  expect(tokens.body.errors[0].message).toContain('10000 tokens');
  expect(bytes.status).toBe(413);
  expect(bytes.body.errors[0].message).toBe('The request cannot be read: entity.too.large.');
  expect(world.met).toEqual([]);
});

const issue =
  'mutation M($input: IssuePointsInput!) { issuePoints(input: $input) { ... on Refusal { message } } }';
const points = (value: unknown) => ({ input: { idempotencyKey: 'k', member: { id: 'm' }, points: value } });

test.each([1.5, '5', 2 ** 53, null, true])('refuses %p points at the door, with the place', async (value) => {
  const token = await world.issuer.sign(
    { kind: 'MERCHANT', merchantId: 'm', clientId: 'c', scopes: ['POINTS'] },
    60,
  );

  const { status, body } = await world.ask(issue, { token, variables: points(value) });

  expect(status).toBe(400);
  expect(body.errors).toHaveLength(1);
  expect(body.errors[0].extensions.code).toBe('BAD_USER_INPUT');
  expect(body.errors[0].message).toContain('input.points');
  expect(world.met).toEqual([]);
});

test('lets whole points through unchanged', async () => {
  const token = await world.issuer.sign(
    { kind: 'MERCHANT', merchantId: 'm', clientId: 'c', scopes: ['POINTS'] },
    60,
  );

  const { body } = await world.ask(issue, { token, variables: points(Number.MAX_SAFE_INTEGER) });

  expect(body).toEqual({ data: { issuePoints: { message: '9007199254740991' } } });
});

test('refuses fractions written into the operation itself', async () => {
  const query =
    'mutation { issuePoints(input: { idempotencyKey: "k", member: { id: "m" }, points: 1.5 }) { __typename } }';

  const { status, body } = await world.ask(query);

  expect(status).toBe(400);
  expect(body.errors[0].message).toContain('Points must be a whole number');
  expect(world.met).toEqual([]);
});

test('refuses what a form on another site could send', async () => {
  const url = world.gateway.url;
  const form = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: '{"query":"{ merchants { edges { cursor } } }"}',
  });
  await form.body.dump();
  const get = await world.get('/graphql?query={merchants{edges{cursor}}}');

  expect(form.statusCode).toBe(400);
  expect(get.status).toBe(400);
  expect(world.met).toEqual([]);
});

test('introspection is as configured', async () => {
  const closed = await open(startGatewayWorld({}, { introspection: false }));

  const shown = await world.ask('{ __schema { queryType { name } } }');
  const shut = await closed.ask('{ __schema { queryType { name } } }');

  expect(shown.body).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
  expect(shut.status).toBe(400);
  expect(shut.body.data).toBeUndefined();
});

test('no internal field can be asked for', async () => {
  const { status, body } = await world.ask(
    '{ authenticateClient(clientId: "a", clientSecret: "b") { merchantId } }',
  );

  expect(status).toBe(400);
  expect(body.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
});

test('is live at once and ready when every subgraph is', async () => {
  const other = await open(startGatewayWorld());

  expect((await other.get('/health/live')).body).toEqual({ status: 'up' });
  expect(await other.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ready' } });
  await other.subgraphs.campaigns.stop();
  expect(await other.get('/health/ready')).toMatchObject({
    status: 503,
    body: { status: 'not ready', waitingFor: ['campaigns'] },
  });
});

test('nothing is asked of any other host, not even how things are used', async () => {
  const addresses: string[] = [];
  const watch = (message: unknown) =>
    (message as { socket: Socket }).socket.on('connectionAttempt', (ip: string) => addresses.push(ip));
  subscribe('net.client.socket', watch);

  const other = await open(startGatewayWorld());
  await other.ask('{ merchants { edges { cursor } } }');
  await new Promise((done) => setTimeout(done, 500));
  unsubscribe('net.client.socket', watch);

  expect(addresses.length).toBeGreaterThan(0);
  expect(addresses.filter((ip) => ip !== '127.0.0.1')).toEqual([]);
});

test('a path that does not exist is not found, and GraphiQL is off unless wanted', async () => {
  expect((await world.get('/graphiql')).status).toBe(404);
  expect((await world.get('/')).status).toBe(404);
});
