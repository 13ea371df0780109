import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { createMemberCapStore } from '../../subgraphs/campaigns/earning/member-cap-store.ts';
import type { Purchase } from '../../subgraphs/campaigns/purchase/purchase.ts';
import { createPurchaseStore } from '../../subgraphs/campaigns/purchase/purchase-store.ts';
import { createReturnStore, type ReturnRecord } from '../../subgraphs/campaigns/purchase/return-store.ts';
import { buildIndexes, connectMongo, inTransaction, isDuplicateKey } from '../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../support/mongo.ts';

let mongo: TestMongo;
let connection: Connection;
let purchases: ReturnType<typeof createPurchaseStore>;
let returns: ReturnType<typeof createReturnStore>;
let caps: ReturnType<typeof createMemberCapStore>;

beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('campaigns'));
  purchases = createPurchaseStore(connection);
  returns = createReturnStore(connection);
  caps = createMemberCapStore(connection);
  await buildIndexes(connection);
});
afterAll(async () => {
  await connection.close();
  await mongo.stop();
});

const identity = (change: object = {}) => ({
  caller: 'merchant:mer_1',
  idempotencyKey: randomUUID(),
  inputHash: 'input',
  contentHash: 'content',
  ...change,
});

const at = new Date('2026-06-10T10:00:00Z');

const purchaseOf = (change: Partial<Purchase> = {}): Purchase => ({
  id: `pur_${randomUUID()}`,
  merchantId: 'mer_1',
  memberId: 'mem_1',
  externalRef: randomUUID(),
  programme: 'SHARED',
  currency: 'CNY',
  at,
  recordedAt: at,
  state: 'PENDING',
  totalMinor: 9_007_199_254_740_991n,
  lines: [
    {
      id: '1',
      sku: 'A',
      description: null,
      category: 'pet',
      quantity: 10_000_000,
      amountMinor: 9_007_199_254_740_991n,
      points: 100_000_000n,
      returnedQuantity: 0,
      pointsReturned: 0n,
    },
  ],
  points: 100_000_000n,
  pointsReturned: 0n,
  outcomes: [
    {
      campaignId: 'cam_1',
      ruleCode: 'base',
      requested: 3n,
      granted: 2n,
      reason: 'CAPPED',
      message: 'A cap.',
      shares: [{ lineId: '1', points: 2n }],
    },
  ],
  campaignId: 'cam_1',
  ruleVersion: 'cam_1@1',
  postingId: null,
  revision: 0,
  ...change,
});

const returnOf = (purchase: Purchase): ReturnRecord => ({
  id: `ret_${randomUUID()}`,
  purchaseId: purchase.id,
  merchantId: purchase.merchantId,
  memberId: purchase.memberId,
  externalRef: randomUUID(),
  at,
  state: 'PENDING',
  lines: [{ lineId: '1', quantity: 1, points: 2n }],
  points: 2n,
  postingId: null,
  earnPostingId: 'pos_1',
  revision: 1,
  caps: [{ campaignId: 'cam_1', ruleCode: 'base', points: -2n }],
});

const duplicate = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => null,
    (found: unknown) => found,
  );
  if (!isDuplicateKey(error)) throw new Error(`not a duplicate key: ${String(error)}`);
  return /index: (\S+)/.exec((error as Error).message)![1]!;
};

describe('purchases', () => {
  test('come back as they were kept, to the last unit', async () => {
    const purchase = purchaseOf();
    const request = identity();

    await purchases.insert(purchase, request);

    expect(await purchases.byId(purchase.id)).toEqual(purchase);
    const kept = { purchase, inputHash: 'input', contentHash: 'content' };
    expect(await purchases.byRef('mer_1', purchase.externalRef)).toEqual(kept);
    expect(await purchases.byKey(request.caller, request.idempotencyKey)).toEqual(kept);
  });

  test('a reference is kept once for each merchant', async () => {
    const first = purchaseOf();
    await purchases.insert(first, identity());
    const { externalRef } = first;

    expect(await duplicate(purchases.insert(purchaseOf({ externalRef }), identity()))).toBe(
      'merchantId_1_externalRef_1',
    );
    await purchases.insert(purchaseOf({ externalRef, merchantId: 'mer_2' }), identity());
  });

  test('a key is kept once for each caller', async () => {
    const request = identity();
    await purchases.insert(purchaseOf(), request);

    expect(await duplicate(purchases.insert(purchaseOf(), request))).toBe('caller_1_idempotencyKey_1');
    await purchases.insert(purchaseOf(), { ...request, caller: 'merchant:mer_2' });
  });

  test('counts are written on the newest revision only', async () => {
    const purchase = purchaseOf();
    await purchases.insert(purchase, identity());
    const counts = {
      lines: [{ place: 0, returnedQuantity: 1, pointsReturned: 10n }],
      givenBack: [{ place: 0, givenBack: 1n }],
      pointsReturned: 10n,
    };

    const all = await Promise.all(Array.from({ length: 8 }, () => purchases.count(purchase.id, 0, counts)));

    expect(all.filter((done) => done).length).toBe(1);
    expect(await purchases.byId(purchase.id)).toEqual({
      ...purchase,
      lines: [{ ...purchase.lines[0], returnedQuantity: 1, pointsReturned: 10n }],
      outcomes: [{ ...purchase.outcomes[0], givenBack: 1n }],
      pointsReturned: 10n,
      revision: 1,
    });
  });

  test('only a pending one can be withdrawn', async () => {
    const [pending, recorded] = [purchaseOf(), purchaseOf()];
    await purchases.insert(pending, identity());
    await purchases.insert(recorded, identity());
    await purchases.settle(recorded.id, 'pos_1');

    expect(await purchases.withdraw(pending.id)).toBe(true);
    expect(await purchases.withdraw(pending.id)).toBe(false);
    expect(await purchases.withdraw(recorded.id)).toBe(false);
    expect(await purchases.settle(pending.id, 'pos_2')).toBeNull();
    expect(await purchases.byId(recorded.id)).toMatchObject({ state: 'RECORDED', postingId: 'pos_1' });
  });

  test('attempts are kept with a pending one until they end, are too old or it is posted', async () => {
    const purchase = purchaseOf();
    await purchases.insert(purchase, identity());
    const attempt = (id: string, seconds: number) => ({ id, at: new Date(at.getTime() + seconds * 1_000) });
    const kept = async () => (await purchases.byId(purchase.id))?.attempts?.map(({ id }) => id);

    expect(await purchases.beginAttempt(purchase.id, attempt('a', 0), at)).toBe(true);
    expect(await purchases.beginAttempt(purchase.id, attempt('b', 1), at)).toBe(true);
    expect(await kept()).toEqual(['a', 'b']);
    expect(await purchases.beginAttempt(purchase.id, attempt('c', 2), attempt('', 1).at)).toBe(true);
    expect(await kept()).toEqual(['b', 'c']);
    await purchases.endAttempt(purchase.id, 'c');
    expect(await kept()).toEqual(['b']);

    await purchases.settle(purchase.id, 'pos_1');
    expect(await kept()).toBeUndefined();
    expect(await purchases.beginAttempt(purchase.id, attempt('d', 3), at)).toBe(false);
    await purchases.endAttempt(purchase.id, 'b');
    expect(await purchases.byId(purchase.id)).toEqual({
      ...purchase,
      state: 'RECORDED',
      postingId: 'pos_1',
    });
  });

  test('a stale one is claimed by one of many', async () => {
    const old = new Date('2020-01-01T00:00:00Z');
    const purchase = purchaseOf({ recordedAt: old });
    await purchases.insert(purchase, identity());
    const before = new Date('2020-01-02T00:00:00Z');

    const claimed = await Promise.all(Array.from({ length: 6 }, () => purchases.claimStale(before, at)));

    expect(claimed.filter((one) => one !== null)).toEqual([purchase]);
  });
});

describe('returns', () => {
  test('come back as they were kept, once for each reference and key', async () => {
    const record = returnOf(purchaseOf());
    const request = identity();
    await returns.insert(record, request, at);
    const other = (change: object) => ({ ...returnOf(purchaseOf()), ...change });

    expect(await returns.byRef('mer_1', record.externalRef)).toMatchObject({ record });
    expect(await returns.ofPurchases([record.purchaseId])).toEqual([record]);
    expect(await duplicate(returns.insert(other({ externalRef: record.externalRef }), identity(), at))).toBe(
      'merchantId_1_externalRef_1',
    );
    expect(await duplicate(returns.insert(other({}), request, at))).toBe('caller_1_idempotencyKey_1');
  });

  test('a return and its counts are kept together or not at all', async () => {
    const purchase = purchaseOf();
    await purchases.insert(purchase, identity());
    const record = returnOf(purchase);
    const counts = {
      lines: [{ place: 0, returnedQuantity: 1, pointsReturned: 2n }],
      givenBack: [],
      pointsReturned: 2n,
    };

    const work = inTransaction(connection, async () => {
      await purchases.count(purchase.id, 0, counts);
      await returns.insert(record, identity(), at);
      await caps.add('mem_undone', record.caps);
      throw new Error('the process dies');
    });

    await expect(work).rejects.toThrow('the process dies');
    expect(await purchases.byId(purchase.id)).toEqual(purchase);
    expect(await returns.ofPurchases([purchase.id])).toEqual([]);
    expect(await caps.given('mem_undone', record.caps)).toEqual([0n]);
  });
});

test("twenty at once who read a member's cap and add to it never pass it", async () => {
  const rule = { campaignId: 'cam_race', ruleCode: 'gift' };
  await caps.add('mem_race', [{ ...rule, points: 0n }]);
  const consume = () =>
    inTransaction(connection, async () => {
      const [given] = await caps.given('mem_race', [rule]);
      const points = given! < 50n ? 7n : 0n;
      if (points > 0n)
        await caps.add('mem_race', [{ ...rule, points: given! + points > 50n ? 50n - given! : points }]);
    });

  await Promise.all(Array.from({ length: 20 }, consume));

  expect(await caps.given('mem_race', [rule, { ...rule, ruleCode: 'other' }])).toEqual([50n, 0n]);
});
