import { expect, test } from '@jest/globals';
import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import { programme } from './ledger-in-memory.ts';
import { idOf, type PoolWorld, poolWorld } from './pool-world.ts';

test('a reversed payment gives back to the very lots of the pool, and to the wallet of one who left', () => {
  const { earn, contribute, spend, reverse, stay, balances, poolLots, broken } = poolWorld();
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
  const { earn, contribute, spend, reverse, balances, ledger, broken } = poolWorld();
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
  const { ledger, earn, contribute, reverse, balances, broken } = poolWorld();
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
  const { earn, contribute, hold, stay, wait, reverse, balances, ledger, broken } = poolWorld();
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

/** Ann's purchase of 100 is returned, and what her pooled points paid for at bo's wish comes back, in either order. */
const comingBack: [string, (world: PoolWorld) => () => unknown][] = [
  [
    'a payment',
    (world) => {
      const paid = idOf(world.spend('bo', 100n));
      return () => world.reverse(paid);
    },
  ],
  [
    'a hold that is released',
    (world) => {
      const held = idOf(world.hold('bo', 100n));
      return () => world.release(held);
    },
  ],
  [
    'a hold that times out',
    (world) => {
      world.hold('bo', 100n);
      return () => {
        world.wait(1);
        world.ledger.sweep();
      };
    },
  ],
];

test.each(comingBack)(
  'a return before %s comes back to a pool ends where a return after it does',
  (_, begin) => {
    const ends = ['return first', 'return last'].map((order) => {
      const world = poolWorld();
      const earned = idOf(world.earn('ann', 100n));
      world.contribute('ann', 100n);
      const comeBack = begin(world);
      if (order === 'return first') world.reverse(earned);
      comeBack();
      if (order === 'return last') world.reverse(earned);
      expect(world.broken()).toEqual([]);
      const { arrears, awaited } = world.ledger.seen('ann').wallet;
      const { owing } = world.ledger.seen('home').wallet;
      return { arrears, awaited, owing, balances: world.balances() };
    });

    expect(ends[0]).toEqual({ arrears: 0n, awaited: [], owing: [], balances: [0, 0, 0, 0] });
    expect(ends[1]).toEqual(ends[0]);
  },
);

test('what a capture leaves goes to the member who owes, as much as is owed, and other members’ points stay', () => {
  const { ledger, earn, contribute, hold, capture, reverse, balances, broken } = poolWorld();
  const earned = earn('ann', 40n);
  earn('ann', 60n);
  earn('bo', 50n);
  contribute('ann', 100n);
  contribute('bo', 50n);
  const held = hold('cy', 150n);
  reverse(idOf(earned));
  expect(ledger.seen('ann').wallet.arrears).toBe(40n);

  capture(idOf(held), 20n);

  expect(ledger.seen('ann').wallet.arrears).toBe(0n);
  expect(balances()).toEqual([0, 0, 0, 90]);
  expect(ledger.journal.filter(({ kind }) => kind === 'TAKE_BACK')).toMatchObject([
    { points: 40n, memberIds: ['ann'] },
  ]);
  expect(broken()).toEqual([]);
});

test('a debt that was paid meanwhile takes nothing out of the pool, and is forgotten there', () => {
  const { ledger, earn, contribute, hold, release, reverse, balances, broken } = poolWorld();
  const earned = earn('ann', 100n);
  contribute('ann', 100n);
  const held = hold('bo', 100n);
  reverse(idOf(earned));
  expect(ledger.seen('home').wallet.owing).toEqual(['ann']);
  earn('ann', 100n);

  release(idOf(held));

  expect(balances()).toEqual([0, 0, 0, 100]);
  expect(ledger.seen('home').wallet.owing).toEqual([]);
  expect(broken()).toEqual([]);
});

test('a hold that timed out pays a debt before what was earned after it, whoever looks first', () => {
  const ends = [['ann'], ['home', 'ann']].map((looked) => {
    const { ledger, earn, contribute, hold, reverse, wait, balances, broken } = poolWorld();
    const earned = earn('ann', 100n);
    contribute('ann', 100n);
    hold('bo', 100n);
    reverse(idOf(earned));
    expect(ledger.seen('ann').wallet.awaited).toMatchObject([{ poolId: walletIdOf('home', programme) }]);
    wait(1);
    for (const holder of looked) ledger.advance(holder);
    earn('ann', 70n);
    expect(broken()).toEqual([]);
    return balances();
  });

  expect(ends).toEqual([
    [70, 0, 0, 0],
    [70, 0, 0, 0],
  ]);
});
