import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { asMember, asMerchant, dataOf, newKey, send, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.accounts.faults.length = 0;
  world.accounts.calls.clear();
  world.time = null;
});

const of = async (collection: string, rewardId: string) =>
  (await world.documents(collection)).filter((document) => document.rewardId === rewardId);

const stockOf = async (rewardId: string) =>
  (await world.documents('rewards')).find(({ _id }) => _id === rewardId);

const redeemAt = (url: string) => async (caller: ReturnType<typeof asMember>, input: object) => {
  const query = 'mutation ($input: RedeemRewardInput!) { redeemReward(input: $input) { __typename } }';
  return dataOf(await send(url, caller, query, { input: { idempotencyKey: newKey(), ...input } }))
    .redeemReward;
};

test('a redemption takes the points, one from stock, and gives a usable voucher', async () => {
  const rewardId = await world.reward({ stock: 3, voucherValidityDays: 30 });
  const memberId = world.accounts.addMember({ points: 250 });

  const answer = await world.redeem(asMember(memberId), { rewardId });

  expect(answer).toMatchObject({
    __typename: 'RewardRedeemed',
    replayed: false,
    member: { id: memberId },
    redemption: {
      status: 'CONFIRMED',
      points: 100,
      voucher: {
        status: 'ACTIVE',
        code: expect.stringMatching(/^([2-9A-HJKMNP-Z]{4}-){3}[2-9A-HJKMNP-Z]{4}$/),
      },
      reward: { id: rewardId, stock: 2 },
    },
  });
  const { issuedAt, expiresAt } = answer.redemption.voucher;
  expect(Date.parse(expiresAt) - Date.parse(issuedAt)).toBe(30 * 86_400_000);
  expect(world.accounts.balance(memberId)).toEqual({ available: 150, held: 0 });
});

test('the same request again answers the same, however often and however concurrently it is sent', async () => {
  const rewardId = await world.reward({ stock: 5 });
  const memberId = world.accounts.addMember({ points: 1_000 });
  const input = { rewardId, idempotencyKey: newKey() };

  const answers = await Promise.all(
    Array.from({ length: 50 }, () => world.redeem(asMember(memberId), input)),
  );
  const later = await world.redeem(asMember(memberId), input);

  expect(new Set(answers.map((answer) => answer.redemption.voucher.code)).size).toBe(1);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(later).toMatchObject({ replayed: true, redemption: { id: answers[0].redemption.id } });
  expect(world.accounts.balance(memberId)).toEqual({ available: 900, held: 0 });
  expect(await of('vouchers', rewardId)).toHaveLength(1);
  expect(await of('redemptions', rewardId)).toHaveLength(1);
  expect(await stockOf(rewardId)).toMatchObject({ stock: 4, taken: 1 });
});

test('a key that stood for another reward is refused and nothing is written', async () => {
  const [first, second] = [await world.reward(), await world.reward()];
  const memberId = world.accounts.addMember({ points: 1_000 });
  const idempotencyKey = newKey();
  await world.redeem(asMember(memberId), { rewardId: first, idempotencyKey });

  const answer = await world.redeem(asMember(memberId), { rewardId: second, idempotencyKey });

  expect(answer).toMatchObject({ __typename: 'IdempotencyConflict', code: 'IDEMPOTENCY_CONFLICT' });
  expect(await of('redemptions', second)).toEqual([]);
  expect(world.accounts.balance(memberId).available).toBe(900);
});

test('two members may use the same key without meeting', async () => {
  const rewardId = await world.reward();
  const members = [1, 2].map(() => world.accounts.addMember({ points: 100 }));
  const idempotencyKey = newKey();

  const answers = await Promise.all(
    members.map((memberId) => world.redeem(asMember(memberId), { rewardId, idempotencyKey })),
  );

  expect(answers.map(({ replayed }) => replayed)).toEqual([false, false]);
});

test('200 at once for 50 in stock: 50 are confirmed, 150 told that it is out of stock, and nobody else pays', async () => {
  const rewardId = await world.reward({ stock: 50 });
  const members = Array.from({ length: 200 }, () => world.accounts.addMember({ points: 100 }));
  const spentBefore = world.accounts.spent();

  const answers = await Promise.all(
    members.map((memberId) => world.redeem(asMember(memberId), { rewardId })),
  );

  const confirmed = answers.filter(({ redemption }) => redemption?.status === 'CONFIRMED');
  const refused = answers.filter(({ __typename }) => __typename === 'RewardUnavailable');
  expect(confirmed).toHaveLength(50);
  expect(refused).toHaveLength(150);
  expect(refused.every(({ whyNot }) => whyNot.length === 1 && whyNot[0].code === 'OUT_OF_STOCK')).toBe(true);
  expect(await stockOf(rewardId)).toMatchObject({ stock: 0, taken: 50 });
  expect(world.accounts.spent() - spentBefore).toBe(5_000);
  const balances = members.map((memberId) => world.accounts.balance(memberId));
  expect(balances.filter(({ available, held }) => available === 0 && held === 0)).toHaveLength(50);
  expect(balances.filter(({ available, held }) => available === 100 && held === 0)).toHaveLength(150);
  const vouchers = await of('vouchers', rewardId);
  expect(vouchers.filter(({ state }) => state === 'ACTIVE')).toHaveLength(50);
  expect(new Set(vouchers.map(({ code }) => code)).size).toBe(vouchers.length);
});

test('two processes at once cannot sell more than there is', async () => {
  const rewardId = await world.reward({ stock: 5 });
  const another = await world.startAnother({ sweepEveryMs: 3_600_000 });
  const members = Array.from({ length: 20 }, () => world.accounts.addMember({ points: 100 }));

  const answers = await Promise.all(
    members.map((memberId, index) =>
      (index % 2 ? world.redeem : redeemAt(another.url))(asMember(memberId), { rewardId }),
    ),
  );

  await another.stop();
  expect(answers.filter(({ __typename }) => __typename === 'RewardRedeemed')).toHaveLength(5);
  expect(await stockOf(rewardId)).toMatchObject({ stock: 0, taken: 5 });
});

test('a member cannot race past the limit', async () => {
  const rewardId = await world.reward({ limitPerMember: 2 });
  const memberId = world.accounts.addMember({ points: 10_000 });
  const other = world.accounts.addMember({ points: 100 });

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => world.redeem(asMember(memberId), { rewardId })),
  );
  const others = await world.redeem(asMember(other), { rewardId });

  expect(answers.filter(({ __typename }) => __typename === 'RewardRedeemed')).toHaveLength(2);
  const reasons = answers.flatMap(({ whyNot }) => whyNot ?? []).map(({ code }) => code);
  expect(reasons).toEqual(Array.from({ length: 18 }, () => 'LIMIT_PER_MEMBER_REACHED'));
  expect(world.accounts.balance(memberId)).toEqual({ available: 9_800, held: 0 });
  expect(others.__typename).toBe('RewardRedeemed');
});

test('without enough points the stock is given back, no voucher is seen and the same request may be tried again', async () => {
  const rewardId = await world.reward({ stock: 1 });
  const memberId = world.accounts.addMember({ points: 40 });
  const input = { rewardId, idempotencyKey: newKey() };

  const refused = await world.redeem(asMember(memberId), input);

  expect(refused).toMatchObject({
    __typename: 'NotEnoughPoints',
    code: 'NOT_ENOUGH_POINTS',
    available: 40,
    shortBy: 60,
    availableFrom: null,
  });
  expect(await stockOf(rewardId)).toMatchObject({ stock: 1, taken: 0 });
  expect(await of('vouchers', rewardId)).toEqual([]);
  expect((await of('redemptions', rewardId)).map(({ status }) => status)).toEqual(['FAILED']);
  expect(world.accounts.balance(memberId)).toEqual({ available: 40, held: 0 });

  const rich = world.accounts.addMember({ points: 100 });
  const again = await world.redeem(asMember(rich), { rewardId });
  expect(again.__typename).toBe('RewardRedeemed');
});

test('a refused request, sent again when it can be met, is met', async () => {
  const rewardId = await world.reward({ stock: 1 });
  const memberId = world.accounts.addMember({ points: 100 });
  const other = world.accounts.addMember({ points: 100 });
  const input = { rewardId, idempotencyKey: newKey() };
  const taken = await world.redeem(asMember(other), { rewardId });
  const refused = await world.redeem(asMember(memberId), input);
  await world.cancel(asMember(other), { redemptionId: taken.redemption.id, reason: 'changed my mind' });

  const answer = await world.redeem(asMember(memberId), input);

  expect(refused).toMatchObject({ __typename: 'RewardUnavailable', reward: { stock: 0 } });
  expect(answer).toMatchObject({ __typename: 'RewardRedeemed', replayed: false });
});

test('tells every reason why a reward cannot be had, in the order of the enum, and writes nothing', async () => {
  world.time = new Date('2026-01-01T00:00:00Z');
  const rewardId = await world.reward({
    stock: 0,
    availableFrom: '2026-01-01T00:00:00Z',
    availableUntil: '2026-02-01T00:00:00Z',
  });
  const memberId = world.accounts.addMember({ points: 0 });
  world.time = new Date('2026-02-01T00:00:00Z');

  const answer = await world.redeem(asMember(memberId), { rewardId });

  expect(answer.whyNot).toEqual([
    expect.objectContaining({ code: 'NO_LONGER_AVAILABLE', shortBy: null, availableFrom: null }),
    expect.objectContaining({ code: 'OUT_OF_STOCK', shortBy: null, availableFrom: null }),
  ]);
  expect(await of('redemptions', rewardId)).toEqual([]);
  expect(world.accounts.calls.get('holdPoints')).toBeUndefined();
});

test('a reward of the future tells from when it can be had', async () => {
  const availableFrom = new Date(Date.now() + 86_400_000).toISOString();
  const rewardId = await world.reward({ availableFrom });
  const memberId = world.accounts.addMember({ points: 100 });

  const answer = await world.redeem(asMember(memberId), { rewardId });

  expect(answer.whyNot).toMatchObject([{ code: 'NOT_YET_AVAILABLE', availableFrom }]);
});

test('a merchant redeems for its own member by its reference and reads the voucher it got', async () => {
  const rewardId = await world.reward();
  const memberId = world.accounts.addMember({ points: 100, registeredBy: ['mer_cafe'], reference: 'c-77' });

  const answer = await world.redeem(asMerchant('mer_cafe'), { rewardId, member: { reference: 'c-77' } });

  expect(answer).toMatchObject({
    __typename: 'RewardRedeemed',
    member: { id: memberId },
    redemption: { status: 'CONFIRMED', voucher: { status: 'ACTIVE' } },
  });
});

test.each([
  ["another merchant's member", { id: 'OTHER' }, { __typename: 'NotFound', what: 'MEMBER' }],
  ['no member', null, { __typename: 'InvalidInput', field: 'input.member' }],
  ['two names', { id: 'OTHER', reference: 'x' }, { __typename: 'InvalidInput', field: 'input.member' }],
  ['an empty selector', {}, { __typename: 'InvalidInput', field: 'input.member' }],
])('refuses a merchant that names %s, and writes nothing', async (_, selector, refusal) => {
  const rewardId = await world.reward();
  const other = world.accounts.addMember({ points: 100, registeredBy: ['mer_book'] });
  const member = selector && 'id' in selector ? { ...selector, id: other } : selector;

  const answer = await world.redeem(asMerchant('mer_cafe'), { rewardId, member });

  expect(answer).toMatchObject(refusal);
  expect(await of('redemptions', rewardId)).toEqual([]);
});

test('a member cannot redeem for another', async () => {
  const rewardId = await world.reward();
  const [mine, other] = [world.accounts.addMember({}), world.accounts.addMember({ points: 100 })];

  const answer = await world.redeem(asMember(mine), { rewardId, member: { id: other } });

  expect(answer).toMatchObject({ __typename: 'NotFound', what: 'MEMBER', id: other });
  expect(world.accounts.balance(other).available).toBe(100);
});

test('refusals come in order: input, key, what is not found, what is unavailable', async () => {
  const rewardId = await world.reward({ stock: 0 });
  const memberId = world.accounts.addMember({ points: 0 });
  const used = newKey();
  await world.redeem(asMember(world.accounts.addMember({ points: 0 })), { rewardId: await world.reward() });
  const open = await world.reward();
  const rich = world.accounts.addMember({ points: 100 });
  await world.redeem(asMember(rich), { rewardId: open, idempotencyKey: used });

  const badKey = await world.redeem(asMember(rich), { rewardId: 'rew_none', idempotencyKey: 'a b' });
  const conflict = await world.redeem(asMember(rich), { rewardId: 'rew_none', idempotencyKey: used });
  const unknown = await world.redeem(asMember(memberId), { rewardId: 'rew_none' });
  const unavailable = await world.redeem(asMember(memberId), { rewardId });

  expect(badKey).toMatchObject({ __typename: 'InvalidInput', field: 'input.idempotencyKey' });
  expect(conflict.__typename).toBe('IdempotencyConflict');
  expect(unknown).toMatchObject({ __typename: 'NotFound', what: 'REWARD', id: 'rew_none' });
  expect(unavailable).toMatchObject({ __typename: 'RewardUnavailable', whyNot: [{ code: 'OUT_OF_STOCK' }] });
});

test('a member that accounts does not know gets nothing and the stock is given back', async () => {
  const rewardId = await world.reward({ stock: 1 });

  const answer = await world.redeem(asMember('mem_gone'), { rewardId });

  expect(answer).toMatchObject({ __typename: 'NotFound', what: 'MEMBER', id: 'mem_gone' });
  expect(await stockOf(rewardId)).toMatchObject({ stock: 1, taken: 0 });
});

test('a draft is as unknown to a member as nothing; its own merchant is told that it is not published', async () => {
  const memberId = world.accounts.addMember({ points: 100, registeredBy: ['mer_shop'] });
  const created = await world.ask(
    asMerchant('mer_shop'),
    `mutation ($input: CreateRewardInput!) { createReward(input: $input) { ... on RewardCreated { reward { id } } } }`,
    { input: { idempotencyKey: newKey(), name: 'x', description: '', category: 'x', points: 1 } },
  );
  const rewardId = created.data.createReward.reward.id;

  const forMember = await world.redeem(asMember(memberId), { rewardId });
  const forOwner = await world.redeem(asMerchant('mer_shop'), { rewardId, member: { id: memberId } });

  expect(forMember).toMatchObject({ __typename: 'NotFound', what: 'REWARD' });
  expect(forOwner).toMatchObject({ __typename: 'RewardUnavailable', whyNot: [{ code: 'NOT_PUBLISHED' }] });
  expect(await of('redemptions', rewardId)).toEqual([]);
});
