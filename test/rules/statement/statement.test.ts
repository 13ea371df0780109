import { expect, test } from '@jest/globals';
import { monthOf, parseMonth } from '../../../subgraphs/accounts/ledger/month.ts';
import { parseRecord, recordText } from '../../../subgraphs/accounts/statement/record.ts';
import { makeStatement } from '../../../subgraphs/accounts/statement/statement.ts';
import { afterDays, forMonths, plainPolicy } from '../../support/policy.ts';
import { type LedgerInMemory, programme, request, terms } from '../ledger/ledger-in-memory.ts';
import {
  begin,
  common,
  earn,
  february,
  january,
  march,
  statementIn,
  walletMonth,
} from './month-in-memory.ts';

test('a month is read from YYYY-MM and from nothing else, and is one of UTC', () => {
  expect(parseMonth('2026-02')).toEqual({
    name: '2026-02',
    from: new Date('2026-02-01T00:00:00Z'),
    to: new Date('2026-03-01T00:00:00Z'),
  });
  expect(monthOf(new Date('2026-12-31T23:59:59.999Z')).name).toBe('2026-12');
  for (const text of ['2026-00', '2026-13', '2026-1', '1999-01', '2026-01-01', 'x', ''])
    expect(parseMonth(text)).toBeNull();
});

test('every way for points to come and go has its line, by merchant and cause, and the lines lead from opening to closing', () => {
  const ledger = begin();
  earn(ledger, 1_000n);
  ledger.clock.now = new Date('2026-02-03T08:00:00Z');
  const caller = 'merchant:m2';
  const earned = earn(ledger, 300n, {
    merchantId: 'm2',
    lines: [
      { id: 'a', points: 100n },
      { id: 'b', points: 200n },
    ],
  });
  ledger.execute({ kind: 'REVERSE', ...request(), caller, postingId: earned.id, lines: [{ id: 'a' }] });
  const paid = ledger.execute({ kind: 'REDEEM', ...request(), ...common, merchantId: 'm2', points: 400n });
  ledger.execute({ kind: 'REDEEM', ...request(), ...common, merchantId: 'm1', points: 50n });
  if (paid.kind !== 'PointsPosted') throw new Error(paid.kind);
  ledger.execute({ kind: 'REVERSE', ...request(), caller, postingId: paid.posting.id });
  const note = {
    name: 'Cats',
    categories: ['animal rescue'],
    goods: [{ goods: 'food', unit: 'g', quantity: '60' }],
  };
  ledger.execute({ kind: 'DONATE', ...request(), ...common, causeId: 'cats', points: 60n, note });
  ledger.execute({ kind: 'DONATE', ...request(), ...common, causeId: 'cats', points: 60n, note });
  ledger.execute({
    kind: 'TRANSFER',
    ...request(),
    ...common,
    toMemberId: 'bo',
    points: 70n,
    beneficiaryFrom: new Date(0),
  });
  ledger.execute({ kind: 'HOLD', ...request(), ...common, merchantId: 'm1', points: 5n });

  expect(statementIn(ledger, 'ann', february)).toEqual({
    programme,
    opening: 1_000n,
    earned: [{ merchantId: 'm2', points: 300n, postings: 1 }],
    returned: [{ merchantId: 'm2', points: -100n, postings: 1 }],
    spent: [
      { merchantId: 'm1', points: -50n, postings: 1 },
      { merchantId: 'm2', points: -400n, postings: 1 },
    ],
    refunded: [{ merchantId: 'm2', points: 400n, postings: 1 }],
    giftsReceived: 0n,
    giftsGiven: -70n,
    donated: [
      {
        causeId: 'cats',
        name: 'Cats',
        points: -120n,
        postings: 2,
        goods: [{ goods: 'food', unit: 'g', quantity: '120' }],
      },
    ],
    contributed: 0n,
    takenBack: 0n,
    expired: 0n,
    restored: 0n,
    deducted: 0n,
    restituted: 0n,
    other: 0n,
    closing: 960n,
    available: 955n,
    pending: 0n,
    held: 5n,
    arrears: 0n,
    unlocked: 0n,
    nextExpiries: [
      // Of the older lot 50 were paid, 120 given, 70 sent and 5 are held: the older lot expires first.
      { at: new Date('2027-01-10T23:59:59.999Z'), points: 755n },
      { at: new Date('2027-02-03T23:59:59.999Z'), points: 200n },
    ],
    pooled: null,
  });
  expect(statementIn(ledger, 'bo', february)).toMatchObject({
    opening: 0n,
    giftsReceived: 70n,
    closing: 70n,
  });
});

test('points that expired and points that unlocked are told in the month in which it happened, not in that of its writing', () => {
  const ledger = begin({ terms: terms({ validity: forMonths(1), unlock: afterDays(7) }) });
  earn(ledger, 80n);
  ledger.clock.now = new Date('2026-05-20T00:00:00Z');

  expect(statementIn(ledger, 'ann', january)).toMatchObject({
    opening: 0n,
    closing: 80n,
    available: 80n,
    pending: 0n,
    unlocked: 80n,
    nextExpiries: [{ at: new Date('2026-02-10T23:59:59.999Z'), points: 80n }],
  });
  expect(statementIn(ledger, 'ann', february)).toMatchObject({
    opening: 80n,
    expired: -80n,
    closing: 0n,
    unlocked: 0n,
    nextExpiries: [],
  });
});

test('points that were extended are told with the date that they had, and points that were restored have a line of their own', () => {
  const reminders = { daysBefore: [7], graceDays: 14, restoreOnce: true };
  const ledger = begin({ terms: terms({ validity: forMonths(1), reminders }) });
  earn(ledger, 80n);
  ledger.clock.now = new Date('2026-02-20T00:00:00Z');
  ledger.sweep();
  ledger.remind();
  ledger.clock.now = new Date('2026-03-01T00:00:00Z');
  const { lots, wallet } = ledger.seen('ann');
  const base = { programme, memberId: 'ann', walletId: wallet.id, lotId: lots[0]!.id };
  const none = { householdId: null, merchantId: null };
  const restored = ledger.execute({ kind: 'RESTORE', ...request(), ...base, ...none });

  expect(restored.kind).toBe('PointsPosted');
  expect(statementIn(ledger, 'ann', january).nextExpiries).toEqual([
    { at: new Date('2026-02-10T23:59:59.999Z'), points: 80n },
  ]);
  expect(statementIn(ledger, 'ann', february)).toMatchObject({
    opening: 80n,
    expired: -80n,
    restored: 0n,
    closing: 0n,
  });
  expect(statementIn(ledger, 'ann', march)).toMatchObject({ opening: 0n, restored: 80n, closing: 80n });
});

test('a return of points already spent is owed at the closing and subtracted from it', () => {
  const ledger = begin();
  const earned = earn(ledger, 100n);
  ledger.execute({ kind: 'REDEEM', ...request(), ...common, merchantId: 'm1', points: 90n });
  ledger.clock.now = new Date('2026-02-03T08:00:00Z');
  ledger.execute({ kind: 'REVERSE', ...request(), postingId: earned.id });

  expect(statementIn(ledger, 'ann', february)).toMatchObject({
    opening: 10n,
    returned: [{ merchantId: 'm1', points: -100n, postings: 1 }],
    closing: -90n,
    available: 0n,
    arrears: 90n,
  });
});

test('a lot that expired and was made good again is told with the date it had then', () => {
  const ledger = begin({ terms: terms({ validity: forMonths(1) }) });
  earn(ledger, 100n);
  const paid = ledger.execute({ kind: 'REDEEM', ...request(), ...common, merchantId: 'm1', points: 40n });
  ledger.clock.now = new Date('2026-02-20T00:00:00Z');
  if (paid.kind !== 'PointsPosted') throw new Error(paid.kind);
  ledger.execute({ kind: 'REVERSE', ...request(), postingId: paid.posting.id });

  expect(statementIn(ledger, 'ann', january).nextExpiries).toEqual([
    { at: new Date('2026-02-10T23:59:59.999Z'), points: 60n },
  ]);
  expect(statementIn(ledger, 'ann', february)).toMatchObject({
    opening: 60n,
    expired: -60n,
    refunded: [{ merchantId: 'm1', points: 40n, postings: 1 }],
    closing: 40n,
    nextExpiries: [{ at: new Date('2026-03-22T23:59:59.999Z'), points: 40n }],
  });
});

/** A ledger in which ann gave bo points that expire on the 10th of February and can be declined until March. */
function given(...gifts: readonly bigint[]) {
  const transfers = { ...plainPolicy.transfers, declineWithinDays: 60 };
  const ledger = begin({ terms: terms({ validity: forMonths(1), transfers }) });
  for (const points of gifts) earn(ledger, points);
  return { ledger, gift: (points: bigint) => giveToBo(ledger, points) };
}

function giveToBo(ledger: LedgerInMemory, points: bigint): string {
  const to = { toMemberId: 'bo', beneficiaryFrom: new Date(0) };
  const outcome = ledger.execute({ kind: 'TRANSFER', ...request(), ...common, ...to, points });
  if (outcome.kind !== 'PointsPosted') throw new Error(outcome.kind);
  return outcome.posting.id;
}

test('a gift that expired with its receiver and was then declined was never given, and expired with its giver', () => {
  const { ledger, gift } = given(100n);
  const postingId = gift(100n);
  ledger.clock.now = new Date('2026-02-20T00:00:00Z');
  ledger.sweep();
  const declined = ledger.execute({ kind: 'DECLINE', ...request(), postingId, memberId: 'bo' });

  expect(declined.kind).toBe('PointsPosted');
  expect(statementIn(ledger, 'ann', january)).toMatchObject({ giftsGiven: -100n, expired: 0n, closing: 0n });
  expect(statementIn(ledger, 'ann', february)).toMatchObject({
    giftsGiven: 100n,
    expired: -100n,
    closing: 0n,
  });
  expect(statementIn(ledger, 'bo', january)).toMatchObject({ giftsReceived: 100n, closing: 100n });
  expect(statementIn(ledger, 'bo', february)).toMatchObject({
    giftsReceived: -100n,
    expired: 0n,
    closing: 0n,
  });
});

test('of a declined gift of which only a part had expired all comes back, and that part expires with the giver', () => {
  const { ledger, gift } = given(60n);
  ledger.clock.now = new Date('2026-02-05T08:00:00Z');
  earn(ledger, 40n);
  const postingId = gift(100n);
  ledger.clock.now = new Date('2026-02-20T00:00:00Z');
  ledger.sweep();
  ledger.execute({ kind: 'DECLINE', ...request(), postingId, memberId: 'bo' });

  expect(statementIn(ledger, 'ann', february)).toMatchObject({
    ...{ opening: 60n, giftsGiven: 0n, expired: -60n, closing: 40n },
  });
  expect(statementIn(ledger, 'bo', february)).toMatchObject({
    ...{ opening: 0n, giftsReceived: 0n, expired: 0n, closing: 0n },
  });
});

test('a posting of a kind that nobody foresaw lands in other, so that the statement still adds up', () => {
  const ledger = begin();
  earn(ledger, 100n);
  const month = walletMonth(ledger, 'ann', january);
  const strange = {
    ...month.postings[0]!,
    entries: [
      { account: `wallet:${month.walletId}:available`, points: 7n },
      { account: 'household:1', points: -7n },
    ],
  };
  const closing = { ...month.closing, available: 107n };

  const { programmes } = makeStatement('ann', january, [
    { ...month, postings: [...month.postings, strange], closing },
  ]);

  expect(programmes[0]).toMatchObject({ opening: 0n, other: 7n, closing: 107n });
});

test('a statement that does not add up is never made', () => {
  const ledger = begin();
  earn(ledger, 100n);
  const month = walletMonth(ledger, 'ann', january);

  expect(() =>
    makeStatement('ann', january, [{ ...month, closing: { ...month.closing, available: 101n } }]),
  ).toThrow('does not add up');
});

test('the record is the same for the same month, and reads back as it was made', () => {
  const ledger = begin();
  earn(ledger, 100n);
  const statement = makeStatement('ann', january, [walletMonth(ledger, 'ann', january)]);

  const text = recordText(statement, (id) => `Shop ${id}`);

  expect(recordText(statement, (id) => `Shop ${id}`)).toBe(text);
  expect(parseRecord(text)).toMatchObject({
    type: 'jifen-statement',
    version: 2,
    timeZone: 'UTC',
    memberId: 'ann',
    month: '2026-01',
    programmes: [
      { opening: 0n, earned: [{ merchantId: 'm1', merchant: 'Shop m1', points: 100n }], closing: 100n },
    ],
  });
});
