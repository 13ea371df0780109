import { expect, test } from '@jest/globals';
import type { TransferRules } from '../../../subgraphs/accounts/programme/policy.ts';
import { forMonths } from '../../support/policy.ts';
import { brokenInvariants } from './invariants.ts';
import { ledgerInMemory, programme, request, terms } from './ledger-in-memory.ts';

const day = 86_400_000;
const start = new Date('2026-01-01T08:00:00Z');

/** Ann has 500 points that expire at the end of 1 February, and bo is her beneficiary. */
function world(transfers: Partial<TransferRules> = {}) {
  const rules = {
    allowed: true,
    mostPerTransfer: 200n,
    mostPerDay: 300n,
    declineWithinDays: 7,
    ...transfers,
  };
  const ledger = ledgerInMemory({
    members: ['ann', 'bo', 'cy'],
    merchants: ['m1'],
    terms: terms({ validity: forMonths(1), transfers: rules }),
    start,
  });
  const earn = (memberId: string, points: bigint) =>
    ledger.execute({ ...request(), kind: 'EARN', programme, memberId, merchantId: 'm1', points });
  const spend = (memberId: string, points: bigint) =>
    ledger.execute({ ...request(), kind: 'REDEEM', programme, memberId, merchantId: 'm1', points });
  const give = (points: bigint, more: { from?: string; to?: string; since?: Date | null } = {}) => {
    const { from = 'ann', to = 'bo', since = start } = more;
    const base = { programme, memberId: from, toMemberId: to, points, beneficiaryFrom: since };
    return ledger.execute({ ...request(), kind: 'TRANSFER', ...base });
  };
  const decline = (gift: { kind: string; posting?: { id: string } }, memberId = 'bo', key?: string) =>
    ledger.execute({ ...request(key), kind: 'DECLINE', postingId: gift.posting?.id ?? 'none', memberId });
  const wait = (days: number) => {
    ledger.clock.now = new Date(ledger.clock.now.getTime() + days * day);
  };
  earn('ann', 500n);
  return { ledger, earn, spend, give, decline, wait };
}

type World = ReturnType<typeof world>;

const balances = ({ ledger }: World) =>
  ['ann', 'bo'].map((member) => Number(ledger.seen(member).wallet.available));

/** Does something that is to be refused and makes sure that nothing was written. */
function refused({ ledger }: World, act: () => object): object {
  const before = ledger.journal.length;
  const outcome = act();
  expect(ledger.journal).toHaveLength(before);
  return outcome;
}

test('a gift goes to an effective beneficiary only, and the refusal says from when on', () => {
  const made = world();
  const { give, ledger } = made;
  const later = new Date(start.getTime() + 1);

  expect(refused(made, () => give(1n, { since: null }))).toEqual({
    kind: 'NotABeneficiary',
    effectiveFrom: null,
  });
  expect(refused(made, () => give(1n, { since: later }))).toEqual({
    kind: 'NotABeneficiary',
    effectiveFrom: later,
  });
  ledger.clock.now = later;
  expect(give(1n, { since: later }).kind).toBe('PointsPosted');
});

test('a programme may forbid gifts altogether', () => {
  const made = world({ allowed: false });

  expect(refused(made, () => made.give(1n))).toEqual({ kind: 'TransferNotAllowed', transferable: 0n });
});

test('a gift may not be larger than one may be, nor all gifts of a day in UTC larger than the day allows', () => {
  const made = world();
  const { give, wait } = made;

  expect(refused(made, () => give(201n))).toEqual({
    kind: 'GiftLimitExceeded',
    per: 'TRANSFER',
    limit: 200n,
    left: 200n,
    leftFrom: null,
  });
  expect(give(200n).kind).toBe('PointsPosted');
  expect(refused(made, () => give(101n))).toEqual({
    kind: 'GiftLimitExceeded',
    per: 'DAY',
    limit: 300n,
    left: 100n,
    leftFrom: new Date('2026-01-02T00:00:00Z'),
  });
  expect(give(100n).kind).toBe('PointsPosted');
  wait(15.999 / 24);
  expect(give(1n)).toMatchObject({ kind: 'GiftLimitExceeded', left: 0n });
  wait(0.001 / 24);
  expect(give(200n).kind).toBe('PointsPosted');
  expect(made.ledger.seen('ann').wallet.gifted).toEqual({ day: '2026-01-02', points: 200n });
});

test('a process whose clock is still in the day before counts on with the day that another began', () => {
  const made = world();
  made.wait(1);
  made.give(200n);
  made.wait(-1);

  expect(made.give(101n)).toMatchObject({ kind: 'GiftLimitExceeded', per: 'DAY', left: 100n });
  expect(made.give(100n).kind).toBe('PointsPosted');
  expect(made.ledger.seen('ann').wallet.gifted).toEqual({ day: '2026-01-02', points: 300n });
});

test('a gift that was declined still counts against the day', () => {
  const made = world();
  made.decline(made.give(200n));
  made.decline(made.give(100n));

  expect(balances(made)).toEqual([500, 0]);
  expect(made.give(1n)).toMatchObject({ kind: 'GiftLimitExceeded', per: 'DAY', left: 0n });
});

test.each([
  [
    'forbidden, no beneficiary, too much, too few points',
    { allowed: false },
    null,
    900n,
    'TransferNotAllowed',
  ],
  ['no beneficiary, too much, too few points', {}, null, 900n, 'NotABeneficiary'],
  ['too much for a gift and for the day, too few points', {}, start, 900n, 'GiftLimitExceeded'],
  ['too few points', { mostPerTransfer: null, mostPerDay: null }, start, 501n, 'NotEnoughPoints'],
] as const)('of several reasons the first is told: %s', (_, rules, since, points, kind) => {
  const made = world(rules);

  expect(refused(made, () => made.give(points, { since }))).toMatchObject({ kind });
});

test('declining gives every lot back to the one that it came from', () => {
  const made = world();
  made.spend('ann', 450n);
  made.wait(1);
  made.earn('ann', 100n);
  const gift = made.give(120n);
  expect(balances(made)).toEqual([30, 120]);

  const declined = made.decline(gift);

  expect(declined).toMatchObject({
    kind: 'PointsPosted',
    replayed: false,
    posting: { kind: 'REVERSE', points: 120n, memberIds: ['ann', 'bo'], effect: {} },
  });
  expect(balances(made)).toEqual([150, 0]);
  expect(made.ledger.seen('ann').lots.map((lot) => lot.remaining)).toEqual([50n, 100n]);
  expect(brokenInvariants(made.ledger, ['ann', 'bo'])).toEqual([]);
});

test('a gift is declined once: the same request is told the same, another that it was declined', () => {
  const made = world();
  const gift = made.give(10n);
  const first = made.decline(gift, 'bo', 'decline-1');

  expect(refused(made, () => made.decline(gift, 'bo', 'decline-1'))).toEqual({ ...first, replayed: true });
  expect(refused(made, () => made.decline(gift, 'bo', 'decline-2'))).toEqual({
    kind: 'AlreadyDeclined',
    declinedAt: start,
  });
});

test('only its receiver can decline a gift, and nothing but a gift', () => {
  const made = world();
  const gift = made.give(10n);
  const earned = made.earn('bo', 10n);

  for (const [what, who] of [
    [gift, 'ann'],
    [gift, 'cy'],
    [earned, 'bo'],
    [{ kind: 'nothing' }, 'bo'],
  ] as const)
    expect(refused(made, () => made.decline(what, who))).toMatchObject({ kind: 'NotFound', what: 'POSTING' });
});

test('a gift can be declined until its days are over, by the rules of when it was given', () => {
  const made = world();
  const [early, late] = [made.give(10n), made.give(20n)];
  made.ledger.setTerms({
    transfers: { allowed: false, mostPerTransfer: 1n, mostPerDay: 1n, declineWithinDays: 1 },
  });
  made.ledger.clock.now = new Date(start.getTime() + 7 * day - 1);
  expect(made.decline(early).kind).toBe('PointsPosted');
  made.ledger.clock.now = new Date(start.getTime() + 7 * day);

  expect(refused(made, () => made.decline(late))).toEqual({
    kind: 'TooLateToDecline',
    until: new Date('2026-01-08T08:00:00Z'),
  });
});

test('a gift of which something was spent is not declined, and is again once the payment was reversed', () => {
  const made = world();
  const gift = made.give(100n);
  const paid = made.spend('bo', 30n);

  expect(refused(made, () => made.decline(gift))).toEqual({ kind: 'GiftUsed', points: 100n, untouched: 70n });
  const postingId = paid.kind === 'PointsPosted' ? paid.posting.id : '';
  made.ledger.execute({ ...request(), kind: 'REVERSE', postingId, reason: 'returned' });
  expect(made.decline(gift).kind).toBe('PointsPosted');
  expect(balances(made)).toEqual([500, 0]);
});

test('of two reasons not to decline, that it was declined comes first and then that it is too late', () => {
  const made = world();
  const [declined, used] = [made.give(10n), made.give(20n)];
  made.decline(declined);
  made.spend('bo', 20n);
  made.wait(8);

  expect(made.decline(declined)).toMatchObject({ kind: 'AlreadyDeclined' });
  expect(made.decline(used)).toMatchObject({ kind: 'TooLateToDecline' });
});

test('a gift that paid what its receiver owed, is held or was passed on is used', () => {
  const made = world();
  const { ledger, give, decline } = made;
  const hold = () =>
    ledger.execute({ ...request(), kind: 'HOLD', programme, memberId: 'bo', merchantId: 'm1', points: 40n });
  const gift = give(50n);
  hold();
  expect(decline(gift)).toMatchObject({ kind: 'GiftUsed', untouched: 10n });

  const next = give(60n);
  give(65n, { from: 'bo', to: 'cy' });
  expect(decline(next)).toMatchObject({ kind: 'GiftUsed', untouched: 5n });

  const earned = made.earn('cy', 30n);
  made.spend('cy', 95n);
  const postingId = earned.kind === 'PointsPosted' ? earned.posting.id : '';
  ledger.execute({ ...request(), kind: 'REVERSE', postingId, reason: 'returned' });
  expect(decline(give(40n, { to: 'cy' }), 'cy')).toMatchObject({ kind: 'GiftUsed', untouched: 10n });
  expect(brokenInvariants(ledger, ['ann', 'bo', 'cy'])).toEqual([]);
});

test('points that expired with the receiver go back and expire with the giver, on their own date', () => {
  const made = world();
  made.wait(30);
  const gift = made.give(100n);
  made.wait(2);
  expect(balances(made)).toEqual([0, 0]);

  const declined = made.decline(gift);

  expect(declined).toMatchObject({
    kind: 'PointsPosted',
    posting: { points: 100n, effect: { expired: -100n } },
    wallet: { available: 0n },
  });
  expect(made.ledger.seen('ann').lots.map((lot) => [lot.remaining, lot.expired])).toEqual([[0n, 500n]]);
  expect(made.ledger.seen('bo').lots.map((lot) => [lot.remaining, lot.expired])).toEqual([[0n, 0n]]);
  expect(brokenInvariants(made.ledger, ['ann', 'bo'])).toEqual([]);
});

test.each([
  ['all of a lot', 200n],
  ['a part of it', 199n],
])(
  '%s that was given and declined is good for as long as what the giver did meanwhile makes it',
  (_, points) => {
    const made = world({ declineWithinDays: 60 });
    made.ledger.setTerms({ validity: { kind: 'SLIDING', months: 1 } });
    made.earn('cy', 200n);
    made.earn('cy', 10n);
    const gift = made.give(points, { from: 'cy' });
    made.wait(20);
    made.spend('cy', 5n);
    made.wait(20);
    expect(made.ledger.seen('bo').lots.map((lot) => lot.expired)).toEqual([points]);

    expect(made.decline(gift)).toMatchObject({
      kind: 'PointsPosted',
      posting: { effect: { expired: -points } },
    });

    const good = { expiresAt: new Date('2026-02-21T23:59:59.999Z'), expired: 0n };
    expect(made.ledger.seen('cy').lots).toMatchObject([
      { ...good, remaining: points },
      { ...good, remaining: 205n - points },
    ]);
    expect(brokenInvariants(made.ledger, ['ann', 'bo', 'cy'])).toEqual([]);
  },
);

test('points given back pay what the giver owes first', () => {
  const made = world();
  const earned = made.earn('cy', 100n);
  const gift = made.give(100n, { from: 'cy' });
  const postingId = earned.kind === 'PointsPosted' ? earned.posting.id : '';
  made.ledger.execute({ ...request(), kind: 'REVERSE', postingId, reason: 'returned' });
  expect(made.ledger.seen('cy').wallet).toMatchObject({ available: 0n, arrears: 100n });

  expect(made.decline(gift)).toMatchObject({ kind: 'PointsPosted', wallet: { available: 0n, arrears: 0n } });
  expect(brokenInvariants(made.ledger, ['ann', 'bo', 'cy'])).toEqual([]);
});
