import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { mutate, type TestMember, unique } from '../../support/seed.ts';
import { until } from '../../support/until.ts';
import { balance, type JourneyWorld, redeemPoints, startJourneyWorld } from './journey-world.ts';

const day = 86_400_000;

let world: JourneyWorld;
let member: TestMember;

beforeAll(async () => {
  world = await startJourneyWorld();
  const { seed, petShop, cafe } = world;
  member = await seed.member([petShop, cafe]);
  await seed.programme('GREEN', 0, {
    unlock: { kind: 'ON_EVENT', event: 'verified', withinDays: 30, otherwise: 'LAPSE' },
    validity: { kind: 'SLIDING', months: 3 },
    eligibleIssuerIds: [petShop.id],
    arrears: 'REFUSE',
    transfers: { allowed: false },
    reminders: { daysBefore: [30] },
  });
  await seed.price(petShop, 'GREEN');
  await seed.price(cafe, 'GREEN');
}, 60_000);

afterAll(async () => {
  expect(await checkCoalitionLedger(world.coalition)).toEqual([]);
  await world.coalition.stop();
});

const posted = '... on PointsPosted { posting { id kind points } }';

const earn = (by: { token: string }, points: number, externalRef: string) =>
  mutate<{ posting: { id: string } }>(world.coalition, by.token, 'issuePoints', 'IssuePointsInput', posted, {
    idempotencyKey: unique('earn'),
    member: { id: member.id },
    programme: 'GREEN',
    points,
    externalRef,
  });

const verify = (externalRef: string) =>
  mutate(
    world.coalition,
    world.petShop.token,
    'unlockPoints',
    'UnlockPointsInput',
    `${posted} ... on NotUnlockable { reason }`,
    { idempotencyKey: unique('verify'), externalRef, event: 'verified' },
  );

const reverse = (by: { token: string }, postingId: string, more: object = {}) =>
  mutate(
    world.coalition,
    by.token,
    'reversePosting',
    'ReversePostingInput',
    `${posted} ... on PointsSpent { reversible shortBy }`,
    { idempotencyKey: unique('reverse'), postingId, reason: 'returned', ...more },
  );

test('green points are issued by a sponsor, verified, spent elsewhere, cancelled in part, and lapse unverified', async () => {
  const { coalition, petShop, cafe } = world;
  expect(await earn(cafe, 10, 'tree-0')).toMatchObject({ __typename: 'IssuerNotEligible' });
  const tree = await earn(petShop, 100, 'tree-1');
  await earn(petShop, 30, 'tree-2');
  expect(await balance(world, member, 'GREEN')).toEqual({ available: 0, pending: 130, held: 0, arrears: 0 });

  expect(await verify('tree-1')).toMatchObject({ posting: { kind: 'UNLOCK', points: 100 } });
  const paid = (await redeemPoints(world, cafe, member, 80, { programme: 'GREEN' })) as unknown as {
    posting: { id: string };
  };
  expect(await reverse(petShop, tree.posting.id)).toMatchObject({
    __typename: 'PointsSpent',
    reversible: 20,
    shortBy: 80,
  });
  expect(await reverse(cafe, paid.posting.id, { points: 50 })).toMatchObject({ posting: { points: 50 } });
  expect(await balance(world, member, 'GREEN')).toEqual({ available: 70, pending: 30, held: 0, arrears: 0 });

  coalition.clock.advance(31 * day);

  expect(await balance(world, member, 'GREEN')).toEqual({ available: 70, pending: 0, held: 0, arrears: 0 });
  expect(await verify('tree-2')).toMatchObject({ __typename: 'NotUnlockable', reason: 'NOTHING_LEFT' });
});

/** Reminders that the member was sent of its green points. */
async function remindersSent(): Promise<number> {
  const query = '{ viewer { member { reminders(programme: "GREEN") { edges { cursor } } } } }';
  const { viewer } = await world.coalition.send<{
    viewer: { member: { reminders: { edges: unknown[] } } };
  }>(member.token, query);
  return viewer.member.reminders.edges.length;
}

test('spending moves the expiry of the rest; without it the rest is told of and expires', async () => {
  const { coalition, cafe } = world;
  coalition.clock.advance(50 * day);
  await redeemPoints(world, cafe, member, 10, { programme: 'GREEN' });
  const before = await remindersSent();
  coalition.clock.advance(65 * day);
  await until(async () => (await remindersSent()) > before);
  expect(await balance(world, member, 'GREEN')).toEqual({ available: 60, pending: 0, held: 0, arrears: 0 });

  coalition.clock.advance(35 * day);

  expect(await balance(world, member, 'GREEN')).toEqual({ available: 0, pending: 0, held: 0, arrears: 0 });
});
