import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  openMerchant,
  publishProgramme,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { asService, everyScope, nobody, operator } from '../../support/callers.ts';

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
});

afterAll(() => accounts.stop());

type Fields = Record<string, unknown>;

const opening = `mutation ($input: OpenMerchantInput!) {
  openMerchant(input: $input) {
    __typename
    ... on MerchantOpened { clientId clientSecret merchant { id name category currency price { ...price } } }
    ... on Refusal { code }
    ... on InvalidInput { field }
    ... on IdempotencyConflict { idempotencyKey }
  }
}
fragment price on MerchantPrice {
  issuePricePerThousand redemptionPricePerThousand currency effectiveFrom programme { code }
}`;

const input = (changes = {}) => ({
  idempotencyKey: randomUUID(),
  name: 'Pets',
  category: 'pet shop',
  currency: 'GBP',
  issuePricePerThousand: 1000,
  redemptionPricePerThousand: 900,
  ...changes,
});

const open = async (changes = {}): Promise<Fields> =>
  (await accounts.send<{ openMerchant: Fields }>(operator, opening, { input: input(changes) })).openMerchant;

const authenticate = async (clientId: unknown, clientSecret: unknown): Promise<unknown> => {
  const query = `query ($id: ID!, $secret: String!) {
    authenticateClient(clientId: $id, clientSecret: $secret) { merchantId scopes }
  }`;
  const variables = { id: clientId, secret: clientSecret };
  return (await accounts.send<Fields>(asService(), query, variables))['authenticateClient'];
};

const merchantCount = async () => {
  const { merchants } = await accounts.send<{ merchants: { edges: unknown[] } }>(
    nobody,
    '{ merchants(first: 100) { edges { cursor } } }',
  );
  return merchants.edges.length;
};

test('no merchant is opened before the programme that its prices are in', async () => {
  expect(await open()).toEqual({
    __typename: 'InvalidInput',
    code: 'INVALID_INPUT',
    field: 'input.issuePricePerThousand',
  });
  expect(await merchantCount()).toBe(0);

  await publishProgramme(accounts);

  expect(await open()).toMatchObject({ __typename: 'MerchantOpened' });
});

test('an opened merchant has its prices in the programme’s currency and a credential that works', async () => {
  const opened = await open({ name: 'Café' });

  expect(opened).toEqual({
    __typename: 'MerchantOpened',
    clientId: expect.stringMatching(/^cli_/),
    clientSecret: expect.stringMatching(/^[\w-]{43}$/),
    merchant: {
      id: expect.stringMatching(/^mer_/),
      name: 'Café',
      category: 'pet shop',
      currency: 'GBP',
      price: {
        issuePricePerThousand: 1000,
        redemptionPricePerThousand: 900,
        currency: 'CNY',
        effectiveFrom: '2026-01-15T08:00:00.000Z',
        programme: { code: 'SHARED' },
      },
    },
  });
  const { id } = opened['merchant'] as { id: string };
  expect(await authenticate(opened['clientId'], opened['clientSecret'])).toEqual({
    merchantId: id,
    scopes: everyScope,
  });
  expect(await authenticate(opened['clientId'], `${String(opened['clientSecret'])}x`)).toBeNull();
  expect(await authenticate(opened['clientId'], '')).toBeNull();
  expect(await authenticate('cli_none', opened['clientSecret'])).toBeNull();
});

test('the same request again gives the same merchant without the secret, another input a conflict', async () => {
  const idempotencyKey = 'open-1';
  const first = await open({ idempotencyKey });
  const before = await merchantCount();

  const second = await open({ idempotencyKey });
  const other = await open({ idempotencyKey, name: 'Another' });
  const faulty = await open({ idempotencyKey, name: '' });

  expect(first['clientSecret']).not.toBeNull();
  expect(second).toEqual({ ...first, clientSecret: null });
  expect(other).toEqual({ __typename: 'IdempotencyConflict', code: 'IDEMPOTENCY_CONFLICT', idempotencyKey });
  expect(faulty).toMatchObject({ code: 'INVALID_INPUT', field: 'input.name' });
  expect(await merchantCount()).toBe(before);
});

test.each([
  [{ idempotencyKey: 'with space' }, 'input.idempotencyKey'],
  [{ idempotencyKey: '' }, 'input.idempotencyKey'],
  [{ name: '' }, 'input.name'],
  [{ category: 'x'.repeat(81) }, 'input.category'],
  [{ currency: 'RMB?' }, 'input.currency'],
  [{ issuePricePerThousand: -1 }, 'input.issuePricePerThousand'],
  [{ redemptionPricePerThousand: 9_007_199_254_740_991 }, 'input.redemptionPricePerThousand'],
])('refuses to open a merchant with %j and opens none', async (changes, field) => {
  const before = await merchantCount();

  expect(await open(changes)).toMatchObject({ code: 'INVALID_INPUT', field });

  expect(await merchantCount()).toBe(before);
});

test('lists all merchants by name, page by page', async () => {
  const page = `query ($after: String) {
    merchants(first: 2, after: $after) { edges { cursor node { name } } pageInfo { hasNextPage endCursor } }
  }`;
  type Page = {
    merchants: {
      edges: { cursor: string; node: { name: string } }[];
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
    };
  };
  const names: string[] = [];
  let after: string | null = null;
  for (let more = true; more; ) {
    const { merchants }: Page = await accounts.send<Page>(nobody, page, { after });
    names.push(...merchants.edges.map(({ node }) => node.name));
    more = merchants.pageInfo.hasNextPage;
    after = merchants.pageInfo.endCursor;
  }

  expect(names).toHaveLength(await merchantCount());
  expect(names).toEqual([...names].sort());
});

test.each(['first: 0', 'first: 101', 'first: -1', 'after: "nonsense"', 'after: "W10"'])(
  'merchants(%s) is an error',
  async (args) => {
    const { errors } = await accounts.ask(nobody, `{ merchants(${args}) { edges { cursor } } }`);

    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  },
);

test('a merchant is found by its id and resolved as an entity; an unknown one is null', async () => {
  const { id } = await openMerchant(accounts, 'Entity');
  const query = `query ($id: ID!, $of: [_Any!]!) {
    merchant(id: $id) { name }
    none: merchant(id: "mer_none") { name }
    _entities(representations: $of) { ... on Merchant { name } }
  }`;
  const of = [
    { __typename: 'Merchant', id },
    { __typename: 'Merchant', id: 'mer_none' },
  ];

  expect(await accounts.send(nobody, query, { id, of })).toEqual({
    merchant: { name: 'Entity' },
    none: null,
    _entities: [{ name: 'Entity' }, null],
  });
});
