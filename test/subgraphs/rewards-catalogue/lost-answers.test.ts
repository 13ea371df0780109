import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sweepUntil } from './sweep-until.ts';
import { asMember, newKey, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.accounts.faults.length = 0;
  world.accounts.calls.clear();
});

const redeem = `mutation ($input: RedeemRewardInput!) { redeemReward(input: $input) { __typename
  ... on RewardRedeemed { replayed redemption { id status } } } }`;
const cancel = `mutation ($input: CancelRedemptionInput!) { cancelRedemption(input: $input) { __typename
  ... on RedemptionCancelled { replayed redemption { id status } } } }`;

const one = async (collection: string, rewardId: string) => {
  const all = await world.documents(collection);
  const found = all.filter((document) => document.rewardId === rewardId);
  expect(found).toHaveLength(1);
  return found[0];
};

const rewardOf = async (rewardId: string) =>
  (await world.documents('rewards')).find(({ _id }) => _id === rewardId);

for (const operation of ['holdPoints', 'capturePoints'])
  for (const when of ['before', 'after'] as const)
    test(`an answer lost ${when} ${operation}: the caller is told to send again, which carries on and takes once`, async () => {
      const rewardId = await world.reward({ stock: 2 });
      const memberId = world.accounts.addMember({ points: 300 });
      const input = { rewardId, idempotencyKey: newKey() };
      world.accounts.faults.push({ operation, when, times: 1 });

      const lost = await world.ask(asMember(memberId), redeem, { input });
      const pending = await one('redemptions', rewardId);
      const again = await world.ask(asMember(memberId), redeem, { input });

      expect(lost.errors).toMatchObject([
        { message: expect.stringContaining('Nothing is lost'), extensions: { code: 'SERVICE_UNAVAILABLE' } },
      ]);
      expect(pending.status).toBe('PENDING');
      expect(again.data.redeemReward).toMatchObject({
        replayed: true,
        redemption: { id: pending._id, status: 'CONFIRMED' },
      });
      expect(world.accounts.balance(memberId)).toEqual({ available: 200, held: 0 });
      expect(await rewardOf(rewardId)).toMatchObject({ stock: 1, taken: 1 });
      expect((await one('vouchers', rewardId)).state).toBe('ACTIVE');
    });

test('what nobody sends again is finished by the sweeper', async () => {
  const rewardId = await world.reward({ stock: 1 });
  const memberId = world.accounts.addMember({ points: 100 });
  world.accounts.faults.push({ operation: 'capturePoints', when: 'after', times: 1 });
  await world.ask(asMember(memberId), redeem, { input: { rewardId, idempotencyKey: newKey() } });

  await sweepUntil(world, async () => (await one('redemptions', rewardId)).status !== 'PENDING');

  expect((await one('redemptions', rewardId)).status).toBe('CONFIRMED');
  expect((await one('vouchers', rewardId)).state).toBe('ACTIVE');
  expect(world.accounts.balance(memberId)).toEqual({ available: 0, held: 0 });
});

test('a hold that timed out before the points were taken undoes the voucher and the stock', async () => {
  const rewardId = await world.reward({ stock: 1 });
  const memberId = world.accounts.addMember({ points: 100 });
  world.accounts.faults.push({ operation: 'capturePoints', when: 'before', times: 1 });
  await world.ask(asMember(memberId), redeem, { input: { rewardId, idempotencyKey: newKey() } });
  expect((await one('vouchers', rewardId)).state).toBe('RESERVED');
  world.accounts.timeOutHolds();

  await sweepUntil(world, async () => (await one('redemptions', rewardId)).status !== 'PENDING');

  const failed = await one('redemptions', rewardId);
  expect(failed).toMatchObject({ status: 'FAILED', failure: { kind: 'HoldReleased' }, reserved: false });
  expect((await one('vouchers', rewardId)).state).toBe('WITHDRAWN');
  expect(await rewardOf(rewardId)).toMatchObject({ stock: 1, taken: 0 });
  expect(world.accounts.balance(memberId)).toEqual({ available: 100, held: 0 });
});

test('the same request after its hold timed out is carried out anew', async () => {
  const rewardId = await world.reward({ stock: 1 });
  const memberId = world.accounts.addMember({ points: 100 });
  const input = { rewardId, idempotencyKey: newKey() };
  world.accounts.faults.push({ operation: 'capturePoints', when: 'before', times: 1 });
  await world.ask(asMember(memberId), redeem, { input });
  world.accounts.timeOutHolds();

  const again = await world.ask(asMember(memberId), redeem, { input });

  expect(again.data.redeemReward).toMatchObject({ replayed: false, redemption: { status: 'CONFIRMED' } });
  const states = (await world.documents('redemptions'))
    .filter((document) => document.rewardId === rewardId)
    .map(({ status }) => status);
  expect(states).toHaveLength(2);
  expect(new Set(states)).toEqual(new Set(['CONFIRMED', 'FAILED']));
  expect(world.accounts.balance(memberId)).toEqual({ available: 0, held: 0 });
  expect(await rewardOf(rewardId)).toMatchObject({ stock: 0, taken: 1 });
});

for (const when of ['before', 'after'] as const)
  test(`a cancellation whose answer is lost ${when} the points are given back is carried on and gives once`, async () => {
    const rewardId = await world.reward({ stock: 1 });
    const memberId = world.accounts.addMember({ points: 100 });
    const redeemed = await world.redeem(asMember(memberId), { rewardId });
    const input = { redemptionId: redeemed.redemption.id, reason: 'no', idempotencyKey: newKey() };
    world.accounts.faults.push({ operation: 'reversePosting', when, times: 1 });

    const lost = await world.ask(asMember(memberId), cancel, { input });
    const between = await one('redemptions', rewardId);
    const again = await world.ask(asMember(memberId), cancel, { input });

    expect(lost.errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
    expect(between.status).toBe('CANCELLING');
    expect(again.data.cancelRedemption).toMatchObject({
      replayed: true,
      redemption: { status: 'CANCELLED' },
    });
    expect(world.accounts.balance(memberId)).toEqual({ available: 100, held: 0 });
    expect(await rewardOf(rewardId)).toMatchObject({ stock: 1, taken: 0 });
    expect((await one('vouchers', rewardId)).state).toBe('VOID');
  });

test('many processes may sweep the same records at once', async () => {
  const rewardId = await world.reward({ stock: 10 });
  const members = Array.from({ length: 10 }, () => world.accounts.addMember({ points: 100 }));
  world.accounts.faults.push({ operation: 'capturePoints', when: 'after', times: 10 });
  await Promise.all(
    members.map((memberId) =>
      world.ask(asMember(memberId), redeem, { input: { rewardId, idempotencyKey: newKey() } }),
    ),
  );
  const pending = async () =>
    (await world.documents('redemptions')).filter(
      (document) => document.rewardId === rewardId && document.status === 'PENDING',
    ).length;
  expect(await pending()).toBe(10);

  await Promise.all([
    sweepUntil(world, async () => (await pending()) === 0),
    sweepUntil(world, async () => (await pending()) === 0),
  ]);

  expect(await rewardOf(rewardId)).toMatchObject({ stock: 0, taken: 10 });
  expect(members.map((memberId) => world.accounts.balance(memberId).available)).toEqual(members.map(() => 0));
});
