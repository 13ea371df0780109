import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkLedger } from '../../../subgraphs/accounts/ledger/check.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import { afterDays, forMonths } from '../../support/policy.ts';
import {
  countRows,
  earn,
  hold,
  type LedgerWorld,
  make,
  programme,
  redeem,
  refund,
  startLedgerWorld,
} from './ledger-world.ts';

let world: LedgerWorld;
let ledger: Ledger;
const start = new Date('2026-01-31T10:00:00Z');

// Time only goes forward in a store, so each test has one of its own.
beforeEach(async () => {
  world = await startLedgerWorld({ unlock: afterDays(14), validity: forMonths(1), holdTimeoutSeconds: 900 });
  world.clock.at = start;
  ledger = await world.ledger();
});
afterEach(async () => {
  const { violations } = await checkLedger(await world.connect());
  await world.stop();
  expect(violations).toEqual([]);
});

/** All that reads tell of a wallet, its holds and the totals, at the clock's now. */
async function told(memberId: string, holdId?: string) {
  const wallet = await ledger.wallet(memberId, programme);
  const { available, pending, held, arrears } = wallet;
  return {
    wallet: { available, pending, held, arrears },
    lots: await ledger.lots(wallet.id, { first: 20, after: null }),
    expiring: await ledger.expiring(wallet.id, new Date('2027-01-01T00:00:00Z')),
    nextExpiry: await ledger.nextExpiry(wallet.id),
    hold: holdId ? await ledger.hold(holdId) : null,
    positions: await ledger.positions(programme),
  };
}

test('31 January and one calendar month expire at the end of 28 February, and every read says so at the millisecond', async () => {
  await ledger.execute(earn('ann', 100n));
  const at = (iso: string) => {
    world.clock.at = new Date(iso);
    return ledger.wallet('ann', programme);
  };

  expect(await at('2026-02-14T09:59:59.999Z')).toMatchObject({ available: 0n, pending: 100n });
  expect(await at('2026-02-14T10:00:00.000Z')).toMatchObject({ available: 100n, pending: 0n });
  expect(await at('2026-02-28T23:59:59.998Z')).toMatchObject({ available: 100n, pending: 0n });
  expect(await at('2026-02-28T23:59:59.999Z')).toMatchObject({ available: 0n, pending: 0n });
  expect(await at('2027-01-01T00:00:00.000Z')).toMatchObject({ available: 0n, pending: 0n });
});

test('what reads tell does not depend on the sweeper, across unlock, timeout of a hold and expiry', async () => {
  await ledger.execute(earn('bo', 100n));
  world.clock.at = new Date('2026-02-20T00:00:00Z');
  const opened = await ledger.execute(hold('bo', 40n));
  const holdId = opened.kind === 'PointsHeld' ? opened.hold.id : '';
  const moments = [
    '2026-02-20T00:14:59Z',
    '2026-02-20T00:15:00Z',
    '2026-02-28T23:59:59.999Z',
    '2026-03-05T00:00:00Z',
  ];

  for (const moment of moments) {
    world.clock.at = new Date(moment);
    const before = await told('bo', holdId);
    await ledger.sweep();
    expect(await told('bo', holdId)).toEqual(before);
  }
  expect(await ledger.hold(holdId)).toMatchObject({ status: 'TIMED_OUT' });
});

test('reads write nothing, even where much is due', async () => {
  await ledger.execute(earn('cy', 100n));
  world.clock.at = new Date('2026-06-01T00:00:00Z');
  const before = await countRows(world);
  await told('cy');

  expect(await countRows(world)).toEqual(before);
});

test('what falls due is dated when it was due, whenever it is written, and is written once', async () => {
  await ledger.execute(earn('dee', 100n));
  world.clock.at = new Date('2026-06-01T00:00:00Z');
  await Promise.all([ledger.sweep(), (await world.ledger()).sweep(), ledger.sweep()]);

  const postings = await ledger.postings({ memberId: 'dee' }, { first: 10, after: null });
  expect(postings.map((p) => [p.kind, p.at.toISOString(), p.points])).toEqual([
    ['EXPIRE', '2026-02-28T23:59:59.999Z', 100n],
    ['UNLOCK', '2026-02-14T10:00:00.000Z', 100n],
    ['EARN', '2026-01-31T10:00:00.000Z', 100n],
  ]);
  expect((await ledger.sweep()).wallets).toBe(0);
});

test('a payment finds points that have unlocked though nobody swept, and not those that have expired', async () => {
  await ledger.execute(earn('eve', 100n));
  expect(await ledger.execute(redeem('eve', 30n))).toEqual({
    kind: 'NotEnoughPoints',
    available: 0n,
    shortBy: 30n,
    availableFrom: new Date('2026-02-14T10:00:00Z'),
  });
  world.clock.at = new Date('2026-02-15T00:00:00Z');
  expect(await ledger.execute(redeem('eve', 30n))).toMatchObject({ kind: 'PointsPosted' });
  world.clock.at = new Date('2026-03-01T00:00:00Z');
  expect(await ledger.execute(redeem('eve', 30n))).toEqual({
    kind: 'NotEnoughPoints',
    available: 0n,
    shortBy: 30n,
    availableFrom: null,
  });
});

test('held points do not expire while held; voided after their expiry they expire then', async () => {
  await ledger.execute(earn('fay', 100n));
  world.clock.at = new Date('2026-02-28T23:50:00Z');
  const opened = await ledger.execute(hold('fay', 40n));
  world.clock.at = new Date('2026-03-01T00:01:00Z');
  expect(await ledger.wallet('fay', programme)).toMatchObject({ available: 0n, held: 40n });
  await ledger.execute(make('VOID', { holdId: opened.kind === 'PointsHeld' ? opened.hold.id : '' }));

  expect(await ledger.wallet('fay', programme)).toMatchObject({ available: 0n, held: 0n });
  const [expired] = await ledger.postings({ memberId: 'fay', kinds: ['EXPIRE'] }, { first: 1, after: null });
  expect(expired).toMatchObject({ points: 40n, at: new Date('2026-03-01T00:01:00Z') });
});

test('held points can be captured after their expiry, but not after the hold has timed out', async () => {
  await ledger.execute(earn('gus', 100n));
  world.clock.at = new Date('2026-02-28T23:50:00Z');
  const [first, second] = await Promise.all([
    ledger.execute(hold('gus', 40n)),
    ledger.execute(hold('gus', 50n)),
  ]);
  const id = (outcome: typeof first) => (outcome.kind === 'PointsHeld' ? outcome.hold.id : '');
  world.clock.at = new Date('2026-03-01T00:04:59Z');
  expect(await ledger.execute(make('CAPTURE', { holdId: id(first) }))).toMatchObject({
    kind: 'HoldResolved',
    hold: { captured: 40n },
  });
  world.clock.at = new Date('2026-03-01T00:05:00Z');
  expect(await ledger.execute(make('CAPTURE', { holdId: id(second) }))).toMatchObject({
    kind: 'HoldAlreadyResolved',
    hold: { status: 'TIMED_OUT', captured: null },
  });
});

test('a redemption reversed after its lot had expired gives the points a new expiry', async () => {
  await ledger.execute(earn('hal', 100n));
  world.clock.at = new Date('2026-02-20T00:00:00Z');
  const paid = await ledger.execute(redeem('hal', 60n));
  world.clock.at = new Date('2026-03-10T12:00:00Z');
  const postingId = paid.kind === 'PointsPosted' ? paid.posting.id : '';
  await ledger.execute(refund(postingId));

  const wallet = await ledger.wallet('hal', programme);
  expect(wallet).toMatchObject({ available: 60n });
  expect(await ledger.nextExpiry(wallet.id)).toEqual({
    at: new Date('2026-04-09T23:59:59.999Z'),
    points: 60n,
  });
});

test('reversing an earn that has expired takes the points back from breakage and owes nothing', async () => {
  const earned = await ledger.execute(earn('ida', 100n));
  world.clock.at = new Date('2026-03-10T12:00:00Z');
  const before = await ledger.positions(programme);
  const postingId = earned.kind === 'PointsPosted' ? earned.posting.id : '';
  const reversed = await ledger.execute(make('REVERSE', { postingId, reason: 'returned' }));

  expect(reversed).toMatchObject({ kind: 'PointsPosted', wallet: { arrears: 0n }, posting: { arrears: 0n } });
  const after = await ledger.positions(programme);
  expect(after.totals.expired).toBe(before.totals.expired - 100n);
  expect(after.totals.issued).toBe(before.totals.issued - 100n);
});

test('roll-ups change no position, at any time they run', async () => {
  const at = (minutes: number) => {
    world.clock.at = new Date(Date.parse('2026-07-01T00:00:00Z') + minutes * 60_000);
  };
  for (let minute = 0; minute < 12; minute++) {
    at(minute);
    await ledger.execute(earn('jo', BigInt(10 + minute), { merchantId: minute % 2 ? 'pets' : 'cafe' }));
    const before = [await ledger.positions(programme), await ledger.position('pets', programme)];
    await ledger.sweep();
    expect([await ledger.positions(programme), await ledger.position('pets', programme)]).toEqual(before);
  }
  const connection = await world.connect();
  expect(await connection.collection('ledger-positions').countDocuments()).toBe(1);
});
