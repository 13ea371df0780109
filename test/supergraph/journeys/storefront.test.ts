import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { mutate, unique } from '../../support/seed.ts';
import { type JourneyWorld, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
beforeAll(async () => {
  world = await startJourneyWorld();
  const rule = { code: 'base', description: 'One point for one yuan', kind: 'PER_AMOUNT' };
  await world.seed.campaign([{ ...rule, points: 1, perAmountMinor: 100 }], world.petShop);
});
afterEach(async () => expect(await checkCoalitionLedger(world.coalition)).toEqual([]));
afterAll(() => world.coalition.stop());

test('one storefront query crosses all four subgraphs', async () => {
  const { coalition, seed, petShop, cafe } = world;
  const member = await seed.member([petShop, cafe]);
  await seed.earn(petShop, member, 150);
  const rewardId = await seed.reward(cafe, 120);
  const causeId = await seed.cause();
  await mutate(coalition, member.token, 'donatePoints', 'DonatePointsInput', '', {
    idempotencyKey: unique('donate'),
    causeId,
    points: 10,
  });

  const home = await coalition.send<{
    viewer: {
      member: {
        affordableRewards: { id: string }[];
        runningCampaigns: unknown[];
        wallet: unknown;
        donations: unknown;
      };
    };
  }>(
    member.token,
    `{ viewer { member { wallet { available } affordableRewards { id points } runningCampaigns { id name merchant { name } } donations { edges { node { points cause { id } } } } } } }`,
  );

  const seen = home.viewer.member;
  expect(seen.wallet).toEqual({ available: 140 });
  expect(seen.affordableRewards.map((reward) => reward.id)).toContain(rewardId);
  expect(seen.runningCampaigns).toContainEqual({
    id: expect.any(String),
    name: 'Test campaign',
    merchant: { name: 'Pet shop' },
  });
  expect(seen.donations).toEqual({ edges: [{ node: { points: 10, cause: { id: causeId } } }] });
});
