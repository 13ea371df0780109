import { expect, test } from '@jest/globals';
import type { PointsPosted } from '../../../subgraphs/accounts/ledger/command.ts';
import type { WalletMonth } from '../../../subgraphs/accounts/ledger/read-month.ts';
import { makeStatement } from '../../../subgraphs/accounts/statement/statement.ts';
import { type Surroundings, warmFacts } from '../../../subgraphs/accounts/statement/warm-facts.ts';
import { forMonths, plainPolicy } from '../../support/policy.ts';
import { type LedgerInMemory, programme, request, terms } from '../ledger/ledger-in-memory.ts';
import { begin, common, earn, february, pool, walletMonth } from './month-in-memory.ts';

const around: Surroundings = {
  registeredAt: new Date('2025-05-01T00:00:00Z'),
  now: new Date('2026-03-01T00:02:00Z'),
  hasEarlier: true,
  monthsBefore: 0,
};

/** What ann may be told of wallets in February. */
const factsIn = (wallets: readonly WalletMonth[], changes: Partial<Surroundings> = {}) =>
  warmFacts(makeStatement('ann', february, wallets), wallets, { ...around, ...changes });

/** What ann may be told of February. */
const factsOf = (ledger: LedgerInMemory) => factsIn([walletMonth(ledger, 'ann', february)]);

/** A ledger in which ann has 100 points that expire at the end of the 10th of February, on a day before that. */
function dying(at: string): LedgerInMemory {
  const transfers = { ...plainPolicy.transfers, declineWithinDays: 3 };
  const ledger = begin({
    terms: terms({ validity: forMonths(1), holdTimeoutSeconds: 20 * 86_400, transfers }),
  });
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

/** A month in which an appeal gave so many points back besides. */
function restitution(month: WalletMonth, points: bigint): WalletMonth {
  const entries = [
    { account: `wallet:${month.walletId}:available`, points },
    { account: 'case:case_1', points: -points },
  ];
  const posting = {
    ...month.postings[0]!,
    id: 'given',
    kind: 'RESTITUTE' as const,
    points,
    entries,
    allocations: [],
  };
  const closing = { ...month.closing, available: month.closing.available + points };
  return { ...month, closing, postings: [...month.postings, posting] };
}

test.each([
  [lateEnough, lateEnough, 30n],
  ['2026-02-03T23:59:59.998Z', '2026-02-09T08:00:00.000Z', 0n],
  ['2026-01-31T23:59:59.999Z', lateEnough, 0n],
])(
  'of points that were reserved at %s and taken at %s, %i are rescued: reserving them was the choice',
  (opened, taken, rescued) => {
    const ledger = dying(opened);
    const held = ledger.execute({ kind: 'HOLD', ...request(), ...common, merchantId: 'm1', points: 30n });
    if (held.kind !== 'PointsHeld') throw new Error(held.kind);
    ledger.clock.now = new Date(taken);
    ledger.execute({ kind: 'CAPTURE', ...request(), holdId: held.hold.id, points: null });

    expect(ledger.journal.some(({ kind }) => kind === 'CAPTURE')).toBe(true);
    expect(factsOf(ledger).rescued).toBe(rescued);
  },
);

/** A ledger of February in which ann has 500 points of January. */
function thrifty(): LedgerInMemory {
  const transfers = { ...plainPolicy.transfers, declineWithinDays: 60 };
  const ledger = begin({ terms: terms({ validity: forMonths(24), transfers }) });
  earn(ledger, 500n);
  return ledger;
}

const inFebruary = (ledger: LedgerInMemory): void => {
  ledger.clock.now = new Date('2026-02-05T08:00:00Z');
};

test('points that were earned and kept are saved, without what was given back for a payment of before', () => {
  const ledger = thrifty();
  const paid = pay(ledger, 200n);
  inFebruary(ledger);
  earn(ledger, 30n);
  giveBack(ledger, paid);

  expect(factsOf(ledger).saved).toBe(30n);
});

test('neither a gift nor a gift of before that was declined is saved', () => {
  const ledger = thrifty();
  const given = gift(ledger, 100n);
  const bo = { programme, memberId: 'bo' };
  ledger.execute({ kind: 'EARN', ...request(), ...bo, merchantId: 'm1', points: 1_000n });
  inFebruary(ledger);
  earn(ledger, 30n);
  const to = { toMemberId: 'ann', beneficiaryFrom: new Date(0) };
  ledger.execute({ kind: 'TRANSFER', ...request(), ...bo, ...to, points: 300n });
  expect(factsOf(ledger)).toMatchObject({ giftsReceived: 300n, saved: 30n });
  ledger.execute({ kind: 'DECLINE', ...request(), postingId: given, memberId: 'bo' });

  expect(factsOf(ledger)).toMatchObject({ giftsGiven: 0n, giftsReceived: 300n, saved: 30n });
});

test('points that had expired and were restored are not saved', () => {
  const reminders = { daysBefore: [7], graceDays: 30, restoreOnce: true };
  const ledger = begin({ terms: terms({ validity: forMonths(1), reminders }) });
  ledger.clock.now = new Date('2025-12-25T08:00:00Z');
  earn(ledger, 80n);
  ledger.clock.now = new Date('2026-01-20T00:00:00Z');
  ledger.sweep();
  ledger.remind();
  ledger.clock.now = new Date('2026-02-05T08:00:00Z');
  ledger.sweep();
  const { lots, wallet } = ledger.seen('ann');
  const base = { programme, memberId: 'ann', walletId: wallet.id, lotId: lots[0]!.id };
  const none = { householdId: null, merchantId: null };
  const restored = ledger.execute({ kind: 'RESTORE', ...request(), ...base, ...none });
  earn(ledger, 30n);

  expect(restored.kind).toBe('PointsPosted');
  expect(factsOf(ledger).saved).toBe(30n);
});

test('what an appeal gave back is not saved', () => {
  const ledger = thrifty();
  inFebruary(ledger);
  earn(ledger, 30n);
  const month = walletMonth(ledger, 'ann', february);
  const given = restitution(month, 200n);

  expect(factsIn([given]).saved).toBe(30n);
});

test('what came back into a pool is not saved, and what was earned and put there is', () => {
  const ledger = thrifty();
  const put = (points: bigint) =>
    ledger.execute({ kind: 'CONTRIBUTE', ...request(), ...common, householdId: 'home', points });
  put(300n);
  const paid = ledger.execute({
    kind: 'REDEEM',
    ...request(),
    ...common,
    merchantId: 'm1',
    points: 200n,
    pool,
  });
  inFebruary(ledger);
  earn(ledger, 30n);
  put(10n);
  giveBack(ledger, idOf(paid));

  expect(factsOf(ledger).saved).toBe(30n);
});

test('points of two programmes are never added: what is told is that of the one with the most', () => {
  const ledger = dying(lateEnough);
  pay(ledger, 30n);
  gift(ledger, 8n);
  const month = walletMonth(ledger, 'ann', february);
  const other = { ...month, programme: 'OTHER' };

  expect(factsIn([month, other])).toMatchObject({ rescued: 38n, giftsGiven: 8n, saved: 0n });
  const saving = thrifty();
  inFebruary(saving);
  earn(saving, 700n);
  const saved = walletMonth(saving, 'ann', february);
  expect(factsIn([saved, { ...saved, programme: 'OTHER' }]).saved).toBe(700n);
});

const donate = (
  ledger: LedgerInMemory,
  causeId: string,
  points: bigint,
  quantity: string,
  name = causeId,
) => {
  const goods = [{ goods: 'food', unit: 'g', quantity }];
  const note = { name, categories: ['animal rescue'], goods };
  ledger.execute({ kind: 'DONATE', ...request(), ...common, causeId, points, note });
};

test('gifts to a cause are told as one, by its last name, and the cause first that was last given to', () => {
  const ledger = thrifty();
  inFebruary(ledger);
  donate(ledger, 'cats', 60n, '60', 'Cats');
  ledger.clock.now = new Date('2026-02-06T08:00:00Z');
  donate(ledger, 'dogs', 5n, '5');
  ledger.clock.now = new Date('2026-02-07T08:00:00Z');
  donate(ledger, 'cats', 40n, '20', 'All cats');
  const month = walletMonth(ledger, 'ann', february);
  const goods = (quantity: string) => [{ goods: 'food', unit: 'g', quantity }];
  const categories = ['animal rescue'];
  const told = [
    { name: 'All cats', categories, points: 100n, goods: goods('80') },
    { name: 'dogs', categories, points: 5n, goods: goods('5') },
  ];

  expect(factsIn([month]).donations).toEqual(told);
  const postings = month.postings.map((posting) => ({ ...posting, programme: 'OTHER' }));
  const both = factsIn([month, { ...month, programme: 'OTHER', postings }]).donations;
  expect(both.map(({ points }) => points)).toEqual([100n, 100n, 5n, 5n]);
});

test('a purchase is told with all its categories, unless all that it earned was taken back', () => {
  const ledger = thrifty();
  inFebruary(ledger);
  const bought = (...categories: string[]) => earn(ledger, 10n, { note: { categories } }).id;
  bought('pet', 'pet food');
  giveBack(ledger, bought('pet'));
  bought('pet');

  expect(factsOf(ledger).purchases).toEqual([['pet', 'pet food'], ['pet']]);
});

const day = (text: string): Date => new Date(text);

test.each([
  ['2025-02-20T10:00:00Z', '2026-02-19T23:59:59.999Z', 0],
  ['2025-02-20T10:00:00Z', '2026-02-20T00:00:00.000Z', 1],
  ['2025-02-20T10:00:00Z', '2026-03-01T00:02:00.000Z', 1],
  ['2023-02-01T10:00:00Z', '2026-02-01T00:00:00.000Z', 3],
  ['2024-02-29T10:00:00Z', '2026-02-27T23:59:59.999Z', 0],
  ['2024-02-29T10:00:00Z', '2026-02-28T00:00:00.000Z', 2],
  ['2026-02-01T10:00:00Z', '2026-02-28T00:00:00.000Z', 0],
  ['2025-03-01T10:00:00Z', '2026-02-28T23:59:59.999Z', 0],
])('who joined at %s is at %s with us for so many full years: %i', (registeredAt, now, years) => {
  expect(factsIn([], { registeredAt: day(registeredAt), now: day(now) }).years).toBe(years);
});
