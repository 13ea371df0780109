import { expect, test } from '@jest/globals';
import type { Posting } from '../../../subgraphs/accounts/ledger/posting.ts';
import type { ProgrammeTerms } from '../../../subgraphs/accounts/ledger/terms.ts';
import { expectEqual } from '../../support/expect-equal.ts';
import { fc } from '../../support/properties.ts';
import { balancesOf, brokenInvariants, sumOf } from './invariants.ts';
import {
  type LedgerInMemory,
  ledgerInMemory,
  programme,
  request,
  reverserOf,
  terms,
} from './ledger-in-memory.ts';
import { type ModelGift, type ModelPosting, type ModelTerms, ReferenceModel } from './reference-model.ts';
import { awaitedEvent, policyOf } from './reference-terms.ts';

const members = ['ann', 'bo'];
const merchants = ['m1', 'm2'];
const start = new Date('2026-01-30T08:00:00Z');
const hour = 3_600_000;

const member = fc.constantFrom(...members);
const points = fc.integer({ min: 1, max: 120 });
const policies = () => ({
  event: fc.constantFrom<ModelTerms['event']>('NONE', 'NONE', 'UNLOCK', 'LAPSE'),
  slides: fc.boolean(),
  refuses: fc.boolean(),
  givable: fc.constantFrom(true, true, false),
  remindDays: fc.constantFrom<readonly number[]>([], [7], [30, 7, 1], [60, 30]),
  graceDays: fc.constantFrom(0, 2, 40),
  restorable: fc.boolean(),
});
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('earn' as const),
      member,
      lines: fc.array(points, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('redeem' as const), member, points }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('donate' as const), member, points }) },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('transfer' as const),
      member,
      to: member,
      points,
      known: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('decline' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('hold' as const), member, points }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('capture' as const),
      which: fc.nat(),
      share: fc.integer({ min: 1, max: 100 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('void' as const), which: fc.nat() }) },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('reverse' as const),
      which: fc.nat(),
      line: fc.option(fc.nat(2)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('wait' as const),
      hours: fc.constantFrom(1, 7, 24, 72, 24 * 13, 24 * 33, 24 * 33),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('sweep' as const) }) },
  // Also as often as a sweeper would, so that something is told in time and expires.
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('remind' as const), days: fc.constantFrom(0, 1, 20, 70) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('restore' as const), member, which: fc.nat() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('terms' as const),
      validityMonths: fc.integer({ min: 1, max: 4 }),
      unlockAfterDays: fc.constantFrom(0, 2, 14),
      ...policies(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('unlock' as const), which: fc.nat() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const someTerms = fc.record({
  unlockAfterDays: fc.constantFrom(0, 0, 1, 14, 45),
  validityMonths: fc.constantFrom(1, 2, 3),
  holdTimeoutSeconds: fc.constantFrom(900, 5 * 24 * 3600, 50 * 24 * 3600),
  reinstatementDays: fc.constantFrom(1, 30),
  transfers: fc.record({
    most: fc.constantFrom(60, 1_000),
    mostPerDay: fc.constantFrom(100, 1_000),
    declineWithinDays: fc.constantFrom(0, 7, 40),
  }),
  ...policies(),
});

/** The model's terms as the ledger has them. */
const toTerms = (model: ModelTerms): Partial<ProgrammeTerms> => ({
  holdTimeoutSeconds: model.holdTimeoutSeconds,
  reinstatementDays: model.reinstatementDays,
  ...policyOf(model),
  transfers: {
    allowed: model.givable,
    mostPerTransfer: BigInt(model.transfers.most),
    mostPerDay: BigInt(model.transfers.mostPerDay),
    declineWithinDays: model.transfers.declineWithinDays,
  },
});

/** Drives the ledger and the model side by side. */
class Pair {
  readonly model: ReferenceModel;
  readonly ledger: LedgerInMemory;
  readonly postings: { real: Posting; model: ModelPosting }[] = [];
  readonly holds: {
    id: string;
    points: number;
    model: Exclude<ReturnType<ReferenceModel['hold']>, string>;
  }[] = [];

  constructor(someTerms: ModelTerms) {
    this.model = new ReferenceModel(start.getTime(), someTerms);
    this.ledger = ledgerInMemory({ members, merchants, terms: terms(toTerms(someTerms)), start });
  }

  run(step: Step): void {
    if (step.op === 'wait') {
      this.model.passTo(this.model.now + step.hours * hour);
      this.ledger.clock.now = new Date(this.model.now);
    } else if (step.op === 'terms') {
      // Later lots may expire before earlier ones.
      const { op: _, ...changes } = step;
      this.model.terms = { ...this.model.terms, ...changes };
      this.ledger.setTerms(toTerms(this.model.terms));
    } else if (step.op === 'sweep') this.ledger.sweep();
    else if (step.op === 'remind') this.remind(step.days);
    else if (step.op === 'restore') this.restore(step.member, step.which);
    else if (step.op === 'earn') this.earn(step.member, step.lines);
    else if (step.op === 'redeem') this.spend(step.member, step.points, 'honoured');
    else if (step.op === 'donate') this.spend(step.member, step.points, 'donated');
    else if (step.op === 'transfer') this.transfer(step);
    else if (step.op === 'decline') this.decline(step.which);
    else if (step.op === 'hold') this.hold(step.member, step.points);
    else if (step.op === 'reverse') this.reverse(step.which, step.line);
    else if (step.op === 'unlock') this.unlock(step.which);
    else this.resolve(step);
  }

  private compare(real: { kind: string; posting?: unknown }, model: ModelPosting | string): void {
    if (typeof model === 'string' && model !== 'ok') expectEqual(real.kind, model);
    else expect(['PointsPosted', 'HoldResolved', 'PointsHeld']).toContain(real.kind);
    if (real.kind === 'PointsPosted' && typeof model !== 'string')
      this.postings.push({ real: real.posting as Posting, model });
  }

  /** Every other payment takes all there is, so that returns find nothing left and arrears are common. */
  private amount(memberId: string, points: number): number {
    const available = this.model.available(this.model.wallet(memberId));
    return points % 2 || available === 0 ? points : available;
  }

  private earn(memberId: string, amounts: readonly number[]): void {
    const lines = amounts.map((points, i) => ({ id: `line-${i}`, points: BigInt(points) }));
    const points = lines.reduce((sum, line) => sum + line.points, 0n);
    const base = { programme, memberId, merchantId: merchants[amounts.length % 2]!, points, lines };
    const real = this.ledger.execute({ ...request(), kind: 'EARN', ...base });
    this.compare(real, this.model.earn(memberId, new Map(amounts.map((n, i) => [`line-${i}`, n]))));
  }

  private spend(memberId: string, points: number, on: 'honoured' | 'donated'): void {
    const amount = this.amount(memberId, points);
    const base = { ...request(), programme, memberId, points: BigInt(amount) };
    const before = this.model.available(this.model.wallet(memberId));
    const real =
      on === 'honoured'
        ? this.ledger.execute({ ...base, kind: 'REDEEM', merchantId: merchants[points % 3 ? 0 : 1]! })
        : this.ledger.execute({ ...base, kind: 'DONATE', causeId: 'cats' });
    this.compare(real, this.model.spend(memberId, amount, on));
    if (real.kind === 'NotEnoughPoints')
      expect([real.available, real.shortBy]).toEqual([BigInt(before), BigInt(amount - before)]);
  }

  private transfer(step: Extract<Step, { op: 'transfer' }>): void {
    const { member: memberId, to: toMemberId, known } = step;
    if (memberId === toMemberId) return;
    const amount = this.amount(memberId, step.points);
    const beneficiaryFrom = known ? start : null;
    const base = { programme, memberId, toMemberId, points: BigInt(amount), beneficiaryFrom };
    const real = this.ledger.execute({ ...request(), kind: 'TRANSFER', ...base });
    this.compare(real, this.model.transfer(memberId, toMemberId, amount, known));
  }

  private decline(which: number): void {
    const gifts = this.postings.filter((posting) => posting.model.what === 'gift');
    if (gifts.length === 0) return;
    const { real, model } = gifts[which % gifts.length]!;
    const memberId = real.memberIds[1]!;
    const answer = this.ledger.execute({ ...request(), kind: 'DECLINE', postingId: real.id, memberId });
    this.compare(answer, this.model.decline(model as ModelGift));
  }

  private hold(memberId: string, points: number): void {
    const amount = this.amount(memberId, points);
    const base = { programme, memberId, merchantId: 'm2', points: BigInt(amount) };
    const real = this.ledger.execute({ ...request(), kind: 'HOLD', ...base });
    const model = this.model.hold(memberId, amount);
    this.compare(real, typeof model === 'string' ? model : 'ok');
    if (real.kind === 'PointsHeld' && typeof model !== 'string')
      this.holds.push({ id: real.hold.id, points: amount, model });
  }

  private resolve(step: Extract<Step, { op: 'capture' | 'void' }>): void {
    if (this.holds.length === 0) return;
    const { id, points, model } = this.holds[step.which % this.holds.length]!;
    if (step.op === 'void') {
      this.compare(this.ledger.execute({ ...request(), kind: 'VOID', holdId: id }), this.model.void(model));
      return;
    }
    const captured = Math.max(1, Math.floor((points * step.share) / 100));
    const real = this.ledger.execute({ ...request(), kind: 'CAPTURE', holdId: id, points: BigInt(captured) });
    const answer = this.model.capture(model, captured);
    this.compare(real, typeof answer === 'string' ? answer : 'ok');
    if (real.kind === 'HoldResolved' && typeof answer !== 'string')
      this.postings.push({ real: this.ledger.view.posting(real.hold.capturePostingId!)!, model: answer });
  }

  /** Of a spend, every other time only a part. */
  private reverse(which: number, line: number | null): void {
    if (this.postings.length === 0) return;
    const { real, model } = this.postings[which % this.postings.length]!;
    const id = real.kind === 'EARN' && line !== null ? `line-${line % real.lines.length}` : null;
    const left = this.model.spentOf(model);
    const part = line !== null && left > 0 ? Math.ceil((left * (line + 1)) / 4) : null;
    const answer = this.ledger.execute({
      ...request(),
      kind: 'REVERSE',
      caller: reverserOf(real),
      postingId: real.id,
      lines: id === null ? null : [{ id }],
      points: part === null ? null : BigInt(part),
    });
    this.compare(answer, this.model.reverse(model, id, part));
  }

  private unlock(which: number): void {
    if (this.postings.length === 0) return;
    const { real, model } = this.postings[which % this.postings.length]!;
    const answer = this.ledger.execute({
      ...request(),
      kind: 'UNLOCK',
      postingId: real.id,
      event: awaitedEvent,
      merchantId: null,
    });
    this.compare(answer, this.model.unlockNow(model));
  }

  /** Sends what reminders are due, and again after each half of so many days. */
  private remind(days: number): void {
    for (let half = 0; half <= 2 * days; half++) {
      this.ledger.sweep();
      this.ledger.remind();
      this.model.remind();
      if (half === 2 * days) return;
      this.model.passTo(this.model.now + 12 * hour);
      this.ledger.clock.now = new Date(this.model.now);
    }
  }

  private restore(memberId: string, which: number): void {
    const wallet = this.model.wallet(memberId);
    if (wallet.lots.length === 0) return;
    const expired = wallet.lots.filter((lot) => lot.expired > 0);
    const lots = expired.length > 0 ? expired : wallet.lots;
    const lot = lots[which % lots.length]!;
    const real = this.ledger
      .seen(memberId)
      .lots.sort((a, b) => (a.id < b.id ? -1 : 1))
      .at(wallet.lots.indexOf(lot))!;
    const base = { programme, memberId, walletId: real.walletId, lotId: real.id };
    const none = { householdId: null, merchantId: null };
    const answer = this.ledger.execute({ ...request(), kind: 'RESTORE', ...base, ...none });
    this.compare(answer, this.model.restore(wallet, lot));
  }

  expectSame(): void {
    for (const id of members) {
      const { wallet, lots } = this.ledger.seen(id);
      const model = this.model.wallet(id);
      expectEqual(Number(wallet.arrears), model.arrears);
      expectEqual(
        [...lots]
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .map((lot) => [
            Number(lot.unlocked ? lot.remaining - lot.held : 0n),
            Number(lot.unlocked ? 0n : lot.remaining),
            Number(lot.held),
            Number(lot.expired),
            lot.expiresAt.getTime(),
            lot.restoredAt !== null,
            // What was told of a lot counts while there are points in it.
            lot.remaining > 0n && lot.told.map(({ at }) => at.getTime()),
          ]),
        model.lots.map((lot) => [
          ...[lot.available, lot.pending, lot.held, lot.expired, lot.expiresAt, lot.restored],
          lot.available + lot.pending + lot.held > 0 && lot.told,
        ]),
      );
    }
  }

  expectTotals(): void {
    this.ledger.sweep();
    const balances = balancesOf(this.ledger.journal);
    const told = ['issuer:', 'honourer:', 'charity:', 'breakage'].map((prefix) => sumOf(balances, prefix));
    const { issued, honoured, donated, breakage } = this.model;
    expect(told).toEqual([-issued, honoured, donated, breakage].map(BigInt));
  }
}

test('any sequence of commands ends where the reference model ends, and keeps every invariant at each step', () => {
  fc.assert(
    fc.property(someTerms, fc.array(step, { minLength: 1, maxLength: 40 }), (someTerms, steps) => {
      const pair = new Pair(someTerms);
      for (const step of steps) {
        pair.run(step);
        expectEqual(brokenInvariants(pair.ledger, members), []);
        pair.expectSame();
      }
      pair.expectTotals();
      expectEqual(brokenInvariants(pair.ledger, members), []);
      pair.expectSame();
    }),
    { numRuns: 1_200 },
  );
});

test('what a sequence ends with does not depend on when due events were written', () => {
  fc.assert(
    fc.property(someTerms, fc.array(step, { minLength: 1, maxLength: 30 }), (someTerms, steps) => {
      const lazy = new Pair(someTerms);
      const eager = new Pair(someTerms);
      for (const step of steps) {
        lazy.run(step);
        eager.run(step);
        eager.ledger.sweep();
      }
      lazy.ledger.sweep();

      const told = (pair: Pair) =>
        [...pair.ledger.journal]
          .map((p) => [p.at.toISOString(), p.kind, p.points, p.walletIds[0], p.entries.length] as const)
          .sort((a, b) => (String(a) < String(b) ? -1 : 1));
      expect(told(lazy)).toEqual(told(eager));
      for (const member of members) {
        const amounts = ({ ledger }: Pair) => {
          const { available, pending, held, arrears, openLots } = ledger.seen(member).wallet;
          return { available, pending, held, arrears, openLots };
        };
        expect(amounts(lazy)).toEqual(amounts(eager));
      }
    }),
    { numRuns: 300 },
  );
});

test('a gift that is declined after whatever happened in between ends where the reference model ends', () => {
  const days = fc.constantFrom(0, 1, 20, 33, 66);
  const rules = { most: 1_000, mostPerDay: 1_000, declineWithinDays: 400 };
  const reminding = { remindDays: [], graceDays: 0, restorable: false };
  const policy = { event: 'NONE', refuses: false, givable: true, ...reminding } as const;
  const base = {
    holdTimeoutSeconds: 900,
    reinstatementDays: 30,
    unlockAfterDays: 0,
    transfers: rules,
    ...policy,
  };
  const few = fc.array(step, { maxLength: 4 });
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2),
      fc.boolean(),
      few,
      days,
      few,
      days,
      (months, slides, some, wait, more, again) => {
        const pair = new Pair({ ...base, validityMonths: months, slides });
        const steps: Step[] = [
          { op: 'earn', member: 'ann', lines: [70, 30] },
          ...some,
          { op: 'transfer', member: 'ann', to: 'bo', points: 33, known: true },
          { op: 'wait', hours: 24 * wait },
          ...more,
          { op: 'wait', hours: 24 * again },
          { op: 'decline', which: 0 },
          { op: 'sweep' },
        ];
        for (const one of steps) {
          pair.run(one);
          expectEqual(brokenInvariants(pair.ledger, members), []);
          pair.expectSame();
        }
        pair.expectTotals();
      },
    ),
    { numRuns: 400 },
  );
});

test('points that are told of, missed, extended, expired and restored in whatever order end where the reference model ends', () => {
  const few = fc.array(step, { maxLength: 3 });
  const pause = fc.oneof(
    fc.record({ op: fc.constant('wait' as const), hours: fc.constantFrom(12, 24, 24 * 6, 24 * 32) }),
    fc.record({ op: fc.constant('remind' as const), days: fc.constantFrom(0, 1, 20, 70) }),
  );
  const restore = fc.record({ op: fc.constant('restore' as const), member, which: fc.nat() });
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      someTerms,
      fc.array(fc.tuple(few, pause, pause, restore), { minLength: 2, maxLength: 4 }),
      (someTerms, rounds) => {
        const pair = new Pair({ ...someTerms, unlockAfterDays: Math.min(someTerms.unlockAfterDays, 1) });
        const steps: Step[] = [
          { op: 'earn', member: 'ann', lines: [70, 30] },
          { op: 'earn', member: 'bo', lines: [50] },
          ...rounds.flatMap(([few, ...rest]) => [...few, ...rest]),
        ];
        for (const one of steps) {
          pair.run(one);
          expectEqual(brokenInvariants(pair.ledger, members), []);
          pair.expectSame();
        }
        pair.expectTotals();
        for (const { kind } of pair.ledger.journal) seen.add(kind);
      },
    ),
    { numRuns: 300 },
  );
  expect([...seen]).toEqual(expect.arrayContaining(['EXPIRE', 'EXTEND', 'RESTORE']));
});
