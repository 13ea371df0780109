import { expect, test } from '@jest/globals';
import { programme } from './ledger-in-memory.ts';
import { idOf, poolWorld, refused } from './pool-world.ts';

test('who leaves takes along what it has in the pool, by its own dates, and pays first what it owes', () => {
  const { ledger, earn, contribute, spendOwn, reverse, stay, spend, balances, broken } = poolWorld();
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
  const made = poolWorld();
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
  const { ledger, earn, contribute, hold, release, capture, stay, wait, balances, broken } = poolWorld();
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

test('a hold gives back all lots of one who left, however many', () => {
  const { earn, contribute, hold, release, stay, balances } = poolWorld();
  const lots = 1_001;
  for (let i = 0; i < lots; i++) earn('ann', 1n);
  contribute('ann', BigInt(lots));
  const held = hold('bo', BigInt(lots));
  stay('bo', 'cy');

  release(idOf(held));

  expect(balances()).toEqual([lots, 0, 0, 0]);
});

test('who left is not erased while a hold keeps points of it in the pool, and confirms what has come back', () => {
  const made = poolWorld();
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
  const made = poolWorld();
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
  const { ledger, earn, spendOwn, contribute, hold, reverse, part, wait, broken } = poolWorld();
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

test('of a sliding validity, points that are taken back after a payment are moved by the next one of that day', () => {
  const sliding = { kind: 'SLIDING', months: 2 } as const;
  const { ledger, earn, contribute, spendOwn, stay, wait, broken } = poolWorld({ validity: sliding });
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

test('who comes again after a hold has timed out has its points back all the same, whenever that is written', () => {
  const back = (writes: 'AT_ONCE' | 'LATER') => {
    const made = poolWorld();
    const { ledger, earn, contribute, hold, part, stay, wait } = made;
    earn('ann', 100n);
    contribute('ann', 100n);
    hold('bo', 30n);
    part('bo', 'cy');
    wait(1);
    if (writes === 'AT_ONCE') ledger.sweep();
    stay('ann', 'bo', 'cy');
    expect(contribute('ann', 10n)).toMatchObject({ kind: 'PointsPosted' });
    ledger.sweep();
    expect(made.broken()).toEqual([]);
    return made.balances();
  };

  expect(back('AT_ONCE')).toEqual([90, 0, 0, 10]);
  expect(back('LATER')).toEqual([90, 0, 0, 10]);
});

test('what a hold reserves stays in the pool of one who left and came again before it timed out', () => {
  const { ledger, earn, contribute, hold, part, stay, wait, balances, broken } = poolWorld();
  earn('ann', 100n);
  contribute('ann', 100n);
  hold('bo', 30n);
  part('bo', 'cy');
  stay('ann', 'bo', 'cy');
  expect(ledger.seen('ann').wallet).toMatchObject({ available: 70n, awaited: [{}] });
  wait(1);

  ledger.sweep();

  expect(balances()).toEqual([70, 0, 0, 30]);
  expect(ledger.seen('ann').wallet.awaited).toEqual([]);
  expect(broken()).toEqual([]);
});

test('who leaves has all of its points back in their order, also those that a hold released that nobody had written', () => {
  const { ledger, earn, contribute, hold, part, wait, balances } = poolWorld();
  earn('ann', 30n);
  wait(1);
  earn('ann', 30n);
  contribute('ann', 60n);
  hold('bo', 40n);
  earn('ann', 7n);
  contribute('ann', 7n);
  wait(1);

  part('bo', 'cy');

  const [back, ...more] = ledger.journal.filter(({ kind }) => kind === 'TAKE_BACK');
  expect(back).toMatchObject({ points: 67n });
  expect(more).toEqual([]);
  expect(balances()).toEqual([67, 0, 0, 0]);
  const lots = ledger.seen('ann').lots.filter(({ remaining }) => remaining > 0n);
  const ordered = lots.toSorted(
    (a, b) => a.expiresAt.getTime() - b.expiresAt.getTime() || (a.id < b.id ? -1 : 1),
  );
  expect(lots.map(({ id }) => id).sort()).toEqual(ordered.map(({ id }) => id));
});
