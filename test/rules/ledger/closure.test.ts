import { expect, test } from '@jest/globals';
import type { PointsIn } from '../../../subgraphs/accounts/ledger/command.ts';
import { afterDays } from '../../support/policy.ts';
import { brokenInvariants } from './invariants.ts';
import { ledgerInMemory, programme, request, terms } from './ledger-in-memory.ts';

const start = new Date('2026-01-01T08:00:00Z');

function world(unlockAfter = 0) {
  const ledger = ledgerInMemory({
    members: ['ann', 'bo'],
    merchants: ['m1'],
    terms: terms({ unlock: afterDays(unlockAfter) }),
    start,
  });
  const earn = (memberId: string, points: bigint) =>
    ledger.execute({ ...request(), kind: 'EARN', programme, memberId, merchantId: 'm1', points });
  const redeem = (memberId: string, points: bigint) =>
    ledger.execute({ ...request(), kind: 'REDEEM', programme, memberId, merchantId: 'm1', points });
  const hold = (memberId: string, points: bigint) =>
    ledger.execute({ ...request(), kind: 'HOLD', programme, memberId, merchantId: 'm1', points });
  const reverse = (posted: { kind: string; posting?: { id: string } }, points?: bigint) =>
    ledger.execute({ ...request(), kind: 'REVERSE', postingId: posted.posting?.id ?? '', points });
  const give = (memberId: string, toMemberId: string, points: bigint) =>
    ledger.execute({
      ...{ ...request(), kind: 'TRANSFER', programme, memberId, toMemberId, points },
      beneficiaryFrom: start,
    });
  const close = (memberId: string, ...forfeit: readonly bigint[]) =>
    ledger.execute({
      ...{ ...request(), kind: 'CLOSE', memberId, programmes: [programme], pools: [] },
      forfeit: forfeit.map((points): PointsIn => ({ programme, points })),
    });
  return { ledger, earn, redeem, hold, reverse, give, close };
}

type World = ReturnType<typeof world>;

const kinds = ({ ledger }: World) => ledger.journal.map(({ kind, points }) => [kind, Number(points)]);

function refused({ ledger }: World, act: () => object): object {
  const before = ledger.journal.length;
  const outcome = act();
  expect(ledger.journal).toHaveLength(before);
  expect(ledger.seen('ann').wallet.closedAt).toBeNull();
  return outcome;
}

test('what is left is forfeited if it is just what was confirmed, pending points too', () => {
  const made = world(7);
  made.earn('ann', 30n);

  expect(refused(made, () => made.close('ann'))).toEqual({
    kind: 'PointsLeft',
    left: [{ programme, points: 30n }],
  });
  for (const wrong of [29n, 31n])
    expect(refused(made, () => made.close('ann', wrong))).toMatchObject({ kind: 'PointsLeft' });
  expect(made.close('ann', 30n)).toEqual({ kind: 'WalletsClosed' });
  expect(made.ledger.seen('ann').wallet).toMatchObject({ available: 0n, pending: 0n, closedAt: start });
  expect(kinds(made)).toEqual([
    ['EARN', 30],
    ['FORFEIT', 30],
  ]);
  expect(made.ledger.journal[1]).toMatchObject({ effect: { expired: 30n }, merchantIds: [] });
  expect(brokenInvariants(made.ledger, ['ann', 'bo'])).toEqual([]);
});

test('nothing is confirmed where nothing is left', () => {
  const made = world();

  expect(refused(made, () => made.close('ann', 1n))).toEqual({ kind: 'PointsLeft', left: [] });
  expect(made.close('ann')).toEqual({ kind: 'WalletsClosed' });
  expect(made.close('ann')).toEqual({ kind: 'WalletsClosed' });
  expect(kinds(made)).toEqual([]);
});

test('what is reserved is told before what is owed, and that before what is left', () => {
  const made = world();
  const earned = made.earn('ann', 50n);
  const other = made.earn('ann', 20n);
  made.redeem('ann', 30n);
  made.hold('ann', 15n);
  expect(refused(made, () => made.close('ann', 25n))).toEqual({
    kind: 'HoldsOpen',
    held: [{ programme, points: 15n }],
  });
  made.reverse(earned);
  made.reverse(other);
  expect(made.ledger.seen('ann').wallet.arrears > 0n).toBe(true);
  expect(refused(made, () => made.close('ann'))).toMatchObject({ kind: 'HoldsOpen' });
  made.ledger.clock.now = new Date(start.getTime() + 3_600_000);
  expect(refused(made, () => made.close('ann'))).toMatchObject({ kind: 'ArrearsOwed' });
  expect(brokenInvariants(made.ledger, ['ann', 'bo'])).toEqual([]);
});

test('a closed wallet is given nothing and takes part in nothing', () => {
  const made = world();
  made.earn('bo', 10n);
  made.close('ann');
  const before = made.ledger.journal.length;

  const gone = { kind: 'NotFound', what: 'MEMBER', id: 'ann' };
  expect(made.earn('ann', 5n)).toEqual(gone);
  expect(made.redeem('ann', 5n)).toEqual(gone);
  expect(made.hold('ann', 5n)).toEqual(gone);
  expect(made.give('bo', 'ann', 5n)).toEqual(gone);
  expect(made.give('ann', 'bo', 5n)).toEqual(gone);
  expect(made.ledger.journal).toHaveLength(before);
});

test('what a cancelled payment gives back is forfeited in the same commit', () => {
  const made = world();
  made.earn('ann', 40n);
  const paid = made.redeem('ann', 25n);
  made.close('ann', 15n);

  const reversed = made.reverse(paid, 10n);

  expect(reversed).toMatchObject({ kind: 'PointsPosted', posting: { kind: 'REVERSE', points: 10n } });
  expect(kinds(made).slice(-2)).toEqual([
    ['REVERSE', 10],
    ['FORFEIT', 10],
  ]);
  expect(made.ledger.seen('ann').wallet).toMatchObject({ available: 0n, openLots: 0 });
  expect(brokenInvariants(made.ledger, ['ann', 'bo'])).toEqual([]);
});

test('a gift that is declined to a giver whose wallet is closed is forfeited', () => {
  const made = world();
  made.ledger.setTerms({
    transfers: { allowed: true, mostPerTransfer: null, mostPerDay: null, declineWithinDays: 7 },
  });
  made.earn('ann', 40n);
  const gift = made.give('ann', 'bo', 40n) as { posting: { id: string } };
  made.close('ann');

  const base = { ...request(), kind: 'DECLINE' as const, memberId: 'bo' };
  expect(made.ledger.execute({ ...base, postingId: gift.posting.id })).toMatchObject({
    kind: 'PointsPosted',
  });

  expect(kinds(made).slice(-2)).toEqual([
    ['REVERSE', 40],
    ['FORFEIT', 40],
  ]);
  expect(brokenInvariants(made.ledger, ['ann', 'bo'])).toEqual([]);
});

test('a return after closing takes back what was forfeited before anything is owed', () => {
  const made = world();
  const earned = made.earn('ann', 40n);
  made.redeem('ann', 25n);
  made.close('ann', 15n);

  expect(made.reverse(earned)).toMatchObject({
    kind: 'PointsPosted',
    posting: { points: 40n, arrears: 25n },
  });

  expect(made.ledger.journal.at(-1)!.effect).toMatchObject({ expired: -15n, issued: -40n });
  expect(made.ledger.seen('ann').wallet).toMatchObject({ available: 0n, arrears: 25n });
  expect(brokenInvariants(made.ledger, ['ann', 'bo'])).toEqual([]);
});
