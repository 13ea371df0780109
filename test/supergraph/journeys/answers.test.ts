import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { unique } from '../../support/seed.ts';
import { balance, type JourneyWorld, redeemPoints, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
beforeAll(async () => {
  world = await startJourneyWorld();
});
afterEach(async () => expect(await checkCoalitionLedger(world.coalition)).toEqual([]));
afterAll(() => world?.coalition.stop());

test.each([
  ['posting { member { postings(first: $first) { edges { cursor } } } }', { first: 0 }],
  ['posting { member { purchases(first: 101) { edges { cursor } } } }', {}],
  ['posting { member { statement(month: "x") { month } } }', {}],
  ['wallet { expiring(withinDays: -1) { points } }', {}],
  ['wallet { lots(after: "rubbish") { edges { cursor } } }', {}],
])(
  'a payment that asks for %s is refused, costs nothing, and leaves its key free',
  async (asked, variables) => {
    const { coalition, seed, petShop, cafe } = world;
    const member = await seed.member([petShop, cafe]);
    await seed.earn(petShop, member, 100);
    const idempotencyKey = unique('redeem');
    const query = `mutation ($input: RedeemPointsInput!, $first: Int = 1) {
    redeemPoints(input: $input) { ... on PointsPosted { ${asked} wallet { all: lots(first: $first) { edges { cursor } } } } } }`;
    const input = { idempotencyKey, member: { id: member.id }, points: 60 };

    const { data, errors } = await coalition.ask(cafe.token, query, { input, ...variables });

    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(await balance(world, member)).toMatchObject({ available: 100 });
    // Another input under the same key: it is refused as a conflict if anything was kept.
    expect(await redeemPoints(world, cafe, member, 70, { idempotencyKey })).toMatchObject({
      __typename: 'PointsPosted',
      replayed: false,
      posting: { points: 70 },
    });
    expect(await balance(world, member)).toMatchObject({ available: 30 });
  },
);

test.each([
  'postings(first: 0) { edges { cursor } }',
  'postings(after: "x") { edges { cursor } }',
  'purchases(first: 0) { edges { cursor } }',
  'donations(after: "x") { edges { cursor } }',
  'redemptions(first: 101) { edges { cursor } }',
  'affordableRewards(first: 101) { id }',
  'runningCampaigns(first: 0) { id }',
  'wallet { expiring(withinDays: 3661) { points } }',
  'wallet { lots(first: 1000) { edges { cursor } } }',
  'statement(month: "2026-13") { month }',
  'statement(month: "2026-03", locale: "de") { month }',
  'statements(locale: "") { month }',
])('of %s a mutation says what a query says', async (field) => {
  const { coalition, seed, petShop } = world;
  const { token } = await seed.member([petShop]);
  const input = `{ idempotencyKey: "${unique('consent')}", partnerId: "${petShop.id}", purpose: SHARE_BALANCE }`;
  const mutation = `mutation { withdrawConsent(input: ${input}) { ... on ConsentWithdrawn { member { ${field} } } } }`;

  const asked = await coalition.ask(token, `{ viewer { member { ${field} } } }`);
  const changed = await coalition.ask(token, mutation);

  expect(changed.errors).toHaveLength(1);
  expect(changed.errors![0]).toMatchObject({
    message: asked.errors![0]!.message,
    path: ['withdrawConsent', ...asked.errors![0]!.path!.slice(1)],
    extensions: { code: 'BAD_USER_INPUT' },
  });
});
