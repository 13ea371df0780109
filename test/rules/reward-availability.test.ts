import { expect, test } from '@jest/globals';
import {
  enoughFrom,
  poolReasons,
  rewardReasons,
  spendableOf,
} from '../../subgraphs/rewards-catalogue/reward/availability.ts';
import { missingTerms, type Reward } from '../../subgraphs/rewards-catalogue/reward/reward.ts';

const now = new Date('2026-06-01T12:00:00Z');
const before = new Date(now.getTime() - 1);
const after = new Date(now.getTime() + 1);

const reward = (changes: Partial<Reward> = {}): Reward => ({
  id: 'rew_1',
  merchantId: 'mer_1',
  programme: 'SHARED',
  name: 'Cat toy',
  description: '',
  category: 'pet toy',
  points: 100n,
  voucherValue: null,
  status: 'PUBLISHED',
  availableFrom: before,
  availableUntil: null,
  stock: null,
  limitPerMember: null,
  voucherValidityDays: 90,
  terms: { delivery: 'a', use: 'b', exclusions: 'c', cancellation: 'd' },
  ...changes,
});

const codes = (changes: Partial<Reward>, taken = 0) =>
  rewardReasons(reward(changes), { now, taken }).map(({ code }) => code);

test.each<[string, Partial<Reward>, number, string[]]>([
  ['a published reward without limits', {}, 1_000, []],
  ['a draft', { status: 'DRAFT' }, 0, ['NOT_PUBLISHED']],
  ['one that begins now', { availableFrom: now }, 0, []],
  ['one that begins later', { availableFrom: after }, 0, ['NOT_YET_AVAILABLE']],
  ['one that ends later', { availableUntil: after }, 0, []],
  ['one that ends now', { availableUntil: now }, 0, ['NO_LONGER_AVAILABLE']],
  ['the last one', { stock: 1 }, 0, []],
  ['none left', { stock: 0 }, 0, ['OUT_OF_STOCK']],
  ['one less than the limit', { limitPerMember: 2 }, 1, []],
  ['the limit', { limitPerMember: 2 }, 2, ['LIMIT_PER_MEMBER_REACHED']],
])('%s gives its reasons', (_, changes, taken, expected) => {
  expect(codes(changes, taken)).toEqual(expected);
});

test('all reasons come in the order of the enum', () => {
  const changes = { status: 'DRAFT', availableFrom: after, stock: 0, limitPerMember: 1 } as const;
  expect(codes({ ...changes, availableUntil: now }, 1)).toEqual([
    'NOT_PUBLISHED',
    'NOT_YET_AVAILABLE',
    'NO_LONGER_AVAILABLE',
    'OUT_OF_STOCK',
    'LIMIT_PER_MEMBER_REACHED',
  ]);
});

test('tells from when it can be had where that is known', () => {
  const [reason] = rewardReasons(reward({ availableFrom: after }), { now, taken: 0 });
  expect(reason).toMatchObject({ code: 'NOT_YET_AVAILABLE', availableFrom: after, shortBy: null });
});

test('enough points are there from the first unlocking at which there are so many, also where fewer are left later', () => {
  const later = (days: number) => new Date(now.getTime() + days * 86_400_000);
  const unlocks = [
    { at: later(1), available: 50n },
    { at: later(2), available: 120n },
    { at: later(3), available: 80n },
  ];

  expect(enoughFrom(50n, unlocks)).toEqual(later(1));
  expect(enoughFrom(51n, unlocks)).toEqual(later(2));
  expect(enoughFrom(121n, unlocks)).toBeNull();
  expect(enoughFrom(1n, [])).toBeNull();
});

test.each<[string, bigint, bigint | null, [string, bigint][], bigint]>([
  ['enough without a limit', 100n, null, [], 100n],
  ['enough at the limit', 150n, 100n, [], 100n],
  ['too little without a limit', 99n, null, [['NOT_ENOUGH_POINTS', 1n]], 99n],
  ['enough above the limit', 100n, 40n, [['HOUSEHOLD_LIMIT_EXCEEDED', 60n]], 40n],
  ['too little within the limit', 30n, 100n, [['NOT_ENOUGH_POINTS', 70n]], 30n],
  [
    'too little above the limit',
    30n,
    0n,
    [
      ['HOUSEHOLD_LIMIT_EXCEEDED', 100n],
      ['NOT_ENOUGH_POINTS', 70n],
    ],
    0n,
  ],
])('a pool that has %s gives its reasons', (_, available, limit, expected, spendable) => {
  const reasons = poolReasons(100n, { available, limit });

  expect(reasons.map(({ code, shortBy }) => [code, shortBy])).toEqual(expected);
  expect(reasons.map(({ availableFrom }) => availableFrom)).toEqual(expected.map(() => null));
  expect(spendableOf({ available, limit })).toBe(spendable);
});

test('names the terms that are missing or say nothing', () => {
  expect(missingTerms({ delivery: '', use: 'x', exclusions: ' \n', cancellation: 'y' })).toEqual([
    'terms.delivery',
    'terms.exclusions',
  ]);
  expect(missingTerms({ ...reward().terms, use: '\u200b…' })).toEqual(['terms.use']);
  expect(missingTerms(reward().terms)).toEqual([]);
});
