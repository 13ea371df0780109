import { expect, test } from '@jest/globals';
import type { PointsPosted } from '../../../subgraphs/accounts/ledger/command.ts';
import { makeStatement } from '../../../subgraphs/accounts/statement/statement.ts';
import { warmFacts } from '../../../subgraphs/accounts/statement/warm-facts.ts';
import { forMonths, plainPolicy } from '../../support/policy.ts';
import { type LedgerInMemory, request, terms } from '../ledger/ledger-in-memory.ts';
import { begin, common, earn, february, walletMonth } from './month-in-memory.ts';

/** What ann may be told of February. */
function factsOf(ledger: LedgerInMemory) {
  const wallets = [walletMonth(ledger, 'ann', february)];
  const around = { registeredAt: new Date('2025-05-01T00:00:00Z'), hasEarlier: true, monthsBefore: 0 };
  return warmFacts(makeStatement('ann', february, wallets), wallets, around);
}

/** A ledger in which ann has 100 points that expire at the end of the 10th of February, on a day before that. */
function dying(at: string): LedgerInMemory {
  const transfers = { ...plainPolicy.transfers, declineWithinDays: 3 };
  const ledger = begin({ terms: terms({ validity: forMonths(1), transfers }) });
  earn(ledger, 100n);
  ledger.clock.now = new Date(at);
  return ledger;
}

function idOf(outcome: PointsPosted | { readonly kind: string }): string {
  if (!('posting' in outcome)) throw new Error(outcome.kind);
  return outcome.posting.id;
}

const pay = (ledger: LedgerInMemory, points: bigint): string =>
  idOf(ledger.execute({ kind: 'REDEEM', ...request(), ...common, merchantId: 'm1', points }));

/** Gives back what a payment took, all of it if no number is said. */
const giveBack = (ledger: LedgerInMemory, postingId: string, points?: bigint): string =>
  idOf(ledger.execute({ kind: 'REVERSE', ...request(), postingId, ...(points ? { points } : {}) }));

const gift = (ledger: LedgerInMemory, points: bigint): string =>
  idOf(
    ledger.execute({
      kind: 'TRANSFER',
      ...request(),
      ...common,
      toMemberId: 'bo',
      points,
      beneficiaryFrom: new Date(0),
    }),
  );

const lateEnough = '2026-02-03T23:59:59.999Z';

test.each([
  [lateEnough, 30n],
  ['2026-02-03T23:59:59.998Z', 0n],
])('points that were paid at %s, a week before they expire or more, are %i rescued', (at, rescued) => {
  const ledger = dying(at);
  pay(ledger, 30n);

  expect(factsOf(ledger).rescued).toBe(rescued);
});

test('every way of using points in time rescues them: paying, reserving and taking, giving and donating', () => {
  const ledger = dying(lateEnough);
  pay(ledger, 1n);
  const held = ledger.execute({ kind: 'HOLD', ...request(), ...common, merchantId: 'm1', points: 2n });
  if (held.kind !== 'PointsHeld') throw new Error(held.kind);
  ledger.execute({ kind: 'CAPTURE', ...request(), holdId: held.hold.id, points: null });
  ledger.execute({ kind: 'DONATE', ...request(), ...common, causeId: 'cats', points: 4n });
  gift(ledger, 8n);
  ledger.execute({ kind: 'HOLD', ...request(), ...common, merchantId: 'm1', points: 16n });

  expect(factsOf(ledger).rescued).toBe(15n);
});

test('what came back in the month was not rescued, in full or in part, and is once it is used again', () => {
  const ledger = dying(lateEnough);
  const [whole, part] = [pay(ledger, 20n), pay(ledger, 30n)];
  giveBack(ledger, whole);
  giveBack(ledger, part, 10n);
  giveBack(ledger, part, 5n);

  expect(factsOf(ledger).rescued).toBe(15n);
  pay(ledger, 7n);
  expect(factsOf(ledger).rescued).toBe(22n);
});

test('a gift that was declined rescued nothing', () => {
  const ledger = dying(lateEnough);
  gift(ledger, 40n);
  const declined = gift(ledger, 8n);
  ledger.execute({ kind: 'DECLINE', ...request(), postingId: declined, memberId: 'bo' });

  expect(factsOf(ledger).rescued).toBe(40n);
});

test('what a payment of an earlier month gives back takes nothing from what was rescued in this', () => {
  const ledger = dying('2026-01-31T08:00:00Z');
  const before = pay(ledger, 60n);
  earn(ledger, 100n);
  ledger.clock.now = new Date('2026-02-27T08:00:00Z');
  pay(ledger, 50n);
  giveBack(ledger, before);

  expect(factsOf(ledger).rescued).toBe(50n);
});
