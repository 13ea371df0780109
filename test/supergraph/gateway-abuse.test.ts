import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type GatewayWorld, startGatewayWorld } from './gateway-world.ts';

let world: GatewayWorld;

beforeAll(async () => {
  world = await startGatewayWorld();
});

afterAll(async () => {
  await world?.stop();
});

/** Refused before any subgraph was asked, and in less time than an honest request would take at worst. */
async function refusedSoon(query: string, variables?: object): Promise<{ code: string; message: string }> {
  world.met.length = 0;
  const start = performance.now();

  const { status, body } = await world.ask(query, variables ? { variables } : {});

  expect(performance.now() - start).toBeLessThan(5_000);
  expect(status).toBe(400);
  expect(body.data).toBeUndefined();
  expect(body.errors).toHaveLength(1);
  expect(world.met).toEqual([]);
  return { code: body.errors[0].extensions.code, message: body.errors[0].message };
}

test('refuses fragments that spread one another twice, level upon level, without counting every path', async () => {
  const levels = 60;
  const fragments = Array.from({ length: levels }, (_, i) => {
    const below = i + 1 < levels ? `...F${i + 1} ...F${i + 1}` : '__typename';
    return `fragment F${i} on Query { ${below} }`;
  });

  const { code, message } = await refusedSoon(`{ ...F0 } ${fragments.join(' ')}`);

  expect(code).toBe('OPERATION_TOO_LARGE');
  expect(message).toBe(`The operation's cost is ${2 ** 59}; at most 20000 is allowed.`);
});

test('refuses a variable with a long list of wrong values at the first of them', async () => {
  const query = 'mutation M($input: RecordPurchaseInput!) { recordPurchase(input: $input) { __typename } }';

  const { code, message } = await refusedSoon(query, { input: { lines: Array(150_000).fill(1) } });

  expect(code).toBe('BAD_USER_INPUT');
  expect(message).toContain('Variable "$input" got invalid value');
});

test.each([
  ['fields', 'a{', '}'],
  ['fragments', '...{', '}'],
  ['lists', 'merchants(first:[', '])'],
  ['objects', 'merchants(first:{a:', '})'],
])('refuses %s nested more deeply than can be read', async (_, open, close) => {
  for (const levels of [200, 2_000, 20_000]) {
    const { code, message } = await refusedSoon(
      `{ ${open.repeat(levels)}__typename${close.repeat(levels)} }`,
    );

    expect(code).toBe('OPERATION_TOO_LARGE');
    expect(message).toBe(
      'The operation nests too deeply; at most 200 brackets inside one another are allowed.',
    );
  }
});

test('refuses what nests too deeply in an address too, wherever it stands in it', async () => {
  const query = encodeURIComponent(`{ ${'a{'.repeat(250)}b${'}'.repeat(250)} }`);

  for (const before of ['', '&'.repeat(1_500)]) {
    const response = await fetch(`${world.origin}/graphql?${before}query=${query}`, {
      headers: { 'apollo-require-preflight': 'yes' },
    });
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining('nests too deeply'),
    ]);
  }
});

test('reads no more of an operation than is parsed of it', async () => {
  const long = 'a '.repeat(400_000);

  const { status, body } = await world.ask(`{ ${long}}`);

  expect(status).toBe(400);
  expect(body.errors[0].message).toContain('10000 tokens');
});

test('answers what nests as deeply as it may', async () => {
  const levels = 199;
  const { status, body } = await world.ask(`{ ${'...{'.repeat(levels)}__typename${'}'.repeat(levels)} }`);

  expect([status, body]).toEqual([200, { data: { __typename: 'Query' } }]);
});

test('refuses half a character in a variable, which a store would keep as another', async () => {
  const query = 'mutation M($input: RecordPurchaseInput!) { recordPurchase(input: $input) { __typename } }';

  const { code, message } = await refusedSoon(query, { input: { externalRef: 'R-\ud800' } });

  expect(code).toBe('BAD_USER_INPUT');
  expect(message).toBe('Variable "$input.externalRef" is not well-formed Unicode.');
});

test('refuses a list that is asked for within itself again and again', async () => {
  const { code } = await refusedSoon(
    '{ cause(id: "c") { pledges { cause { pledges { cause { pledges { id } } } } } } }',
  );

  expect(code).toBe('OPERATION_TOO_LARGE');
});

test('refuses lists without a length inside one another as if each held ten', async () => {
  const query =
    '{ merchants(first: 100) { edges { node { pledges { goods unit cause { matched { goods unit } } } } } } }';

  const { code, message } = await refusedSoon(query);

  expect(code).toBe('OPERATION_TOO_LARGE');
  expect(message).toBe("The operation's cost is 24310; at most 20000 is allowed.");
});

test('refuses the same list of a hundred merchants under many names, each a query of its own', async () => {
  const names = Array.from({ length: 49 }, (_, i) => `a${i}: rewards(first: 1) { pageInfo { hasNextPage } }`);

  const { code, message } = await refusedSoon(
    `{ merchants(first: 100) { edges { node { ${names.join(' ')} } } } }`,
  );

  expect(code).toBe('OPERATION_TOO_LARGE');
  expect(message).toBe("The operation's cost is 59010; at most 20000 is allowed.");
});
