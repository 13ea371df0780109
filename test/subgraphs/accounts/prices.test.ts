import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  openMerchant,
  publishProgramme,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { operator } from '../../support/callers.ts';

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
});

afterAll(() => accounts.stop());

type Fields = Record<string, unknown>;

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
