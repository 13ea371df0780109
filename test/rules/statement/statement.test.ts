import { expect, test } from '@jest/globals';
import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import { closingsBack, mostExpiries } from '../../../subgraphs/accounts/ledger/closing.ts';
import type { Lot } from '../../../subgraphs/accounts/ledger/lot.ts';
import { type Month, monthOf, parseMonth } from '../../../subgraphs/accounts/ledger/month.ts';
import {
  type Balance,
  inPools,
  inWallet,
  type Possession,
  pooledBalance,
} from '../../../subgraphs/accounts/ledger/possession.ts';
import type { PossessionMonth, WalletMonth } from '../../../subgraphs/accounts/ledger/read-month.ts';
import { ownPoints } from '../../../subgraphs/accounts/ledger/wallet.ts';
import { parseRecord, recordText } from '../../../subgraphs/accounts/statement/record.ts';
import {
  makeStatement,
  type ProgrammeStatement,
  sumOfLines,
} from '../../../subgraphs/accounts/statement/statement.ts';
import { afterDays, forMonths, plainPolicy } from '../../support/policy.ts';
import { fc } from '../../support/properties.ts';
import {
  type LedgerInMemory,
  ledgerInMemory,
  programme,
  request,
  terms,
} from '../ledger/ledger-in-memory.ts';

const members = ['ann', 'bo'];
const merchants = ['m1', 'm2'];

/** A possession in a month, from a journal that has everything due written, and its lots as they are. */
function possessionMonth(
  ledger: LedgerInMemory,
  possession: Possession,
  { balance, all }: { balance: Balance; all: readonly Lot[] },
  month: Month,
): PossessionMonth {
  const newestFirst = ledger.journal
    .filter(possession.isTouchedBy)
    .map((posting, i) => ({ posting, i }))
    .sort((a, b) => b.posting.at.getTime() - a.posting.at.getTime() || b.i - a.i)
    .map(({ posting }) => posting);
  const free = new Map<number, bigint>();
  for (const { remaining, held, expiresAt } of all)
    if (remaining > held)
      free.set(expiresAt.getTime(), (free.get(expiresAt.getTime()) ?? 0n) + remaining - held);
  const expiring = [...free].sort(([a], [b]) => a - b).map(([at, points]) => ({ at: new Date(at), points }));
  const since = newestFirst.filter((one) => one.at >= month.from);
  const touched = new Set(since.flatMap(({ allocations }) => allocations.map(({ lotId }) => lotId)));
  const lots = new Map(all.filter(({ id }) => touched.has(id)).map((lot) => [lot.id, lot]));
  const back = (dates: number) =>
    closingsBack(
      { possession, balance, lots, expiring: expiring.slice(0, dates), postings: since },
      month,
      ledger.clock.now,
    );
  const closings = back(mostExpiries + lots.size);
  // As many dates as could matter are as good as all.
  expect(closings).toEqual(back(expiring.length));
  const at = (wanted: Date) =>
    closings.find((closing) => parseMonth(closing.month)!.to.getTime() === wanted.getTime())!;
  const [opening, closing] = [at(month.from), at(month.to)];
  const postings = newestFirst.filter((one) => one.at >= month.from && one.at < month.to).reverse();
  return { opening, closing, expiries: closing.expiries, postings };
}

/** A member's wallet in a month, with what it has in the pool of its household. */
function walletMonth(ledger: LedgerInMemory, memberId: string, month: Month): WalletMonth {
  ledger.sweep();
  const walletId = walletIdOf(memberId, programme);
  const { wallet, lots } = ledger.view.wallet(walletId)!;
  const own = { balance: wallet, all: [...lots.values()] };
  const inPool = [...(ledger.view.wallet(walletIdOf('home', programme))?.lots.values() ?? [])].filter(
    ({ contributorId }) => contributorId === memberId,
  );
  const pooled = { balance: pooledBalance(inPool, memberId), all: inPool };
  return {
    walletId,
    memberId,
    programme,
    ...possessionMonth(ledger, inWallet(wallet), own, month),
    expiresAt: new Map([...lots.values()].map((lot) => [lot.id, lot.expiresAt])),
    pooled:
      wallet.pooledIn === null ? null : possessionMonth(ledger, inPools(memberId, programme), pooled, month),
  };
}

const statementIn = (ledger: LedgerInMemory, memberId: string, month: Month): ProgrammeStatement =>
  makeStatement(memberId, month, [walletMonth(ledger, memberId, month)]).programmes[0]!;

const common = { programme, memberId: 'ann' };

const roster = (...ids: string[]) =>
  ids.map((memberId) => ({ memberId, limits: { perRedemption: null, perMonth: null } }));
const households = [{ id: 'home', version: 1, members: roster(...members) }];

const begin = (options: Partial<Parameters<typeof ledgerInMemory>[0]> = {}) =>
  ledgerInMemory({ members, merchants, households, start: new Date('2026-01-10T08:00:00Z'), ...options });

function earn(ledger: LedgerInMemory, points: bigint, more: object = {}) {
  const outcome = ledger.execute({
    kind: 'EARN',
    ...request(),
    ...common,
    merchantId: 'm1',
    points,
    ...more,
  });
  if (outcome.kind !== 'PointsPosted') throw new Error(outcome.kind);
  return outcome.posting;
}

const january = parseMonth('2026-01')!;
const february = parseMonth('2026-02')!;
const march = parseMonth('2026-03')!;

test('a month is read from YYYY-MM and from nothing else, and is one of UTC', () => {
  expect(parseMonth('2026-02')).toEqual({
    name: '2026-02',
    from: new Date('2026-02-01T00:00:00Z'),
    to: new Date('2026-03-01T00:00:00Z'),
  });
  expect(monthOf(new Date('2026-12-31T23:59:59.999Z')).name).toBe('2026-12');
  for (const text of ['2026-00', '2026-13', '2026-1', '1999-01', '2026-01-01', 'x', ''])
    expect(parseMonth(text)).toBeNull();
});

test('every way for points to come and go has its line, by merchant and cause, and the lines lead from opening to closing', () => {
  const ledger = begin();
  earn(ledger, 1_000n);
  ledger.clock.now = new Date('2026-02-03T08:00:00Z');
  const earned = earn(ledger, 300n, {
    merchantId: 'm2',
    lines: [
      { id: 'a', points: 100n },
      { id: 'b', points: 200n },
    ],
  });
  ledger.execute({ kind: 'REVERSE', ...request(), postingId: earned.id, lines: [{ id: 'a' }] });
  const paid = ledger.execute({ kind: 'REDEEM', ...request(), ...common, merchantId: 'm2', points: 400n });
  ledger.execute({ kind: 'REDEEM', ...request(), ...common, merchantId: 'm1', points: 50n });
  if (paid.kind !== 'PointsPosted') throw new Error(paid.kind);
  ledger.execute({ kind: 'REVERSE', ...request(), postingId: paid.posting.id });
  const note = {
    name: 'Cats',
    categories: ['animal rescue'],
    goods: [{ goods: 'food', unit: 'g', quantity: '60' }],
  };
  ledger.execute({ kind: 'DONATE', ...request(), ...common, causeId: 'cats', points: 60n, note });
  ledger.execute({ kind: 'DONATE', ...request(), ...common, causeId: 'cats', points: 60n, note });
  ledger.execute({
    kind: 'TRANSFER',
    ...request(),
    ...common,
    toMemberId: 'bo',
    points: 70n,
    beneficiaryFrom: new Date(0),
  });
  ledger.execute({ kind: 'HOLD', ...request(), ...common, merchantId: 'm1', points: 5n });

  expect(statementIn(ledger, 'ann', february)).toEqual({
    programme,
    opening: 1_000n,
    earned: [{ merchantId: 'm2', points: 300n, postings: 1 }],
    returned: [{ merchantId: 'm2', points: -100n, postings: 1 }],
    spent: [
      { merchantId: 'm1', points: -50n, postings: 1 },
      { merchantId: 'm2', points: -400n, postings: 1 },
    ],
    refunded: [{ merchantId: 'm2', points: 400n, postings: 1 }],
    giftsReceived: 0n,
    giftsGiven: -70n,
    donated: [
      {
        causeId: 'cats',
        name: 'Cats',
        points: -120n,
        postings: 2,
        goods: [{ goods: 'food', unit: 'g', quantity: '120' }],
      },
    ],
    contributed: 0n,
    takenBack: 0n,
    expired: 0n,
    restored: 0n,
    deducted: 0n,
    restituted: 0n,
    other: 0n,
    closing: 960n,
    available: 955n,
    pending: 0n,
    held: 5n,
    arrears: 0n,
    unlocked: 0n,
    nextExpiries: [
      // Of the older lot 50 were paid, 120 given, 70 sent and 5 are held: the older lot expires first.
      { at: new Date('2027-01-10T23:59:59.999Z'), points: 755n },
      { at: new Date('2027-02-03T23:59:59.999Z'), points: 200n },
    ],
    pooled: null,
  });
  expect(statementIn(ledger, 'bo', february)).toMatchObject({
    opening: 0n,
    giftsReceived: 70n,
    closing: 70n,
  });
});

test('points that expired and points that unlocked are told in the month in which it happened, not in that of its writing', () => {
  const ledger = begin({ terms: terms({ validity: forMonths(1), unlock: afterDays(7) }) });
  earn(ledger, 80n);
  ledger.clock.now = new Date('2026-05-20T00:00:00Z');

  expect(statementIn(ledger, 'ann', january)).toMatchObject({
    opening: 0n,
    closing: 80n,
    available: 80n,
    pending: 0n,
    unlocked: 80n,
    nextExpiries: [{ at: new Date('2026-02-10T23:59:59.999Z'), points: 80n }],
  });
  expect(statementIn(ledger, 'ann', february)).toMatchObject({
    opening: 80n,
    expired: -80n,
    closing: 0n,
    unlocked: 0n,
    nextExpiries: [],
  });
});

test('points that were extended are told with the date that they had, and points that were restored have a line of their own', () => {
  const reminders = { daysBefore: [7], graceDays: 14, restoreOnce: true };
  const ledger = begin({ terms: terms({ validity: forMonths(1), reminders }) });
  earn(ledger, 80n);
  ledger.clock.now = new Date('2026-02-20T00:00:00Z');
  ledger.sweep();
  ledger.remind();
  ledger.clock.now = new Date('2026-03-01T00:00:00Z');
  const { lots, wallet } = ledger.seen('ann');
  const base = { programme, memberId: 'ann', walletId: wallet.id, lotId: lots[0]!.id, merchantId: null };
  const restored = ledger.execute({ kind: 'RESTORE', ...request(), ...base });

  expect(restored.kind).toBe('PointsPosted');
  expect(statementIn(ledger, 'ann', january).nextExpiries).toEqual([
    { at: new Date('2026-02-10T23:59:59.999Z'), points: 80n },
  ]);
  expect(statementIn(ledger, 'ann', february)).toMatchObject({
    opening: 80n,
    expired: -80n,
    restored: 0n,
    closing: 0n,
  });
  expect(statementIn(ledger, 'ann', march)).toMatchObject({ opening: 0n, restored: 80n, closing: 80n });
});

test('a return of points already spent is owed at the closing and subtracted from it', () => {
  const ledger = begin();
  const earned = earn(ledger, 100n);
  ledger.execute({ kind: 'REDEEM', ...request(), ...common, merchantId: 'm1', points: 90n });
  ledger.clock.now = new Date('2026-02-03T08:00:00Z');
  ledger.execute({ kind: 'REVERSE', ...request(), postingId: earned.id });

  expect(statementIn(ledger, 'ann', february)).toMatchObject({
    opening: 10n,
    returned: [{ merchantId: 'm1', points: -100n, postings: 1 }],
    closing: -90n,
    available: 0n,
    arrears: 90n,
  });
});

test('a lot that expired and was made good again is told with the date it had then', () => {
  const ledger = begin({ terms: terms({ validity: forMonths(1) }) });
  earn(ledger, 100n);
  const paid = ledger.execute({ kind: 'REDEEM', ...request(), ...common, merchantId: 'm1', points: 40n });
  ledger.clock.now = new Date('2026-02-20T00:00:00Z');
  if (paid.kind !== 'PointsPosted') throw new Error(paid.kind);
  ledger.execute({ kind: 'REVERSE', ...request(), postingId: paid.posting.id });

  expect(statementIn(ledger, 'ann', january).nextExpiries).toEqual([
    { at: new Date('2026-02-10T23:59:59.999Z'), points: 60n },
  ]);
  expect(statementIn(ledger, 'ann', february)).toMatchObject({
    opening: 60n,
    expired: -60n,
    refunded: [{ merchantId: 'm1', points: 40n, postings: 1 }],
    closing: 40n,
    nextExpiries: [{ at: new Date('2026-03-22T23:59:59.999Z'), points: 40n }],
  });
});

test('points in the pool of a household have lines of their own, only the member’s, whoever of the household spent them', () => {
  const ledger = begin({ terms: terms({ validity: forMonths(2) }) });
  earn(ledger, 1_000n);
  ledger.execute({ kind: 'EARN', ...request(), programme, memberId: 'bo', merchantId: 'm1', points: 500n });
  const contribute = (memberId: string, points: bigint) =>
    ledger.execute({ kind: 'CONTRIBUTE', ...request(), programme, memberId, householdId: 'home', points });
  contribute('ann', 400n);
  contribute('bo', 100n);
  const spend = (merchantId: string, points: bigint) =>
    ledger.execute({ kind: 'REDEEM', ...request(), programme, memberId: 'bo', merchantId, points, pool });
  ledger.clock.now = new Date('2026-02-03T08:00:00Z');
  const paid = spend('m2', 150n);
  spend('m1', 300n);
  if (paid.kind !== 'PointsPosted') throw new Error(paid.kind);
  ledger.execute({ kind: 'REVERSE', ...request(), postingId: paid.posting.id, points: 50n });
  ledger.execute({
    ...{ kind: 'HOLD', ...request(), programme, memberId: 'bo' },
    merchantId: 'm2',
    points: 20n,
    pool,
  });

  const { pooled, ...own } = statementIn(ledger, 'ann', february);

  expect(own).toMatchObject({ opening: 600n, spent: [], contributed: 0n, closing: 600n });
  expect(statementIn(ledger, 'ann', january)).toMatchObject({
    contributed: -400n,
    closing: 600n,
    pooled: { opening: 0n, contributed: 400n, closing: 400n, available: 400n, held: 0n },
  });
  const end = new Date('2026-03-10T23:59:59.999Z');
  expect(pooled).toEqual({
    opening: 400n,
    contributed: 0n,
    takenBack: 0n,
    // Ann's 400 go first, then bo's; what is given back comes last first.
    spent: [
      { merchantId: 'm1', points: -250n, postings: 1 },
      { merchantId: 'm2', points: -150n, postings: 1 },
    ],
    refunded: [{ merchantId: 'm2', points: 50n, postings: 1 }],
    expired: 0n,
    other: 0n,
    closing: 50n,
    available: 30n,
    held: 20n,
    nextExpiries: [{ at: end, points: 30n }],
  });
  expect(statementIn(ledger, 'bo', february)).toMatchObject({
    spent: [],
    pooled: { opening: 100n, spent: [{ merchantId: 'm1', points: -50n }], refunded: [], closing: 50n },
  });

  ledger.setRoster('home', { members: roster('bo') });
  ledger.clock.now = new Date('2026-03-05T08:00:00Z');
  expect(statementIn(ledger, 'ann', march)).toMatchObject({
    opening: 600n,
    takenBack: 50n,
    closing: 650n,
    pooled: { opening: 50n, takenBack: -50n, closing: 0n, nextExpiries: [] },
  });
  ledger.clock.now = new Date('2026-04-02T08:00:00Z');
  expect(statementIn(ledger, 'ann', parseMonth('2026-04')!)).toMatchObject({ closing: 0n, pooled: null });
});

test('what went into a pool and did not arrive there, or is missing on the way back, is no statement', () => {
  const ledger = begin();
  earn(ledger, 100n);
  const base = { ...request(), programme, memberId: 'ann', householdId: 'home' };
  ledger.execute({ kind: 'CONTRIBUTE', ...base, points: 60n });
  const month = walletMonth(ledger, 'ann', january);
  const { pooled } = month;
  const nothing = { ...pooled!.closing, available: 0n };

  expect(makeStatement('ann', january, [month]).programmes[0]!.pooled!.closing).toBe(60n);
  for (const wrong of [
    { ...pooled!, closing: { ...pooled!.closing, available: 59n } },
    { ...pooled!, closing: nothing, postings: [] },
  ])
    expect(() => makeStatement('ann', january, [{ ...month, pooled: wrong }])).toThrow('does not add up');
});

test('a posting of a kind that nobody foresaw lands in other, so that the statement still adds up', () => {
  const ledger = begin();
  earn(ledger, 100n);
  const month = walletMonth(ledger, 'ann', january);
  const strange = {
    ...month.postings[0]!,
    entries: [
      { account: `wallet:${month.walletId}:available`, points: 7n },
      { account: 'household:1', points: -7n },
    ],
  };
  const closing = { ...month.closing, available: 107n };

  const { programmes } = makeStatement('ann', january, [
    { ...month, postings: [...month.postings, strange], closing },
  ]);

  expect(programmes[0]).toMatchObject({ opening: 0n, other: 7n, closing: 107n });
});

test('a statement that does not add up is never made', () => {
  const ledger = begin();
  earn(ledger, 100n);
  const month = walletMonth(ledger, 'ann', january);

  expect(() =>
    makeStatement('ann', january, [{ ...month, closing: { ...month.closing, available: 101n } }]),
  ).toThrow('does not add up');
});

test('the record is the same for the same month, and reads back as it was made', () => {
  const ledger = begin();
  earn(ledger, 100n);
  const statement = makeStatement('ann', january, [walletMonth(ledger, 'ann', january)]);

  const text = recordText(statement, (id) => `Shop ${id}`);

  expect(recordText(statement, (id) => `Shop ${id}`)).toBe(text);
  expect(parseRecord(text)).toMatchObject({
    type: 'jifen-statement',
    version: 2,
    timeZone: 'UTC',
    memberId: 'ann',
    month: '2026-01',
    programmes: [
      { opening: 0n, earned: [{ merchantId: 'm1', merchant: 'Shop m1', points: 100n }], closing: 100n },
    ],
  });
});

const amount = fc.integer({ min: 1, max: 120 }).map(BigInt);
const few = fc.integer({ min: 1, max: 40 }).map(BigInt);
const member = fc.constantFrom(...members);
const pool = { householdId: 'home' };
const transfers = { ...plainPolicy.transfers, declineWithinDays: 40 };
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('earn' as const), member, points: amount }) },
  fc.record({ op: fc.constant('redeem' as const), member, points: amount }),
  fc.record({ op: fc.constant('donate' as const), member, points: amount }),
  fc.record({ op: fc.constant('transfer' as const), member, points: amount }),
  fc.record({ op: fc.constant('decline' as const), which: fc.nat() }),
  fc.record({ op: fc.constant('hold' as const), member, points: amount }),
  fc.record({ op: fc.constant('reverse' as const), which: fc.nat() }),
  fc.record({ op: fc.constant('reverse' as const), which: fc.nat() }),
  fc.record({ op: fc.constant('capture' as const), which: fc.nat() }),
  fc.record({ op: fc.constant('wait' as const), days: fc.constantFrom(1, 9, 33) }),
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
    if (posting) ledger.execute({ kind: 'REVERSE', ...request(), postingId: posting.id });
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
