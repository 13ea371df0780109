import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { checkLedger } from '../../../subgraphs/accounts/ledger/check.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import { earn, hold, type LedgerWorld, make, programme, redeem, startLedgerWorld } from './ledger-world.ts';

let world: LedgerWorld;
let ledger: Ledger;
let connection: Connection;
let ids: { wallet: string; lot: string; earn: string; redeem: string; hold: string; reversal: string };

beforeAll(async () => {
  world = await startLedgerWorld();
  ledger = await world.ledger();
  connection = await world.connect();
});
afterAll(() => world.stop());

const rows = (name: string) => connection.collection<{ _id: string }>(`ledger-${name}`);

beforeEach(async () => {
  for (const name of ['wallets', 'lots', 'postings', 'holds', 'keys', 'positions'])
    await rows(name).deleteMany({});
  const earned = await ledger.execute(
    earn('ann', 100n, {
      lines: [
        { id: 'a', points: 60n },
        { id: 'b', points: 40n },
      ],
    }),
  );
  const paid = await ledger.execute(redeem('ann', 30n));
  const opened = await ledger.execute(hold('ann', 20n));
  if (earned.kind !== 'PointsPosted' || paid.kind !== 'PointsPosted' || opened.kind !== 'PointsHeld')
    throw new Error('the ledger refused');
  const reversed = await ledger.execute(
    make('REVERSE', { postingId: earned.posting.id, lines: [{ id: 'b' }], reason: 'returned' }),
  );
  if (reversed.kind !== 'PointsPosted') throw new Error('the ledger refused');
  ids = {
    wallet: earned.wallet.id,
    lot: earned.posting.lotId!,
    earn: earned.posting.id,
    redeem: paid.posting.id,
    hold: opened.hold.id,
    reversal: reversed.posting.id,
  };
});

const found = async () =>
  (await checkLedger(connection)).violations.map(({ invariant, id }) => `${invariant} ${id}`);

test('a sound ledger has no violations, and its postings are counted', async () => {
  expect(await checkLedger(connection, new Date(0))).toEqual({
    ok: true,
    checkedAt: new Date(0),
    postings: 4,
    violations: [],
  });
});

test('an entry that was changed is found by its sum, its allocation and its wallet', async () => {
  await rows('postings').updateOne({ _id: ids.redeem }, { $inc: { 'entries.0.points': 5n } });

  expect(await found()).toEqual(
    expect.arrayContaining([
      `ENTRIES_SUM_TO_ZERO ${ids.redeem}`,
      `FULLY_ALLOCATED ${ids.redeem}`,
      `WALLET_EQUALS_JOURNAL ${ids.wallet}`,
    ]),
  );
});

test('a debit that is not fully allocated is found, and the lot it should have come from', async () => {
  await rows('postings').updateOne({ _id: ids.redeem }, { $set: { 'allocations.0.remaining': -29n } });

  expect((await found()).sort()).toEqual([
    `FULLY_ALLOCATED ${ids.redeem}`,
    `LOT_EQUALS_ALLOCATIONS ${ids.lot}`,
  ]);
});

test('a balance that its lots and journal do not bear out is found', async () => {
  await rows('wallets').updateOne({ _id: ids.wallet }, { $inc: { available: 1n } });

  expect(await found()).toEqual([
    `WALLET_EQUALS_LOTS ${ids.wallet}`,
    `WALLET_EQUALS_JOURNAL ${ids.wallet}`,
    `POSITIONS_EQUAL_OUTSTANDING ${programme}`,
  ]);
});

test('a negative balance and arrears beside available points are found', async () => {
  await rows('wallets').updateOne({ _id: ids.wallet }, { $set: { pending: -1n, arrears: 2n } });

  expect(await found()).toEqual(
    expect.arrayContaining([`WALLET_NOT_NEGATIVE ${ids.wallet}`, `NO_ARREARS_WITH_AVAILABLE ${ids.wallet}`]),
  );
});

test('an over-allocated lot is found', async () => {
  await rows('lots').updateOne({ _id: ids.lot }, { $set: { remaining: 101n } });

  expect(await found()).toEqual(
    expect.arrayContaining([`LOT_WITHIN_BOUNDS ${ids.lot}`, `LOT_EQUALS_ALLOCATIONS ${ids.lot}`]),
  );
});

test('held points without an open hold are found', async () => {
  await rows('holds').updateOne({ _id: ids.hold }, { $set: { status: 'VOIDED' } });

  expect(await found()).toEqual([
    `WALLET_HELD_EQUALS_HOLDS ${ids.wallet}`,
    `LOT_HELD_EQUALS_HOLDS ${ids.lot}`,
  ]);
});

test('a hold whose parts are not what it holds is found', async () => {
  await rows('holds').updateOne({ _id: ids.hold }, { $set: { points: 21n } });

  expect(await found()).toEqual(
    expect.arrayContaining([`HOLD_FULLY_ALLOCATED ${ids.hold}`, `WALLET_HELD_EQUALS_HOLDS ${ids.wallet}`]),
  );
});

test('a posting whose effect on a position is not what its entries say is found', async () => {
  await rows('postings').updateOne({ _id: ids.earn }, { $set: { 'effect.issued': 99n } });

  expect(await found()).toEqual([
    `EFFECT_EQUALS_ENTRIES ${ids.earn}`,
    `POSITIONS_EQUAL_OUTSTANDING ${programme}`,
  ]);
});

test('more reversed than was earned, in all or of a line, is found', async () => {
  await rows('postings').updateOne({ _id: ids.reversal }, { $set: { 'lines.0.points': 41n } });

  expect(await found()).toEqual([`REVERSED_AT_MOST_ONCE ${ids.earn}`]);
});

test('lots, holds and postings whose wallet is gone are found, and keys whose result is gone', async () => {
  await rows('wallets').deleteOne({ _id: ids.wallet });
  const orphans = await found();
  expect(orphans).toEqual(
    expect.arrayContaining([ids.lot, ids.hold, ids.earn, ids.redeem].map((id) => `BELONGS_TO_WALLET ${id}`)),
  );

  await rows('holds').deleteOne({ _id: ids.hold });
  expect((await found()).filter((line) => line.startsWith('KEY_HAS_RESULT'))).toHaveLength(1);
});

test('a roll-up that is not what the journal says is found', async () => {
  world.clock.at = new Date(world.clock.at.getTime() + 600_000);
  await ledger.sweep();
  expect(await found()).toEqual([]);
  await rows('positions').updateOne({}, { $inc: { 'rows.0.issued': 1n } });

  expect(await found()).toEqual([`ROLL_UP_EQUALS_JOURNAL ${programme}`]);
});
