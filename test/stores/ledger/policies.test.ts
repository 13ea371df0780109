import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLedger } from '../../../subgraphs/accounts/ledger/check.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import {
  countRows,
  earn,
  type LedgerWorld,
  make,
  programme,
  redeem,
  refund,
  startLedgerWorld,
} from './ledger-world.ts';

const day = 86_400_000;

let world: LedgerWorld;
let ledger: Ledger;
let other: Ledger;

// Sliding points that wait for the delivery, and two processes.
beforeAll(async () => {
  world = await startLedgerWorld({
    unlock: { kind: 'ON_EVENT', event: 'delivered', withinDays: 30, otherwise: 'LAPSE' },
    validity: { kind: 'SLIDING', months: 2 },
  });
  ledger = await world.ledger();
  other = await world.ledger();
});
afterAll(async () => {
  const { violations } = await checkLedger(await world.connect());
  await world.stop();
  expect(violations).toEqual([]);
});

const unlock = (externalRef: string) =>
  make('UNLOCK', { merchantId: 'pets', externalRef, event: 'delivered' });

/** Points by day of expiry. */
async function expiries(member: string): Promise<[string, bigint][]> {
  const wallet = await ledger.wallet(member, programme);
  const expiring = await ledger.expiring(wallet.id, new Date('2030-01-01T00:00:00Z'));
  return expiring.map(({ at, points }) => [at.toISOString().slice(0, 10), points]);
}

test('an event reported to two processes at once unlocks once, and the other is told so', async () => {
  await ledger.execute(earn('ann', 40n, { externalRef: 'parcel-1' }));

  const outcomes = await Promise.all([ledger.execute(unlock('parcel-1')), other.execute(unlock('parcel-1'))]);

  expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['NotUnlockable', 'PointsPosted']);
  expect(await ledger.wallet('ann', programme)).toMatchObject({ available: 40n, pending: 0n });
});

test('cancellations of parts by two processes at once never give back more than was paid', async () => {
  const paid = await ledger.execute(redeem('ann', 40n));
  const postingId = paid.kind === 'PointsPosted' ? paid.posting.id : '';
  const part = () => refund(postingId, { points: 15n });

  const outcomes = await Promise.all(
    Array.from({ length: 6 }, (_, i) => (i % 2 ? ledger : other).execute(part())),
  );

  expect(outcomes.filter(({ kind }) => kind === 'PointsPosted')).toHaveLength(2);
  expect(outcomes.filter(({ kind }) => kind !== 'PointsPosted')).toEqual(
    Array(4).fill({ kind: 'NotReversible', remaining: 10n, keeper: null }),
  );
  expect(await ledger.wallet('ann', programme)).toMatchObject({ available: 30n });
});

test('an activity moves the expiry of more lots than a payment reads at first, and is stored', async () => {
  const refs = Array.from({ length: 300 }, (_, i) => `many-${i}`);
  await Promise.all(refs.map((externalRef) => ledger.execute(earn('bo', 10n, { externalRef }))));
  await Promise.all(refs.map((externalRef) => ledger.execute(unlock(externalRef))));
  expect(await expiries('bo')).toEqual([['2026-05-01', 3_000n]]);
  world.clock.at = new Date(world.clock.at.getTime() + 40 * day);

  expect(await other.execute(redeem('bo', 5n))).toMatchObject({ kind: 'PointsPosted' });

  expect(await expiries('bo')).toEqual([['2026-06-10', 2_995n]]);
  world.clock.at = new Date(world.clock.at.getTime() + 40 * day);
  await ledger.sweep();
  expect(await ledger.wallet('bo', programme)).toMatchObject({ available: 2_995n, openLots: 300 });
});

test('a report that unlocks nothing writes nothing', async () => {
  const before = await countRows(world);

  expect(await ledger.execute(unlock('parcel-1'))).toMatchObject({ kind: 'NotUnlockable' });
  expect(await ledger.execute(unlock('nowhere'))).toEqual({
    kind: 'NotFound',
    what: 'POSTING',
    id: 'nowhere',
  });
  expect(await countRows(world)).toEqual(before);
});
