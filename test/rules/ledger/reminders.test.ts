import { expect, test } from '@jest/globals';
import type { OutcomeOf, TransferCommand } from '../../../subgraphs/accounts/ledger/command.ts';
import { missedDays, stageDue, stagesOf } from '../../../subgraphs/accounts/ledger/reminder.ts';
import type { ReminderRules } from '../../../subgraphs/accounts/programme/policy.ts';
import { forMonths } from '../../support/policy.ts';
import { brokenInvariants } from './invariants.ts';
import { type LedgerInMemory, ledgerInMemory, programme, request, terms } from './ledger-in-memory.ts';

const members = ['ann', 'bo'];
const start = new Date('2026-01-10T08:00:00Z');
// A month later, at the end of the day.
const expiry = '2026-02-10T23:59:59.999Z';
const usual: ReminderRules = { daysBefore: [7, 1], graceDays: 14, restoreOnce: true };

function begin(reminders: Partial<ReminderRules> = {}, changes: Parameters<typeof terms>[0] = {}) {
  const policy = { validity: forMonths(1), reminders: { ...usual, ...reminders }, ...changes };
  return ledgerInMemory({ members, merchants: ['m1'], terms: terms(policy), start });
}

const goTo = (ledger: LedgerInMemory, iso: string) => {
  ledger.clock.now = new Date(iso);
};

/** The sweeper comes by. */
function sweepAt(ledger: LedgerInMemory, ...isos: string[]): void {
  for (const iso of isos) {
    goTo(ledger, iso);
    ledger.sweep();
    ledger.remind();
  }
}

const base = { programme, memberId: 'ann', merchantId: 'm1' };
const earn = (ledger: LedgerInMemory, points = 100n) =>
  ledger.execute({ ...request(), ...base, kind: 'EARN', points });
const redeem = (ledger: LedgerInMemory, points: bigint) =>
  ledger.execute({ ...request(), ...base, kind: 'REDEEM', points });
const give = (ledger: LedgerInMemory, points: bigint): OutcomeOf<TransferCommand> =>
  ledger.execute({
    ...request(),
    kind: 'TRANSFER',
    ...{ programme, memberId: 'ann', toMemberId: 'bo', points, beneficiaryFrom: start },
  });
const restore = (ledger: LedgerInMemory, memberId = 'ann', which = 0) => {
  const { lots, wallet } = ledger.seen(memberId);
  const lotId = lots.sort((a, b) => (a.id < b.id ? -1 : 1))[which]!.id;
  const named = { programme, memberId, walletId: wallet.id, lotId, householdId: null, merchantId: null };
  return ledger.execute({ ...request(), kind: 'RESTORE', ...named });
};
const kinds = (ledger: LedgerInMemory) => ledger.journal.map(({ kind, at }) => [kind, at.toISOString()]);
const told = (ledger: LedgerInMemory) =>
  ledger.reminders.map(({ memberId, days, at, points }) => [memberId, days, at.toISOString(), points]);

test('each reminder counts until the next is due, and the last in the first half of the time that it leaves', () => {
  const lot = {
    remindDays: [30, 7, 1],
    dueSince: new Date('2026-01-01T00:00:00Z'),
    expiresAt: new Date('2026-03-01T00:00:00Z'),
    told: [],
  };

  expect(
    stagesOf(lot).map(({ days, from, until }) => [days, from.toISOString(), until.toISOString()]),
  ).toEqual([
    [30, '2026-01-30T00:00:00.000Z', '2026-02-21T23:59:59.999Z'],
    [7, '2026-02-22T00:00:00.000Z', '2026-02-27T23:59:59.999Z'],
    [1, '2026-02-28T00:00:00.000Z', '2026-02-28T12:00:00.000Z'],
  ]);
});

test('days that had begun when points got their date are passed over; if all had, one reminder is due at once', () => {
  const expiresAt = new Date('2026-03-01T00:00:00Z');
  const stages = (since: string) =>
    stagesOf({ remindDays: [30, 7, 1], dueSince: new Date(since), expiresAt, told: [] });

  expect(stages('2026-02-22T00:00:00Z').map(({ days }) => days)).toEqual([1]);
  expect(stages('2026-02-28T12:00:00Z')).toEqual([
    { days: 1, from: new Date('2026-02-28T12:00:00Z'), until: new Date('2026-02-28T18:00:00Z') },
  ]);
});

test('points whose member was told in time expire at their date', () => {
  const ledger = begin();
  earn(ledger);
  sweepAt(ledger, '2026-02-03T23:59:59.999Z', '2026-02-04T12:00:00Z', '2026-02-10T11:59:59.999Z', expiry);

  expect(told(ledger)).toEqual([
    ['ann', 7, '2026-02-03T23:59:59.999Z', 100n],
    ['ann', 1, '2026-02-10T11:59:59.999Z', 100n],
  ]);
  expect(kinds(ledger).at(-1)).toEqual(['EXPIRE', expiry]);
  expect(ledger.seen('ann').wallet).toMatchObject({ available: 0n, nextReminderAt: null });
  expect(brokenInvariants(ledger, members)).toEqual([]);
});

test.each([
  ['the last reminder came a millisecond too late', ['2026-02-04T00:00:00Z', '2026-02-10T12:00:00Z'], [1]],
  ['the first reminder was missed', ['2026-02-09T23:59:59.999Z'], [7]],
  ['nobody was there at all', [], [7, 1]],
])(
  'where %s the points are extended by the grace, dated at their expiry, and told of anew',
  (_, sweeps, missed) => {
    const ledger = begin();
    earn(ledger);
    sweepAt(ledger, ...sweeps);
    goTo(ledger, '2026-02-12T00:00:00Z');

    const { wallet, lots } = ledger.seen('ann');
    expect(wallet.available).toBe(100n);
    expect(lots[0]!.expiresAt).toEqual(new Date('2026-02-24T23:59:59.999Z'));
    ledger.sweep();
    expect(ledger.journal.at(-1)).toMatchObject({
      kind: 'EXTEND',
      at: new Date(expiry),
      points: 100n,
      goodUntil: new Date('2026-02-24T23:59:59.999Z'),
      reason: `not reminded ${missed.join(', ')} days before`,
      entries: [],
      effect: {},
    });
    sweepAt(ledger, '2026-02-18T00:00:00Z', '2026-02-24T00:00:00Z', '2026-02-25T00:00:00Z');
    expect(kinds(ledger).at(-1)).toEqual(['EXPIRE', '2026-02-24T23:59:59.999Z']);
    expect(brokenInvariants(ledger, members)).toEqual([]);
  },
);

test('points that are never told of are extended again and again, a grace at a time', () => {
  const ledger = begin();
  earn(ledger);
  goTo(ledger, '2026-04-01T00:00:00Z');
  ledger.sweep();

  expect(kinds(ledger).slice(1)).toEqual([
    ['EXTEND', expiry],
    ['EXTEND', '2026-02-24T23:59:59.999Z'],
    ['EXTEND', '2026-03-10T23:59:59.999Z'],
    ['EXTEND', '2026-03-24T23:59:59.999Z'],
  ]);
  expect(ledger.seen('ann').wallet.available).toBe(100n);
});

test('without a grace the extension is as long as the last reminder needs', () => {
  const ledger = begin({ graceDays: 0, restoreOnce: false });
  earn(ledger);
  sweepAt(ledger, '2026-02-11T06:00:00Z');

  expect(ledger.seen('ann').lots[0]!.expiresAt).toEqual(new Date('2026-02-11T23:59:59.999Z'));
  expect(told(ledger)).toEqual([['ann', 1, '2026-02-11T06:00:00.000Z', 100n]]);
  sweepAt(ledger, '2026-02-12T00:00:00Z');
  expect(kinds(ledger).at(-1)).toEqual(['EXPIRE', '2026-02-11T23:59:59.999Z']);
});

test('terms that promise no reminders let points expire untold', () => {
  const ledger = begin({ daysBefore: [] });
  earn(ledger);
  sweepAt(ledger, '2026-02-11T00:00:00Z');

  expect(kinds(ledger).at(-1)).toEqual(['EXPIRE', expiry]);
  expect(told(ledger)).toEqual([]);
});

test('lots that expire together are told of once, held points among them, and a sweep more tells nothing', () => {
  const transfers = { ...terms().transfers, allowed: false };
  const ledger = begin({}, { transfers, holdTimeoutSeconds: 864_000 });
  earn(ledger, 60n);
  goTo(ledger, '2026-01-10T09:00:00Z');
  ledger.setTerms({ transfers: terms().transfers, pooling: { allowed: false } });
  earn(ledger, 40n);
  sweepAt(ledger, '2026-02-03T00:00:00Z');
  ledger.execute({ ...request(), ...base, kind: 'HOLD', points: 25n });
  sweepAt(ledger, '2026-02-04T00:00:00Z', '2026-02-04T00:00:00Z', '2026-02-05T00:00:00Z');

  expect(ledger.reminders).toMatchObject([
    {
      ...{ days: 7, points: 100n, held: 25n, lots: 2, expiresAt: new Date(expiry) },
      rescues: [
        { kind: 'DONATE', points: 75n },
        { kind: 'GIFT', points: 40n },
        { kind: 'POOL', points: 35n },
        { kind: 'VOUCHER', points: 75n },
      ],
    },
  ]);
});

test('points that wait to unlock are not told of, and those that lapse need not be', () => {
  const unlock = { kind: 'ON_EVENT', event: 'delivered', withinDays: 27, otherwise: 'LAPSE' } as const;
  const ledger = begin({}, { unlock });
  earn(ledger);
  sweepAt(ledger, '2026-02-04T00:00:00Z', '2026-02-12T00:00:00Z');

  expect(told(ledger)).toEqual([]);
  expect(kinds(ledger).at(-1)).toEqual(['EXPIRE', '2026-02-06T08:00:00.000Z']);
  expect(restore(ledger)).toEqual({ kind: 'NotRestorable', because: 'NOT_EXPIRED', until: null });
});

test('points that unlock on their last day are told of in the very commit, and may expire', () => {
  const unlock = { kind: 'ON_EVENT', event: 'delivered', withinDays: 31, otherwise: 'LAPSE' } as const;
  const ledger = begin({}, { unlock });
  const earned = earn(ledger);
  goTo(ledger, '2026-02-10T07:00:00Z');
  const postingId = earned.kind === 'PointsPosted' ? earned.posting.id : '';
  ledger.execute({ ...request(), kind: 'UNLOCK', postingId, event: 'delivered', merchantId: null });

  expect(told(ledger)).toEqual([['ann', 1, '2026-02-10T07:00:00.000Z', 100n]]);
  sweepAt(ledger, '2026-02-11T00:00:00Z');
  expect(kinds(ledger).at(-1)).toEqual(['EXPIRE', expiry]);
});

test('activity that moves the expiry has all told anew of the new date', () => {
  const ledger = begin({}, { validity: { kind: 'SLIDING', months: 1 } });
  earn(ledger);
  sweepAt(ledger, '2026-02-04T00:00:00Z');
  redeem(ledger, 10n);

  expect(ledger.seen('ann').lots[0]).toMatchObject({
    expiresAt: new Date('2026-03-04T23:59:59.999Z'),
    told: [],
  });
  expect(ledger.seen('ann').wallet.nextReminderAt).toEqual(new Date('2026-02-25T23:59:59.999Z'));
  sweepAt(ledger, '2026-02-26T00:00:00Z', '2026-03-04T00:00:00Z', '2026-03-05T00:00:00Z');
  expect(kinds(ledger).at(-1)).toEqual(['EXPIRE', '2026-03-04T23:59:59.999Z']);
});

test('whoever is given points is told of what is still to come, and a gift lengthens nothing', () => {
  const ledger = begin();
  earn(ledger);
  sweepAt(ledger, '2026-02-04T00:00:00Z');
  goTo(ledger, '2026-02-05T00:00:00Z');
  give(ledger, 30n);
  sweepAt(ledger, '2026-02-10T00:00:00Z', '2026-02-11T00:00:00Z');

  expect(told(ledger)).toEqual([
    ['ann', 7, '2026-02-04T00:00:00.000Z', 100n],
    ['ann', 1, '2026-02-10T00:00:00.000Z', 70n],
    ['bo', 1, '2026-02-10T00:00:00.000Z', 30n],
  ]);
  expect(ledger.seen('bo').wallet.available).toBe(0n);
});

test('a gift in the last moment is told of in its own commit, so that it cannot save points from expiring', () => {
  const ledger = begin();
  earn(ledger);
  sweepAt(ledger, '2026-02-04T00:00:00Z', '2026-02-10T00:00:00Z');
  goTo(ledger, '2026-02-10T23:59:59.998Z');
  give(ledger, 30n);

  expect(told(ledger).at(-1)).toEqual(['bo', 1, '2026-02-10T23:59:59.998Z', 30n]);
  sweepAt(ledger, '2026-02-11T00:00:00Z');
  expect(ledger.seen('bo').wallet.available).toBe(0n);
  expect(brokenInvariants(ledger, members)).toEqual([]);
});

test('points that come back are told of anew: what was told while they were spent does not count for them', () => {
  const ledger = begin();
  earn(ledger);
  const paid = redeem(ledger, 100n);
  sweepAt(ledger, '2026-02-04T00:00:00Z', '2026-02-10T00:00:00Z');
  expect(told(ledger)).toEqual([]);
  goTo(ledger, '2026-02-10T20:00:00Z');
  const postingId = paid.kind === 'PointsPosted' ? paid.posting.id : '';
  ledger.execute({ ...request(), kind: 'REVERSE', postingId });

  expect(told(ledger)).toEqual([['ann', 1, '2026-02-10T20:00:00.000Z', 100n]]);
  sweepAt(ledger, '2026-02-11T00:00:00Z');
  expect(kinds(ledger).at(-1)).toEqual(['EXPIRE', expiry]);
});

test('points that come back after their lot expired are told of within the days for which they are good again', () => {
  const ledger = begin({}, { reinstatementDays: 10 });
  earn(ledger);
  const paid = redeem(ledger, 100n);
  goTo(ledger, '2026-03-01T08:00:00Z');
  const postingId = paid.kind === 'PointsPosted' ? paid.posting.id : '';
  ledger.execute({ ...request(), kind: 'REVERSE', postingId });
  sweepAt(ledger, '2026-03-05T00:00:00Z', '2026-03-11T06:00:00Z', '2026-03-12T00:00:00Z');

  expect(told(ledger).map(([, days]) => days)).toEqual([7, 1]);
  expect(kinds(ledger).at(-1)).toEqual(['EXPIRE', '2026-03-11T23:59:59.999Z']);
});

test('points that were held over their expiry expire when they are released if they were told of, else they are extended', () => {
  const released = (...sweeps: string[]) => {
    const ledger = begin({}, { holdTimeoutSeconds: 40 * 24 * 3600 });
    earn(ledger);
    goTo(ledger, '2026-02-01T00:00:00Z');
    const held = ledger.execute({ ...request(), ...base, kind: 'HOLD', points: 100n });
    sweepAt(ledger, ...sweeps);
    goTo(ledger, '2026-02-20T10:00:00Z');
    ledger.execute({ ...request(), kind: 'VOID', holdId: held.kind === 'PointsHeld' ? held.hold.id : '' });
    expect(brokenInvariants(ledger, members)).toEqual([]);
    return ledger.journal.at(-1)!;
  };
  const at = new Date('2026-02-20T10:00:00Z');

  expect(released('2026-02-04T00:00:00Z', '2026-02-10T00:00:00Z')).toMatchObject({ kind: 'EXPIRE', at });
  expect(released('2026-02-04T00:00:00Z')).toMatchObject({
    ...{ kind: 'EXTEND', at, points: 100n },
    goodUntil: new Date('2026-03-06T23:59:59.999Z'),
  });
});

test('a gift of points that the giver no longer could use comes back with the date that they had meanwhile', () => {
  const transfers = { ...terms().transfers, declineWithinDays: 60 };
  const ledger = begin({}, { transfers });
  earn(ledger);
  const gift = give(ledger, 100n);
  // Nobody tells bo: the gift is extended.
  goTo(ledger, '2026-02-20T00:00:00Z');
  const postingId = gift.kind === 'PointsPosted' ? gift.posting.id : '';
  ledger.execute({ ...request(), kind: 'DECLINE', postingId, memberId: 'bo' });

  expect(ledger.seen('ann').wallet.available).toBe(100n);
  expect(ledger.seen('ann').lots[0]!.expiresAt).toEqual(new Date('2026-02-24T23:59:59.999Z'));
  sweepAt(ledger, '2026-02-24T00:00:00Z', '2026-02-25T00:00:00Z');
  expect(ledger.seen('ann').wallet.available).toBe(0n);
  expect(brokenInvariants(ledger, members)).toEqual([]);
});

/** Points that were told of and have expired. */
function expired(changes: Partial<ReminderRules> = {}, more: Parameters<typeof terms>[0] = {}) {
  const ledger = begin(changes, more);
  earn(ledger);
  sweepAt(ledger, '2026-02-04T00:00:00Z', '2026-02-10T00:00:00Z', '2026-02-11T00:00:00Z');
  expect(kinds(ledger).at(-1)![0]).toBe('EXPIRE');
  return ledger;
}

test('points that expired are given back within their grace, once, for the days that returned points are good', () => {
  const ledger = expired();
  goTo(ledger, '2026-02-24T23:59:59.998Z');

  expect(restore(ledger)).toMatchObject({
    kind: 'PointsPosted',
    posting: {
      kind: 'RESTORE',
      points: 100n,
      goodUntil: new Date('2026-03-26T23:59:59.999Z'),
      effect: { expired: -100n },
    },
    wallet: { available: 100n },
  });
  expect(restore(ledger)).toMatchObject({ because: 'ALREADY_RESTORED' });
  sweepAt(ledger, '2026-03-20T00:00:00Z', '2026-03-26T00:00:00Z', '2026-03-27T00:00:00Z');
  expect(ledger.seen('ann').wallet.available).toBe(0n);
  expect(restore(ledger)).toMatchObject({ because: 'ALREADY_RESTORED' });
  expect(brokenInvariants(ledger, members)).toEqual([]);
});

test('of a sliding validity, points restored after an activity are moved by the next one of that day', () => {
  const ledger = expired({}, { validity: { kind: 'SLIDING', months: 1 }, reinstatementDays: 5 });
  const restored = () => ledger.seen('ann').lots[0]!;
  goTo(ledger, '2026-02-12T00:00:00Z');
  earn(ledger, 1n);
  restore(ledger);
  expect(restored()).toMatchObject({ remaining: 100n, expiresAt: new Date('2026-02-17T23:59:59.999Z') });

  earn(ledger, 1n);

  expect(restored()).toMatchObject({ remaining: 100n, expiresAt: new Date('2026-03-12T23:59:59.999Z') });
  expect(brokenInvariants(ledger, members)).toEqual([]);
});

test('points that are given back pay arrears first', () => {
  const ledger = begin();
  const first = earn(ledger, 50n);
  redeem(ledger, 50n);
  goTo(ledger, '2026-01-11T08:00:00Z');
  earn(ledger, 100n);
  sweepAt(ledger, '2026-02-05T00:00:00Z', '2026-02-11T06:00:00Z', '2026-02-12T00:00:00Z');
  const postingId = first.kind === 'PointsPosted' ? first.posting.id : '';
  const returned = ledger.execute({ ...request(), kind: 'REVERSE', postingId });
  expect(returned).toMatchObject({ wallet: { available: 0n, arrears: 50n } });

  expect(restore(ledger, 'ann', 1)).toMatchObject({ wallet: { available: 50n, arrears: 0n } });
  expect(brokenInvariants(ledger, members)).toEqual([]);
});

test.each<[string, string, Partial<ReminderRules>, object]>([
  ['the terms do not say so', '2026-02-12T00:00:00Z', { restoreOnce: false }, { because: 'TERMS' }],
  [
    'the grace is over',
    '2026-02-24T23:59:59.999Z',
    {},
    { because: 'TOO_LATE', until: new Date('2026-02-24T23:59:59.999Z') },
  ],
])('nothing is given back where %s, and nothing is written', (_, now, rules, refusal) => {
  const ledger = expired(rules);
  goTo(ledger, now);
  const before = ledger.journal.length;

  expect(restore(ledger)).toMatchObject({ kind: 'NotRestorable', ...refusal });
  expect(ledger.journal).toHaveLength(before);
});

test('a lot of which nothing expired is not restored', () => {
  const ledger = begin();
  earn(ledger);

  expect(restore(ledger)).toEqual({ kind: 'NotRestorable', because: 'NOT_EXPIRED', until: null });
});

test('points that were restored once and given away are not restored by their receiver', () => {
  const ledger = expired();
  goTo(ledger, '2026-02-12T00:00:00Z');
  restore(ledger);
  give(ledger, 100n);
  sweepAt(ledger, '2026-03-10T00:00:00Z', '2026-03-14T00:00:00Z', '2026-03-15T00:00:00Z');
  expect(ledger.seen('bo').wallet.available).toBe(0n);

  expect(restore(ledger, 'bo')).toMatchObject({ because: 'ALREADY_RESTORED' });
});

test('a reminder that would not count any more is not sent', () => {
  const ledger = begin();
  earn(ledger);
  sweepAt(ledger, '2026-02-10T18:00:00Z');

  expect(told(ledger)).toEqual([]);
  const lot = ledger.seen('ann').lots[0]!;
  expect(stageDue(lot, ledger.clock.now)).toBeNull();
  expect(missedDays(lot)).toEqual([7, 1]);
});

test.each<[string, Parameters<typeof terms>[0], (ledger: LedgerInMemory) => void, string]>([
  [
    'activity',
    { validity: { kind: 'SLIDING', months: 12 } },
    (ledger) => {
      goTo(ledger, '2027-01-13T08:00:00Z');
      earn(ledger, 1n);
    },
    '2028-01-13T23:59:59.999Z',
  ],
  [
    'a grace',
    { validity: forMonths(12), reinstatementDays: 10 },
    (ledger) => sweepAt(ledger, '2027-01-23T08:00:00Z'),
    '2027-07-21T23:59:59.999Z',
  ],
])(
  'points that are given back shorten nothing that %s has lengthened since',
  (_, policy, lengthen, until) => {
    const ledger = begin({ graceDays: 180 }, policy);
    earn(ledger);
    const spent = redeem(ledger, 40n);
    if (spent.kind !== 'PointsPosted') throw new Error(spent.kind);
    sweepAt(ledger, '2027-01-03T23:59:59.999Z', '2027-01-09T23:59:59.999Z', '2027-01-11T00:00:00Z');
    goTo(ledger, '2027-01-12T08:00:00Z');
    ledger.execute({ ...request(), kind: 'REVERSE', postingId: spent.posting.id });
    lengthen(ledger);
    const lot = () => ledger.seen('ann').lots.find(({ points }) => points === 100n)!;
    expect(lot()).toMatchObject({ remaining: 40n, expired: 60n, expiresAt: new Date(until) });

    expect(restore(ledger)).toMatchObject({ posting: { points: 60n, goodUntil: new Date(until) } });

    expect(lot()).toMatchObject({ remaining: 100n, expired: 0n, expiresAt: new Date(until) });
    expect(brokenInvariants(ledger, members)).toEqual([]);
  },
);
