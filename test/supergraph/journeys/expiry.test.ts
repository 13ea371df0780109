import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { mutate, type TestMember, unique } from '../../support/seed.ts';
import { until } from '../../support/until.ts';
import { balance, type JourneyWorld, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
let member: TestMember;
const day = 86_400_000;

beforeAll(async () => {
  world = await startJourneyWorld();
  const { seed, petShop, cafe } = world;
  member = await seed.member([petShop, cafe]);
  await seed.programme('BRIEF', 0, {
    validity: { kind: 'ROLLING', months: 1 },
    transfers: { allowed: false },
    reminders: { daysBefore: [7, 1], graceDays: 14, restoreOnce: true },
  });
  await seed.price(petShop, 'BRIEF');
}, 60_000);

afterAll(async () => {
  expect(await checkCoalitionLedger(world.coalition)).toEqual([]);
  await world.coalition.stop();
});

interface Seen {
  readonly reminders: {
    readonly edges: {
      readonly node: { readonly daysBefore: number; readonly points: number; readonly rescues: object[] };
    }[];
  };
  readonly wallet: {
    readonly nextExpiry: { readonly at: string; readonly points: number } | null;
    readonly restorable: { readonly id: string }[];
  };
}

async function seen(): Promise<Seen> {
  const query = `query { viewer { member {
    reminders(programme: "BRIEF") { edges { node { daysBefore points rescues { kind points } } } }
    wallet(programme: "BRIEF") { nextExpiry { at points } restorable { id } }
  } } }`;
  const { viewer } = await world.coalition.send<{ viewer: { member: Seen } }>(member.token, query);
  return viewer.member;
}

/** Moves the clock to so long before an instant. */
function goTo(at: string, before: number): void {
  const { clock } = world.coalition;
  clock.advance(Date.parse(at) - before - clock.now().getTime());
}

const told = async (days: number) =>
  (await seen()).reminders.edges.some(({ node }) => node.daysBefore === days);

/** The reminders of these points that no merchant's webhook took, as the operator sees them. */
async function unreached(): Promise<object[]> {
  const { coalition } = world;
  const query = `{ unreachedReminders(programme: "BRIEF") {
    edges { node { reason member { id } reminder { daysBefore points } } } } }`;
  const { unreachedReminders } = await coalition.send<{
    unreachedReminders: { edges: { node: object }[] };
  }>(await coalition.tokenOf({ kind: 'OPERATOR', subject: 'test' }), query);
  return unreachedReminders.edges.map(({ node }) => node);
}

test('a member is told before points expire, rescues some, and gets back the rest that expired', async () => {
  const { coalition, seed, petShop } = world;
  const causeId = await seed.cause();
  await mutate(coalition, petShop.token, 'issuePoints', 'IssuePointsInput', '', {
    idempotencyKey: unique('earn'),
    member: { id: member.id },
    programme: 'BRIEF',
    points: 100,
  });
  const { at } = (await seen()).wallet.nextExpiry!;

  goTo(at, 7 * day - 1_000);
  await until(() => told(7));
  expect((await seen()).reminders.edges[0]!.node).toEqual({
    ...{ daysBefore: 7, points: 100 },
    // They may not be given to another member, and the member has no household.
    rescues: ['DONATE', 'VOUCHER'].map((kind) => ({ kind, points: 100 })),
  });
  // No merchant has a webhook.
  await until(async () => (await unreached()).length > 0);
  expect(await unreached()).toEqual([
    { reason: 'NO_ENDPOINT', member: { id: member.id }, reminder: { daysBefore: 7, points: 100 } },
  ]);
  const donated = await mutate(coalition, member.token, 'donatePoints', 'DonatePointsInput', '', {
    idempotencyKey: unique('donate'),
    ...{ causeId, points: 60, programme: 'BRIEF' },
  });
  expect(donated.__typename).toBe('PointsDonated');
  goTo(at, day - 1_000);
  await until(() => told(1));
  goTo(at, -1_000);

  expect(await balance(world, member, 'BRIEF')).toMatchObject({ available: 0 });
  const [lot] = (await seen()).wallet.restorable;
  const restored = await mutate(
    coalition,
    member.token,
    'restoreLot',
    'RestoreLotInput',
    '... on PointsPosted { posting { kind points } }',
    { idempotencyKey: unique('restore'), lotId: lot!.id },
  );
  expect(restored).toMatchObject({ posting: { kind: 'RESTORE', points: 40 } });
  expect(await balance(world, member, 'BRIEF')).toMatchObject({ available: 40 });
});
