import { expect, test } from '@jest/globals';
import { programme } from './ledger-in-memory.ts';
import { poolWorld } from './pool-world.ts';

const reminders = { daysBefore: [7], graceDays: 14, restoreOnce: true };
const expiry = new Date('2026-03-01T23:59:59.999Z');
const at = (text: string) => new Date(`2026-${text}T08:00:00Z`);

/** Ann has 100 points and bo 40 in the pool, of which 30 of ann's were spent; the rest was told of and has just expired. */
function expiredPool(changes: Parameters<typeof poolWorld>[0] = {}) {
  const made = poolWorld({ reminders, ...changes });
  made.earn('ann', 150n);
  made.earn('bo', 40n);
  made.contribute('ann', 100n);
  made.contribute('bo', 40n);
  made.spend('bo', 30n);
  made.ledger.clock.now = at('02-23');
  made.ledger.remind();
  made.ledger.clock.now = at('03-02');
  made.ledger.sweep();
  const lotOf = (memberId: string) =>
    made.poolLots().find(({ contributorId }) => contributorId === memberId)!;
  expect(lotOf('ann')).toMatchObject({ remaining: 0n, expired: 70n, expiredAt: expiry });
  return { ...made, lotOf };
}

test('what expired in a pool comes back into its member’s own wallet, once', () => {
  const { ledger, restore, lotOf, balances, broken } = expiredPool();
  const pooled = lotOf('ann');

  expect(restore('ann', pooled)).toMatchObject({
    kind: 'PointsPosted',
    posting: {
      kind: 'RESTORE',
      points: 70n,
      lotId: pooled.id,
      memberIds: ['ann'],
      effect: { expired: -70n },
    },
    wallet: { available: 70n },
  });

  const goodUntil = new Date('2026-04-01T23:59:59.999Z');
  const back = ledger.seen('ann').lots.find(({ originLotId }) => originLotId === pooled.id);
  const { issuerId, issuePricePerThousand, earnedAt } = pooled;
  expect(back).toMatchObject({ issuerId, issuePricePerThousand, earnedAt, contributorId: null });
  expect(back).toMatchObject({ points: 70n, remaining: 70n, expired: 0n, expiresAt: goodUntil, told: [] });
  expect(lotOf('ann')).toMatchObject({ remaining: 0n, expired: 0n });
  expect(lotOf('bo')).toMatchObject({ remaining: 0n, expired: 40n });
  expect(balances()).toEqual([70, 0, 0, 0]);
  for (const again of [lotOf('ann'), back!])
    expect(restore('ann', again)).toEqual({
      ...{ kind: 'NotRestorable', because: 'ALREADY_RESTORED', until: null },
    });
  expect(broken()).toEqual([]);
});

test('one who left, or whose household is no more, has back what expired there', () => {
  const { restore, lotOf, balances, stay, ledger, broken } = expiredPool();
  stay('bo');
  expect(restore('ann', lotOf('ann')).kind).toBe('PointsPosted');
  stay();
  expect(restore('bo', lotOf('bo')).kind).toBe('PointsPosted');
  ledger.sweep();

  expect(balances()).toEqual([70, 40, 0, 0]);
  expect(broken()).toEqual([]);
});

test('points that come back from a pool pay first what their member owes', () => {
  const { ledger, restore, reverse, lotOf, earn, spendOwn, broken } = expiredPool();
  const earned = earn('ann', 50n);
  spendOwn('ann', 50n);
  reverse(earned.kind === 'PointsPosted' ? earned.posting.id : '');
  expect(ledger.seen('ann').wallet).toMatchObject({ available: 0n, arrears: 50n });

  expect(restore('ann', lotOf('ann'))).toMatchObject({ wallet: { available: 20n, arrears: 0n } });
  expect(broken()).toEqual([]);
});

test.each([
  ['terms that restore nothing', { reminders: { ...reminders, restoreOnce: false } }, 0, 'TERMS'],
  ['a grace that is over', {}, 14, 'TOO_LATE'],
] as const)(
  'what expired in a pool does not come back against %s, and nothing changes',
  (_, changes, days, because) => {
    const { ledger, restore, lotOf, wait, balances } = expiredPool(changes);
    wait(days);
    const before = ledger.journal.length;

    expect(restore('ann', lotOf('ann'))).toMatchObject({ kind: 'NotRestorable', because });
    expect(ledger.journal).toHaveLength(before);
    expect(balances()).toEqual([0, 0, 0, 0]);
  },
);

test('points put into a pool after they were restored do not come back a second time', () => {
  const { ledger, restore, contribute, lotOf, poolLots } = expiredPool();
  restore('ann', lotOf('ann'));
  contribute('ann', 70n);
  ledger.clock.now = at('03-26');
  ledger.remind();
  ledger.clock.now = at('04-02');
  ledger.sweep();

  const again = poolLots().findLast(({ contributorId }) => contributorId === 'ann')!;
  expect(again).toMatchObject({ programme, expired: 70n });
  expect(restore('ann', again)).toMatchObject({ kind: 'NotRestorable', because: 'ALREADY_RESTORED' });
});
