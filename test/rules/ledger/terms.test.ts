import { expect, test } from '@jest/globals';
import { noTotals, outstandingOf, roundHalfUp } from '../../../subgraphs/accounts/ledger/position.ts';
import { expiryOf, reinstatedExpiry, unlockOf } from '../../../subgraphs/accounts/ledger/terms.ts';
import type { Validity } from '../../../subgraphs/accounts/programme/policy.ts';
import { forMonths } from '../../support/policy.ts';
import { fc } from '../../support/properties.ts';

test.each([
  ['2026-01-31T10:00:00.000Z', 1, '2026-02-28T23:59:59.999Z'],
  ['2028-01-31T10:00:00.000Z', 1, '2028-02-29T23:59:59.999Z'],
  ['2024-02-29T10:00:00.000Z', 12, '2025-02-28T23:59:59.999Z'],
  ['2026-11-30T23:59:59.999Z', 24, '2028-11-30T23:59:59.999Z'],
  ['2026-12-01T00:00:00.000Z', 13, '2028-01-01T23:59:59.999Z'],
])('points earned at %s and valid for %i calendar months expire at %s', (earned, months, expires) => {
  expect(expiryOf(new Date(earned), forMonths(months)).toISOString()).toBe(expires);
});

test.each([
  ['2026-01-31T10:00:00.000Z', 1, 'MONTH_END', '2026-02-28T23:59:59.999Z'],
  ['2028-01-30T10:00:00.000Z', 1, 'MONTH_END', '2028-02-29T23:59:59.999Z'],
  ['2026-11-01T00:00:00.000Z', 1, 'MONTH_END', '2026-12-31T23:59:59.999Z'],
  ['2026-01-01T00:00:00.000Z', 12, 'QUARTER_END', '2027-03-31T23:59:59.999Z'],
  ['2026-06-30T23:59:59.999Z', 12, 'QUARTER_END', '2027-06-30T23:59:59.999Z'],
  ['2026-07-01T00:00:00.000Z', 3, 'QUARTER_END', '2026-12-31T23:59:59.999Z'],
] as const)(
  'points earned at %s and valid for %i months to the %s expire at %s',
  (earned, months, roundTo, at) => {
    expect(expiryOf(new Date(earned), { kind: 'ROLLING', months, roundTo }).toISOString()).toBe(at);
  },
);

const newYearsEve = [{ month: 12, day: 31 }];
test.each([
  ['2026-03-01T10:00:00.000Z', newYearsEve, 90, '2026-12-31T23:59:59.999Z'],
  ['2026-10-02T23:00:00.000Z', newYearsEve, 90, '2026-12-31T23:59:59.999Z'],
  ['2026-10-03T00:00:00.000Z', newYearsEve, 90, '2027-12-31T23:59:59.999Z'],
  ['2027-12-31T12:00:00.000Z', newYearsEve, 1, '2028-12-31T23:59:59.999Z'],
  ['2027-02-01T00:00:00.000Z', [{ month: 2, day: 29 }], 10, '2027-02-28T23:59:59.999Z'],
  ['2028-02-01T00:00:00.000Z', [{ month: 2, day: 29 }], 10, '2028-02-29T23:59:59.999Z'],
  ['2026-05-20T00:00:00.000Z', [{ month: 6, day: 30 }, ...newYearsEve], 60, '2026-12-31T23:59:59.999Z'],
])(
  'points earned at %s that expire on %j, valid for %i days at least, expire at %s',
  (earned, dates, days, at) => {
    const validity = { kind: 'FIXED_DATES' as const, dates, minimumDays: days };
    expect(expiryOf(new Date(earned), validity).toISOString()).toBe(at);
  },
);

test.each([
  [{ kind: 'IMMEDIATE' }, '2026-01-31T10:00:00.000Z'],
  [{ kind: 'AFTER_DAYS', days: 29 }, '2026-03-01T10:00:00.000Z'],
  [{ kind: 'ON_EVENT', event: 'delivered', withinDays: 30, otherwise: 'LAPSE' }, '2026-03-02T10:00:00.000Z'],
] as const)('points earned on 31 January with %j unlock at %s by themselves', (unlock, at) => {
  expect(unlockOf(new Date('2026-01-31T10:00:00.000Z'), unlock).toISOString()).toBe(at);
});

const instant = fc
  .integer({ min: Date.UTC(2023, 0, 1), max: Date.UTC(2032, 0, 1) })
  .map((time) => new Date(time));
const yearDay = fc
  .integer({ min: 0, max: 365 })
  .map((n) => new Date(Date.UTC(2028, 0, 1 + n)))
  .map((date) => ({ month: date.getUTCMonth() + 1, day: date.getUTCDate() }));
const validity: fc.Arbitrary<Validity> = fc.oneof(
  fc.record({
    kind: fc.constant('ROLLING' as const),
    months: fc.integer({ min: 1, max: 60 }),
    roundTo: fc.constantFrom('DAY' as const, 'MONTH_END' as const, 'QUARTER_END' as const),
  }),
  fc.record({
    kind: fc.constant('FIXED_DATES' as const),
    dates: fc.array(yearDay, { minLength: 1, maxLength: 4 }),
    minimumDays: fc.integer({ min: 1, max: 800 }),
  }),
  fc.record({ kind: fc.constant('SLIDING' as const), months: fc.integer({ min: 1, max: 60 }) }),
);

test('whatever the validity, points expire at the end of a day, later than they were earned, and later ones not earlier', () => {
  fc.assert(
    fc.property(validity, instant, instant, (validity, a, b) => {
      const [first, second] = a < b ? [a, b] : [b, a];
      const expiry = expiryOf(first, validity);

      expect(expiry.toISOString()).toMatch(/T23:59:59\.999Z$/);
      expect(expiry.getTime()).toBeGreaterThan(first.getTime() + 86_400_000 - 1);
      expect(expiryOf(second, validity).getTime()).toBeGreaterThanOrEqual(expiry.getTime());
    }),
    { numRuns: 2_000 },
  );
});

test('rounding up ends a month or a quarter, never before the day itself and less than one of them later', () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 1, max: 60 }), (earned, months) => {
      const [day, month, quarter] = (['DAY', 'MONTH_END', 'QUARTER_END'] as const).map((roundTo) =>
        expiryOf(earned, { kind: 'ROLLING', months, roundTo }),
      ) as [Date, Date, Date];
      const next = (date: Date) => new Date(date.getTime() + 1);

      expect(next(month).getUTCDate()).toBe(1);
      expect(month.getUTCMonth()).toBe(day.getUTCMonth());
      expect(next(quarter).getUTCDate()).toBe(1);
      expect(next(quarter).getUTCMonth() % 3).toBe(0);
      expect(quarter.getTime() - month.getTime()).toBeLessThan(62 * 86_400_000);
      expect(day <= month && month <= quarter).toBe(true);
    }),
    { numRuns: 1_000 },
  );
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
