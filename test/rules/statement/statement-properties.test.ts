import { expect, test } from '@jest/globals';
import { monthOf } from '../../../subgraphs/accounts/ledger/month.ts';
import { ownPoints } from '../../../subgraphs/accounts/ledger/wallet.ts';
import { sumOfLines } from '../../../subgraphs/accounts/statement/statement.ts';
import { afterDays, forMonths, plainPolicy } from '../../support/policy.ts';
import { fc } from '../../support/properties.ts';
import { type LedgerInMemory, programme, request, reverserOf, terms } from '../ledger/ledger-in-memory.ts';
import { begin, january, members, pool, roster, statementIn } from './month-in-memory.ts';

const amount = fc.integer({ min: 1, max: 120 }).map(BigInt);
const few = fc.integer({ min: 1, max: 40 }).map(BigInt);
const member = fc.constantFrom(...members);
const transfers = { ...plainPolicy.transfers, declineWithinDays: 40 };
const earning = fc.record({ op: fc.constant('earn' as const), member, points: amount });
const giving = fc.record({ op: fc.constant('transfer' as const), member, points: amount });
const declining = fc.record({ op: fc.constant('decline' as const), which: fc.nat() });
const waiting = fc.record({ op: fc.constant('wait' as const), days: fc.constantFrom(1, 9, 33) });
const step = fc.oneof(
  { weight: 6, arbitrary: earning },
  fc.record({ op: fc.constant('redeem' as const), member, points: amount }),
  fc.record({ op: fc.constant('donate' as const), member, points: amount }),
  giving,
  declining,
  fc.record({ op: fc.constant('hold' as const), member, points: amount }),
  fc.record({ op: fc.constant('reverse' as const), which: fc.nat() }),
  fc.record({ op: fc.constant('reverse' as const), which: fc.nat() }),
  fc.record({ op: fc.constant('capture' as const), which: fc.nat() }),
  waiting,
  { weight: 4, arbitrary: fc.record({ op: fc.constant('contribute' as const), member, points: few }) },
  fc.record({ op: fc.constant('redeemPooled' as const), member, points: few }),
  fc.record({ op: fc.constant('holdPooled' as const), member, points: few }),
  fc.record({ op: fc.constant('leave' as const), member }),
  fc.record({ op: fc.constant('return' as const) }),
);

function run(ledger: LedgerInMemory, one: typeof step extends fc.Arbitrary<infer T> ? T : never): void {
  const of = (memberId: string) => ({ ...request(), programme, memberId });
  if (one.op === 'wait') ledger.clock.now = new Date(ledger.clock.now.getTime() + one.days * 86_400_000);
  else if (one.op === 'earn')
    ledger.execute({ kind: 'EARN', ...of(one.member), merchantId: 'm1', points: one.points });
  else if (one.op === 'redeem')
    ledger.execute({ kind: 'REDEEM', ...of(one.member), merchantId: 'm2', points: one.points });
  else if (one.op === 'contribute')
    ledger.execute({ kind: 'CONTRIBUTE', ...of(one.member), householdId: 'home', points: one.points });
  else if (one.op === 'redeemPooled')
    ledger.execute({ kind: 'REDEEM', ...of(one.member), merchantId: 'm2', points: one.points, pool });
  else if (one.op === 'holdPooled')
    ledger.execute({ kind: 'HOLD', ...of(one.member), merchantId: 'm1', points: one.points, pool });
  else if (one.op === 'leave')
    ledger.setRoster('home', { members: roster(...members.filter((id) => id !== one.member)) });
  else if (one.op === 'return') ledger.setRoster('home', { members: roster(...members) });
  else if (one.op === 'donate')
    ledger.execute({ kind: 'DONATE', ...of(one.member), causeId: 'cats', points: one.points });
  else if (one.op === 'transfer')
    ledger.execute({
      kind: 'TRANSFER',
      ...of(one.member),
      toMemberId: one.member === 'ann' ? 'bo' : 'ann',
      points: one.points,
      beneficiaryFrom: new Date(0),
    });
  else if (one.op === 'decline') {
    const gifts = ledger.journal.filter(({ kind }) => kind === 'TRANSFER');
    const gift = gifts[one.which % Math.max(1, gifts.length)];
    if (gift)
      ledger.execute({ kind: 'DECLINE', ...request(), postingId: gift.id, memberId: gift.memberIds[1]! });
  } else if (one.op === 'hold')
    ledger.execute({ kind: 'HOLD', ...of(one.member), merchantId: 'm1', points: one.points });
  else if (one.op === 'reverse') {
    const posting = ledger.journal[one.which % Math.max(1, ledger.journal.length)];
    if (posting)
      ledger.execute({ kind: 'REVERSE', ...request(), caller: reverserOf(posting), postingId: posting.id });
  } else {
    const holds = ledger.journal.filter(({ kind }) => kind === 'HOLD');
    const held = holds[one.which % Math.max(1, holds.length)];
    if (held) ledger.execute({ kind: 'CAPTURE', ...request(), holdId: held.holdId! });
  }
}

test('whatever happened, opening and lines make the closing, each month opens where the last one closed, and the last closing is the wallet', () => {
  let [months, pools] = [0, 0];
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }),
      fc.constantFrom(0, 0, 14, 45),
      fc.constantFrom(1, 2),
      (steps, unlockAfterDays, validityMonths) => {
        const ledger = begin({
          terms: terms({
            unlock: afterDays(unlockAfterDays),
            validity: forMonths(validityMonths),
            holdTimeoutSeconds: 20 * 86_400,
            transfers,
          }),
        });
        for (const one of steps) run(ledger, one);

        for (const memberId of members) {
          let last = 0n;
          let lastPooled = 0n;
          for (let month = january; month.from <= ledger.clock.now; month = monthOf(month.to)) {
            const one = statementIn(ledger, memberId, month);
            expect(one.opening + sumOfLines(one)).toBe(one.closing);
            expect(one.opening).toBe(last);
            expect(one.available + one.pending + one.held - one.arrears).toBe(one.closing);
            expect(one.nextExpiries.reduce((sum, { points }) => sum + points, 0n)).toBeLessThanOrEqual(
              one.available + one.pending,
            );
            expect(one.other).toBe(0n);
            const pooled = one.pooled;
            expect(pooled?.opening ?? 0n).toBe(lastPooled);
            expect(pooled?.other ?? 0n).toBe(0n);
            expect((pooled?.available ?? 0n) + (pooled?.held ?? 0n)).toBe(pooled?.closing ?? 0n);
            expect(
              pooled?.nextExpiries.reduce((sum, { points }) => sum + points, 0n) ?? 0n,
            ).toBeLessThanOrEqual(pooled?.available ?? 0n);
            last = one.closing;
            lastPooled = pooled?.closing ?? 0n;
            months++;
            if (pooled) pools++;
          }
          expect(last).toBe(ownPoints(ledger.seen(memberId).wallet));
          const inPool = ledger.seen('home').lots.filter(({ contributorId }) => contributorId === memberId);
          expect(lastPooled).toBe(inPool.reduce((sum, { remaining }) => sum + remaining, 0n));
        }
      },
    ),
    { numRuns: 150 },
  );
  expect(months).toBeGreaterThan(300);
  expect(pools).toBeGreaterThan(100);
});

/** Steps among which gifts are many. */
const giftStep = fc.oneof(
  { weight: 2, arbitrary: step },
  { weight: 2, arbitrary: earning },
  { weight: 3, arbitrary: giving },
  { weight: 4, arbitrary: declining },
  { weight: 2, arbitrary: waiting },
);

/** How many gifts were declined of which something had expired with the receiver. */
const declinedAfterExpiry = ({ journal }: LedgerInMemory): number =>
  journal.filter(
    ({ kind, reason, effect }) => kind === 'REVERSE' && reason === 'declined' && (effect.expired ?? 0n) < 0n,
  ).length;

test('what members gave is what members received, in every month, also of gifts that were declined after they expired', () => {
  let declined = 0;
  fc.assert(
    fc.property(fc.array(giftStep, { minLength: 20, maxLength: 60, size: 'max' }), (steps) => {
      const ledger = begin({ terms: terms({ validity: forMonths(1), transfers }) });
      for (const one of steps) run(ledger, one);

      for (let month = january; month.from <= ledger.clock.now; month = monthOf(month.to)) {
        const all = members.map((memberId) => statementIn(ledger, memberId, month));
        expect(all.reduce((sum, one) => sum + one.giftsGiven + one.giftsReceived, 0n)).toBe(0n);
      }
      declined += declinedAfterExpiry(ledger);
    }),
    { numRuns: 150 },
  );
  expect(declined).toBeGreaterThan(15);
});

test('a month read later is what it was when it ended', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(step, { maxLength: 40 }), (first, then) => {
      const ledger = begin({ terms: terms({ unlock: afterDays(14), validity: forMonths(2), transfers }) });
      for (const one of first) run(ledger, one);
      const month = monthOf(ledger.clock.now);
      ledger.clock.now = month.to;
      const { nextExpiries: _, ...atItsEnd } = statementIn(ledger, 'ann', month);
      for (const one of then) run(ledger, one);

      expect(statementIn(ledger, 'ann', month)).toMatchObject(atItsEnd);
    }),
    { numRuns: 100 },
  );
});
