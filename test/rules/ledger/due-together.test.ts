import { expect, test } from '@jest/globals';
import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import { afterDays, forMonths } from '../../support/policy.ts';
import { ledgerInMemory, programme, request, terms } from './ledger-in-memory.ts';
import { holders, idOf, type PoolWorld, poolWorld } from './pool-world.ts';

const dayMs = 86_400_000;
/** When everything falls due: the end of a day, as points expire. */
const due = new Date('2026-03-01T23:59:59.999Z');
const daysBefore = (days: number) => new Date(due.getTime() - days * dayMs);

/**
 * Ann owes 60, and has left while a hold of the pool reserves 50 of hers, good for two months more, and bo's 50. At one
 * instant 20 of hers unlock, a hold of 25 of her own and that of the pool time out, and all but what comes back to her
 * expires, cy's free 10 in the pool too.
 */
function allDueAtOnce(): PoolWorld {
  const made = poolWorld();
  const { ledger, earn, spendOwn, contribute, hold, part, reverse } = made;
  ledger.clock.now = daysBefore(59);
  const first = earn('ann', 60n);
  spendOwn('ann', 60n);
  earn('bo', 50n);
  earn('cy', 10n);
  contribute('bo', 50n);
  ledger.setTerms({ validity: forMonths(4) });
  earn('ann', 50n);
  contribute('ann', 50n);
  ledger.setTerms({ validity: forMonths(2) });
  earn('ann', 25n);
  ledger.setTerms({ unlock: afterDays(59) });
  earn('ann', 20n);
  ledger.clock.now = daysBefore(15);
  ledger.setTerms({ holdTimeoutSeconds: (15 * dayMs) / 1_000 });
  hold('cy', 100n);
  const own = { programme, memberId: 'ann', merchantId: 'm1', points: 25n };
  ledger.execute({ ...request(), ...own, kind: 'HOLD' });
  contribute('cy', 10n);
  part('bo', 'cy');
  reverse(idOf(first));
  return made;
}

/** What happened from that instant on as each wallet tells it, with what lots gave or got: paid of a debt, or in a pool. */
const told = ({ ledger }: PoolWorld) =>
  holders.map((holder) =>
    ledger.journal
      .filter(({ at, walletIds }) => at >= due && walletIds[0] === walletIdOf(holder, programme))
      .map(({ kind, at, points, allocations }) => {
        const parts = allocations.map(({ points: of, settles, contributorId }) =>
          [of, settles && 'owed', contributorId && `of ${contributorId}`].filter(Boolean).join(' '),
        );
        return [kind, at, points, parts];
      }),
  );

/** What is left of lots, whatever they are called. */
const left = ({ ledger }: PoolWorld) =>
  holders.map((holder) =>
    ledger
      .seen(holder)
      .lots.map(({ points, remaining, held, expired, expiresAt }) => [
        ...[points, remaining, held, expired, expiresAt],
      ]),
  );

const orders = (all: readonly string[]): string[][] =>
  all.length === 0
    ? [[]]
    : all.flatMap((one) => orders(all.filter((other) => other !== one)).map((rest) => [one, ...rest]));

test('at one instant points unlock, then holds time out and what comes back of a pool does, then points expire', () => {
  const made = allDueAtOnce();
  expect(made.ledger.seen('ann').wallet).toMatchObject({ pending: 20n, held: 25n, arrears: 60n });
  made.ledger.clock.now = due;

  made.ledger.sweep();

  const [ann, , , home] = told(made);
  expect(ann).toEqual([
    ['UNLOCK', due, 20n, ['20', '-20 owed']],
    ['VOID', due, 25n, ['25', '-25 owed']],
    ['TAKE_BACK', due, 50n, ['-50 of ann', '50', '-15 owed']],
  ]);
  expect(home).toEqual([
    ['VOID', due, 100n, ['50 of bo', '50 of ann']],
    ['EXPIRE', due, 50n, ['-50 of bo']],
    ['EXPIRE', due, 10n, ['-10 of cy']],
  ]);
  expect(made.ledger.seen('ann').wallet).toMatchObject({
    ...{ available: 35n, pending: 0n, held: 0n, arrears: 0n, awaited: [] },
  });
  expect(made.balances()).toEqual([35, 0, 0, 0]);
  expect(made.broken()).toEqual([]);
});

test.each([
  ['at that instant', 0, 0],
  ['the first at that instant and the others a day later', 0, 1],
  ['a day later', 1, 0],
])('whichever wallet is advanced first comes to the same: all %s', (_, first, more) => {
  const swept = allDueAtOnce();
  swept.ledger.clock.now = due;
  swept.ledger.sweep();

  for (const order of orders(holders)) {
    const made = allDueAtOnce();
    made.ledger.clock.now = new Date(due.getTime() + first * dayMs);
    expect(made.balances()).toEqual(swept.balances());
    for (const holder of order) {
      made.ledger.advance(holder);
      made.ledger.clock.now = new Date(due.getTime() + (first + more) * dayMs);
    }

    expect(told(made)).toEqual(told(swept));
    expect(left(made)).toEqual(left(swept));
    expect(made.broken()).toEqual([]);
  }
});

/** Ann owes 50, and has left two pools in each of which a hold reserves 50 of hers; both time out at one instant. */
function leftTwoPools() {
  const of = (...ids: string[]) =>
    ids.map((memberId) => ({ memberId, limits: { perRedemption: null, perMonth: null } }));
  const ledger = ledgerInMemory({
    members: ['ann', 'bo', 'cy'],
    merchants: ['m1'],
    terms: terms({ validity: forMonths(2) }),
    households: [
      { id: 'one', version: 1, members: of('ann', 'bo') },
      { id: 'two', version: 1, members: of('cy') },
    ],
  });
  const base = { programme, merchantId: 'm1' };
  const earn = () => ledger.execute({ ...request(), ...base, kind: 'EARN', memberId: 'ann', points: 50n });
  /** Ann puts 50 into the pool, another reserves them, and ann leaves. */
  const passThrough = (householdId: string, other: string) => {
    ledger.setRoster(householdId, { members: of('ann', other) });
    earn();
    const put = { ...request(), programme, memberId: 'ann', householdId, points: 50n };
    ledger.execute({ ...put, kind: 'CONTRIBUTE' });
    const reserved = { ...request(), ...base, memberId: other, points: 50n, pool: { householdId } };
    ledger.execute({ ...reserved, kind: 'HOLD' });
    ledger.setRoster(householdId, { members: of(other) });
    ledger.advance(householdId);
  };
  const first = earn();
  ledger.execute({ ...request(), ...base, kind: 'REDEEM', memberId: 'ann', points: 50n });
  passThrough('one', 'bo');
  ledger.setTerms({ validity: forMonths(4) });
  passThrough('two', 'cy');
  ledger.execute({ ...request(), kind: 'REVERSE', postingId: idOf(first) });
  return ledger;
}

test.each([[['ann']], [['one', 'two']], [['two', 'one']]])(
  'what comes back from two pools at one instant does so in one order, %j advanced first',
  (order) => {
    const ledger = leftTwoPools();
    expect(ledger.seen('ann').wallet).toMatchObject({ arrears: 50n, awaited: [{}, {}] });
    ledger.clock.now = new Date(ledger.clock.now.getTime() + dayMs);

    for (const holder of order) ledger.advance(holder);
    ledger.sweep();

    // What came back from the first paid the debt; the second's, good for longer, are left.
    const { wallet, lots } = ledger.seen('ann');
    expect(wallet).toMatchObject({ available: 50n, arrears: 0n, awaited: [] });
    const left = lots.filter(({ remaining }) => remaining > 0n);
    expect(left.map(({ remaining, expiresAt }) => [remaining, expiresAt])).toEqual([
      [50n, new Date('2026-05-01T23:59:59.999Z')],
    ]);
  },
);
