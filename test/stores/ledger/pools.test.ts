import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  currentMembers,
  type Household,
  unlimited,
  withLeft,
} from '../../../subgraphs/accounts/household/household.ts';
import { createHouseholdStore } from '../../../subgraphs/accounts/household/household-store.ts';
import { returnAfterDepartures } from '../../../subgraphs/accounts/household/return-after-departures.ts';
import { checkLedger } from '../../../subgraphs/accounts/ledger/check.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import {
  contribute,
  countRows,
  earn,
  familyOf,
  hold,
  type LedgerWorld,
  make,
  programme,
  redeem,
  startLedgerWorld,
} from './ledger-world.ts';

let world: LedgerWorld;
let ledger: Ledger;
let other: Ledger;
let households: ReturnType<typeof createHouseholdStore>;

beforeAll(async () => {
  world = await startLedgerWorld();
  ledger = await world.ledger();
  other = await world.ledger();
  households = createHouseholdStore(await world.connect());
});
afterEach(async () => {
  expect((await checkLedger(await world.connect())).violations).toEqual([]);
});
afterAll(() => world.stop());

let made = 0;

/** A household of members with a limit of a month each, 0 for none. */
async function household(perMonth: bigint, ...ids: string[]): Promise<Household> {
  const limits = perMonth === 0n ? unlimited : { perRedemption: null, perMonth };
  const whole = familyOf(`hou_${++made}`, ids, world.clock.at, limits);
  await households.insert(whole);
  return whole;
}

const pay = (memberId: string, { id: householdId }: Household, points: bigint) =>
  redeem(memberId, points, { pool: { householdId } });
const available = async (memberId: string) => Number((await ledger.wallet(memberId, programme)).available);

async function leave(home: Household, memberId: string): Promise<Household> {
  const seat = currentMembers(home).find((member) => member.memberId === memberId)!;
  const after = withLeft(home, [seat.id], world.clock.at);
  if (!(await households.replace(after))) throw new Error('the household was changed meanwhile');
  return after;
}

test('a limit of a month holds, however many payments two processes are asked for at once', async () => {
  const home = await household(100n, 'ann', 'bo');
  await ledger.execute(earn('ann', 1_000n));
  await ledger.execute(contribute('ann', home, 1_000n));

  const outcomes = await Promise.all(
    Array.from({ length: 24 }, (_, i) => (i % 2 ? ledger : other).execute(pay('bo', home, 15n))),
  );

  expect(outcomes.filter(({ kind }) => kind === 'PointsPosted')).toHaveLength(6);
  const [pool] = await ledger.pools(home.id);
  expect(pool).toMatchObject({
    available: 910n,
    poolSpent: [{ memberId: 'bo', month: '2026-03', points: 90n }],
  });
});

test('a payment and a contribution that meet a departure are decided before it or refused, and nothing stays behind', async () => {
  for (let round = 0; round < 8; round++) {
    const [ann, bo] = [`ann-${round}`, `bo-${round}`];
    const home = await household(0n, ann, bo);
    await ledger.execute(earn(bo, 100n));
    await ledger.execute(contribute(bo, home, 60n));

    const [, paid, put] = await Promise.all([
      leave(home, bo),
      ledger.execute(pay(bo, home, 10n)),
      other.execute(contribute(bo, home, 20n)),
    ]);
    await ledger.returnPooled(home.id);

    expect(['PointsPosted', 'NotInHousehold']).toContain(paid.kind);
    expect(['PointsPosted', 'NotInHousehold']).toContain(put.kind);
    expect(await available(bo)).toBe(paid.kind === 'PointsPosted' ? 90 : 100);
    expect(await ledger.pools(home.id)).toMatchObject([{ available: 0n, openLots: 0 }]);
  }
});

test('what a crash leaves in the pool of one who left, the sweeper gives back, in steps, once', async () => {
  const home = await household(0n, 'cy', 'di');
  const many = 2_100;
  await Promise.all(Array.from({ length: many }, () => ledger.execute(earn('di', 3n))));
  await ledger.execute(contribute('di', home, BigInt(3 * many)));
  await leave(home, 'di');
  const connection = await world.connect();
  const stores = { households: createHouseholdStore(connection) };
  expect(await available('di')).toBe(0);

  await Promise.all([returnAfterDepartures(stores, ledger), returnAfterDepartures({ households }, other)]);

  expect(await available('di')).toBe(3 * many);
  expect(await households.returning(10, null)).toEqual([]);
  const back = await connection
    .collection('ledger-postings')
    .countDocuments({ kind: 'TAKE_BACK', householdId: home.id });
  expect(back).toBe(3);
  const before = await countRows(world);
  await returnAfterDepartures(stores, ledger);
  expect(await countRows(world)).toEqual(before);
}, 240_000);

test('a household that cannot be emptied does not hold up those behind it', async () => {
  const homes = [await household(0n, 'gil', 'hal'), await household(0n, 'ian', 'jo')];
  for (const [home, who] of [[homes[0]!, 'hal'] as const, [homes[1]!, 'jo'] as const]) {
    await ledger.execute(earn(who, 5n));
    await ledger.execute(contribute(who, home, 5n));
    await leave(home, who);
  }
  const [bad, good] = homes.map(({ id }) => id).sort() as [string, string];
  const returnPooled = async (id: string) => {
    if (id === bad) throw new Error('broken');
    await ledger.returnPooled(id);
  };

  await expect(returnAfterDepartures({ households }, { returnPooled })).rejects.toThrow(`${bad}: broken`);

  expect(await households.returning(10, null)).toEqual([bad]);
  expect(await ledger.pools(good)).toMatchObject([{ available: 0n }]);
  await returnAfterDepartures({ households }, ledger);
  expect(await households.returning(10, null)).toEqual([]);
});

test('a check finds a lot in a pool whose contributor was never of the household, and uncounted spending', async () => {
  const home = await household(50n, 'eve', 'fay');
  await ledger.execute(earn('eve', 100n));
  await ledger.execute(contribute('eve', home, 100n));
  await ledger.execute(pay('fay', home, 40n));
  const connection = await world.connect();
  const [lots, wallets] = [connection.collection('ledger-lots'), connection.collection('ledger-wallets')];
  const poolId = { walletId: `wal_${home.id}_${programme}` };
  const row = { householdId: home.id };

  await lots.updateMany(poolId, { $set: { contributorId: 'stranger' } });
  await wallets.updateOne(row, { $set: { 'poolSpent.0.points': 39 } });
  const found = (await checkLedger(connection)).violations.map(({ invariant }) => invariant);
  await lots.updateMany(poolId, { $set: { contributorId: 'eve' } });
  await wallets.updateOne(row, { $set: { 'poolSpent.0.points': 40 } });

  expect(found).toEqual(['POOL_LOT_HAS_CONTRIBUTOR', 'POOL_SPENDING_COUNTED']);
});

test('lots and wallets of before households had pools are sound, stay with their member, and pay as before', async () => {
  const home = await household(0n, 'gil', 'hal');
  await ledger.execute(earn('gil', 50n));
  const connection = await world.connect();
  const [lots, wallets] = [connection.collection('ledger-lots'), connection.collection('ledger-wallets')];
  const walletId = `wal_gil_${programme}`;
  await lots.updateMany({ walletId }, { $unset: { contributorId: '', poolable: '' } });
  const fields = { householdId: '', pooledIn: '', poolSpent: '' };
  await wallets.updateOne({ memberId: 'gil' }, { $unset: fields });

  expect((await checkLedger(connection)).violations).toEqual([]);
  expect(await ledger.execute(contribute('gil', home, 10n))).toEqual({
    kind: 'PoolingNotAllowed',
    poolable: 0n,
  });
  expect(await ledger.execute(redeem('gil', 10n))).toMatchObject({ kind: 'PointsPosted' });
  expect(await available('gil')).toBe(40);
});

/** A home whose second member puts 100 points into the pool, of which the first holds 60, and leaves. */
async function leftWithAHold(stays: string, leaves: string): Promise<{ home: Household; holdId: string }> {
  const home = await household(0n, stays, leaves);
  await ledger.execute(earn(leaves, 100n));
  await ledger.execute(contribute(leaves, home, 100n));
  const held = await ledger.execute(hold(stays, 60n, { pool: { householdId: home.id } }));
  if (held.kind !== 'PointsHeld') throw new Error(held.kind);
  await leave(home, leaves);
  return { home, holdId: held.hold.id };
}

const walletRow = async (memberId: string) => {
  const rows = (await world.connect()).collection('ledger-wallets');
  return rows.findOne({ memberId }, { projection: { _id: 0, awaited: 1, nextDueAt: 1 } });
};

/** Leaves a member's wallet as an earlier release wrote it, which did not wait for what pools hold. */
async function asOfBeforeAwaiting(memberId: string): Promise<void> {
  const rows = (await world.connect()).collection('ledger-wallets');
  const { modifiedCount } = await rows.updateOne(
    { memberId },
    { $unset: { awaited: '' }, $set: { nextDueAt: null } },
  );
  expect(modifiedCount).toBe(1);
}

test('who left under a release that noted no waiting has back what a hold lets go by timing out, once swept', async () => {
  const { home } = await leftWithAHold('kim', 'lou');
  await returnAfterDepartures({ households }, ledger);
  await asOfBeforeAwaiting('lou');
  expect(await available('lou')).toBe(40);
  expect(await households.returning(10, null)).toEqual([]);

  world.clock.at = new Date(world.clock.at.getTime() + 900_000);
  await ledger.sweep();

  expect(await available('lou')).toBe(100);
  expect(await ledger.pools(home.id)).toMatchObject([{ available: 0n, held: 0n, openLots: 0 }]);
  const before = await countRows(world);
  await Promise.all([ledger.sweep(), other.sweep()]);
  expect(await countRows(world)).toEqual(before);
});

test.each([
  ['captured in part', 'CAPTURE', 90],
  ['released', 'VOID', 100],
] as const)(
  'who left under such a release has back what a hold lets go when it is %s',
  async (_, kind, has) => {
    const [stays, leaves] = [`max-${kind}`, `ned-${kind}`];
    const { holdId } = await leftWithAHold(stays, leaves);
    await returnAfterDepartures({ households }, ledger);
    await asOfBeforeAwaiting(leaves);

    const points = kind === 'CAPTURE' ? { points: 10n } : {};
    expect(await ledger.execute(make(kind, { holdId, ...points }))).toMatchObject({ kind: 'HoldResolved' });

    expect(await available(leaves)).toBe(has);
    expect(await walletRow(leaves)).toMatchObject({ awaited: [] });
  },
);

test('whose household was not emptied yet when the release changed is noted to wait, and is told in time what comes back', async () => {
  const { home } = await leftWithAHold('oli', 'pat');
  await asOfBeforeAwaiting('pat');
  const timesOutAt = new Date(world.clock.at.getTime() + 900_000);

  await returnAfterDepartures({ households }, ledger);

  const poolId = `wal_${home.id}_${programme}`;
  expect(await walletRow('pat')).toEqual({ awaited: [{ poolId, at: timesOutAt }], nextDueAt: timesOutAt });
  world.clock.at = new Date(timesOutAt.getTime() + 3_600_000);
  expect(await available('pat')).toBe(100);
  await ledger.sweep();
  expect(await available('pat')).toBe(100);
  expect(await walletRow('pat')).toMatchObject({ awaited: [] });
  const [back] = await (await world.connect())
    .collection('ledger-postings')
    .find({ kind: 'TAKE_BACK', householdId: home.id })
    .sort({ at: -1 })
    .toArray();
  expect(back).toMatchObject({ at: timesOutAt, points: 60n });
});
