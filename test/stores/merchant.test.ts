import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { type ClientStore, createClientStore } from '../../subgraphs/accounts/merchant/client-store.ts';
import { createMerchantStore, type MerchantStore } from '../../subgraphs/accounts/merchant/merchant-store.ts';
import { type OpenMerchantPorts, openMerchant } from '../../subgraphs/accounts/merchant/open-merchant.ts';
import type { MerchantPrice } from '../../subgraphs/accounts/merchant/price.ts';
import { createPriceLookup } from '../../subgraphs/accounts/merchant/price-lookup.ts';
import { createPriceStore, type PriceStore } from '../../subgraphs/accounts/merchant/price-store.ts';
import { setPrices } from '../../subgraphs/accounts/merchant/set-prices.ts';
import { newId } from '../../subgraphs/shared/ids.ts';
import { buildIndexes, connectMongo, inTransaction } from '../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../support/mongo.ts';
import { testClock } from '../support/test-clock.ts';

const clock = testClock();

let mongo: TestMongo;
let connection: Connection;
let merchants: MerchantStore;
let clients: ClientStore;
let prices: PriceStore;
let ports: OpenMerchantPorts;

beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('merchants'));
  merchants = createMerchantStore(connection);
  clients = createClientStore(connection);
  prices = createPriceStore(connection);
  await buildIndexes(connection);
  ports = {
    openingByRequest: merchants.openingByRequest,
    programmeCurrency: async (code) => (code === 'SHARED' ? 'CNY' : null),
    insertMerchant: merchants.insert,
    insertClient: clients.insert,
    insertPrice: prices.insert,
    inTransaction: (work) => inTransaction(connection, work),
    clock,
    newId,
    random: (size) => randomBytes(size),
  };
});

afterAll(async () => {
  await connection.close();
  await mongo.stop();
});

const input = (idempotencyKey: string, changes = {}) => ({
  idempotencyKey,
  name: 'Pets',
  category: 'pet shop',
  currency: 'GBP',
  issuePricePerThousand: 1000n,
  redemptionPricePerThousand: 900n,
  ...changes,
});

const count = (collection: string) => connection.db!.collection(collection).countDocuments({});
const counts = async () => [await count('merchants'), await count('clients'), await count('merchant-prices')];

test('20 openings of one request at once make one merchant, whose secret one answer carries', async () => {
  const before = await counts();

  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => openMerchant('operator:1', input('race'), ports)),
  );

  const opened = outcomes.flatMap((o) => (o.kind === 'MerchantOpened' ? [o] : []));
  expect(new Set(opened.map((o) => o.merchant.id)).size).toBe(1);
  expect(opened).toHaveLength(20);
  expect(opened.filter((o) => o.clientSecret !== null)).toHaveLength(1);
  expect(await counts()).toEqual(before.map((n) => n + 1));
});

test('an opening that fails half way leaves nothing, and may be sent again', async () => {
  const before = await counts();
  const failing = {
    ...ports,
    insertPrice: async () => {
      throw new Error('the process stumbled');
    },
  };

  await expect(openMerchant('operator:1', input('half'), failing)).rejects.toThrow('stumbled');
  expect(await counts()).toEqual(before);
  expect((await openMerchant('operator:1', input('half'), ports)).kind).toBe('MerchantOpened');
});

test('the same key of another caller is another request', async () => {
  const one = await openMerchant('operator:1', input('same-key'), ports);
  const two = await openMerchant('operator:2', input('same-key'), ports);

  expect([one.kind, two.kind]).toEqual(['MerchantOpened', 'MerchantOpened']);
  expect(one).not.toEqual(two);
});

test('keeps no secret, only its hash', async () => {
  const outcome = await openMerchant('operator:1', input('secret'), ports);

  if (outcome.kind !== 'MerchantOpened') throw new Error(outcome.kind);
  const rows = await connection.db!.collection('clients').find({}).toArray();
  expect(JSON.stringify(rows)).not.toContain(outcome.clientSecret);
  expect((await clients.byId(outcome.clientId))?.secretHash).toHaveLength(32);
});

let revision = 0;

const priceFrom = (merchantId: string, effectiveFrom: string, issue: bigint): MerchantPrice => ({
  merchantId,
  programmeCode: 'SHARED',
  issuePricePerThousand: issue,
  redemptionPricePerThousand: 0n,
  currency: 'CNY',
  effectiveFrom: new Date(effectiveFrom),
  revision: ++revision,
  recordedAt: new Date('2026-01-01T00:00:00Z'),
});

test('lookups that come at once share a query and each get the price of their date', async () => {
  await prices.insert(priceFrom('mer_x', '2026-01-01T00:00:00Z', 1n), null);
  await prices.insert(priceFrom('mer_x', '2026-02-01T00:00:00Z', 2n), null);
  await prices.insert(priceFrom('mer_y', '2026-01-01T00:00:00Z', 9_007_199_254_740_993n), null);
  let reads = 0;
  const priceAt = createPriceLookup((keys) => {
    reads++;
    return prices.upTo(keys);
  });

  const found = await Promise.all([
    priceAt('mer_x', 'SHARED', new Date('2025-12-31T23:59:59.999Z')),
    priceAt('mer_x', 'SHARED', new Date('2026-01-31T23:59:59.999Z')),
    priceAt('mer_x', 'SHARED', new Date('2026-02-01T00:00:00.000Z')),
    priceAt('mer_y', 'SHARED', new Date('2026-06-01T00:00:00.000Z')),
    priceAt('mer_y', 'GREEN', new Date('2026-06-01T00:00:00.000Z')),
  ]);

  expect(found.map((price) => price?.issuePricePerThousand ?? null)).toEqual([
    null,
    1n,
    2n,
    9_007_199_254_740_993n,
    null,
  ]);
  expect(reads).toBe(1);
});

test('a price is set once however often its request is sent at once', async () => {
  const outcome = await openMerchant('operator:1', input('priced'), ports);
  if (outcome.kind !== 'MerchantOpened') throw new Error(outcome.kind);
  const { merchant } = outcome;
  const request = {
    idempotencyKey: 'set',
    merchantId: merchant.id,
    programme: 'SHARED',
    issuePricePerThousand: 2000n,
    redemptionPricePerThousand: 1900n,
    effectiveFrom: new Date('2026-03-01T00:00:00Z'),
  };
  const setting = {
    priceByRequest: prices.byRequest,
    merchantById: async () => merchant,
    programmeCurrency: ports.programmeCurrency,
    latestRevision: prices.latestRevision,
    insertPrice: prices.insert,
    clock,
  };

  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => setPrices('operator:1', request, setting)),
  );

  expect(new Set(outcomes.map((o) => o.kind))).toEqual(new Set(['PricesSet']));
  const history = await prices.history(merchant.id, 'SHARED');
  expect(history.map((price) => [price.issuePricePerThousand, price.currency])).toEqual([
    [2000n, 'CNY'],
    [1000n, 'CNY'],
  ]);

  const atOnce = Array.from({ length: 8 }, (_, i) =>
    setPrices(
      'operator:1',
      { ...request, idempotencyKey: `set-${i}`, issuePricePerThousand: BigInt(i) },
      setting,
    ),
  );
  await Promise.all(atOnce);
  const revisions = (await prices.history(merchant.id, 'SHARED')).map((price) => price.revision);
  expect(revisions).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

test('pages merchants by name, then id, without gaps or repeats', async () => {
  for (const name of ['b', 'a', 'c', 'a'])
    await openMerchant('operator:9', input(`page-${newId('k')}`, { name }), ports);
  const all = await merchants.all();

  const paged = [];
  let after: readonly string[] | null = null;
  for (;;) {
    const rows = await merchants.page({ first: 2, after });
    const page = rows.slice(0, 2);
    paged.push(...page);
    if (rows.length <= 2) break;
    const last = page.at(-1)!;
    after = [last.name, last.id];
  }

  expect(paged).toEqual(all);
  expect(all.map(({ name }) => name)).toEqual(all.map(({ name }) => name).sort());
});
