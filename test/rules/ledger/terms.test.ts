import { expect, test } from '@jest/globals';
import { noTotals, outstandingOf, roundHalfUp } from '../../../subgraphs/accounts/ledger/position.ts';
import { expiryOf, reinstatedExpiry } from '../../../subgraphs/accounts/ledger/terms.ts';
import { forMonths } from '../../support/policy.ts';

test.each([
  ['2026-01-31T10:00:00.000Z', 1, '2026-02-28T23:59:59.999Z'],
  ['2028-01-31T10:00:00.000Z', 1, '2028-02-29T23:59:59.999Z'],
  ['2024-02-29T10:00:00.000Z', 12, '2025-02-28T23:59:59.999Z'],
  ['2026-11-30T23:59:59.999Z', 24, '2028-11-30T23:59:59.999Z'],
  ['2026-12-01T00:00:00.000Z', 13, '2028-01-01T23:59:59.999Z'],
])('points earned at %s and valid for %i calendar months expire at %s', (earned, months, expires) => {
  expect(expiryOf(new Date(earned), forMonths(months)).toISOString()).toBe(expires);
});

test('points given back to an expired lot are good to the end of the day so many days on', () => {
  expect(reinstatedExpiry(new Date('2026-02-27T13:00:00Z'), 2).toISOString()).toBe(
    '2026-03-01T23:59:59.999Z',
  );
});

test.each([
  [0n, 0n],
  [499n, 0n],
  [500n, 1n],
  [1_499n, 1n],
  [-500n, 0n],
  [-501n, -1n],
  [-1_500n, -1n],
  [-1_501n, -2n],
  [-999_999n, -1_000n],
])('%s thousandths of a minor unit round half up to %s', (milli, rounded) => {
  expect(roundHalfUp(milli)).toBe(rounded);
});

test('what is outstanding is what was issued and is gone nowhere', () => {
  const totals = {
    ...noTotals,
    issued: 100n,
    honouredOnUs: 10n,
    honouredOffUs: 20n,
    donated: 5n,
    expired: 7n,
  };
  expect(outstandingOf(totals)).toBe(58n);
});
