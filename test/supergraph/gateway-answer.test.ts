import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { OutsideCaller } from '../../subgraphs/shared/caller.ts';
import { encodeCursor } from '../../subgraphs/shared/connection.ts';
import { subgraphClient } from '../support/subgraph-client.ts';
import { type GatewayWorld, internalKey, startGatewayWorld } from './gateway-world.ts';

const page = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };
const wallet = { id: 'wal_1', registeredBy: ['mer_1'] };
let written = 0;

/** Accounts that carry everything out and check nothing. */
const accounts = {
  Mutation: {
    redeemPoints: () => {
      written += 1;
      return {
        __typename: 'PointsPosted',
        replayed: false,
        posting: { id: 'pos_1' },
        wallet,
      };
    },
    issuePointsBatch: () => {
      written += 1;
      return { __typename: 'PointsBatchIssued', results: [] };
    },
  },
  Posting: { member: () => ({ id: 'mbr_1', registeredBy: ['mer_1'] }) },
  Member: { postings: () => page, statements: () => [], wallet: () => wallet },
  Wallet: { lots: () => page, expiring: () => [] },
};

let world: GatewayWorld;
let token: string;
const caller: Exclude<OutsideCaller, { kind: 'PUBLIC' }> = {
  kind: 'MERCHANT',
  merchantId: 'mer_1',
  clientId: 'c',
  scopes: ['POINTS', 'READ'],
};
beforeAll(async () => {
  world = await startGatewayWorld({ accounts });
  token = await world.issuer.sign(caller, 600);
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.met.length = 0;
  written = 0;
});

const redeem = (asked: string, declared = '') =>
  `mutation M${declared && `(${declared})`} {
    paid: redeemPoints(input: { idempotencyKey: "k", member: { id: "mbr_1" }, points: 1 }) { __typename ${asked} } }`;
const posted = (asked: string) => redeem(`... on PointsPosted { ${asked} }`);
const edges = '{ edges { cursor } }';

const zero = 'first: must be 1 to 100, got 0';
const wrongCursor = 'after: not a cursor that this connection gave';
const ofMember = ['paid', 'posting', 'member'];

test.each<readonly [string, string, object, string, readonly string[]]>([
  ['a literal', posted(`wallet { lots(first: 0) ${edges} }`), {}, zero, ['paid', 'wallet', 'lots']],
  ['another name', posted(`w: wallet { l: lots(first: 0) ${edges} }`), {}, zero, ['paid', 'w', 'l']],
  [
    'a variable',
    redeem(`... on PointsPosted { wallet { lots(first: $n) ${edges} } }`, '$n: Int'),
    { n: 101 },
    'first: must be 1 to 100, got 101',
    ['paid', 'wallet', 'lots'],
  ],
  [
    "a variable's default",
    redeem(`... on PointsPosted { wallet { lots(first: $n) ${edges} } }`, '$n: Int = 0'),
    {},
    zero,
    ['paid', 'wallet', 'lots'],
  ],
  [
    'a fragment within a fragment',
    `${redeem('...P')} fragment P on PointsPosted { ... { posting { ...M } } }
     fragment M on Posting { member { postings(after: "rubbish") ${edges} } }`,
    {},
    wrongCursor,
    [...ofMember, 'postings'],
  ],
  [
    'a field of another subgraph',
    posted(`posting { member { donations(first: -5) ${edges} } }`),
    {},
    'first: must be 1 to 100, got -5',
    [...ofMember, 'donations'],
  ],
  [
    'a month that is none',
    posted('posting { member { statement(month: "x") { month } } }'),
    {},
    'month: must be a month written YYYY-MM',
    [...ofMember, 'statement'],
  ],
  [
    'a language that is not spoken',
    posted('posting { member { statements(locale: "de") { month } } }'),
    {},
    'locale: must be zh-CN or en',
    [...ofMember, 'statements'],
  ],
  [
    'too many days',
    posted('wallet { expiring(withinDays: 9999) { points } }'),
    {},
    'withinDays: must be 0 to 3660, got 9999',
    ['paid', 'wallet', 'expiring'],
  ],
  [
    'null where the default stood in for nothing',
    redeem(
      '... on PointsPosted { posting { member { statement(month: $m) { month } } } }',
      '$m: String = "2026-03"',
    ),
    { m: null },
    'Argument "month" of non-null type "String!" must not be null.',
    [...ofMember, 'statement'],
  ],
  [
    'a field that is not skipped',
    redeem(`... on PointsPosted @skip(if: $no) { wallet { lots(first: 0) ${edges} } }`, '$no: Boolean!'),
    { no: false },
    zero,
    ['paid', 'wallet', 'lots'],
  ],
])(
  'refuses a mutation for %s in its answer before anything is asked',
  async (_, query, variables, message, path) => {
    const { status, body } = await world.ask(query, { token, variables });

    expect(body).toEqual({ errors: [{ message, path, extensions: { code: 'BAD_USER_INPUT' } }] });
    expect(status).toBe(400);
    expect(world.met).toEqual([]);
  },
);

test('refuses the whole operation for the answer of its second mutation', async () => {
  const query = `mutation {
    one: redeemPoints(input: { idempotencyKey: "a", member: { id: "mbr_1" }, points: 1 }) { __typename }
    two: redeemPoints(input: { idempotencyKey: "b", member: { id: "mbr_1" }, points: 1 }) {
      ... on PointsPosted { wallet { lots(first: 0) ${edges} } } } }`;

  const { body } = await world.ask(query, { token });

  expect(body.errors).toMatchObject([{ message: zero, path: ['two', 'wallet', 'lots'] }]);
  expect(world.met).toEqual([]);
});

test('checks the results of a batch by their own bound', async () => {
  const batch = (first: number) => `mutation { issuePointsBatch(input: { items: [] }) {
    ... on PointsBatchIssued { results(first: ${first}) { __typename } } } }`;

  const most = await world.ask(batch(1_000), { token });
  const more = await world.ask(batch(1_001), { token });

  expect(most.body).toEqual({ data: { issuePointsBatch: { results: [] } } });
  expect(more.body.errors).toMatchObject([
    { message: 'first: must be 1 to 1000, got 1001', path: ['issuePointsBatch', 'results'] },
  ]);
  expect(written).toBe(1);
});

test.each<readonly [string, string, object]>([
  ['right', posted(`wallet { lots(first: 100, after: "${encodeCursor(['a', 'b'])}") ${edges} }`), {}],
  ['left out or null', posted(`wallet { lots(first: null, after: null) ${edges} expiring { points } }`), {}],
  [
    'of variables that were not sent',
    redeem(`... on PointsPosted { wallet { lots(first: $n, after: $a) ${edges} } }`, '$n: Int, $a: String'),
    {},
  ],
  ['of a skipped field', posted(`wallet { id lots(first: 0) @skip(if: true) ${edges} }`), {}],
  [
    'of a fragment not included',
    `${redeem('... on PointsPosted { replayed ...W @include(if: $no) }', '$no: Boolean!')}
     fragment W on PointsPosted { wallet { lots(first: 0) ${edges} } }`,
    { no: false },
  ],
])('carries out a mutation whose arguments are %s', async (_, query, variables) => {
  const { status, body } = await world.ask(query, { token, variables });

  expect(body.errors).toBeUndefined();
  expect(status).toBe(200);
  expect(written).toBe(1);
});

test("a query's arguments stay the resolver's to refuse, beside what else was asked", async () => {
  const query =
    '{ merchants(first: 0) { edges { cursor } } merchant(id: "mer_1") { rewards(first: 0) { edges { cursor } } } }';

  const { status } = await world.ask(query);

  expect(status).toBe(200);
  expect(world.met.length).toBeGreaterThan(0);
});

test('refuses fragments that spread one another twice, level upon level, without going every path', async () => {
  const fragments = Array.from({ length: 60 }, (_, i) =>
    i < 59 ? `fragment F${i} on Wallet { ...F${i + 1} ...F${i + 1} }` : `fragment F${i} on Wallet { id }`,
  );

  const { body } = await world.ask(`${posted('wallet { ...F0 }')} ${fragments.join(' ')}`, { token });

  expect(body.errors[0].extensions.code).toBe('OPERATION_TOO_LARGE');
  expect(written).toBe(0);
});

test('a subgraph that is asked directly refuses the same', async () => {
  const client = subgraphClient(world.subgraphs.accounts.url, internalKey);

  const refused = await client.ask(caller, posted(`wallet { lots(first: 0) ${edges} }`));
  const right = await client.ask(caller, posted(`wallet { lots(first: 1) ${edges} }`));

  expect(refused).toEqual({
    status: 400,
    data: undefined,
    errors: [{ message: zero, path: ['paid', 'wallet', 'lots'], extensions: { code: 'BAD_USER_INPUT' } }],
  });
  expect(right.errors).toEqual([]);
  expect(written).toBe(1);
});
