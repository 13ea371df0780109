import { expect, test } from '@jest/globals';
import { parseMonth } from '../../../subgraphs/accounts/ledger/month.ts';
import { makeStatement } from '../../../subgraphs/accounts/statement/statement.ts';
import { forMonths, noReminders } from '../../support/policy.ts';
import { programme, request, terms } from '../ledger/ledger-in-memory.ts';
import {
  begin,
  earn,
  february,
  january,
  march,
  pool,
  roster,
  statementIn,
  walletMonth,
} from './month-in-memory.ts';

test('points in the pool of a household have lines of their own, only the member’s, whoever of the household spent them', () => {
  const ledger = begin({ terms: terms({ validity: forMonths(2) }) });
  earn(ledger, 1_000n);
  ledger.execute({ kind: 'EARN', ...request(), programme, memberId: 'bo', merchantId: 'm1', points: 500n });
  const contribute = (memberId: string, points: bigint) =>
    ledger.execute({ kind: 'CONTRIBUTE', ...request(), programme, memberId, householdId: 'home', points });
  contribute('ann', 400n);
  contribute('bo', 100n);
  const spend = (merchantId: string, points: bigint) =>
    ledger.execute({ kind: 'REDEEM', ...request(), programme, memberId: 'bo', merchantId, points, pool });
  ledger.clock.now = new Date('2026-02-03T08:00:00Z');
  const paid = spend('m2', 150n);
  spend('m1', 300n);
  if (paid.kind !== 'PointsPosted') throw new Error(paid.kind);
  ledger.execute({
    ...{ kind: 'REVERSE', ...request(), caller: 'merchant:m2' },
    postingId: paid.posting.id,
    points: 50n,
  });
  ledger.execute({
    ...{ kind: 'HOLD', ...request(), programme, memberId: 'bo' },
    merchantId: 'm2',
    points: 20n,
    pool,
  });

  const { pooled, ...own } = statementIn(ledger, 'ann', february);

  expect(own).toMatchObject({ opening: 600n, spent: [], contributed: 0n, closing: 600n });
  expect(statementIn(ledger, 'ann', january)).toMatchObject({
    contributed: -400n,
    closing: 600n,
    pooled: { opening: 0n, contributed: 400n, closing: 400n, available: 400n, held: 0n },
  });
  const end = new Date('2026-03-10T23:59:59.999Z');
  expect(pooled).toEqual({
    opening: 400n,
    contributed: 0n,
    takenBack: 0n,
    // Ann's 400 go first, then bo's; what is given back comes last first.
    spent: [
      { merchantId: 'm1', points: -250n, postings: 1 },
      { merchantId: 'm2', points: -150n, postings: 1 },
    ],
    refunded: [{ merchantId: 'm2', points: 50n, postings: 1 }],
    expired: 0n,
    other: 0n,
    closing: 50n,
    available: 30n,
    held: 20n,
    nextExpiries: [{ at: end, points: 30n }],
  });
  expect(statementIn(ledger, 'bo', february)).toMatchObject({
    spent: [],
    pooled: { opening: 100n, spent: [{ merchantId: 'm1', points: -50n }], refunded: [], closing: 50n },
  });

  ledger.setRoster('home', { members: roster('bo') });
  ledger.clock.now = new Date('2026-03-05T08:00:00Z');
  expect(statementIn(ledger, 'ann', march)).toMatchObject({
    opening: 600n,
    takenBack: 50n,
    closing: 650n,
    pooled: { opening: 50n, takenBack: -50n, closing: 0n, nextExpiries: [] },
  });
  ledger.clock.now = new Date('2026-04-02T08:00:00Z');
  expect(statementIn(ledger, 'ann', parseMonth('2026-04')!)).toMatchObject({ closing: 0n, pooled: null });
});

test('what went into a pool and did not arrive there, or is missing on the way back, is no statement', () => {
  const ledger = begin();
  earn(ledger, 100n);
  const base = { ...request(), programme, memberId: 'ann', householdId: 'home' };
  ledger.execute({ kind: 'CONTRIBUTE', ...base, points: 60n });
  const month = walletMonth(ledger, 'ann', january);
  const { pooled } = month;
  const nothing = { ...pooled!.closing, available: 0n };

  expect(makeStatement('ann', january, [month]).programmes[0]!.pooled!.closing).toBe(60n);
  for (const wrong of [
    { ...pooled!, closing: { ...pooled!.closing, available: 59n } },
    { ...pooled!, closing: nothing, postings: [] },
  ])
    expect(() => makeStatement('ann', january, [{ ...month, pooled: wrong }])).toThrow('does not add up');
});

test('what expired in a pool and was restored is told where it came back to', () => {
  const reminders = { ...noReminders, graceDays: 14, restoreOnce: true };
  const ledger = begin({ terms: terms({ validity: forMonths(1), reminders }) });
  earn(ledger, 100n);
  const base = { ...request(), programme, memberId: 'ann' };
  ledger.execute({ kind: 'CONTRIBUTE', ...base, householdId: 'home', points: 60n });
  ledger.clock.now = new Date('2026-02-12T00:00:00Z');
  const [{ id: lotId, walletId } = { id: '', walletId: '' }] = ledger.seen('home').lots;
  const restored = ledger.execute({
    ...{ ...base, ...request(), kind: 'RESTORE', lotId, walletId },
    ...{ householdId: 'home', merchantId: null },
  });

  expect(restored.kind).toBe('PointsPosted');
  expect(statementIn(ledger, 'ann', february)).toMatchObject({
    ...{ opening: 40n, expired: -40n, restored: 60n, other: 0n, closing: 60n },
    nextExpiries: [{ at: new Date('2026-03-14T23:59:59.999Z'), points: 60n }],
    pooled: { opening: 60n, expired: -60n, other: 0n, closing: 0n, nextExpiries: [] },
  });
  expect(statementIn(ledger, 'ann', january)).toMatchObject({
    ...{ contributed: -60n, closing: 40n },
    pooled: { closing: 60n, nextExpiries: [{ at: new Date('2026-02-10T23:59:59.999Z'), points: 60n }] },
  });
});
