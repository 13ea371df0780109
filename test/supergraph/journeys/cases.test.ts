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

const statement = 'It is so.';
const changed = '... on CaseChanged { case { id status frozen } }';

test('points frozen by a case buy no reward and feed no animal, until the freeze lapses by itself', async () => {
  const { coalition, seed, petShop, cafe } = world;
  const member = await seed.member([petShop, cafe]);
  await seed.earn(petShop, member, 500);
  const rewardId = await seed.reward(cafe, 300);
  const causeId = await seed.cause();
  const reviewer = await coalition.tokenOf({ kind: 'OPERATOR', subject: 'reviewer' });
  const buy = () =>
    mutate(
      coalition,
      member.token,
      'redeemReward',
      'RedeemRewardInput',
      '... on RewardRedeemed { redemption { status } } ... on NotEnoughPoints { shortBy }',
      { idempotencyKey: unique('redeem'), rewardId },
    );
  const opened = await mutate<{ case: { id: string } }>(
    coalition,
    petShop.token,
    'openCase',
    'OpenCaseInput',
    changed,
    {
      ...{ idempotencyKey: unique('case'), member: { id: member.id }, reason: 'FALSE_PURCHASE', statement },
      ...{ disputedPoints: 400, evidence: [{ name: 'till log', sha256: 'c0'.repeat(32) }] },
    },
  );
  const review = { idempotencyKey: unique('case'), caseId: opened.case.id, verdict: 'FREEZE', statement };
  const byOpener = await coalition.ask(
    petShop.token,
    'mutation ($input: ReviewCaseInput!) { reviewCase(input: $input) { __typename } }',
    { input: review },
  );
  const frozen = await mutate(coalition, reviewer, 'reviewCase', 'ReviewCaseInput', changed, review);

  expect(byOpener.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  expect(frozen).toMatchObject({ case: { status: 'FROZEN', frozen: 400 } });
  expect(await balance(world, member)).toMatchObject({ available: 100, held: 400 });
  expect(await buy()).toMatchObject({
    __typename: 'NotEnoughPoints',
    shortBy: 200,
  });
  const donated = await mutate(coalition, member.token, 'donatePoints', 'DonatePointsInput', '', {
    ...{ idempotencyKey: unique('donate'), causeId, points: 101 },
  });
  expect(donated.__typename).toBe('NotEnoughPoints');

  coalition.clock.advance(73 * 3_600_000);
  // The session's token has its own hours: what the member sees is asked by the operator.
  const seen = await coalition.send(
    await coalition.tokenOf({ kind: 'OPERATOR', subject: 'reviewer' }),
    'query ($id: ID!) { member(id: $id) { wallet { available held frozen } cases { edges { node { status history { act } } } } } }',
    { id: member.id },
  );

  expect(seen).toEqual({
    member: {
      wallet: { available: 500, held: 0, frozen: 0 },
      cases: {
        edges: [
          { node: { status: 'LAPSED', history: [{ act: 'OPENED' }, { act: 'FROZEN' }, { act: 'LAPSED' }] } },
        ],
      },
    },
  });
  expect(await buy()).toMatchObject({ redemption: { status: 'CONFIRMED' } });
});
