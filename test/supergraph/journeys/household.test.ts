import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { mutate, type TestMember, unique } from '../../support/seed.ts';
import { balance, type JourneyWorld, redeemPoints, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
beforeAll(async () => {
  world = await startJourneyWorld();
});
afterEach(async () => expect(await checkCoalitionLedger(world.coalition)).toEqual([]));
afterAll(() => world.coalition.stop());

const send = <T = Record<string, unknown>>(
  member: TestMember,
  field: string,
  input: string,
  selection: string,
  values: object = {},
) =>
  mutate<T>(world.coalition, member.token, field, input, selection, {
    idempotencyKey: unique(field),
    ...values,
  });

/** Makes members a household, the first its head. */
async function household(head: TestMember, ...others: TestMember[]): Promise<void> {
  await send(head, 'createHousehold', 'CreateHouseholdInput', '', { name: 'Home' });
  for (const other of others) {
    const { invitation } = await send<{ invitation: { id: string } }>(
      head,
      'inviteToHousehold',
      'InviteToHouseholdInput',
      '... on HouseholdChanged { invitation { id } }',
      { cardNumber: other.cardNumber },
    );
    await send(other, 'acceptHouseholdInvitation', 'HouseholdInvitationInput', '', {
      invitationId: invitation.id,
    });
  }
}

const contribute = (member: TestMember, points: number) =>
  send(member, 'contributeToHousehold', 'ContributeToHouseholdInput', '', { points });

const redeemFromPool = (member: TestMember, rewardId: string) =>
  send<{ redemption: { id: string } }>(
    member,
    'redeemReward',
    'RedeemRewardInput',
    `... on RewardRedeemed { redemption { id status fromHousehold } member { wallet { available } } }
     ... on HouseholdLimitExceeded { per limit left } ... on NotEnoughPoints { shortBy }`,
    { rewardId, fromHousehold: true },
  );

/** What the catalogue tells a member beforehand of a reward and its household's pool. */
async function poolBuys(member: TestMember, rewardId: string): Promise<unknown> {
  const query = `query ($id: ID!) { reward(id: $id) {
    availability(fromHousehold: true) { canRedeem whyNot { code shortBy } } } }`;
  const { reward } = await world.coalition.send<{ reward: { availability: unknown } }>(member.token, query, {
    id: rewardId,
  });
  return reward.availability;
}

const cannot = (code: string, shortBy: number | null) => ({ canRedeem: false, whyNot: [{ code, shortBy }] });

async function pooled(member: TestMember): Promise<number> {
  const query = '{ viewer { member { household { pool { available } } } } }';
  const { viewer } = await world.coalition.send<{
    viewer: { member: { household: { pool: { available: number } } } };
  }>(member.token, query);
  return viewer.member.household.pool.available;
}

test('two who could not buy a big reward alone buy it together, and get their own points back when it is cancelled', async () => {
  const { seed, petShop, cafe } = world;
  const [ann, bo] = [await seed.member([petShop]), await seed.member([petShop])];
  await seed.earn(petShop, ann, 600);
  await seed.earn(petShop, bo, 500);
  const rewardId = await seed.reward(cafe, 1_000);
  expect(await poolBuys(ann, rewardId)).toEqual(cannot('NOT_IN_HOUSEHOLD', null));
  await household(ann, bo);
  expect(await poolBuys(ann, rewardId)).toEqual(cannot('NOT_ENOUGH_POINTS', 1_000));
  expect(await redeemFromPool(ann, rewardId)).toMatchObject({
    __typename: 'NotEnoughPoints',
    shortBy: 1_000,
  });
  await contribute(ann, 600);
  await contribute(bo, 500);
  expect(await poolBuys(bo, rewardId)).toEqual({ canRedeem: true, whyNot: [] });

  const bought = await redeemFromPool(bo, rewardId);

  expect(bought).toMatchObject({
    __typename: 'RewardRedeemed',
    redemption: { status: 'CONFIRMED', fromHousehold: true },
    member: { wallet: { available: 0 } },
  });
  expect(await pooled(ann)).toBe(100);
  await send(bo, 'leaveHousehold', 'HouseholdRequestInput', '');
  await send(bo, 'cancelRedemption', 'CancelRedemptionInput', '', {
    redemptionId: bought.redemption.id,
    reason: 'changed our minds',
  });
  expect(await pooled(ann)).toBe(600);
  expect(await balance(world, bo)).toMatchObject({ available: 500 });
});

test('a limit that the head sets holds at the tills and in the catalogue, and leaves no trace of what it refused', async () => {
  const { seed, petShop, cafe } = world;
  const [head, teen] = [await seed.member([petShop]), await seed.member([petShop, cafe])];
  await seed.earn(petShop, head, 1_000);
  const rewardId = await seed.reward(cafe, 200);
  await household(head, teen);
  await contribute(head, 1_000);
  const query = '{ viewer { member { household { members { id isYou } } } } }';
  const { viewer } = await world.coalition.send<{
    viewer: { member: { household: { members: { id: string; isYou: boolean }[] } } };
  }>(teen.token, query);
  const householdMemberId = viewer.member.household.members.find(({ isYou }) => isYou)!.id;
  await send(head, 'setHouseholdLimits', 'SetHouseholdLimitsInput', '', { householdMemberId, perMonth: 250 });

  expect(await redeemFromPool(teen, rewardId)).toMatchObject({ __typename: 'RewardRedeemed' });
  expect(await redeemFromPool(teen, rewardId)).toMatchObject({
    __typename: 'HouseholdLimitExceeded',
    per: 'MONTH',
    limit: 250,
    left: 50,
  });
  expect(await poolBuys(teen, rewardId)).toEqual(cannot('HOUSEHOLD_LIMIT_EXCEEDED', 150));
  const more = { fromHousehold: true };
  expect(await redeemPoints(world, cafe, teen, 51, more)).toMatchObject({
    __typename: 'HouseholdLimitExceeded',
  });
  expect(await redeemPoints(world, cafe, teen, 50, more)).toMatchObject({ __typename: 'PointsPosted' });
  expect(await pooled(head)).toBe(750);
});
