import { expect, test } from '@jest/globals';
import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import { programme, request } from './ledger-in-memory.ts';
import { idOf, poolWorld, refused } from './pool-world.ts';

test('a contributed lot keeps issuer, price, terms and expiry and names its contributor', () => {
  const { earn, contribute, ledger, balances, poolLots, broken } = poolWorld();
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
  const { earn, contribute, spend, wait, poolLots, broken } = poolWorld();
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
  const made = poolWorld();
  const { earn, contribute, spend, stay } = made;
  earn('ann', 100n);
  contribute('ann', 50n);
  stay('ann');

  expect(refused(made, () => spend('bo', 10n))).toEqual({ kind: 'NotInHousehold' });
  expect(refused(made, () => contribute('bo', 10n))).toEqual({ kind: 'NotInHousehold' });
  expect(refused(made, () => contribute('ann', 10n, null))).toEqual({ kind: 'NotInHousehold' });
});

test('limits of one redemption and of a month hold, holds included, and begin anew with the next month in UTC', () => {
  const made = poolWorld();
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
  const made = poolWorld();
  made.limit({ perRedemption: null, perMonth: 0n });

  expect(refused(made, () => made.spend('bo', 1n))).toMatchObject({
    kind: 'HouseholdLimitExceeded',
    per: 'MONTH',
    left: 0n,
  });
});

test('what comes back within the month no longer counts as spent', () => {
  const { earn, contribute, spend, hold, capture, release, reverse, limit, broken } = poolWorld();
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

test('points of a pool that expire together do so in a posting for each member', () => {
  const { ledger, earn, contribute, wait, broken } = poolWorld();
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
  const made = poolWorld({ pooling: { allowed: false } });
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
  const made = poolWorld();
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
  const made = poolWorld();

  for (const points of [0n, -1n, 100_000_001n]) {
    expect(refused(made, () => made.contribute('ann', points))).toMatchObject({ kind: 'InvalidInput' });
    expect(refused(made, () => made.spend('ann', points))).toMatchObject({ kind: 'InvalidInput' });
  }
});

test('of a sliding validity, points that come into a pool between two payments of a day are moved by the second', () => {
  const sliding = { kind: 'SLIDING', months: 2 } as const;
  const { earn, contribute, spend, wait, poolLots, broken } = poolWorld({ validity: sliding });
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
