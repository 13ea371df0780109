import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { newRedemption, type Redemption } from '../../subgraphs/rewards-catalogue/redemption/redemption.ts';
import {
  createRedemptionStore,
  type RedemptionStore,
} from '../../subgraphs/rewards-catalogue/redemption/redemption-store.ts';
import type { Reward } from '../../subgraphs/rewards-catalogue/reward/reward.ts';
import {
  createRewardStore,
  type RewardStore,
} from '../../subgraphs/rewards-catalogue/reward/reward-store.ts';
import type { Voucher } from '../../subgraphs/rewards-catalogue/voucher/voucher.ts';
import {
  createVoucherStore,
  type VoucherStore,
} from '../../subgraphs/rewards-catalogue/voucher/voucher-store.ts';
import { buildIndexes, connectMongo, inTransaction } from '../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../support/mongo.ts';

let mongo: TestMongo;
let connection: Connection;
let rewards: RewardStore;
let redemptions: RedemptionStore;
let vouchers: VoucherStore;
let now = new Date('2026-01-01T00:00:00Z');
beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('stores'));
  rewards = createRewardStore(connection);
  redemptions = createRedemptionStore(connection, () => now);
  vouchers = createVoucherStore(connection);
  await buildIndexes(connection);
});
afterAll(async () => {
  await connection.close();
  await mongo.stop();
});

let count = 0;
const next = (prefix: string) => `${prefix}_${++count}`;

const reward = (changes: Partial<Reward> = {}): Reward => ({
  id: next('rew'),
  merchantId: 'mer_1',
  programme: 'SHARED',
  name: 'Cat toy',
  description: '',
  category: 'pet toy',
  points: 100_000_000n,
  voucherValue: { amountMinor: 9_007_199_254_740_991n, currency: 'CNY' },
  status: 'PUBLISHED',
  availableFrom: now,
  availableUntil: null,
  stock: null,
  limitPerMember: null,
  voucherValidityDays: 90,
  terms: { delivery: 'a', use: 'b', exclusions: 'c', cancellation: 'd' },
  ...changes,
});

const identity = (key = next('key')) => ({ caller: 'member:1', key, inputHash: 'hash' });

const redemption = (changes: Partial<Redemption> = {}): Redemption => ({
  ...newRedemption({
    id: next('red'),
    reward: reward(),
    memberId: 'mem_1',
    fromHousehold: false,
    actor: { kind: 'MERCHANT', merchantId: 'mer_2', clientId: 'cli', scopes: ['REDEMPTIONS'] },
    request: identity(),
    now,
  }),
  ...changes,
});

const voucher = (changes: Partial<Voucher> = {}): Voucher => ({
  id: next('vou'),
  code: next('code'),
  redemptionId: next('red'),
  rewardId: 'rew_1',
  memberId: 'mem_1',
  merchantId: 'mer_1',
  seenBy: ['mer_1'],
  value: null,
  state: 'RESERVED',
  issuedAt: now,
  expiresAt: new Date(now.getTime() + 1_000),
  consumption: null,
  ...changes,
});

test('what is kept is read back as it was, large numbers included', async () => {
  const [a, b, c] = [reward({ stock: 7 }), redemption(), voucher({ value: reward().voucherValue })];
  await rewards.insert(a, identity());
  await redemptions.insert(b);
  await vouchers.insert(c);

  expect(await rewards.find(a.id)).toEqual(a);
  expect(await redemptions.find(b.id)).toEqual(b);
  expect(await vouchers.find(c.id)).toEqual(c);
});

test("a caller's key makes one reward and one redemption, also of many at once; failed ones give it back", async () => {
  const request = identity();

  const made = await Promise.all(Array.from({ length: 10 }, () => rewards.insert(reward(), request)));
  const records = Array.from({ length: 10 }, () => redemption({ request }));
  const inserted = await Promise.all(records.map((record) => redemptions.insert(record)));

  expect(made.filter((found) => found !== null)).toHaveLength(1);
  expect(inserted.filter((done) => done)).toHaveLength(1);
  const first = records[inserted.indexOf(true)]!;
  await redemptions.move(first.id, 'RESERVE', { status: 'FAILED', step: null, request: null });
  expect(await redemptions.findByRequest(request.caller, request.key)).toBeNull();
  expect(await redemptions.insert(redemption({ request }))).toBe(true);
  expect(await redemptions.insert(redemption({ request: { ...request, caller: 'member:2' } }))).toBe(true);
});

test('a record is moved only from the step it is at, by one of many at once', async () => {
  const record = redemption();
  await redemptions.insert(record);

  const moved = await Promise.all(
    Array.from({ length: 10 }, () =>
      redemptions.move(record.id, 'RESERVE', { step: 'HOLD', reserved: true }),
    ),
  );
  const again = await redemptions.move(record.id, 'RESERVE', { step: 'ISSUE' });

  expect(moved.filter((found) => found !== null)).toHaveLength(1);
  expect(again).toBeNull();
  expect(await redemptions.find(record.id)).toMatchObject({ step: 'HOLD', reserved: true });
});

test('stock never goes below zero, however many take at once', async () => {
  const { id } = reward({ stock: 5 });
  await rewards.insert(reward({ id, stock: 5 }), identity());

  const taken = await Promise.all(Array.from({ length: 20 }, () => rewards.takeOne(id, true)));

  expect(taken.filter((found) => found !== null)).toHaveLength(5);
  expect(await rewards.find(id)).toMatchObject({ stock: 0 });
  await rewards.giveBack(id, true);
  expect(await rewards.find(id)).toMatchObject({ stock: 1 });
});

test('stock taken in a transaction that fails is not taken', async () => {
  const made = reward({ stock: 5 });
  await rewards.insert(made, identity());

  const failing = inTransaction(connection, async () => {
    await rewards.takeOne(made.id, true);
    throw new Error('no');
  });

  await expect(failing).rejects.toThrow('no');
  expect(await rewards.find(made.id)).toMatchObject({ stock: 5 });
});

test('counts what each member has of each reward', async () => {
  const [rewardId, memberId] = [next('rew'), next('mem')];
  for (const reserved of [true, true, false])
    await redemptions.insert(redemption({ rewardId, memberId, reserved }));

  expect(
    await redemptions.countReserved([
      { rewardId: 'rew_none', memberId },
      { rewardId, memberId },
      { rewardId, memberId: 'mem_none' },
    ]),
  ).toEqual([0, 2, 0]);
});

test('gives out the records at work that were left alone longest, each once', async () => {
  await connection.db!.collection('redemptions').deleteMany({});
  const records: Redemption[] = [];
  for (const second of [3, 1, 2]) {
    now = new Date(Date.UTC(2026, 0, 1, 0, 0, second));
    const record = redemption();
    records.push(record);
    await redemptions.insert(record);
  }
  await redemptions.insert(redemption({ step: null, status: 'CONFIRMED' }));
  now = new Date(Date.UTC(2026, 0, 1, 0, 1));
  const before = new Date(Date.UTC(2026, 0, 1, 0, 0, 3));

  const claimed = [1, 2, 3].map(() => redemptions.claimUntouched(before));
  const ids = (await Promise.all(claimed)).map((found) => found?.id ?? null);

  expect(new Set(ids)).toEqual(new Set([records[1]!.id, records[2]!.id, null]));
});

test('a redemption has one voucher and a code is one voucher', async () => {
  const first = voucher();
  await vouchers.insert(first);

  expect(await vouchers.insert(voucher({ redemptionId: first.redemptionId }))).toBe('ALREADY_ISSUED');
  expect(await vouchers.insert(voucher({ code: first.code }))).toBe('CODE_TAKEN');
  expect(await vouchers.insert(voucher())).toBe('INSERTED');
});

test('a withdrawn voucher is not activated, and an active one not withdrawn', async () => {
  const [kept, gone] = [voucher(), voucher()];
  for (const each of [kept, gone]) await vouchers.insert(each);

  await vouchers.activate(kept.redemptionId);
  await vouchers.withdraw(kept.redemptionId);
  await vouchers.withdraw(gone.redemptionId);
  await vouchers.activate(gone.redemptionId);

  expect((await vouchers.find(kept.id))?.state).toBe('ACTIVE');
  expect((await vouchers.find(gone.id))?.state).toBe('WITHDRAWN');
});

test('of a till and a cancellation at once one gets the voucher, as of two tills', async () => {
  for (let round = 0; round < 20; round++) {
    const each = voucher({ state: 'ACTIVE' });
    await vouchers.insert(each);
    const consume = () => vouchers.consume(each.id, { ...identity(), ref: 'r', at: now });
    now = each.issuedAt;

    const results = await Promise.all([vouchers.voidUnused(each.redemptionId, null), consume(), consume()]);

    expect(results.filter((result) => result !== null && result !== false)).toHaveLength(1);
  }
});

test('the database itself guards every "only once"', async () => {
  const unique = async (name: string) =>
    (await connection.db!.collection(name).indexes())
      .filter((index) => index.unique)
      .map((index) => Object.keys(index.key).join(' '))
      .sort();

  expect(await unique('rewards')).toEqual(['request.caller request.key']);
  expect(await unique('redemptions')).toEqual([
    'cancellation.caller cancellation.key',
    'request.caller request.key',
  ]);
  expect(await unique('vouchers')).toEqual(['code', 'consumption.caller consumption.key', 'redemptionId']);
});

test('finds the voucher of every redemption that is asked for, however many they are', async () => {
  const many = Array.from({ length: 501 }, () => voucher());
  await Promise.all(many.map((each) => vouchers.insert(each)));

  const byRedemption = await vouchers.findByRedemptions(many.map(({ redemptionId }) => redemptionId));
  const byId = await vouchers.findMany(many.map(({ id }) => id));

  expect(new Set(byRedemption.map(({ id }) => id))).toEqual(new Set(many.map(({ id }) => id)));
  expect(byId).toHaveLength(501);
});
