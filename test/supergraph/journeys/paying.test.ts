import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { mutate, type TestMerchant, unique } from '../../support/seed.ts';
import { balance, type JourneyWorld, redeemPoints, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
beforeAll(async () => {
  world = await startJourneyWorld();
  await world.seed.programme('LATER', 3);
});
afterEach(async () => expect(await checkCoalitionLedger(world.coalition)).toEqual([]));
afterAll(() => world.coalition.stop());

const day = 86_400_000;

async function position(merchant: TestMerchant) {
  const query = `query ($id: ID!) { merchant(id: $id) { position {
    issued owed { amountMinor currency } honoured honouredOnUs honouredOffUs due { amountMinor } dueOnUs { amountMinor } dueOffUs { amountMinor } net { amountMinor } } } }`;
  const { merchant: found } = await world.coalition.send<{ merchant: { position: Record<string, unknown> } }>(
    merchant.token,
    query,
    { id: merchant.id },
  );
  return found.position;
}

test('points earned at the pet shop pay at the café, and both know what they owe and are due, to the fen', async () => {
  const { seed, petShop, cafe } = world;
  const member = await seed.member([petShop, cafe]);
  const [shopBefore, cafeBefore] = [await position(petShop), await position(cafe)];

  await seed.earn(petShop, member, 1234);
  const paid = await redeemPoints(world, cafe, member, 1000);

  expect(paid).toMatchObject({
    __typename: 'PointsPosted',
    replayed: false,
    posting: { kind: 'REDEEM', points: 1000 },
  });
  expect(await balance(world, member)).toEqual({ available: 234, pending: 0, held: 0, arrears: 0 });
  expect(shopBefore).toMatchObject({ issued: 0, owed: { amountMinor: 0, currency: 'CNY' } });
  expect(await position(petShop)).toEqual({
    issued: 1234,
    owed: { amountMinor: 1357, currency: 'CNY' },
    honoured: 0,
    honouredOnUs: 0,
    honouredOffUs: 0,
    due: { amountMinor: 0 },
    dueOnUs: { amountMinor: 0 },
    dueOffUs: { amountMinor: 0 },
    net: { amountMinor: -1357 },
  });
  expect(cafeBefore).toMatchObject({ honoured: 0 });
  expect(await position(cafe)).toEqual({
    issued: 0,
    owed: { amountMinor: 0, currency: 'CNY' },
    honoured: 1000,
    honouredOnUs: 0,
    honouredOffUs: 1000,
    due: { amountMinor: 990 },
    dueOnUs: { amountMinor: 0 },
    dueOffUs: { amountMinor: 990 },
    net: { amountMinor: 990 },
  });
});

test('points of a programme with a waiting time are pending, cannot be spent, and unlock by the clock', async () => {
  const { coalition, seed, petShop, cafe } = world;
  const member = await seed.member([petShop, cafe]);
  await mutate(coalition, await seed.operator(), 'setPrices', 'SetPricesInput', '', {
    idempotencyKey: unique('prices'),
    merchantId: petShop.id,
    programme: 'LATER',
    issuePricePerThousand: 1000,
    redemptionPricePerThousand: 900,
    effectiveFrom: new Date(coalition.clock.now().getTime() + 60_000).toISOString(),
  });
  await mutate(coalition, await seed.operator(), 'setPrices', 'SetPricesInput', '', {
    idempotencyKey: unique('prices'),
    merchantId: cafe.id,
    programme: 'LATER',
    issuePricePerThousand: 1000,
    redemptionPricePerThousand: 900,
    effectiveFrom: new Date(coalition.clock.now().getTime() + 60_000).toISOString(),
  });
  coalition.clock.advance(120_000);
  const earned = await mutate(coalition, petShop.token, 'issuePoints', 'IssuePointsInput', '', {
    idempotencyKey: unique('issue'),
    member: { id: member.id },
    points: 500,
    programme: 'LATER',
  });
  expect(earned.__typename).toBe('PointsPosted');

  expect(await balance(world, member, 'LATER')).toEqual({ available: 0, pending: 500, held: 0, arrears: 0 });
  const early = await redeemPoints(world, cafe, member, 200, { programme: 'LATER' });
  expect(early).toMatchObject({ __typename: 'NotEnoughPoints', available: 0, shortBy: 200 });

  coalition.clock.advance(3 * day + 1000);

  expect(await balance(world, member, 'LATER')).toEqual({ available: 500, pending: 0, held: 0, arrears: 0 });
  const later = await redeemPoints(world, cafe, member, 200, { programme: 'LATER' });
  expect(later.__typename).toBe('PointsPosted');
  expect(await balance(world, member, 'LATER')).toEqual({ available: 300, pending: 0, held: 0, arrears: 0 });
});

test('one wallet cannot be spent twice, however many tills try at once', async () => {
  const { seed, petShop, cafe } = world;
  const member = await seed.member([petShop, cafe]);
  await seed.earn(petShop, member, 500);

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => redeemPoints(world, i % 2 ? cafe : petShop, member, 100)),
  );

  expect(answers.filter((answer) => answer.__typename === 'PointsPosted')).toHaveLength(5);
  expect(answers.filter((answer) => answer.__typename === 'NotEnoughPoints')).toHaveLength(15);
  expect(await balance(world, member)).toEqual({ available: 0, pending: 0, held: 0, arrears: 0 });
});

test.each([
  ['negative', -5, 'InvalidInput'],
  ['zero', 0, 'InvalidInput'],
  ['more than the limit', 100_000_001, 'InvalidInput'],
  ['huge', Number.MAX_SAFE_INTEGER, 'InvalidInput'],
])('refuses %s points and changes nothing', async (_, points, refusal) => {
  const { coalition, seed, petShop } = world;
  const member = await seed.member([petShop]);
  await seed.earn(petShop, member, 10);
  const input = () => ({ idempotencyKey: unique('odd'), member: { id: member.id }, points });

  const answers = [
    await mutate(
      coalition,
      petShop.token,
      'issuePoints',
      'IssuePointsInput',
      '... on InvalidInput { field }',
      input(),
    ),
    await mutate(
      coalition,
      petShop.token,
      'redeemPoints',
      'RedeemPointsInput',
      '... on InvalidInput { field }',
      input(),
    ),
  ];

  expect(answers).toMatchObject([
    { __typename: refusal, field: 'input.points' },
    { __typename: refusal, field: 'input.points' },
  ]);
  expect(await balance(world, member)).toEqual({ available: 10, pending: 0, held: 0, arrears: 0 });
});

test.each([1.5, '10', 9007199254740992])('refuses %p as points before anything runs', async (points) => {
  const { coalition, seed, petShop } = world;
  const member = await seed.member([petShop]);
  const query = 'mutation ($input: IssuePointsInput!) { issuePoints(input: $input) { __typename } }';

  const answer = await coalition.ask(petShop.token, query, {
    input: { idempotencyKey: unique('odd'), member: { id: member.id }, points },
  });

  expect(answer.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
  expect(await balance(world, member)).toMatchObject({ available: 0 });
});
