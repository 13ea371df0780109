import { expect, test } from '@jest/globals';
import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import type { SpendingLimits } from '../../../subgraphs/accounts/ledger/roster.ts';
import type { ProgrammeTerms } from '../../../subgraphs/accounts/ledger/terms.ts';
import { forMonths } from '../../support/policy.ts';
import { fc } from '../../support/properties.ts';
import { balancesOf, brokenInvariants, sumOf } from './invariants.ts';
import { ledgerInMemory, programme, request, terms } from './ledger-in-memory.ts';

const day = 86_400_000;
const family = ['ann', 'bo', 'cy'];
const holders = [...family, 'home'];
const free: SpendingLimits = { perRedemption: null, perMonth: null };

/** Ann, bo and cy are a family without limits; points of each last two months. */
function world(changes: Partial<ProgrammeTerms> = {}) {
  const rosterOf = (ids: readonly string[], limits: SpendingLimits = free) =>
    ids.map((memberId) => ({ memberId, limits }));
  const ledger = ledgerInMemory({
    members: family,
    merchants: ['m1', 'm2'],
    terms: terms({ validity: forMonths(2), ...changes }),
    households: [{ id: 'home', version: 1, members: rosterOf(family) }],
  });
  const base = { programme, merchantId: 'm1' };
  const pool = { householdId: 'home' };
  return {
    ledger,
    earn: (memberId: string, points: bigint) =>
      ledger.execute({ ...request(), ...base, kind: 'EARN', memberId, points }),
    contribute: (memberId: string, points: bigint, householdId: string | null = 'home') =>
      ledger.execute({ ...request(), kind: 'CONTRIBUTE', programme, memberId, householdId, points }),
    spend: (memberId: string, points: bigint) =>
      ledger.execute({ ...request(), ...base, kind: 'REDEEM', memberId, points, pool }),
    spendOwn: (memberId: string, points: bigint) =>
      ledger.execute({ ...request(), ...base, kind: 'REDEEM', memberId, points }),
    hold: (memberId: string, points: bigint) =>
      ledger.execute({ ...request(), ...base, kind: 'HOLD', memberId, points, pool }),
    capture: (holdId: string, points?: bigint) =>
      ledger.execute({ ...request(), kind: 'CAPTURE', holdId, points }),
    release: (holdId: string) => ledger.execute({ ...request(), kind: 'VOID', holdId }),
    reverse: (postingId: string, points?: bigint) =>
      ledger.execute({ ...request(), kind: 'REVERSE', postingId, points }),
    close: (memberId: string, ...forfeit: readonly bigint[]) =>
      ledger.execute({
        ...{ ...request(), kind: 'CLOSE', memberId, programmes: [programme] },
        pools: [{ householdId: 'home', programme }],
        forfeit: forfeit.map((points) => ({ programme, points })),
      }),
    limit: (limits: SpendingLimits) => ledger.setRoster('home', { members: rosterOf(family, limits) }),
    stay: (...ids: string[]) => ledger.setRoster('home', { members: rosterOf(ids) }),
    /** Those who do not stay leave, and have back what is free of theirs. */
    part: (...staying: string[]) => {
      ledger.setRoster('home', { members: rosterOf(staying) });
      for (const _ of family) ledger.advance('home');
    },
    wait: (days: number) => {
      ledger.clock.now = new Date(ledger.clock.now.getTime() + days * day);
    },
    balances: () => holders.map((holder) => Number(ledger.seen(holder).wallet.available)),
    poolLots: () => ledger.seen('home').lots,
    broken: () => brokenInvariants(ledger, holders),
  };
}

const idOf = (outcome: { kind: string; posting?: { id: string }; hold?: { id: string } }): string =>
  outcome.posting?.id ?? outcome.hold!.id;

/** Does something that is to be refused and makes sure that nothing was written. */
function refused({ ledger }: ReturnType<typeof world>, act: () => object): object {
  const before = ledger.journal.length;
  const outcome = act();
  expect(ledger.journal).toHaveLength(before);
  return outcome;
}

test('a contributed lot keeps issuer, price, terms and expiry and names its contributor', () => {
  const { earn, contribute, ledger, balances, poolLots, broken } = world();
  earn('ann', 300n);

  expect(contribute('ann', 120n)).toMatchObject({
    kind: 'PointsPosted',
    posting: {
      kind: 'CONTRIBUTE',
      points: 120n,
      memberIds: ['ann'],
      householdId: 'home',
      walletIds: [walletIdOf('ann', programme), walletIdOf('home', programme)],
    },
    wallet: { memberId: 'ann', available: 180n },
  });

  const [origin] = ledger.seen('ann').lots;
  expect(balances()).toEqual([180, 0, 0, 120]);
  expect(poolLots()).toEqual([
    expect.objectContaining({
      contributorId: 'ann',
      originLotId: origin!.id,
      points: 120n,
      expiresAt: origin!.expiresAt,
      issuerId: 'm1',
      issuePricePerThousand: origin!.issuePricePerThousand,
      termsVersion: origin!.termsVersion,
    }),
  ]);
  expect(broken()).toEqual([]);
});

test('a pool pays with the lots that expire first, whoever put them there, and keeps who spent and who paid', () => {
  const { earn, contribute, spend, wait, poolLots, broken } = world();
  earn('bo', 50n);
  wait(3);
  earn('ann', 50n);
  contribute('ann', 50n);
  contribute('bo', 50n);

  const spent = spend('cy', 70n);

  expect(spent).toMatchObject({
    kind: 'PointsPosted',
    posting: { kind: 'REDEEM', memberIds: ['cy', 'bo', 'ann'], householdId: 'home' },
  });
  if (spent.kind !== 'PointsPosted') throw new Error(spent.kind);
  const { allocations } = spent.posting;
  expect(allocations.map(({ contributorId, points }) => [contributorId, points])).toEqual([
    ['bo', -50n],
    ['ann', -20n],
  ]);
  expect(poolLots().map(({ contributorId, remaining }) => [contributorId, remaining])).toEqual([
    ['ann', 30n],
    ['bo', 0n],
  ]);
  expect(broken()).toEqual([]);
});

test('nobody contributes to or spends from a household it does not belong to', () => {
  const made = world();
  const { earn, contribute, spend, stay } = made;
  earn('ann', 100n);
  contribute('ann', 50n);
  stay('ann');

  expect(refused(made, () => spend('bo', 10n))).toEqual({ kind: 'NotInHousehold' });
  expect(refused(made, () => contribute('bo', 10n))).toEqual({ kind: 'NotInHousehold' });
  expect(refused(made, () => contribute('ann', 10n, null))).toEqual({ kind: 'NotInHousehold' });
});

test('limits of one redemption and of a month hold, holds included, and begin anew with the next month in UTC', () => {
  const made = world();
  const { earn, contribute, spend, hold, limit, wait, broken } = made;
  earn('ann', 1_000n);
  contribute('ann', 1_000n);
  limit({ perRedemption: 60n, perMonth: 100n });

  expect(refused(made, () => spend('bo', 61n))).toEqual({
    kind: 'HouseholdLimitExceeded',
    per: 'REDEMPTION',
    limit: 60n,
    left: 60n,
    leftFrom: null,
  });
  hold('bo', 60n);
  expect(refused(made, () => spend('bo', 41n))).toEqual({
    kind: 'HouseholdLimitExceeded',
    per: 'MONTH',
    limit: 100n,
    left: 40n,
    leftFrom: new Date('2026-02-01T00:00:00Z'),
  });
  expect(spend('cy', 60n).kind).toBe('PointsPosted');
  expect(spend('bo', 40n).kind).toBe('PointsPosted');
  wait(31);
  expect(spend('bo', 60n).kind).toBe('PointsPosted');
  expect(broken()).toEqual([]);
});

test('a limit of nothing lets nothing be spent, and is refused before a lack of points', () => {
  const made = world();
  made.limit({ perRedemption: null, perMonth: 0n });

  expect(refused(made, () => made.spend('bo', 1n))).toMatchObject({
    kind: 'HouseholdLimitExceeded',
    per: 'MONTH',
    left: 0n,
  });
});

test('what comes back within the month no longer counts as spent', () => {
  const { earn, contribute, spend, hold, capture, release, reverse, limit, broken } = world();
  earn('ann', 1_000n);
  contribute('ann', 1_000n);
  limit({ perRedemption: null, perMonth: 100n });

  const spent = spend('bo', 100n);
  reverse(idOf(spent), 30n);
  const held = hold('bo', 30n);
  release(idOf(held));
  const taken = hold('bo', 30n);
  capture(idOf(taken), 10n);

  expect(spend('bo', 21n)).toMatchObject({ kind: 'HouseholdLimitExceeded', left: 20n });
  expect(spend('bo', 20n).kind).toBe('PointsPosted');
  expect(broken()).toEqual([]);
});

test('who leaves takes along what it has in the pool, by its own dates, and pays first what it owes', () => {
  const { ledger, earn, contribute, spendOwn, reverse, stay, spend, balances, broken } = world();
  const first = earn('ann', 100n);
  spendOwn('ann', 100n);
  earn('ann', 80n);
  earn('bo', 50n);
  contribute('ann', 80n);
  contribute('bo', 50n);
  spend('cy', 20n);
  stay('bo', 'cy');

  ledger.sweep();

  expect(balances()).toEqual([60, 0, 0, 50]);
  expect(ledger.journal.at(-1)).toMatchObject({ kind: 'TAKE_BACK', points: 60n, memberIds: ['ann'] });
  expect(reverse(idOf(first))).toMatchObject({ posting: { arrears: 40n } });
  expect(broken()).toEqual([]);
});

test('lots of one who left never pay, even before they are back', () => {
  const made = world();
  const { earn, contribute, spend, stay } = made;
  earn('ann', 100n);
  earn('bo', 10n);
  contribute('ann', 100n);
  contribute('bo', 10n);
  stay('bo', 'cy');

  expect(refused(made, () => spend('cy', 11n))).toMatchObject({ kind: 'NotEnoughPoints', available: 10n });
  expect(spend('cy', 10n)).toMatchObject({ posting: { memberIds: ['cy', 'bo'] } });
});

test('what a hold reserves of one who left goes to its own wallet when the hold is released, or times out', () => {
  const { ledger, earn, contribute, hold, release, capture, stay, wait, balances, broken } = world();
  earn('ann', 100n);
  contribute('ann', 100n);
  const held = [hold('bo', 30n), hold('bo', 30n), hold('bo', 20n)];
  stay('bo', 'cy');
  ledger.sweep();
  expect(balances()).toEqual([20, 0, 0, 0]);

  release(idOf(held[0]!));
  expect(balances()).toEqual([50, 0, 0, 0]);
  capture(idOf(held[1]!), 10n);
  expect(balances()).toEqual([70, 0, 0, 0]);
  wait(1);
  ledger.sweep();
  expect(balances()).toEqual([90, 0, 0, 0]);
  expect(broken()).toEqual([]);
});

test('a reversed payment gives back to the very lots of the pool, and to the wallet of one who left', () => {
  const { earn, contribute, spend, reverse, stay, balances, poolLots, broken } = world();
  earn('ann', 40n);
  earn('bo', 40n);
  contribute('ann', 40n);
  contribute('bo', 40n);
  const spent = spend('cy', 80n);

  reverse(idOf(spent), 30n);
  expect(poolLots().map(({ remaining }) => remaining)).toEqual([30n, 0n]);
  stay('bo', 'cy');
  reverse(idOf(spent));
  expect(balances()).toEqual([40, 0, 0, 40]);
  expect(broken()).toEqual([]);
});

test('a reversed earn takes the own wallet first, then the own lots in the pool, then becomes arrears', () => {
  const { earn, contribute, spend, reverse, balances, ledger, broken } = world();
  const earned = earn('ann', 100n);
  earn('bo', 100n);
  contribute('ann', 90n);
  contribute('bo', 100n);
  spend('bo', 30n);

  expect(reverse(idOf(earned))).toMatchObject({ posting: { points: 100n, arrears: 30n } });

  expect(balances()).toEqual([0, 0, 0, 100]);
  expect(ledger.seen('ann').wallet.arrears).toBe(30n);
  expect(broken()).toEqual([]);
});

test('a reversed earn that the pool pays alone is written to the own wallet too, where it is told', () => {
  const { ledger, earn, contribute, reverse, balances, broken } = world();
  const earned = earn('ann', 100n);
  contribute('ann', 100n);
  const { version } = ledger.seen('ann').wallet;

  expect(reverse(idOf(earned))).toMatchObject({
    posting: { walletIds: [walletIdOf('ann', programme), walletIdOf('home', programme)], arrears: 0n },
  });

  expect(ledger.seen('ann').wallet.version).toBe(version + 1);
  expect(balances()).toEqual([0, 0, 0, 0]);
  expect(broken()).toEqual([]);
});

test('a reversed earn counts on what a hold of the pool gave back when it timed out, swept or not', () => {
  const { earn, contribute, hold, stay, wait, reverse, balances, ledger, broken } = world();
  const earned = earn('ann', 100n);
  contribute('ann', 100n);
  hold('bo', 100n);
  stay('bo', 'cy');
  wait(1);

  expect(reverse(idOf(earned))).toMatchObject({ posting: { points: 100n, arrears: 0n } });

  expect(balances()).toEqual([0, 0, 0, 0]);
  expect(ledger.seen('ann').wallet.arrears).toBe(0n);
  expect(broken()).toEqual([]);
});

test('a hold gives back all lots of one who left, however many', () => {
  const { earn, contribute, hold, release, stay, balances } = world();
  const lots = 1_001;
  for (let i = 0; i < lots; i++) earn('ann', 1n);
  contribute('ann', BigInt(lots));
  const held = hold('bo', BigInt(lots));
  stay('bo', 'cy');

  release(idOf(held));

  expect(balances()).toEqual([lots, 0, 0, 0]);
});

test('points of a pool that expire together do so in a posting for each member', () => {
  const { ledger, earn, contribute, wait, broken } = world();
  for (const member of ['ann', 'bo']) {
    earn(member, 40n);
    contribute(member, 40n);
  }
  wait(70);

  ledger.sweep();

  const expired = ledger.journal.filter(({ kind }) => kind === 'EXPIRE');
  expect(expired.map(({ memberIds, points }) => [memberIds, points])).toEqual([
    [['ann'], 40n],
    [['bo'], 40n],
  ]);
  expect(broken()).toEqual([]);
});

test('points whose terms forbid pooling stay where they are', () => {
  const made = world({ pooling: { allowed: false } });
  const { earn, contribute, ledger, balances } = made;
  earn('ann', 50n);

  expect(refused(made, () => contribute('ann', 60n))).toEqual({ kind: 'PoolingNotAllowed', poolable: 0n });
  ledger.setTerms({ version: 2, pooling: { allowed: true } });
  expect(refused(made, () => contribute('ann', 60n))).toMatchObject({ kind: 'NotEnoughPoints' });
  expect(refused(made, () => contribute('ann', 50n))).toEqual({ kind: 'PoolingNotAllowed', poolable: 0n });
  earn('ann', 20n);
  expect(refused(made, () => contribute('ann', 21n))).toEqual({ kind: 'PoolingNotAllowed', poolable: 20n });
  expect(contribute('ann', 20n).kind).toBe('PointsPosted');
  expect(balances()).toEqual([50, 0, 0, 20]);
});

test('a child gives no points away, whatever else stands in the way', () => {
  const made = world();
  const { earn, ledger } = made;
  earn('bo', 10n);
  const give = { programme, memberId: 'bo', toMemberId: 'ann', points: 10n, beneficiaryFrom: null };

  expect(
    refused(made, () => ledger.execute({ ...request(), kind: 'TRANSFER', ...give, byChild: true })),
  ).toEqual({ kind: 'NotForChildren' });
  expect(
    refused(made, () => ledger.execute({ ...request(), kind: 'TRANSFER', ...give, byChild: false })),
  ).toMatchObject({ kind: 'NotABeneficiary' });
});

test('an empty pool of somebody else is never touched by a huge or a negative number of points', () => {
  const made = world();

  for (const points of [0n, -1n, 100_000_001n]) {
    expect(refused(made, () => made.contribute('ann', points))).toMatchObject({ kind: 'InvalidInput' });
    expect(refused(made, () => made.spend('ann', points))).toMatchObject({ kind: 'InvalidInput' });
  }
});

const who = fc.constantFrom(...family);
const points = fc.bigInt({ min: 1n, max: 90n });
const step = fc.oneof(
  fc.record({ op: fc.constant('earn' as const), who, points }),
  fc.record({ op: fc.constant('contribute' as const), who, points }),
  fc.record({ op: fc.constant('spend' as const), who, points }),
  fc.record({ op: fc.constant('spendOwn' as const), who, points }),
  fc.record({ op: fc.constant('hold' as const), who, points }),
  fc.record({
    op: fc.constant('resolve' as const),
    which: fc.nat(),
    share: fc.integer({ min: 0, max: 100 }),
  }),
  fc.record({ op: fc.constant('reverse' as const), which: fc.nat(), points: fc.option(points) }),
  fc.record({ op: fc.constant('roster' as const), stay: fc.subarray(family) }),
  fc.record({
    op: fc.constant('limit' as const),
    perMonth: fc.option(fc.bigInt({ min: 0n, max: 120n })),
    perRedemption: fc.option(fc.bigInt({ min: 0n, max: 120n })),
  }),
  fc.record({ op: fc.constant('wait' as const), days: fc.constantFrom(0, 1, 20, 45) }),
  fc.record({ op: fc.constant('sweep' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Carries out a step, and keeps what later steps may go back to. */
function play(
  made: ReturnType<typeof world>,
  kept: { holds: string[]; postings: string[] },
  one: Step,
): void {
  const pick = (ids: readonly string[], which: number) => ids[which % ids.length];
  switch (one.op) {
    case 'earn':
    case 'contribute':
    case 'spend':
    case 'spendOwn': {
      const outcome = made[one.op](one.who, one.points);
      if (outcome.kind === 'PointsPosted' && one.op !== 'contribute') kept.postings.push(outcome.posting.id);
      return;
    }
    case 'hold': {
      const outcome = made.hold(one.who, one.points);
      if (outcome.kind === 'PointsHeld') kept.holds.push(outcome.hold.id);
      return;
    }
    case 'resolve': {
      const id = pick(kept.holds, one.which);
      if (id === undefined) return;
      const held = made.ledger.view.hold(id)!.points;
      const taken = (held * BigInt(one.share)) / 100n;
      if (taken === 0n) made.release(id);
      else made.capture(id, taken);
      return;
    }
    case 'reverse': {
      const id = pick(kept.postings, one.which);
      if (id !== undefined) made.reverse(id, one.points ?? undefined);
      return;
    }
    case 'roster':
      made.stay(...one.stay);
      return;
    case 'limit':
      made.limit(one);
      return;
    case 'wait':
      made.wait(one.days);
      return;
    case 'sweep':
      made.ledger.sweep();
      return;
  }
}

test('whatever a family does, no point is lost or made, limits count, and everybody gets back what is left of its own', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const made = world();
      const kept = { holds: [], postings: [] };
      for (const one of steps) {
        play(made, kept, one);
        expect(made.broken()).toEqual([]);
      }
      made.stay();
      // Emptying takes a sweep for each member who left.
      for (const _ of family) made.ledger.sweep();

      const { wallet } = made.ledger.seen('home');
      expect(wallet.available + wallet.arrears).toBe(0n);
      expect(made.broken()).toEqual([]);
      const balances = balancesOf(made.ledger.journal);
      expect(sumOf(balances, '')).toBe(0n);
      for (const lot of made.ledger.view.wallet(walletIdOf('home', programme))!.lots.values())
        expect(family).toContain(lot.contributorId);
    }),
  );
});

test('who left is not erased while a hold keeps points of it in the pool, and confirms what has come back', () => {
  const made = world();
  const { ledger, earn, contribute, hold, capture, stay, close, balances, broken } = made;
  earn('ann', 100n);
  contribute('ann', 60n);
  const held = hold('bo', 40n);
  stay('bo', 'cy');

  expect(refused(made, () => close('ann', 60n))).toEqual({
    kind: 'HoldsOpen',
    held: [{ programme, points: 40n }],
  });
  capture(idOf(held), 30n);
  expect(refused(made, () => close('ann', 60n))).toEqual({
    kind: 'PointsLeft',
    left: [{ programme, points: 70n }],
  });
  expect(close('ann', 70n)).toEqual({ kind: 'WalletsClosed' });
  expect(ledger.journal.slice(-1)).toMatchObject([{ kind: 'FORFEIT', points: 70n }]);
  expect(balances()).toEqual([0, 0, 0, 0]);
  expect(broken()).toEqual([]);
});

test('points that a hold let go when it timed out count as left, whether or not the sweeper has been there', () => {
  const made = world();
  const { ledger, earn, contribute, hold, stay, close, wait, broken } = made;
  earn('ann', 100n);
  contribute('ann', 60n);
  hold('bo', 40n);
  stay('bo', 'cy');
  wait(1);

  expect(refused(made, () => close('ann', 40n))).toMatchObject({ left: [{ points: 100n }] });
  expect(close('ann', 100n)).toEqual({ kind: 'WalletsClosed' });
  expect(ledger.journal.map(({ kind }) => kind).slice(-3)).toEqual(['VOID', 'TAKE_BACK', 'FORFEIT']);
  expect(broken()).toEqual([]);
});

test.each([
  ['at once', true],
  ['only after the points had expired', false],
])('one who left has back what a hold released by timing out, as at that time, swept %s', (_, atOnce) => {
  const { ledger, earn, spendOwn, contribute, hold, reverse, part, wait, broken } = world();
  const first = earn('ann', 50n);
  spendOwn('ann', 50n);
  earn('ann', 100n);
  contribute('ann', 100n);
  hold('bo', 100n);
  part('bo', 'cy');
  reverse(idOf(first));
  wait(1);
  if (atOnce) ledger.sweep();
  wait(90);
  ledger.sweep();

  const told = ledger.journal.slice(-4).map(({ kind, at, points }) => [kind, at.toISOString(), points]);
  expect(told).toEqual([
    ['REVERSE', '2026-01-01T08:00:00.000Z', 50n],
    ['VOID', '2026-01-01T08:15:00.000Z', 100n],
    ['TAKE_BACK', '2026-01-01T08:15:00.000Z', 100n],
    ['EXPIRE', '2026-03-01T23:59:59.999Z', 50n],
  ]);
  expect(ledger.seen('ann').wallet).toMatchObject({ available: 0n, arrears: 0n, awaited: [] });
  expect(broken()).toEqual([]);
});

test('of a sliding validity, points that come into a pool between two payments of a day are moved by the second', () => {
  const sliding = { kind: 'SLIDING', months: 2 } as const;
  const { earn, contribute, spend, wait, poolLots, broken } = world({ validity: sliding });
  const dates = () => poolLots().map((lot) => lot.expiresAt.toISOString().slice(0, 10));
  earn('ann', 100n);
  earn('bo', 100n);
  wait(40);
  contribute('ann', 50n);
  expect(dates()).toEqual(['2026-03-01']);
  spend('cy', 10n);
  expect(dates()).toEqual(['2026-04-10']);
  contribute('bo', 50n);
  expect(dates()).toEqual(['2026-04-10', '2026-03-01']);

  spend('cy', 10n);

  expect(dates()).toEqual(['2026-04-10', '2026-04-10']);
  expect(broken()).toEqual([]);
});

/** What a ledger says that happened when, whoever was written first. */
const told = ({ ledger }: ReturnType<typeof world>): string[] =>
  ledger.journal
    .map(({ kind, at, points, walletIds }) => `${at.toISOString()} ${kind} ${points} ${walletIds.join(' ')}`)
    .sort();

/** Lets days pass, with a sweep after each or with none. */
function pass(days: number, made: ReturnType<typeof world>, sweeps: boolean): void {
  for (let day = 0; day < days; day++) {
    made.wait(1);
    if (sweeps) made.ledger.sweep();
  }
}

test('what everybody has in the end does not depend on when due events were written', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
      const [lazy, eager] = [world(), world()];
      const kept = { holds: [], postings: [] };
      const known = new Map([lazy, eager].map((made) => [made, structuredClone(kept)]));
      let here = family;
      for (const one of steps) {
        // One at a time, and for good: who joined again would find in the pool what was not swept in time.
        const gone = one.op === 'roster' ? here.find((member) => !one.stay.includes(member)) : undefined;
        here = here.filter((member) => member !== gone);
        for (const [made, kept] of known) {
          if (one.op === 'roster') made.part(...here);
          else if (one.op === 'wait') pass(one.days, made, made === eager);
          else if (one.op !== 'sweep') play(made, kept, one);
        }
        eager.ledger.sweep();
      }
      lazy.ledger.sweep();

      expect(told(lazy)).toEqual(told(eager));
      expect(lazy.balances()).toEqual(eager.balances());
    }),
    { numRuns: 300 },
  );
});

test('of a sliding validity, points that are taken back after a payment are moved by the next one of that day', () => {
  const sliding = { kind: 'SLIDING', months: 2 } as const;
  const { ledger, earn, contribute, spendOwn, stay, wait, broken } = world({ validity: sliding });
  const back = () => ledger.seen('ann').lots.at(-1)!;
  earn('ann', 50n);
  contribute('ann', 50n);
  earn('ann', 20n);
  wait(40);
  spendOwn('ann', 10n);
  stay('bo', 'cy');
  ledger.sweep();
  expect(back()).toMatchObject({ remaining: 50n, expiresAt: new Date('2026-03-01T23:59:59.999Z') });

  spendOwn('ann', 10n);

  expect(back()).toMatchObject({ remaining: 50n, expiresAt: new Date('2026-04-10T23:59:59.999Z') });
  expect(broken()).toEqual([]);
});
