import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkLedger } from '../../../subgraphs/accounts/ledger/check.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import { forMonths } from '../../support/policy.ts';
import {
  countRows,
  earn,
  type LedgerWorld,
  make,
  programme,
  redeem,
  startLedgerWorld,
} from './ledger-world.ts';

let world: LedgerWorld;
let ledger: Ledger;
const reminders = { daysBefore: [7, 1], graceDays: 14, restoreOnce: true };
const expiry = '2026-04-01T23:59:59.999Z';

beforeEach(async () => {
  world = await startLedgerWorld({ validity: forMonths(1), reminders });
  ledger = await world.ledger();
});
afterEach(async () => {
  const { violations } = await checkLedger(await world.connect(), world.clock.at);
  await world.stop();
  expect(violations).toEqual([]);
});

const goTo = (iso: string) => {
  world.clock.at = new Date(iso);
};

async function sweepAt(...isos: string[]): Promise<void> {
  for (const iso of isos) {
    goTo(iso);
    await ledger.sweep();
  }
}

const page = { first: 20, after: null };
const sent = async (memberId: string) =>
  (await ledger.remindersOf({ memberId }, page)).map(({ days, at, points }) => [
    days,
    at.toISOString(),
    points,
  ]);

async function events() {
  const rows = (await world.connect()).collection('outbox').find({ type: 'jifen.points.expiring' });
  return rows.sort({ partition: 1, sequence: 1 }).toArray();
}

/** The outbox keeps an event once for each consumer. */
const eventId = (row: unknown): string => String(row).replace(/:webhooks$/, '');

/** Those of the events that tell a reminder as a whole: one a reminder. */
async function wholeEvents() {
  return (await events()).filter(({ _id, subject }) => eventId(_id) === subject);
}

const kinds = async (memberId: string) =>
  (await ledger.postings({ memberId }, page)).map(({ kind, at }) => [kind, at.toISOString()]);

const restore = (memberId: string, lotId: string, key?: string) =>
  make('RESTORE', {
    ...{ memberId, walletId: `wal_${memberId}_${programme}`, lotId },
    ...{ householdId: null, merchantId: null },
    ...(key ? { key } : {}),
  });

test('a reminder and its events are one: all of it to who may learn it, its own part to another issuer', async () => {
  await ledger.execute(earn('ann', 100n));
  await ledger.execute(earn('ann', 20n, { merchantId: 'cafe' }));
  await sweepAt('2026-03-25T23:59:59.998Z', '2026-03-26T00:00:00Z', '2026-03-26T00:00:01Z');

  const [reminder] = await ledger.remindersOf({ memberId: 'ann' }, page);
  const id = reminder!.id;
  expect(reminder).toMatchObject({
    ...{ days: 7, at: new Date('2026-03-26T00:00:00Z'), expiresAt: new Date(expiry), points: 120n, lots: 2 },
    parts: [
      { issuerId: 'cafe', points: 20n, lots: 1 },
      { issuerId: 'pets', points: 100n, lots: 1 },
    ],
  });
  const data = (points: number, lots: number) => ({
    ...{ reminderId: id, programme, daysBefore: 7, memberId: 'ann', points, held: 0, lots },
    ...{ sentAt: '2026-03-26T00:00:00.000Z', expiresAt: expiry },
    rescues: ['DONATE', 'GIFT', 'POOL', 'VOUCHER'].map((kind) => ({ kind, points })),
  });
  const partition = `wal_ann_${programme}`;
  const told = (await events()).map(({ _id, subject, partition, audience, data }) => ({
    ...{ id: eventId(_id), subject, partition, audience, data },
  }));
  expect(told).toEqual([
    { id, subject: id, partition, audience: ['cafe'], data: data(120, 2) },
    { id: `${id}-pets`, subject: id, partition, audience: ['pets'], data: data(100, 1) },
  ]);
});

test('processes that sweep at once send one reminder', async () => {
  await ledger.execute(earn('ann', 100n));
  await ledger.execute(earn('ben', 50n));
  goTo('2026-03-26T00:00:00Z');
  const others = [await world.ledger(), await world.ledger()];
  await Promise.all([ledger, ...others, ledger].map((each) => each.sweep()));

  expect(await sent('ann')).toEqual([[7, '2026-03-26T00:00:00.000Z', 100n]]);
  expect(await sent('ben')).toEqual([[7, '2026-03-26T00:00:00.000Z', 50n]]);
  expect(await wholeEvents()).toHaveLength(2);
});

test('a payment and a sweep at once leave one reminder of what is left or of what was there, and no point is lost', async () => {
  await ledger.execute(earn('ann', 100n));
  goTo('2026-03-26T00:00:00Z');
  const other = await world.ledger();
  await Promise.all([ledger.sweep(), other.execute(redeem('ann', 40n)), other.sweep()]);

  const [only, ...more] = await sent('ann');
  expect(more).toEqual([]);
  expect([60n, 100n]).toContain(only![2]);
  expect(await ledger.wallet('ann', programme)).toMatchObject({ available: 60n });
});

test('what reads tell at the expiry does not depend on when the sweeper comes after it, told or not', async () => {
  await ledger.execute(earn('ann', 100n));
  goTo('2026-03-03T10:00:00Z');
  await ledger.execute(earn('cy', 100n));
  // The last reminder of cy is missed.
  await sweepAt('2026-03-26T00:00:00Z', '2026-04-01T06:00:00Z');
  const seen = async () => {
    const wallets = await Promise.all(['ann', 'cy'].map((id) => ledger.wallet(id, programme)));
    const lots = await Promise.all(wallets.map(({ id }) => ledger.lots(id, page)));
    const restorable = await Promise.all(wallets.map(({ id }) => ledger.restorable(id, true)));
    return [
      wallets.map(({ available }) => available),
      lots.map((all) => all.map(({ expiresAt }) => expiresAt.toISOString())),
      restorable.map((all) => all.map(({ expired }) => expired)),
    ];
  };
  goTo('2026-04-04T00:00:00Z');
  const rows = await countRows(world);
  const before = await seen();
  expect(await countRows(world)).toEqual(rows);
  await ledger.sweep();

  expect(before).toEqual([
    [0n, 100n],
    [[], ['2026-04-17T23:59:59.999Z']],
    [[100n], []],
  ]);
  expect(await seen()).toEqual(before);
  expect((await kinds('cy'))[0]).toEqual(['EXTEND', '2026-04-03T23:59:59.999Z']);
});

test('what is due to be told is found by its date, the longest overdue first, and is gone once it is sent', async () => {
  await ledger.execute(earn('ann', 100n));
  goTo('2026-03-02T10:00:00Z');
  await ledger.execute(earn('ben', 100n));
  goTo('2026-03-27T12:00:00Z');
  const overdue = async (first: number, after: readonly string[] | null = null) =>
    (await ledger.overdueReminders({ first, after })).map(({ memberId, nextReminderAt }) => [
      memberId,
      nextReminderAt!.toISOString(),
    ]);

  expect(await overdue(1)).toEqual([
    ['ann', '2026-03-25T23:59:59.999Z'],
    ['ben', '2026-03-26T23:59:59.999Z'],
  ]);
  expect(await overdue(1, ['2026-03-25T23:59:59.999Z', `wal_ann_${programme}`])).toEqual([
    ['ben', '2026-03-26T23:59:59.999Z'],
  ]);
  await ledger.sweep();
  expect(await overdue(10)).toEqual([]);
  expect((await ledger.sweep()).wallets).toBe(0);
});

test('a crash before the commit leaves neither reminder nor event, and the next sweep sends both', async () => {
  await ledger.execute(earn('ann', 100n));
  goTo('2026-03-26T00:00:00Z');
  const sweeping = ledger.sweep().catch(() => 'died');
  await world.crash();
  await sweeping;
  ledger = await world.ledger();
  const before = [(await sent('ann')).length, (await wholeEvents()).length];
  expect(before[0]).toBe(before[1]);
  await ledger.sweep();

  expect(await sent('ann')).toHaveLength(1);
  expect(await wholeEvents()).toHaveLength(1);
});

test('two thousand lots of one date are told of once, and the lot of another date at its own time', async () => {
  const lots = 2_000;
  for (let made = 0; made < lots; made += 500)
    await Promise.all(Array.from({ length: 500 }, () => ledger.execute(earn('ann', 1n))));
  goTo('2026-03-02T10:00:00Z');
  await ledger.execute(earn('ann', 5n));
  await sweepAt('2026-03-26T00:00:00Z');

  expect(await sent('ann')).toEqual([[7, '2026-03-26T00:00:00.000Z', 2_000n]]);
  const { nextReminderAt } = await ledger.wallet('ann', programme);
  expect(nextReminderAt).toEqual(new Date('2026-03-26T23:59:59.999Z'));
  expect(await wholeEvents()).toHaveLength(1);
}, 60_000);

test('of restorings at once by two processes and under two keys one is carried out', async () => {
  await ledger.execute(earn('ann', 100n));
  const { id } = (await ledger.lots(`wal_ann_${programme}`, page))[0]!;
  await sweepAt('2026-03-26T00:00:00Z', '2026-04-01T06:00:00Z', '2026-04-02T00:00:00Z');
  expect(await ledger.wallet('ann', programme)).toMatchObject({ available: 0n });
  const other = await world.ledger();
  const command = restore('ann', id, 'r-1');
  const answers = await Promise.all([
    ledger.execute(command),
    other.execute(command),
    other.execute(restore('ann', id, 'r-2')),
    ledger.execute(restore('ann', id, 'r-3')),
  ]);

  const posted = answers.filter(({ kind }) => kind === 'PointsPosted');
  expect(new Set(posted.map((answer) => 'posting' in answer && answer.posting.id)).size).toBe(1);
  expect(await ledger.wallet('ann', programme)).toMatchObject({ available: 100n });
  expect((await ledger.positions(programme)).totals.expired).toBe(0n);
  expect(await ledger.execute(restore('ann', id, 'r-4'))).toMatchObject({ because: 'ALREADY_RESTORED' });
});

test('a lot that expired since the last sweep can be restored at once, both told in the journal', async () => {
  await ledger.execute(earn('ann', 100n));
  const { id } = (await ledger.lots(`wal_ann_${programme}`, page))[0]!;
  await sweepAt('2026-03-26T00:00:00Z', '2026-04-01T06:00:00Z');
  goTo('2026-04-02T00:00:00Z');
  expect(await ledger.lot(id)).toMatchObject({ memberId: 'ann', expired: 100n });

  await ledger.execute(restore('ann', id));

  expect((await kinds('ann')).slice(0, 2)).toEqual([
    ['RESTORE', '2026-04-02T00:00:00.000Z'],
    ['EXPIRE', expiry],
  ]);
  expect(await ledger.restorable(`wal_ann_${programme}`, true)).toEqual([]);
});

test('the position of a merchant that gave expired points back counts all that it issued since the roll-up', async () => {
  await ledger.execute(earn('ann', 100n));
  const { id } = (await ledger.lots(`wal_ann_${programme}`, page))[0]!;
  await sweepAt(
    '2026-03-26T00:00:00Z',
    '2026-04-01T06:00:00Z',
    '2026-04-02T00:00:00Z',
    '2026-04-02T01:00:00Z',
  );
  await ledger.execute(earn('ann', 7n));

  await ledger.execute(make('RESTORE', { ...restore('ann', id), merchantId: 'pets' }));

  expect(await ledger.position('pets', programme)).toMatchObject({ issued: 107n, expired: 0n });
  expect((await ledger.positions(programme)).merchants.get('pets')).toMatchObject({ issued: 107n });
});

test('the check finds what expired untold, a reminder that is not there and one that would never be sent', async () => {
  await ledger.execute(earn('ann', 100n));
  await ledger.execute(earn('ben', 100n));
  await sweepAt('2026-03-26T00:00:00Z', '2026-04-01T06:00:00Z', '2026-04-02T00:00:00Z');
  await ledger.execute(earn('cy', 100n));
  const connection = await world.connect();
  const lots = connection.collection('ledger-lots');
  const wallets = connection.collection('ledger-wallets');
  const stored = connection.collection('ledger-reminders');
  const kept = await lots.findOne({ walletId: `wal_ann_${programme}` });
  const [first] = await stored.find({ memberId: 'ben' }).toArray();
  const cy = await wallets.findOne({ memberId: 'cy' });
  await lots.updateOne({ _id: kept!._id }, { $set: { told: [] } });
  await stored.deleteOne({ _id: first!._id });
  await wallets.updateOne({ memberId: 'cy' }, { $set: { nextReminderAt: null } });

  const { violations } = await checkLedger(connection, world.clock.at);
  expect(violations.map(({ invariant }) => invariant).sort()).toEqual([
    'NOTHING_EXPIRED_UNTOLD',
    'REMINDER_IS_SCHEDULED',
    'REMINDER_WAS_SENT',
  ]);
  await lots.updateOne({ _id: kept!._id }, { $set: { told: kept!['told'] } });
  await stored.insertOne(first!);
  await wallets.updateOne({ memberId: 'cy' }, { $set: { nextReminderAt: cy!['nextReminderAt'] } });
});

test('a wallet that cannot be swept keeps no other from being reminded, and is named in what is thrown', async () => {
  await ledger.execute(earn('bad', 100n));
  await ledger.execute(earn('ann', 100n));
  const connection = await world.connect();
  const wallets = connection.collection<{ _id: string }>('ledger-wallets');
  const holds = connection.collection<{ _id: string }>('ledger-holds');
  const wallet = (await wallets.findOne({ _id: `wal_bad_${programme}` }))!;
  const timesOutAt = new Date('2026-03-02T00:00:00Z');
  await holds.insertOne({
    ...{ _id: 'hold_bad', walletId: wallet._id, memberId: 'bad', merchantId: 'cafe', programme, points: 10n },
    ...{
      captured: null,
      status: 'OPEN',
      parts: [{ lotId: 'gone', issuerId: 'pets', points: 10n }],
      timesOutAt,
    },
    ...{ openedAt: world.clock.at, resolvedAt: null, capturePostingId: null },
  });
  await wallets.updateOne({ _id: wallet._id }, { $set: { nextDueAt: timesOutAt, held: 10n } });

  goTo('2026-03-26T00:00:00Z');
  const sweep = ledger.sweep();

  await expect(sweep).rejects.toThrow(wallet._id);
  expect((await sent('ann')).length).toBe(1);
  await holds.deleteOne({ _id: 'hold_bad' });
  await wallets.replaceOne({ _id: wallet._id }, wallet);
});
