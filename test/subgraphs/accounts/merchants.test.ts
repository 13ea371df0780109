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

const credentials = `mutation ($input: CreateClientCredentialInput!) {
  createClientCredential(input: $input) {
    ... on ClientCredentialCreated { clientId clientSecret merchant { id } }
    ... on Refusal { code }
    ... on InvalidInput { field }
    ... on NotFound { what id }
  }
}`;

const createCredential = async (credential: object): Promise<Fields> =>
  (await accounts.send<{ createClientCredential: Fields }>(operator, credentials, { input: credential }))
    .createClientCredential;

const revoke = async (clientId: unknown): Promise<unknown> => {
  const mutation = `mutation ($input: RevokeClientCredentialInput!) {
    revokeClientCredential(input: $input) {
      ... on ClientCredentialRevoked { clientId merchant { id } }
      ... on NotFound { code what id }
    }
  }`;
  const data = await accounts.send<Fields>(operator, mutation, { input: { clientId } });
  return data['revokeClientCredential'];
};

test('a further credential is limited to its scopes, and a withdrawn one opens nothing', async () => {
  const { id, clientId, clientSecret } = await openMerchant(accounts, 'Tills');

  const till = await createCredential({ merchantId: id, scopes: ['VOUCHERS', 'PURCHASES', 'VOUCHERS'] });

  expect(till['merchant']).toEqual({ id });
  expect(await authenticate(till['clientId'], till['clientSecret'])).toEqual({
    merchantId: id,
    scopes: ['PURCHASES', 'VOUCHERS'],
  });
  expect(await revoke(clientId)).toEqual({ clientId, merchant: { id } });
  expect(await revoke(clientId)).toEqual({ clientId, merchant: { id } });
  expect(await authenticate(clientId, clientSecret)).toBeNull();
  expect(await authenticate(till['clientId'], till['clientSecret'])).not.toBeNull();
});

test('refuses a credential for nobody, for nothing, and a scope that does not exist', async () => {
  const { id } = await openMerchant(accounts, 'Scopes');

  const nobodys = await createCredential({ merchantId: 'mer_none' });
  const nothing = await createCredential({ merchantId: 'mer_none', scopes: [] });
  const strange = await createCredential({ merchantId: id, scopes: ['READ', 'EVERYTHING'] });
  const all = await createCredential({ merchantId: id });

  expect(nobodys).toEqual({ code: 'NOT_FOUND', what: 'MERCHANT', id: 'mer_none' });
  expect(nothing).toEqual({ code: 'INVALID_INPUT', field: 'input.scopes' });
  expect(strange).toEqual({ code: 'INVALID_INPUT', field: 'input.scopes.1' });
  expect(await authenticate(all['clientId'], all['clientSecret'])).toMatchObject({ scopes: everyScope });
  expect(await revoke('cli_none')).toEqual({ code: 'NOT_FOUND', what: 'CLIENT', id: 'cli_none' });
});

const setting = `mutation ($input: SetPricesInput!) {
  setPrices(input: $input) {
    __typename
    ... on PricesSet { merchant { id } price { issuePricePerThousand currency effectiveFrom programme { code } } }
    ... on Refusal { code }
    ... on InvalidInput { field }
    ... on NotFound { what id }
  }
}`;

const setPrices = async (prices: object): Promise<Fields> =>
  (
    await accounts.send<{ setPrices: Fields }>(operator, setting, {
      input: { idempotencyKey: randomUUID(), ...prices },
    })
  ).setPrices;

async function pricesOf(merchantId: string, programme = 'SHARED') {
  const query = `query ($id: ID!, $programme: String) {
    merchant(id: $id) { price(programme: $programme) { issuePricePerThousand } prices(programme: $programme) { issuePricePerThousand } }
  }`;
  type Price = { issuePricePerThousand: number };
  const { merchant } = await accounts.send<{ merchant: { price: Price | null; prices: Price[] } }>(
    operator,
    query,
    {
      id: merchantId,
      programme,
    },
  );
  return [merchant.price?.issuePricePerThousand ?? null, merchant.prices.map((p) => p.issuePricePerThousand)];
}

test('prices take effect on their date, past ones stay, and of two from one date the later counts', async () => {
  const { id } = await openMerchant(accounts, 'Dated', { issuePricePerThousand: 1 });
  const tomorrow = new Date(accounts.clock.now().getTime() + 86_400_000).toISOString();
  const prices = { merchantId: id, redemptionPricePerThousand: 0, effectiveFrom: tomorrow };

  const set = await setPrices({ ...prices, issuePricePerThousand: 2 });
  await setPrices({ ...prices, issuePricePerThousand: 3 });

  expect(set).toEqual({
    __typename: 'PricesSet',
    merchant: { id },
    price: {
      issuePricePerThousand: 2,
      currency: 'CNY',
      effectiveFrom: tomorrow,
      programme: { code: 'SHARED' },
    },
  });
  expect(await pricesOf(id)).toEqual([1, [3, 2, 1]]);
  accounts.clock.set(tomorrow);
  expect(await pricesOf(id)).toEqual([3, [3, 2, 1]]);
  expect(await pricesOf(id, 'NOSUCH')).toEqual([null, []]);
});

test('the same prices sent again, even after their date, are set once', async () => {
  const { id } = await openMerchant(accounts, 'Again');
  const effectiveFrom = accounts.clock.now().toISOString();
  const prices = {
    idempotencyKey: 'prices-1',
    merchantId: id,
    issuePricePerThousand: 5,
    redemptionPricePerThousand: 5,
    effectiveFrom,
  };
  const first = await setPrices(prices);
  accounts.clock.advance({ days: 1 });

  expect(await setPrices(prices)).toEqual(first);
  const later = { ...prices, effectiveFrom: accounts.clock.now().toISOString() };
  expect(await setPrices(later)).toEqual({ __typename: 'IdempotencyConflict', code: 'IDEMPOTENCY_CONFLICT' });
  expect(await setPrices({ ...prices, issuePricePerThousand: 6 })).toMatchObject({
    code: 'INVALID_INPUT',
    field: 'input.effectiveFrom',
  });
  expect((await pricesOf(id))[1]).toEqual([5, 1000]);
});

test('refuses prices of the past, below zero, of nobody and in no programme, in that order', async () => {
  const { id } = await openMerchant(accounts, 'Refused');
  const now = accounts.clock.now();
  const good = {
    merchantId: id,
    issuePricePerThousand: 1,
    redemptionPricePerThousand: 1,
    effectiveFrom: now.toISOString(),
  };
  const past = new Date(now.getTime() - 1).toISOString();

  const refusals = [
    await setPrices({ ...good, redemptionPricePerThousand: -1, effectiveFrom: past, merchantId: 'mer_none' }),
    await setPrices({ ...good, effectiveFrom: past, merchantId: 'mer_none' }),
    await setPrices({ ...good, merchantId: 'mer_none', programme: 'NOSUCH' }),
    await setPrices({ ...good, programme: 'NOSUCH' }),
  ];

  expect(refusals.map(({ code, field, what, id: named }) => [code, field ?? what, named])).toEqual([
    ['INVALID_INPUT', 'input.redemptionPricePerThousand', undefined],
    ['INVALID_INPUT', 'input.effectiveFrom', undefined],
    ['NOT_FOUND', 'MERCHANT', 'mer_none'],
    ['NOT_FOUND', 'PROGRAMME', 'NOSUCH'],
  ]);
  expect(await pricesOf(id)).toEqual([1000, [1000]]);
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
