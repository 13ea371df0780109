import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { mutate, unique } from '../../support/seed.ts';
import { balance, type JourneyWorld, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
beforeAll(async () => {
  world = await startJourneyWorld();
});
afterEach(async () => expect(await checkCoalitionLedger(world.coalition)).toEqual([]));
afterAll(() => world.coalition.stop());

const day = 86_400_000;

test('two hundred members at once redeem a reward with fifty in stock: fifty get it, the rest keep their points', async () => {
  const { coalition, seed, cafe } = world;
  const rewardId = await seed.reward(cafe, 100, { stock: 50 });
  const members = await Promise.all(Array.from({ length: 200 }, () => seed.member([cafe])));
  await Promise.all(members.map((member) => seed.earn(cafe, member, 100)));

  const answers = await Promise.all(
    members.map((member) =>
      mutate<{ redemption: { status: string; voucher: { code: string } } }>(
        coalition,
        member.token,
        'redeemReward',
        'RedeemRewardInput',
        '... on RewardRedeemed { redemption { status voucher { code } } } ... on RewardUnavailable { whyNot { code } }',
        { idempotencyKey: unique('redeem'), rewardId },
      ),
    ),
  );

  const won = answers.flatMap((answer, i) => (answer.__typename === 'RewardRedeemed' ? [i] : []));
  expect(won).toHaveLength(50);
  expect(new Set(won.map((i) => answers[i]!.redemption.voucher.code)).size).toBe(50);
  expect(answers.filter((answer) => answer.__typename === 'RewardUnavailable')).toHaveLength(150);
  const balances = await Promise.all(members.map((member) => balance(world, member)));
  expect(balances.filter((found) => found['available'] === 0 && found['held'] === 0)).toHaveLength(50);
  expect(balances.filter((found) => found['available'] === 100 && found['held'] === 0)).toHaveLength(150);
  const { reward } = await coalition.send<{ reward: { stock: number } }>(
    null,
    'query ($id: ID!) { reward(id: $id) { stock } }',
    { id: rewardId },
  );
  expect(reward.stock).toBe(0);
});

test('a redemption is cancelled as an exact inverse, a voucher is consumed once, and a consumed one is not cancelled', async () => {
  const { coalition, seed, petShop, cafe } = world;
  const member = await seed.member([petShop, cafe]);
  await seed.earn(petShop, member, 300);
  const rewardId = await seed.reward(cafe, 100, { stock: 5 });
  const buy = () =>
    mutate<{ redemption: { id: string; voucher: { code: string } } }>(
      coalition,
      member.token,
      'redeemReward',
      'RedeemRewardInput',
      '... on RewardRedeemed { redemption { id voucher { code } } }',
      { idempotencyKey: unique('redeem'), rewardId },
    );
  const [kept, regretted] = [await buy(), await buy()];
  expect(await balance(world, member)).toMatchObject({ available: 100 });

  const cancel = (id: string) =>
    mutate(
      coalition,
      member.token,
      'cancelRedemption',
      'CancelRedemptionInput',
      '... on RedemptionCancelled { redemption { status } }',
      { idempotencyKey: unique('cancel'), redemptionId: id, reason: 'Changed my mind.' },
    );
  const consume = (code: string, ref: string) =>
    mutate(
      coalition,
      cafe.token,
      'consumeVoucher',
      'ConsumeVoucherInput',
      '... on VoucherConsumed { replayed voucher { status } } ... on VoucherNotUsable { status }',
      { idempotencyKey: unique('consume'), code, externalRef: ref },
    );
  const cancelled = await cancel(regretted.redemption.id);
  const consumed = await Promise.all(
    Array.from({ length: 10 }, (_, i) => consume(kept.redemption.voucher.code, `sale-${i}`)),
  );

  expect(cancelled).toMatchObject({ __typename: 'RedemptionCancelled', redemption: { status: 'CANCELLED' } });
  expect(await balance(world, member)).toEqual({ available: 200, pending: 0, held: 0, arrears: 0 });
  expect(consumed.filter((answer) => answer.__typename === 'VoucherConsumed')).toHaveLength(1);
  expect(consumed.filter((answer) => answer.__typename === 'VoucherNotUsable')).toHaveLength(9);
  expect(await consume(regretted.redemption.voucher.code, 'late')).toMatchObject({
    __typename: 'VoucherNotUsable',
    status: 'VOID',
  });
  expect(await cancel(kept.redemption.id)).toMatchObject({ __typename: 'NotCancellable' });
  const { reward } = await coalition.send<{ reward: { stock: number } }>(
    null,
    'query ($id: ID!) { reward(id: $id) { stock } }',
    { id: rewardId },
  );
  expect(reward.stock).toBe(4);
});

test('says what is unknown, over, or out of stock', async () => {
  const { coalition, seed, petShop, cafe } = world;
  const member = await seed.member([petShop, cafe]);
  await seed.earn(petShop, member, 1000);
  const now = coalition.clock.now().getTime();
  const expiring = await seed.reward(cafe, 10, { availableUntil: new Date(now + day).toISOString() });
  const empty = await seed.reward(cafe, 10, { stock: 0 });
  coalition.clock.advance(day + 1000);
  const buy = (rewardId: string) =>
    mutate(
      coalition,
      member.token,
      'redeemReward',
      'RedeemRewardInput',
      '... on RewardUnavailable { whyNot { code } } ... on NotFound { what id }',
      { idempotencyKey: unique('redeem'), rewardId },
    );

  const unknownProgramme = await mutate(
    coalition,
    petShop.token,
    'issuePoints',
    'IssuePointsInput',
    '... on NotFound { what id }',
    { idempotencyKey: unique('odd'), member: { id: member.id }, points: 5, programme: 'NONE' },
  );

  expect(unknownProgramme).toMatchObject({ __typename: 'NotFound', what: 'PROGRAMME', id: 'NONE' });
  expect(await buy(expiring)).toMatchObject({
    __typename: 'RewardUnavailable',
    whyNot: [{ code: 'NO_LONGER_AVAILABLE' }],
  });
  expect(await buy(empty)).toMatchObject({
    __typename: 'RewardUnavailable',
    whyNot: [{ code: 'OUT_OF_STOCK' }],
  });
  expect(await buy('rew_nothing')).toMatchObject({ __typename: 'NotFound', what: 'REWARD' });
  expect(await balance(world, member)).toMatchObject({ available: 1000, held: 0 });
});
