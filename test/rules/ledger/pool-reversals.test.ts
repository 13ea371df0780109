import { expect, test } from '@jest/globals';
import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import { programme } from './ledger-in-memory.ts';
import { idOf, poolWorld } from './pool-world.ts';

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
