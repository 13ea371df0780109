import { expect, test } from '@jest/globals';
import { stagesOf } from '../../subgraphs/accounts/ledger/reminder.ts';
import { expiryOf, unlockOf } from '../../subgraphs/accounts/ledger/terms.ts';
import type { Unlock, Validity } from '../../subgraphs/accounts/programme/policy.ts';
import { readPolicy } from '../../subgraphs/accounts/programme/policy-input.ts';
import { afterDays, forMonths, plainPolicy } from '../support/policy.ts';
import { fc } from '../support/properties.ts';

const dayMs = 86_400_000;
const event = { kind: 'ON_EVENT', event: 'delivered', withinDays: 20, otherwise: 'UNLOCK' } as const;
const onDates = (minimumDays: number): Validity => ({
  kind: 'FIXED_DATES',
  dates: [{ month: 12, day: 31 }],
  minimumDays,
});

const faultOf = (unlock: Unlock, validity: Validity, daysBefore: readonly number[]) => {
  const reminders = { ...plainPolicy.reminders, daysBefore };
  const policy = readPolicy({ ...plainPolicy, unlock, validity, reminders });
  return 'expected' in policy ? policy : null;
};

test.each<[string, Unlock, Validity, number]>([
  ['a month from the earn', afterDays(0), forMonths(1), 28],
  ['a month, of which they are pending for 20 days', afterDays(20), forMonths(1), 8],
  ['a month, of which they wait for 20 days', event, forMonths(1), 8],
  ['a month that they slide by', event, { kind: 'SLIDING', months: 1 }, 8],
  ['a year less 100 days', afterDays(100), forMonths(12), 265],
  ['the minimum before a date', afterDays(0), onDates(90), 90],
  ['a day before a date', afterDays(0), onDates(1), 1],
  ['a day after they unlock', afterDays(27), forMonths(1), 1],
])('points that can be used for %s need a reminder within that time', (_, unlock, validity, days) => {
  expect(faultOf(unlock, validity, [days])).toBeNull();
  expect(faultOf(unlock, validity, [365, days])).toBeNull();
  expect(faultOf(unlock, validity, [30, 7, 1])).toBeNull();
  expect(faultOf(unlock, validity, [365, days + 1])).toMatchObject({
    kind: 'InvalidInput',
    field: 'input.reminders.daysBefore',
    expected: `one number at least that is ${days} or less, the days for which points can be used at least`,
  });
});

const unlocks = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map(afterDays),
  fc.integer({ min: 1, max: 40 }).map((withinDays): Unlock => ({ ...event, withinDays })),
);
const validities = fc.oneof(
  fc.integer({ min: 1, max: 3 }).map(forMonths),
  fc.integer({ min: 1, max: 3 }).map((months): Validity => ({ kind: 'SLIDING', months })),
  fc.integer({ min: 1, max: 60 }).map(onDates),
);
const days = fc.uniqueArray(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 3 });

test('of what is published the last reminder comes on its day, whenever points are earned and however late they unlock', () => {
  const instants = fc.date({ min: new Date('2027-01-01'), max: new Date('2030-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(unlocks, validities, days, instants, (unlock, validity, daysBefore, earnedAt) => {
      fc.pre(faultOf(unlock, validity, daysBefore) === null);
      const expiresAt = expiryOf(earnedAt, validity);
      const remindDays = daysBefore.toSorted((a, b) => b - a);

      const last = stagesOf({ remindDays, dueSince: unlockOf(earnedAt, unlock), expiresAt, told: [] }).at(-1);

      const least = Math.min(...daysBefore);
      expect(last?.days).toBe(least);
      expect(last?.from).toEqual(new Date(expiresAt.getTime() - least * dayMs));
    }),
    { numRuns: 300 },
  );
});
