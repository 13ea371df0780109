import { expect, test } from '@jest/globals';
import { afterDays, forMonths } from '../../support/policy.ts';
import { brokenInvariants } from './invariants.ts';
import { ledgerInMemory, programme, request, terms } from './ledger-in-memory.ts';

const day = 86_400_000;
const base = { programme, memberId: 'ann', merchantId: 'm1' };

test('what fell due together is applied in the order of time: a hold that timed out first pays arrears before later unlocks', () => {
  const ledger = ledgerInMemory({
    members: ['ann'],
    merchants: ['m1'],
    terms: terms({ holdTimeoutSeconds: 5 * 24 * 3600 }),
  });
  const first = ledger.execute({ ...request(), ...base, kind: 'EARN', points: 50n });
  ledger.execute({ ...request(), ...base, kind: 'HOLD', points: 50n });
  const postingId = first.kind === 'PointsPosted' ? first.posting.id : '';
  const reversed = ledger.execute({ ...request(), kind: 'REVERSE', postingId, reason: 'returned' });
  ledger.setTerms({ unlock: afterDays(10) });
  ledger.execute({ ...request(), ...base, kind: 'EARN', points: 50n });
  ledger.clock.now = new Date(ledger.clock.now.getTime() + 20 * day);

  const { wallet, lots } = ledger.seen('ann');

  expect(reversed).toMatchObject({ wallet: { arrears: 50n, held: 50n } });
  expect(wallet).toMatchObject({ available: 50n, held: 0n, arrears: 0n });
  expect(lots.map((lot) => lot.remaining)).toEqual([0n, 50n]);
});

test('of two lots the one that expires first is spent first, though it was earned later', () => {
  const ledger = ledgerInMemory({ members: ['ann'], merchants: ['m1'] });
  ledger.execute({ ...request(), ...base, kind: 'EARN', points: 50n });
  ledger.setTerms({ validity: forMonths(1) });
  ledger.clock.now = new Date(ledger.clock.now.getTime() + day);
  ledger.execute({ ...request(), ...base, kind: 'EARN', points: 50n });
  const paid = ledger.execute({ ...request(), ...base, kind: 'REDEEM', points: 60n });

  const { lots } = ledger.seen('ann');

  expect(lots.map((lot) => lot.remaining)).toEqual([40n, 0n]);
  expect(paid).toMatchObject({
    posting: {
      allocations: [
        { lotId: lots[1]!.id, points: -50n },
        { lotId: lots[0]!.id, points: -10n },
      ],
    },
  });
  expect(brokenInvariants(ledger, ['ann'])).toEqual([]);
});

test('released points whose lot has expired pay arrears first and expire with what is left', () => {
  const ledger = ledgerInMemory({
    members: ['ann'],
    merchants: ['m1'],
    terms: terms({ validity: forMonths(1), holdTimeoutSeconds: 50 * 24 * 3600 }),
  });
  const earned = ledger.execute({
    ...request(),
    ...base,
    kind: 'EARN',
    points: 50n,
    lines: [
      { id: 'a', points: 20n },
      { id: 'b', points: 30n },
    ],
  });
  ledger.execute({ ...request(), ...base, kind: 'HOLD', points: 50n });
  const postingId = earned.kind === 'PointsPosted' ? earned.posting.id : '';
  ledger.execute({ ...request(), kind: 'REVERSE', postingId, lines: [{ id: 'a' }], reason: 'returned' });
  ledger.clock.now = new Date(ledger.clock.now.getTime() + 60 * day);
  ledger.sweep();

  expect(ledger.journal.map((posting) => [posting.kind, posting.points])).toEqual([
    ['EARN', 50n],
    ['HOLD', 50n],
    ['REVERSE', 20n],
    ['VOID', 50n],
    ['EXPIRE', 30n],
  ]);
  expect(ledger.seen('ann').wallet).toMatchObject({ available: 0n, held: 0n, arrears: 0n });
  expect(brokenInvariants(ledger, ['ann'])).toEqual([]);
});
