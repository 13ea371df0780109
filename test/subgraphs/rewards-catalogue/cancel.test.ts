import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { asMember, asMerchant, newKey, operator, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(() => {
  world.time = null;
});

const stockOf = async (rewardId: string) => {
  const found = (await world.documents('rewards')).find(({ _id }) => _id === rewardId);
  return { stock: found.stock, taken: found.taken };
};

async function redeemed(input: Record<string, unknown> = { stock: 2 }) {
  const rewardId = await world.reward(input);
  const memberId = world.accounts.addMember({ points: 100 });
  const answer = await world.redeem(asMember(memberId), { rewardId });
  return { rewardId, memberId, redemptionId: answer.redemption.id, code: answer.redemption.voucher.code };
}

test('a cancellation voids the voucher and gives the points and the stock back', async () => {
  const { rewardId, memberId, redemptionId } = await redeemed();

  const answer = await world.cancel(asMember(memberId), { redemptionId, reason: 'changed my mind' });

  expect(answer).toMatchObject({
    __typename: 'RedemptionCancelled',
    replayed: false,
    redemption: {
      id: redemptionId,
      status: 'CANCELLED',
      cancelledAt: expect.any(String),
      voucher: { status: 'VOID' },
      reward: { stock: 2 },
    },
  });
  expect(world.accounts.balance(memberId)).toEqual({ available: 100, held: 0 });
  expect(await stockOf(rewardId)).toEqual({ stock: 2, taken: 0 });
});

test('the limit of a member counts no cancelled redemption', async () => {
  const { rewardId, memberId, redemptionId } = await redeemed({ limitPerMember: 1 });
  const refused = await world.redeem(asMember(memberId), { rewardId });
  await world.cancel(asMember(memberId), { redemptionId, reason: 'no' });

  const again = await world.redeem(asMember(memberId), { rewardId });

  expect(refused.whyNot).toMatchObject([{ code: 'LIMIT_PER_MEMBER_REACHED' }]);
  expect(again.__typename).toBe('RewardRedeemed');
});

test('the same cancellation, 20 times at once and again later, gives back once', async () => {
  const { rewardId, memberId, redemptionId } = await redeemed();
  const input = { redemptionId, reason: 'no', idempotencyKey: newKey() };

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => world.cancel(asMember(memberId), input)),
  );
  const later = await world.cancel(asMember(memberId), input);

  expect(new Set(answers.map(({ __typename }) => __typename))).toEqual(new Set(['RedemptionCancelled']));
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(later.replayed).toBe(true);
  expect(world.accounts.balance(memberId)).toEqual({ available: 100, held: 0 });
  expect(await stockOf(rewardId)).toEqual({ stock: 2, taken: 0 });
});

test('a member that was erased cancels nothing, be its session still good, and an earlier cancellation stays', async () => {
  const [kept, given] = [await redeemed(), await redeemed()];
  const earlier = { redemptionId: given.redemptionId, reason: 'no', idempotencyKey: newKey() };
  await world.cancel(asMember(given.memberId), earlier);
  for (const { memberId } of [kept, given]) world.accounts.eraseMember(memberId);
  const spent = world.accounts.spent();

  const refused = await world.cancel(asMember(kept.memberId), {
    redemptionId: kept.redemptionId,
    reason: 'no',
  });
  const again = await world.cancel(asMember(given.memberId), earlier);

  expect(refused).toMatchObject({ __typename: 'NotFound', what: 'REDEMPTION' });
  expect(again).toMatchObject({ __typename: 'RedemptionCancelled', replayed: true });
  expect(world.accounts.spent()).toBe(spent);
  expect(await stockOf(kept.rewardId)).toEqual({ stock: 1, taken: 1 });
});

test('a key that cancelled another redemption is refused and nothing changes', async () => {
  const [first, second] = [await redeemed(), await redeemed()];
  const idempotencyKey = newKey();
  await world.cancel(operator, { redemptionId: first.redemptionId, reason: 'no', idempotencyKey });

  const answer = await world.cancel(operator, {
    redemptionId: second.redemptionId,
    reason: 'no',
    idempotencyKey,
  });

  expect(answer.__typename).toBe('IdempotencyConflict');
  expect(world.accounts.balance(second.memberId).available).toBe(0);
  expect(await stockOf(second.rewardId)).toEqual({ stock: 1, taken: 1 });
});

test('two redemptions cancelled at once under one key: one is cancelled, the other refused', async () => {
  const both = [await redeemed(), await redeemed()];
  const idempotencyKey = newKey();

  const answers = await Promise.all(
    both.map(({ redemptionId }) => world.cancel(operator, { redemptionId, reason: 'no', idempotencyKey })),
  );

  expect(new Set(answers.map(({ __typename }) => __typename))).toEqual(
    new Set(['IdempotencyConflict', 'RedemptionCancelled']),
  );
  const given = both.map(({ memberId }) => world.accounts.balance(memberId).available);
  expect(given.sort((a, b) => a - b)).toEqual([0, 100]);
});

test('a consumed voucher stays consumed and its redemption stands', async () => {
  const { rewardId, memberId, redemptionId, code } = await redeemed();
  await world.consume(asMerchant('mer_shop'), { code, externalRef: 'till-1' });

  const answer = await world.cancel(asMember(memberId), { redemptionId, reason: 'too late' });

  expect(answer).toMatchObject({
    __typename: 'NotCancellable',
    code: 'NOT_CANCELLABLE',
    message: 'The voucher has been consumed.',
    redemption: { status: 'CONFIRMED' },
  });
  expect(world.accounts.balance(memberId).available).toBe(0);
  expect(await stockOf(rewardId)).toEqual({ stock: 1, taken: 1 });
});

test.each([
  ['its member', (memberId: string) => asMember(memberId)],
  ['the merchant of its reward', () => asMerchant('mer_shop')],
])('%s cannot cancel once the voucher has expired, to the millisecond', async (_, callerOf) => {
  const [late, inTime] = [await redeemed(), await redeemed()];
  const expiries = (await world.documents('vouchers')).map(({ redemptionId, expiresAt }) => [
    redemptionId,
    expiresAt,
  ]);
  const expiryOf = new Map<string, Date>(expiries as [string, Date][]);

  world.time = expiryOf.get(late.redemptionId)!;
  const refused = await world.cancel(callerOf(late.memberId), {
    redemptionId: late.redemptionId,
    reason: 'unused',
  });
  world.time = new Date(expiryOf.get(inTime.redemptionId)!.getTime() - 1);
  const cancelled = await world.cancel(callerOf(inTime.memberId), {
    redemptionId: inTime.redemptionId,
    reason: 'unused',
  });

  expect(refused).toMatchObject({
    __typename: 'NotCancellable',
    message: 'The voucher has expired.',
    redemption: { status: 'CONFIRMED' },
  });
  expect(world.accounts.balance(late.memberId)).toEqual({ available: 0, held: 0 });
  expect(await stockOf(late.rewardId)).toEqual({ stock: 1, taken: 1 });
  expect(cancelled.__typename).toBe('RedemptionCancelled');
  expect(world.accounts.balance(inTime.memberId)).toEqual({ available: 100, held: 0 });
});

test('the operator cancels an expired redemption where the terms ask for it, but none that was consumed', async () => {
  const [unused, used] = [await redeemed(), await redeemed()];
  await world.consume(asMerchant('mer_shop'), { code: used.code, externalRef: 'till-1' });
  world.time = new Date(Date.now() + 91 * 86_400_000);

  const cancelled = await world.cancel(operator, { redemptionId: unused.redemptionId, reason: 'terms' });
  const refused = await world.cancel(operator, { redemptionId: used.redemptionId, reason: 'terms' });

  expect(cancelled).toMatchObject({ redemption: { status: 'CANCELLED', voucher: { status: 'VOID' } } });
  expect(world.accounts.balance(unused.memberId)).toEqual({ available: 100, held: 0 });
  expect(await stockOf(unused.rewardId)).toEqual({ stock: 2, taken: 0 });
  expect(refused).toMatchObject({ code: 'NOT_CANCELLABLE', message: 'The voucher has been consumed.' });
  expect(world.accounts.balance(used.memberId)).toEqual({ available: 0, held: 0 });
});

test('of a cancellation and a till at once, exactly one gets the voucher', async () => {
  for (let round = 0; round < 12; round++) {
    const { rewardId, memberId, redemptionId, code } = await redeemed();

    const [cancelled, consumed] = await Promise.all([
      world.cancel(asMember(memberId), { redemptionId, reason: 'race' }),
      world.consume(asMerchant('mer_shop'), { code, externalRef: `till-${round}` }),
    ]);

    const tillWon = consumed.__typename === 'VoucherConsumed';
    expect(cancelled.__typename).toBe(tillWon ? 'NotCancellable' : 'RedemptionCancelled');
    expect(consumed.__typename).toBe(tillWon ? 'VoucherConsumed' : 'VoucherNotUsable');
    expect(world.accounts.balance(memberId).available).toBe(tillWon ? 0 : 100);
    expect(await stockOf(rewardId)).toEqual(tillWon ? { stock: 1, taken: 1 } : { stock: 2, taken: 0 });
  }
});

test('a redemption cancelled before is not cancelled again under another key', async () => {
  const { memberId, redemptionId } = await redeemed();
  await world.cancel(asMember(memberId), { redemptionId, reason: 'no' });

  const answer = await world.cancel(asMember(memberId), { redemptionId, reason: 'no' });

  expect(answer).toMatchObject({ __typename: 'NotCancellable', redemption: { status: 'CANCELLED' } });
  expect(world.accounts.balance(memberId).available).toBe(100);
});

test('points that the operator reversed directly are not given back twice', async () => {
  const { memberId, redemptionId } = await redeemed();
  const { capturePostingId } = (await world.documents('redemptions')).find(({ _id }) => _id === redemptionId);
  world.accounts.reverse(capturePostingId);

  const answer = await world.cancel(asMember(memberId), { redemptionId, reason: 'no' });

  expect(answer).toMatchObject({ __typename: 'RedemptionCancelled', redemption: { status: 'CANCELLED' } });
  expect(world.accounts.balance(memberId)).toEqual({ available: 100, held: 0 });
});

test.each([
  ['the reward merchant', 'RedemptionCancelled', asMerchant('mer_shop')],
  ['the operator', 'RedemptionCancelled', operator],
  ['another merchant', 'NotFound', asMerchant('mer_cafe')],
  ['another member', 'NotFound', asMember('mem_other')],
])('%s that cancels gets %s', async (_, expected, caller) => {
  const { memberId, redemptionId } = await redeemed();

  const answer = await world.cancel(caller, { redemptionId, reason: 'asked to' });

  expect(answer.__typename).toBe(expected);
  const givenBack = expected === 'RedemptionCancelled';
  expect(world.accounts.balance(memberId).available).toBe(givenBack ? 100 : 0);
});

test('a merchant that cancels what a member of others redeemed is told that it is done, but not whose it was', async () => {
  const { redemptionId } = await redeemed();
  const query = `mutation ($input: CancelRedemptionInput!) { cancelRedemption(input: $input) {
    ... on RedemptionCancelled { member { id } redemption { status member { id } } } } }`;
  const input = { redemptionId, reason: 'asked to', idempotencyKey: newKey() };

  const answer = await world.ask(asMerchant('mer_shop'), query, { input });

  const redemption = { status: 'CANCELLED', member: null };
  expect(answer).toEqual({ data: { cancelRedemption: { member: null, redemption } } });
});

test('the merchant that redeemed for its member, but does not give the reward, cannot cancel', async () => {
  const rewardId = await world.reward();
  world.accounts.addMember({ points: 100, registeredBy: ['mer_cafe'], reference: 'c-1' });
  const { redemption } = await world.redeem(asMerchant('mer_cafe'), {
    rewardId,
    member: { reference: 'c-1' },
  });

  const answer = await world.cancel(asMerchant('mer_cafe'), { redemptionId: redemption.id, reason: 'no' });

  expect(answer).toMatchObject({ __typename: 'NotFound', what: 'REDEMPTION', id: redemption.id });
});

test.each([
  ['a key with a blank', { idempotencyKey: 'a b' }, 'input.idempotencyKey'],
  ['a blank reason', { reason: '  ' }, 'input.reason'],
  ['a long reason', { reason: 'x'.repeat(501) }, 'input.reason'],
])('refuses %s before anything else', async (_, changes, field) => {
  const answer = await world.cancel(operator, { redemptionId: 'red_none', reason: 'no', ...changes });

  expect(answer).toMatchObject({ __typename: 'InvalidInput', field });
});
