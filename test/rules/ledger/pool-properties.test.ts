import { expect, test } from '@jest/globals';
import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import { freeOf, type Lot } from '../../../subgraphs/accounts/ledger/lot.ts';
import { noReminders } from '../../support/policy.ts';
import { fc } from '../../support/properties.ts';
import { balancesOf, sumOf } from './invariants.ts';
import { programme } from './ledger-in-memory.ts';
import { family, type PoolWorld, poolWorld } from './pool-world.ts';

const who = fc.constantFrom(...family);
const points = fc.bigInt({ min: 1n, max: 90n });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('earn' as const), who, points }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('contribute' as const), who, points }) },
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
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('wait' as const), days: fc.constantFrom(0, 1, 20, 45) }),
  },
  fc.record({ op: fc.constant('sweep' as const) }),
  { weight: 2, arbitrary: fc.record({ op: fc.constant('restore' as const), which: fc.nat() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What later steps may go back to, and what came of what was to be restored. */
interface Kept {
  readonly holds: string[];
  readonly postings: string[];
  readonly restored: string[];
}

const nothing = (): Kept => ({ holds: [], postings: [], restored: [] });

/** Points of which nobody has to be told, and which can be restored. */
const restorable = { reminders: { ...noReminders, graceDays: 40, restoreOnce: true } };

/** Carries out a step, and keeps what later steps may go back to. */
function play(made: PoolWorld, kept: Kept, one: Step): void {
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
    case 'restore': {
      // In an order that does not depend on when they came to be.
      const place = (lot: Lot) =>
        `${lot.contributorId} ${lot.expiredAt?.getTime()} ${lot.expired} ${lot.earnedAt.getTime()} ${lot.restoredAt?.getTime()}`;
      const lots = made
        .poolLots()
        .filter(({ expired }) => expired > 0n)
        .sort((a, b) => (place(a) < place(b) ? -1 : 1));
      const lot = lots[one.which % Math.max(1, lots.length)];
      if (lot) kept.restored.push(made.restore(lot.contributorId!, lot).kind);
      return;
    }
  }
}

/** Who of the household owes points while some of its own lie free in the pool. */
const owingBesideFree = ({ ledger, poolLots }: PoolWorld): string[] =>
  ledger.view
    .roster('home')!
    .members.map(({ memberId }) => memberId)
    .filter((id) => ledger.seen(id).wallet.arrears > 0n)
    .filter((id) => poolLots().some((lot) => lot.contributorId === id && freeOf(lot) > 0n));

test('whatever a family does, no point is lost or made, limits count, and everybody gets back what is left of its own', () => {
  const restored: string[] = [];
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const made = poolWorld(restorable);
      const kept = nothing();
      for (const one of steps) {
        play(made, kept, one);
        expect(made.broken()).toEqual([]);
        expect(owingBesideFree(made)).toEqual([]);
      }
      restored.push(...kept.restored);
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
    { numRuns: 400 },
  );
  expect(restored.filter((kind) => kind === 'PointsPosted').length).toBeGreaterThan(0);
});

/** What a ledger says that happened when, whoever was written first. */
const told = ({ ledger }: PoolWorld): string[] =>
  ledger.journal
    .map(({ kind, at, points, walletIds }) => `${at.toISOString()} ${kind} ${points} ${walletIds.join(' ')}`)
    .sort();

/** Lets days pass, with a sweep after each or with none. */
function pass(days: number, made: PoolWorld, sweeps: boolean): void {
  for (let day = 0; day < days; day++) {
    made.wait(1);
    if (sweeps) made.ledger.sweep();
  }
}

test('what everybody has in the end does not depend on when due events were written', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
      const [lazy, eager] = [poolWorld(restorable), poolWorld(restorable)];
      const known = new Map([lazy, eager].map((made) => [made, nothing()]));
      let here = family;
      for (const one of steps) {
        // One leaves at a time; others come again, before what fell due was written or after.
        const gone = one.op === 'roster' ? here.find((member) => !one.stay.includes(member)) : undefined;
        if (gone) here = here.filter((member) => member !== gone);
        else if (one.op === 'roster') here = family.filter((member) => one.stay.includes(member));
        for (const [made, kept] of known) {
          if (gone) made.part(...here);
          else if (one.op === 'roster') made.stay(...here);
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
