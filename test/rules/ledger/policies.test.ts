import { expect, test } from '@jest/globals';
import { unlockingOf } from '../../../subgraphs/accounts/ledger/enough.ts';
import type { ProgrammeTerms } from '../../../subgraphs/accounts/ledger/terms.ts';
import { afterDays, forMonths, plainPolicy } from '../../support/policy.ts';
import { fc } from '../../support/properties.ts';
import { balancesOf, brokenInvariants } from './invariants.ts';
import {
  type LedgerInMemory,
  ledgerInMemory,
  programme,
  request,
  reverserOf,
  terms,
} from './ledger-in-memory.ts';

const day = 86_400_000;
const members = ['ann', 'bo'];
const delivered = { kind: 'ON_EVENT', event: 'delivered', withinDays: 10, otherwise: 'UNLOCK' } as const;
const sliding = { kind: 'SLIDING', months: 2 } as const;
const base = { programme, memberId: 'ann', merchantId: 'm1' };

const world = (changes: Partial<ProgrammeTerms>) =>
  ledgerInMemory({ members, merchants: ['m1', 'm2'], terms: terms(changes) });

const pass = (ledger: LedgerInMemory, days: number) => {
  ledger.clock.now = new Date(ledger.clock.now.getTime() + days * day);
};

function posted(outcome: { kind: string }): string {
  if (outcome.kind !== 'PointsPosted') throw new Error(outcome.kind);
  return (outcome as unknown as { posting: { id: string } }).posting.id;
}

const earn = (ledger: LedgerInMemory, points: bigint, more: object = {}) =>
  posted(ledger.execute({ ...request(), ...base, kind: 'EARN', points, ...more }));
const redeem = (ledger: LedgerInMemory, points: bigint) =>
  posted(ledger.execute({ ...request(), ...base, kind: 'REDEEM', merchantId: 'm2', points }));
const reverse = (ledger: LedgerInMemory, postingId: string, more: object = {}) =>
  ledger.execute({
    ...{ ...request(), kind: 'REVERSE', caller: reverserOf(ledger.view.posting(postingId)!) },
    ...{ postingId, reason: 'returned', ...more },
  });
const report = (ledger: LedgerInMemory, postingId: string, event = 'delivered', merchantId = 'm1') =>
  ledger.execute({ ...request(), kind: 'UNLOCK', postingId, event, merchantId });

const amounts = (ledger: LedgerInMemory, member = 'ann') => {
  const { available, pending, held, arrears } = ledger.seen(member).wallet;
  return { available, pending, held, arrears };
};
const expiries = (ledger: LedgerInMemory, member = 'ann') =>
  ledger.seen(member).lots.map((lot) => lot.expiresAt.toISOString().slice(0, 10));

test('points that wait for an event unlock when it is reported, once', () => {
  const ledger = world({ unlock: delivered });
  const earned = earn(ledger, 50n);
  expect(amounts(ledger)).toEqual({ available: 0n, pending: 50n, held: 0n, arrears: 0n });

  expect(report(ledger, earned, 'verified')).toEqual({
    kind: 'NotUnlockable',
    because: 'OTHER_EVENT',
    awaits: 'delivered',
  });
  expect(report(ledger, earned, 'delivered', 'm2')).toEqual({
    kind: 'NotFound',
    what: 'POSTING',
    id: earned,
  });
  const key = request();
  const command = {
    ...key,
    kind: 'UNLOCK',
    postingId: earned,
    event: 'delivered',
    merchantId: 'm1',
  } as const;
  expect(ledger.execute(command)).toMatchObject({
    replayed: false,
    posting: { kind: 'UNLOCK', points: 50n, merchantId: 'm1', reason: 'delivered' },
  });
  expect(ledger.execute(command)).toMatchObject({ replayed: true, posting: { kind: 'UNLOCK', points: 50n } });
  expect(report(ledger, earned)).toEqual({
    kind: 'NotUnlockable',
    because: 'ALREADY_UNLOCKED',
    awaits: null,
  });
  expect(amounts(ledger)).toEqual({ available: 50n, pending: 0n, held: 0n, arrears: 0n });
  expect(ledger.journal.map(({ kind }) => kind)).toEqual(['EARN', 'UNLOCK']);
  expect(brokenInvariants(ledger, members)).toEqual([]);
});

test('an earn is named by the reference that its issuer gave it', () => {
  const ledger = world({ unlock: delivered });
  earn(ledger, 50n, { externalRef: 'receipt-1' });
  const of = (merchantId: string) =>
    ledger.execute({
      ...request(),
      kind: 'UNLOCK',
      externalRef: 'receipt-1',
      event: 'delivered',
      merchantId,
    });

  expect(of('m2')).toEqual({ kind: 'NotFound', what: 'POSTING', id: 'receipt-1' });
  expect(of('m1')).toMatchObject({ kind: 'PointsPosted', wallet: { available: 50n, pending: 0n } });
});

test('points that wait for no event are not unlocked by one', () => {
  const ledger = world({ unlock: afterDays(5) });

  expect(report(ledger, earn(ledger, 50n))).toEqual({
    kind: 'NotUnlockable',
    because: 'NO_EVENT',
    awaits: null,
  });
  expect(amounts(ledger)).toEqual({ available: 0n, pending: 50n, held: 0n, arrears: 0n });
});

test.each([
  ['unlock', { available: 50n, pending: 0n, held: 0n, arrears: 0n }, ['EARN', 'UNLOCK'], 'ALREADY_UNLOCKED'],
  ['lapse', { available: 0n, pending: 0n, held: 0n, arrears: 0n }, ['EARN', 'EXPIRE'], 'NOTHING_LEFT'],
] as const)(
  'without the event points %s on the latest date, whenever the sweeper runs',
  (what, wallet, kinds, because) => {
    const otherwise = what === 'unlock' ? 'UNLOCK' : 'LAPSE';
    const ledger = world({ unlock: { ...delivered, otherwise } });
    const earned = earn(ledger, 50n);
    const at = new Date(ledger.clock.now.getTime() + 10 * day);
    ledger.clock.now = new Date(at.getTime() - 1);
    ledger.sweep();
    expect(amounts(ledger)).toEqual({ available: 0n, pending: 50n, held: 0n, arrears: 0n });

    pass(ledger, 20);

    expect(amounts(ledger)).toEqual(wallet);
    expect(report(ledger, earned)).toMatchObject({ kind: 'NotUnlockable', because });
    ledger.sweep();
    expect(ledger.journal.map(({ kind }) => kind)).toEqual(kinds);
    expect(ledger.journal.at(-1)!.at).toEqual(at);
    expect(brokenInvariants(ledger, members)).toEqual([]);
  },
);

test('points that may lapse are not promised for a later date', () => {
  const ledger = world({ unlock: { ...delivered, otherwise: 'LAPSE' } });
  earn(ledger, 50n);

  expect(ledger.execute({ ...request(), ...base, kind: 'REDEEM', points: 50n })).toEqual({
    kind: 'NotEnoughPoints',
    available: 0n,
    shortBy: 50n,
    availableFrom: null,
  });
});

const unlocking = (ledger: LedgerInMemory) => {
  const { wallet, lots } = ledger.seen('ann');
  return unlockingOf(wallet, lots).map(({ at, available }) => [at.toISOString().slice(0, 10), available]);
};

test('what unlocks by itself is told with what is there by then: less what is owed and what expires before', () => {
  const ledger = world({ validity: forMonths(1) });
  const spent = earn(ledger, 30n);
  redeem(ledger, 30n);
  earn(ledger, 20n);
  ledger.setTerms({ unlock: { ...delivered, withinDays: 20, otherwise: 'LAPSE' } });
  const early = earn(ledger, 7n);
  ledger.setTerms({ unlock: { ...delivered, withinDays: 20 } });
  earn(ledger, 50n);
  ledger.setTerms({ unlock: { ...delivered, withinDays: 40 }, validity: forMonths(3) });
  earn(ledger, 100n);
  ledger.setTerms({ unlock: { ...delivered, withinDays: 15, otherwise: 'LAPSE' } });
  earn(ledger, 1_000n);
  expect(unlocking(ledger)).toEqual([
    ['2026-01-21', 70n],
    ['2026-02-10', 100n],
  ]);

  report(ledger, early);
  expect(unlocking(ledger)).toEqual([
    ['2026-01-21', 77n],
    ['2026-02-10', 100n],
  ]);

  reverse(ledger, spent);
  expect(unlocking(ledger)).toEqual([
    ['2026-01-21', 47n],
    ['2026-02-10', 97n],
  ]);
});

test.each(['UNLOCK', 'LAPSE'] as const)(
  'a return before the event and one after it end alike, in part and in full (without it: %s)',
  (otherwise) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (a, b) => {
        const lines = [
          { id: 'a', points: BigInt(a) },
          { id: 'b', points: BigInt(b) },
        ];
        const ends = ['first', 'last'].map((order) => {
          const ledger = world({ unlock: { ...delivered, otherwise } });
          const earned = earn(ledger, BigInt(a + b), { lines });
          const steps = [
            () => expect(reverse(ledger, earned, { lines: [{ id: 'a' }] }).kind).toBe('PointsPosted'),
            () => expect(report(ledger, earned).kind).toBe('PointsPosted'),
          ];
          for (const step of order === 'first' ? steps : steps.reverse()) step();
          const part = amounts(ledger);
          expect(reverse(ledger, earned).kind).toBe('PointsPosted');
          expect(brokenInvariants(ledger, members)).toEqual([]);
          return { part, full: amounts(ledger), accounts: balancesOf(ledger.journal).get('issuer:m1') };
        });

        const nothing = { available: 0n, pending: 0n, held: 0n, arrears: 0n };
        expect(ends[0]).toEqual({ part: { ...nothing, available: BigInt(b) }, full: nothing, accounts: 0n });
        expect(ends[1]).toEqual(ends[0]);
      }),
      { numRuns: 100 },
    );
  },
);

test('after a full return nothing is left for the event to unlock', () => {
  const ledger = world({ unlock: delivered });
  const earned = earn(ledger, 50n);
  reverse(ledger, earned);
  const before = ledger.journal.length;

  expect(report(ledger, earned)).toEqual({ kind: 'NotUnlockable', because: 'NOTHING_LEFT', awaits: null });
  expect(ledger.journal).toHaveLength(before);
});

test('what an event unlocks pays arrears first', () => {
  const ledger = world({});
  const first = earn(ledger, 30n);
  redeem(ledger, 30n);
  reverse(ledger, first);
  ledger.setTerms({ unlock: delivered });
  const second = earn(ledger, 50n);
  expect(amounts(ledger)).toEqual({ available: 0n, pending: 50n, held: 0n, arrears: 30n });

  expect(report(ledger, second)).toMatchObject({
    posting: {
      entries: [
        { account: 'wallet:wal_ann_SHARED:pending', points: -50n },
        { account: 'wallet:wal_ann_SHARED:available', points: 20n },
        { account: 'wallet:wal_ann_SHARED:arrears', points: 30n },
      ],
    },
    wallet: { available: 20n, pending: 0n, arrears: 0n },
  });
  expect(brokenInvariants(ledger, members)).toEqual([]);
});

test.each<[string, (ledger: LedgerInMemory) => unknown]>([
  ['an earn', (ledger) => earn(ledger, 1n)],
  ['a payment', (ledger) => redeem(ledger, 1n)],
  [
    'a gift to a cause',
    (ledger) => ledger.execute({ ...request(), ...base, kind: 'DONATE', causeId: 'cats', points: 1n }),
  ],
  [
    'a transfer',
    (ledger) =>
      ledger.execute({
        ...request(),
        ...base,
        kind: 'TRANSFER',
        toMemberId: 'bo',
        points: 1n,
        beneficiaryFrom: new Date(0),
      }),
  ],
  [
    'a capture',
    (ledger) => {
      const held = ledger.execute({ ...request(), ...base, kind: 'HOLD', points: 2n });
      expect(expiries(ledger)[0]).toBe('2026-03-01');
      const holdId = held.kind === 'PointsHeld' ? held.hold.id : '';
      expect(ledger.execute({ ...request(), kind: 'CAPTURE', holdId, points: 1n }).kind).toBe('HoldResolved');
    },
  ],
])('of a sliding validity, %s moves the expiry of every open lot, and of no other', (_, act) => {
  const ledger = world({ validity: sliding });
  earn(ledger, 50n);
  ledger.setTerms({ validity: forMonths(4) });
  earn(ledger, 50n);
  expect(expiries(ledger)).toEqual(['2026-03-01', '2026-05-01']);
  pass(ledger, 40);

  act(ledger);

  expect(expiries(ledger).slice(0, 2)).toEqual(['2026-04-10', '2026-05-01']);
  expect(brokenInvariants(ledger, members)).toEqual([]);
});

test('two sliding lots move by the months of their own terms, and none is ever shortened', () => {
  const ledger = world({ validity: { kind: 'SLIDING', months: 6 } });
  earn(ledger, 50n);
  ledger.setTerms({ validity: { kind: 'SLIDING', months: 1 }, version: 2 });
  earn(ledger, 50n);
  expect(expiries(ledger)).toEqual(['2026-07-01', '2026-02-01']);
  pass(ledger, 10);

  redeem(ledger, 1n);

  expect(expiries(ledger)).toEqual(['2026-07-11', '2026-02-11']);
  expect(ledger.seen('ann').lots.map((lot) => lot.termsVersion)).toEqual([1, 2]);
});

test('without activity sliding points expire, and an activity afterwards does not bring them back', () => {
  const ledger = world({ validity: sliding });
  earn(ledger, 50n);
  pass(ledger, 70);

  earn(ledger, 5n);

  expect(amounts(ledger)).toEqual({ available: 5n, pending: 0n, held: 0n, arrears: 0n });
  expect(ledger.journal.map(({ kind }) => kind)).toEqual(['EARN', 'EXPIRE', 'EARN']);
});

test('sliding never shortens an expiry, and gives the same whenever the sweeper runs', () => {
  const steps = fc.array(
    fc.record({ days: fc.integer({ min: 0, max: 70 }), act: fc.constantFrom('earn', 'redeem') }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(steps, (steps) => {
      const [lazy, eager] = [world({ validity: sliding }), world({ validity: sliding })];
      for (const { days, act } of steps) {
        const before = new Map(lazy.seen('ann').lots.map((lot) => [lot.id, lot.expiresAt.getTime()]));
        for (const ledger of [lazy, eager]) {
          pass(ledger, days);
          if (ledger === eager) ledger.sweep();
          if (act === 'earn') earn(ledger, 10n);
          else ledger.execute({ ...request(), ...base, kind: 'REDEEM', points: 3n });
          if (ledger === eager) ledger.sweep();
        }
        for (const lot of lazy.seen('ann').lots)
          expect(lot.expiresAt.getTime()).toBeGreaterThanOrEqual(before.get(lot.id) ?? 0);
      }
      lazy.sweep();

      expect(expiries(lazy)).toEqual(expiries(eager));
      expect(amounts(lazy)).toEqual(amounts(eager));
      expect(lazy.journal.map((p) => [p.kind, p.at, p.points])).toEqual(
        eager.journal.map((p) => [p.kind, p.at, p.points]),
      );
    }),
    { numRuns: 200 },
  );
});

test('points that come back count the activity while they were spent', () => {
  const ledger = world({ validity: sliding });
  earn(ledger, 50n);
  const paid = redeem(ledger, 50n);
  pass(ledger, 40);
  earn(ledger, 5n);
  pass(ledger, 40);

  reverse(ledger, paid);

  expect(expiries(ledger)[0]).toBe('2026-04-10');
  expect(amounts(ledger)).toEqual({ available: 55n, pending: 0n, held: 0n, arrears: 0n });
});

test('a merchant that may not issue earns nobody anything', () => {
  const ledger = world({ eligibleIssuerIds: ['m2'] });
  const of = (merchantId: string) =>
    ledger.execute({ ...request(), ...base, merchantId, kind: 'EARN', points: 5n });

  expect(of('m1')).toEqual({ kind: 'IssuerNotEligible', programme, eligibleIssuerIds: ['m2'] });
  expect(ledger.journal).toEqual([]);
  expect(of('m2').kind).toBe('PointsPosted');
});

const give = (ledger: LedgerInMemory, points: bigint) =>
  ledger.execute({
    ...request(),
    programme,
    kind: 'TRANSFER',
    memberId: 'ann',
    toMemberId: 'bo',
    points,
    beneficiaryFrom: new Date(0),
  });
const forbidden = { ...plainPolicy.transfers, allowed: false };

test('where giving is not allowed nothing is given, however many points there are', () => {
  const ledger = world({ transfers: forbidden });
  expect(give(ledger, 1n)).toEqual({ kind: 'TransferNotAllowed', transferable: 0n });
  earn(ledger, 50n);

  expect(give(ledger, 1n)).toEqual({ kind: 'TransferNotAllowed', transferable: 0n });
  expect(ledger.journal.map(({ kind }) => kind)).toEqual(['EARN']);
});

test('a later version that forbids giving leaves earlier points free to give, and only those', () => {
  const ledger = world({});
  earn(ledger, 30n);
  ledger.setTerms({ transfers: forbidden, validity: forMonths(1) });
  earn(ledger, 20n);

  expect(give(ledger, 31n)).toEqual({ kind: 'TransferNotAllowed', transferable: 30n });
  expect(give(ledger, 30n).kind).toBe('PointsPosted');
  expect(ledger.seen('ann').lots.map((lot) => lot.remaining)).toEqual([0n, 20n]);
  expect(amounts(ledger, 'bo').available).toBe(30n);
  expect(brokenInvariants(ledger, members)).toEqual([]);
});

test('a return whose points were spent is refused where the terms say so, with what is left, and changes nothing', () => {
  const ledger = world({ arrears: 'REFUSE' });
  const lines = [
    { id: 'a', points: 20n },
    { id: 'b', points: 30n },
  ];
  const earned = earn(ledger, 50n, { lines });
  redeem(ledger, 25n);
  const before = ledger.journal.length;

  expect(reverse(ledger, earned)).toEqual({ kind: 'PointsSpent', reversible: 25n, shortBy: 25n });
  expect(reverse(ledger, earned, { lines: [{ id: 'b' }] })).toEqual({
    kind: 'PointsSpent',
    reversible: 25n,
    shortBy: 5n,
  });
  expect(ledger.journal).toHaveLength(before);
  expect(amounts(ledger)).toEqual({ available: 25n, pending: 0n, held: 0n, arrears: 0n });
  expect(reverse(ledger, earned, { lines: [{ id: 'b', points: 25n }] }).kind).toBe('PointsPosted');
  expect(amounts(ledger)).toEqual({ available: 0n, pending: 0n, held: 0n, arrears: 0n });
  expect(brokenInvariants(ledger, members)).toEqual([]);
});

test('points earned before a version that refuses are owed all the same, and the other way round', () => {
  const ledger = world({});
  const owed = earn(ledger, 20n);
  ledger.setTerms({ arrears: 'REFUSE' });
  const refused = earn(ledger, 10n);
  redeem(ledger, 30n);

  expect(reverse(ledger, refused)).toEqual({ kind: 'PointsSpent', reversible: 0n, shortBy: 10n });
  expect(reverse(ledger, owed)).toMatchObject({ posting: { arrears: 20n }, wallet: { arrears: 20n } });
});

test.each(['points', 'lines'])(
  'an earn without lines is returned by points, one with lines not (%s)',
  (what) => {
    const ledger = world({});
    const lines = [{ id: 'a', points: 50n }];
    const earned = earn(ledger, 50n, what === 'lines' ? { lines } : {});

    const outcome = reverse(ledger, earned, { points: 20n });

    if (what === 'points')
      expect(outcome).toMatchObject({ kind: 'PointsPosted', wallet: { available: 30n } });
    else expect(outcome).toMatchObject({ kind: 'InvalidInput', field: 'input.points' });
  },
);

test.each([
  [{ points: 0n }, { kind: 'InvalidInput', field: 'input.points', expected: '1 to 100,000,000' }],
  [{ points: 51n }, { kind: 'NotReversible', remaining: 50n, keeper: null }],
  [
    { points: 5n, lines: [{ id: 'a' }] },
    { kind: 'InvalidInput', field: 'input.points', expected: 'left out where lines are named' },
  ],
])('cancelling a payment by %p is refused and changes nothing', (more, refusal) => {
  const ledger = world({});
  earn(ledger, 80n);
  const paid = redeem(ledger, 50n);
  const before = ledger.journal.length;

  expect(reverse(ledger, paid, more)).toEqual(refusal);
  expect(ledger.journal).toHaveLength(before);
});

const policy = fc.record({
  unlock: fc.constantFrom(afterDays(0), afterDays(3), delivered, {
    ...delivered,
    otherwise: 'LAPSE' as const,
  }),
  validity: fc.constantFrom(
    forMonths(1),
    sliding,
    { kind: 'ROLLING' as const, months: 1, roundTo: 'QUARTER_END' as const },
    { kind: 'FIXED_DATES' as const, dates: [{ month: 2, day: 15 }], minimumDays: 10 },
  ),
  arrears: fc.constantFrom('OWE' as const, 'REFUSE' as const),
});
const spendPart = fc.integer({ min: 1, max: 100 });

/** Two earns, some of it paid, some of that owed by a return, under any policy. */
function spentWorld(
  policy: Partial<ProgrammeTerms>,
  earned: number[],
  paid: number,
  back: number,
  days: number,
) {
  const ledger = world(policy);
  const ids = earned.map((points) => {
    const id = earn(ledger, BigInt(points));
    report(ledger, id);
    pass(ledger, 1);
    return id;
  });
  pass(ledger, 5);
  const most = Number(ledger.seen('ann').wallet.available);
  const spent = redeem(ledger, BigInt(Math.max(1, Math.floor((most * paid) / 100))));
  if (back > 0) reverse(ledger, ids[0]!, { points: BigInt(Math.min(back, earned[0]!)) });
  pass(ledger, days);
  return { ledger, spent };
}

test('cancelling a payment in parts, in any number and order, ends where cancelling it at once ends, whatever the policy', () => {
  const earned = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 });
  const world = fc.tuple(policy, earned, spendPart, fc.nat(60), fc.constantFrom(0, 20, 80));
  fc.assert(
    fc.property(world, fc.array(spendPart, { maxLength: 6 }), (given, shares) => {
      const whole = spentWorld(...given);
      const parts = spentWorld(...given);
      const told = ({ ledger }: typeof whole) => {
        expect(brokenInvariants(ledger, members)).toEqual([]);
        return {
          wallet: amounts(ledger),
          lots: ledger.seen('ann').lots.map((lot) => [lot.id, lot.remaining, lot.expired, lot.expiresAt]),
          accounts: new Map([...balancesOf(ledger.journal)].filter(([, points]) => points !== 0n)),
          due: ledger.journal.reduce(
            (sum, { effect }) => sum + (effect.dueOffUsMilli ?? 0n) + (effect.dueOnUsMilli ?? 0n),
            0n,
          ),
        };
      };
      expect(reverse(whole.ledger, whole.spent).kind).toBe('PointsPosted');
      let left = parts.ledger.view.posting(parts.spent)!.points;
      for (const share of shares) {
        const points = (left * BigInt(share)) / 100n;
        if (points === 0n || points === left) continue;
        expect(reverse(parts.ledger, parts.spent, { points }).kind).toBe('PointsPosted');
        left -= points;
      }
      expect(reverse(parts.ledger, parts.spent, { points: left }).kind).toBe('PointsPosted');

      expect(told(parts)).toEqual(told(whole));
      expect(told(parts).due).toBe(0n);
      expect(reverse(parts.ledger, parts.spent)).toEqual({
        kind: 'NotReversible',
        remaining: 0n,
        keeper: null,
      });
    }),
    { numRuns: 400 },
  );
}, 60_000);
