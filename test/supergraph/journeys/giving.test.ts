import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { makeBeneficiaryOf } from '../../support/gifts.ts';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { mutate, unique } from '../../support/seed.ts';
import { balance, type JourneyWorld, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
beforeAll(async () => {
  world = await startJourneyWorld();
});
afterEach(async () => expect(await checkCoalitionLedger(world.coalition)).toEqual([]));
afterAll(() => world.coalition.stop());

test('a donation is matched in kind up to the pledge, and the donor sees what it does', async () => {
  const { coalition, seed, petShop } = world;
  const causeId = await seed.cause();
  await mutate(coalition, petShop.token, 'pledgeMatching', 'PledgeMatchingInput', '', {
    idempotencyKey: unique('pledge'),
    causeId,
    goods: 'pet food',
    unit: 'g',
    pointsPerStep: 1000,
    quantityPerStep: 1000,
    limitQuantity: 700,
    agreementRef: 'test-agreement',
  });
  const member = await seed.member([petShop]);
  await seed.earn(petShop, member, 1200);
  const donate = (points: number) =>
    mutate<{ donation: { id: string } }>(
      coalition,
      member.token,
      'donatePoints',
      'DonatePointsInput',
      '... on PointsDonated { donation { id status receiptNumber matches { quantity } } } ... on NotEnoughPoints { shortBy }',
      { idempotencyKey: unique('donate'), causeId, points },
    );

  const [first, second, third] = [await donate(500), await donate(500), await donate(500)];

  expect(first).toMatchObject({
    __typename: 'PointsDonated',
    donation: { status: 'CONFIRMED', matches: [{ quantity: 500 }] },
  });
  expect(second).toMatchObject({ donation: { status: 'CONFIRMED', matches: [{ quantity: 200 }] } });
  expect(third).toMatchObject({ __typename: 'NotEnoughPoints', shortBy: 300 });
  const query = `query ($id: ID!) { viewer { member { wallet { available } impact { points donationCount matched { goods unit quantity } } donations { edges { node { impact points } } } } }
    cause(id: $id) { pointsDonated donationCount pledges { remainingQuantity } } }`;
  const seen = await coalition.send<{
    viewer: { member: { donations: { edges: { node: { impact: string } }[] } } };
  }>(member.token, query, { id: causeId });
  expect(seen).toMatchObject({
    viewer: {
      member: {
        wallet: { available: 200 },
        impact: {
          points: 1000,
          donationCount: 2,
          matched: [{ goods: 'pet food', unit: 'g', quantity: 700 }],
        },
      },
    },
    cause: { pointsDonated: 1000, donationCount: 2, pledges: [{ remainingQuantity: 0 }] },
  });
  expect(seen.viewer.member.donations.edges).toHaveLength(2);
  expect(seen.viewer.member.donations.edges[0]!.node.impact).toMatch(/pet food/);
});

test('a gift to a beneficiary keeps the issuer and the expiry of its points, and goes back when it is declined', async () => {
  const { coalition, seed, petShop, cafe } = world;
  const [giver, taker] = [await seed.member([petShop]), await seed.member([cafe])];
  await makeBeneficiaryOf(coalition, giver, taker);
  await seed.earn(petShop, giver, 300);

  const given = await mutate<{ posting: { id: string } }>(
    coalition,
    giver.token,
    'transferPoints',
    'TransferPointsInput',
    '... on PointsPosted { posting { id } }',
    { idempotencyKey: unique('gift'), toCardNumber: taker.cardNumber, points: 120 },
  );

  expect(given.__typename).toBe('PointsPosted');
  expect(await balance(world, giver)).toMatchObject({ available: 180 });
  const lots = `query { viewer { member { wallet { available lots { edges { node { points remaining expiresAt issuer { name } originLotId } } } } } } }`;
  type Lots = {
    viewer: {
      member: { wallet: { lots: { edges: { node: { expiresAt: string; originLotId: string } }[] } } };
    };
  };
  const mine = await coalition.send<Lots>(giver.token, lots);
  const theirs = await coalition.send<Lots>(taker.token, lots);
  const [from, to] = [mine, theirs].map((answer) => answer.viewer.member.wallet.lots.edges[0]!.node);
  expect(to).toMatchObject({
    points: 120,
    remaining: 120,
    issuer: { name: 'Pet shop' },
    expiresAt: from!.expiresAt,
  });
  expect(to!.originLotId).toBeNull();
  const declined = await mutate(coalition, taker.token, 'declineGift', 'DeclineGiftInput', '', {
    idempotencyKey: unique('decline'),
    postingId: given.posting.id,
  });
  expect(declined.__typename).toBe('GiftDeclined');
  expect(await balance(world, giver)).toMatchObject({ available: 300 });
  expect(await balance(world, taker)).toMatchObject({ available: 0 });
});
