import { expect, test } from '@jest/globals';
import { diffTerms, worsens } from '../../subgraphs/accounts/programme/diff.ts';
import { unlockEffect, validityEffect } from '../../subgraphs/accounts/programme/effect.ts';
import type {
  ProgrammePolicy,
  TransferRules,
  Unlock,
  Validity,
} from '../../subgraphs/accounts/programme/policy.ts';
import { type PolicyInput, readPolicy } from '../../subgraphs/accounts/programme/policy-input.ts';
import { leastValidDays } from '../../subgraphs/accounts/programme/policy-rules.ts';
import {
  missingParts,
  type Programme,
  type ProgrammeTerms,
} from '../../subgraphs/accounts/programme/programme.ts';
import { checkKeptLimits } from '../../subgraphs/accounts/programme/programme-draft.ts';
import { disclosure } from '../support/disclosure.ts';
import { afterDays, forMonths, plainPolicy } from '../support/policy.ts';
import { fc } from '../support/properties.ts';

const plain: PolicyInput = plainPolicy;
const { transfers, reminders } = plainPolicy;
const event = { kind: 'ON_EVENT', event: 'delivered', withinDays: 30, otherwise: 'UNLOCK' } as const;
const eve = { month: 12, day: 31 };
const fixed = { kind: 'FIXED_DATES', dates: [eve], minimumDays: 90 } as const;

test.each<[string, Partial<PolicyInput>, string]>([
  ['no days for AFTER_DAYS', { unlock: { kind: 'AFTER_DAYS' } }, 'unlock.days'],
  ['no days at all', { unlock: { kind: 'AFTER_DAYS', days: 0 } }, 'unlock.days'],
  ['days for IMMEDIATE', { unlock: { kind: 'IMMEDIATE', days: 1 } }, 'unlock.days'],
  ['an event for AFTER_DAYS', { unlock: { kind: 'AFTER_DAYS', days: 1, event: 'x' } }, 'unlock.event'],
  ['an event without a name', { unlock: { ...event, event: '' } }, 'unlock.event'],
  ['an event named in capitals', { unlock: { ...event, event: 'Delivered' } }, 'unlock.event'],
  ['an event without a latest date', { unlock: { ...event, withinDays: null } }, 'unlock.withinDays'],
  [
    'an event that does not say what happens without it',
    { unlock: { ...event, otherwise: null } },
    'unlock.otherwise',
  ],
  ['months of nothing', { validity: { kind: 'ROLLING', months: 0 } }, 'validity.months'],
  [
    'rounding of a sliding validity',
    { validity: { kind: 'SLIDING', months: 1, roundTo: 'DAY' } },
    'validity.roundTo',
  ],
  ['fixed dates without a date', { validity: { ...fixed, dates: [] } }, 'validity.dates'],
  ['a month 13', { validity: { ...fixed, dates: [{ month: 13, day: 1 }] } }, 'validity.dates.0.month'],
  ['a 31 April', { validity: { ...fixed, dates: [{ month: 4, day: 31 }] } }, 'validity.dates.0.day'],
  ['a date twice', { validity: { ...fixed, dates: [eve, eve] } }, 'validity.dates.1'],
  ['fixed dates without a minimum', { validity: { ...fixed, minimumDays: null } }, 'validity.minimumDays'],
  ['an unlock after the expiry', { unlock: afterDays(28), validity: forMonths(1) }, 'unlock.days'],
  [
    'an event awaited past the expiry',
    { unlock: event, validity: { ...fixed, minimumDays: 30 } },
    'unlock.withinDays',
  ],
  ['no issuer at all', { eligibleIssuerIds: [] }, 'eligibleIssuerIds'],
  ['an issuer twice', { eligibleIssuerIds: ['a', 'a'] }, 'eligibleIssuerIds'],
  [
    'limits of what is not allowed',
    { transfers: { ...transfers, allowed: false, mostPerDay: 1n } },
    'transfers.mostPerDay',
  ],
  [
    'too many days to decline what earlier versions allow',
    { transfers: { ...transfers, allowed: false, declineWithinDays: 61 } },
    'transfers.declineWithinDays',
  ],
  ['a limit of nothing', { transfers: { ...transfers, mostPerTransfer: 0n } }, 'transfers.mostPerTransfer'],
  [
    'a day below a transfer',
    { transfers: { ...transfers, mostPerTransfer: 2n, mostPerDay: 1n } },
    'transfers.mostPerDay',
  ],
  ['a reminder on the day itself', { reminders: { ...reminders, daysBefore: [0] } }, 'reminders.daysBefore'],
  ['no reminder at all', { reminders: { ...reminders, daysBefore: [] } }, 'reminders.daysBefore'],
  ['a reminder twice', { reminders: { ...reminders, daysBefore: [7, 7] } }, 'reminders.daysBefore'],
  ['restoring without a grace', { reminders: { ...reminders, restoreOnce: true } }, 'reminders.graceDays'],
])('refuses a policy with %s', (_, changes, field) => {
  expect(readPolicy({ ...plain, ...changes })).toMatchObject({
    kind: 'InvalidInput',
    field: `input.${field}`,
  });
});

test('reads a policy into what it stands for, in one order whatever the order it came in', () => {
  const input: PolicyInput = {
    ...plain,
    unlock: { ...event, days: null },
    validity: { kind: 'FIXED_DATES', dates: [eve, { month: 6, day: 30 }], minimumDays: 90, months: null },
    eligibleIssuerIds: ['b', 'a'],
    reminders: { daysBefore: [1, 30], graceDays: 5, restoreOnce: true },
  };

  expect(readPolicy(input)).toEqual({
    ...plainPolicy,
    unlock: event,
    validity: { kind: 'FIXED_DATES', dates: [{ month: 6, day: 30 }, eve], minimumDays: 90 },
    eligibleIssuerIds: ['a', 'b'],
    reminders: { daysBefore: [30, 1], graceDays: 5, restoreOnce: true },
  });
});

test.each<[Validity, number]>([
  [forMonths(1), 28],
  [{ kind: 'ROLLING', months: 1, roundTo: 'MONTH_END' }, 28],
  [{ kind: 'ROLLING', months: 12, roundTo: 'DAY' }, 365],
  [{ kind: 'SLIDING', months: 2 }, 59],
  [fixed, 90],
])('%j is valid for %i days at least', (validity, days) => {
  expect(leastValidDays(validity)).toBe(days);
});

test.each<[Unlock, Unlock, string]>([
  [afterDays(14), afterDays(14), 'NEUTRAL'],
  [afterDays(14), afterDays(0), 'BETTER'],
  [afterDays(14), afterDays(15), 'WORSE'],
  [afterDays(0), event, 'WORSE'],
  [afterDays(30), event, 'BETTER'],
  [afterDays(29), event, 'WORSE'],
  [event, { ...event, otherwise: 'LAPSE' }, 'WORSE'],
  [{ ...event, otherwise: 'LAPSE' }, { ...event, otherwise: 'LAPSE', withinDays: 31 }, 'BETTER'],
  [event, { ...event, event: 'verified' }, 'WORSE'],
])('unlocking %j instead of %j is %s for members', (before, after, effect) => {
  expect(unlockEffect(before, after)).toBe(effect);
});

test.each<[Validity, Validity, string]>([
  [forMonths(12), forMonths(12), 'NEUTRAL'],
  [forMonths(12), forMonths(11), 'WORSE'],
  [forMonths(12), { kind: 'ROLLING', months: 12, roundTo: 'QUARTER_END' }, 'BETTER'],
  [forMonths(12), { kind: 'SLIDING', months: 12 }, 'BETTER'],
  [{ kind: 'SLIDING', months: 12 }, forMonths(12), 'WORSE'],
  [{ kind: 'SLIDING', months: 12 }, forMonths(24), 'WORSE'],
  [forMonths(24), { kind: 'SLIDING', months: 12 }, 'WORSE'],
  [fixed, { ...fixed, minimumDays: 91 }, 'BETTER'],
  [forMonths(12), fixed, 'WORSE'],
  [forMonths(1), { ...fixed, minimumDays: 31 }, 'BETTER'],
])('a validity of %j instead of %j is %s for members', (before, after, effect) => {
  expect(validityEffect(before, after)).toBe(effect);
});

test('a validity is never better than one that is better than it', () => {
  const rolling = fc.integer({ min: 1, max: 36 }).map(forMonths);
  fc.assert(
    fc.property(rolling, rolling, (a, b) => {
      const opposite = { BETTER: 'WORSE', WORSE: 'BETTER', NEUTRAL: 'NEUTRAL', WORDING: 'WORDING' };
      expect(validityEffect(a, b)).toBe(opposite[validityEffect(b, a)]);
    }),
    { numRuns: 40 },
  );
});

const terms = (changes: Partial<ProgrammeTerms> = {}): ProgrammeTerms => ({
  code: 'SHARED',
  name: 'Shared points',
  version: 1,
  effectiveFrom: new Date('2026-01-01T00:00:00Z'),
  ...plainPolicy,
  holdTimeoutSeconds: 900,
  reinstatementDays: 30,
  cashEquivalentPerThousand: { amountMinor: 1000n, currency: 'CNY' },
  disclosure,
  ...changes,
});

test('tells each change with what was, what is, and what it means to members', () => {
  const next = terms({
    version: 2,
    name: 'Points',
    validity: forMonths(24),
    eligibleIssuerIds: ['mer_1'],
    arrears: 'REFUSE',
    transfers: { ...transfers, mostPerDay: 500n },
    pooling: { allowed: false },
    reminders: { ...reminders, daysBefore: [30, 7, 3, 1] },
    holdTimeoutSeconds: 600,
    reinstatementDays: 60,
    disclosure: { ...disclosure, validity: '24 months now', changeNotice: 'Fewer issuers.' },
  });

  expect(
    diffTerms(terms(), next).map(({ field, before, after, effect }) => [field, before, after, effect]),
  ).toEqual([
    ['name', 'Shared points', 'Points', 'WORDING'],
    [
      'validity',
      '{"kind":"ROLLING","months":12,"roundTo":"DAY"}',
      '{"kind":"ROLLING","months":24,"roundTo":"DAY"}',
      'BETTER',
    ],
    ['eligibleIssuers', null, '[{"id":"mer_1"}]', 'WORSE'],
    ['arrears', 'OWE', 'REFUSE', 'WORSE'],
    [
      'transfers',
      '{"allowed":true,"declineWithinDays":0}',
      '{"allowed":true,"declineWithinDays":0,"mostPerDay":500}',
      'WORSE',
    ],
    ['pooling', '{"allowed":true}', '{"allowed":false}', 'WORSE'],
    [
      'reminders',
      '{"daysBefore":[30,7,1],"graceDays":0,"restoreOnce":false}',
      '{"daysBefore":[30,7,3,1],"graceDays":0,"restoreOnce":false}',
      'BETTER',
    ],
    ['holdTimeoutSeconds', '900', '600', 'NEUTRAL'],
    ['reinstatementDays', '30', '60', 'BETTER'],
    ['disclosure.validity', '24 months', '24 months now', 'WORDING'],
    ['disclosure.changeNotice', null, 'Fewer issuers.', 'WORDING'],
  ]);
  expect(diffTerms(next, next)).toEqual([]);
});

test('only what is worse in some case makes a version worse', () => {
  expect(worsens(diffTerms(terms(), terms({ validity: forMonths(24), name: 'Points' })))).toBe(false);
  expect(worsens(diffTerms(terms(), terms({ validity: forMonths(24), reinstatementDays: 29 })))).toBe(true);
});

test.each<[string, Partial<ProgrammePolicy>, boolean, string[]]>([
  ['points unlock later', { unlock: afterDays(1) }, false, ['unlock']],
  ['a version is worse', {}, true, ['changeNotice']],
  ['points unlock at once', {}, false, []],
])('where %s the disclosure has to say so', (_, changes, worse, missing) => {
  expect(missingParts(disclosure, { ...plainPolicy, ...changes }, worse)).toEqual(missing);
});

test('every version has to say how members are told before points expire', () => {
  expect(missingParts({ ...disclosure, reminders: null }, plainPolicy, false)).toEqual(['reminders']);
});

const giving = (mostPerTransfer: bigint | null, mostPerDay: bigint | null): TransferRules => ({
  ...transfers,
  mostPerTransfer,
  mostPerDay,
});
const notGiving = { ...transfers, allowed: false };
const within = (declineWithinDays: number, rules: TransferRules = transfers) => ({
  ...rules,
  declineWithinDays,
});

test.each<[string, TransferRules[], TransferRules, string | null]>([
  ['of a first version', [], giving(1n, 1n), null],
  ['as they were', [giving(5n, 9n)], giving(5n, 9n), null],
  ['looser', [giving(5n, 9n)], giving(6n, null), null],
  ['less a gift', [giving(5n, 9n)], giving(4n, 9n), 'transfers.mostPerTransfer: 5 or more'],
  ['less a day', [giving(5n, 9n)], giving(5n, 8n), 'transfers.mostPerDay: 9 or more'],
  ['where there were none', [giving(null, null)], giving(null, 8n), 'transfers.mostPerDay: left out'],
  [
    'tighter than before giving was forbidden',
    [giving(5n, 9n), notGiving],
    giving(4n, 9n),
    'transfers.mostPerTransfer: 5 or more',
  ],
  ['where nothing could be given before', [notGiving], giving(1n, 1n), null],
  ['of a version without giving', [giving(5n, 9n)], notGiving, null],
  ['with as many days to decline', [within(7), within(3, notGiving)], within(7), null],
  ['with fewer days to decline', [within(7)], within(6), 'transfers.declineWithinDays: 7 or more'],
  [
    'with fewer days to decline what was given under an older version, where none is given any more',
    [within(7), within(9)],
    within(8, notGiving),
    'transfers.declineWithinDays: 9 or more',
  ],
  ['with the same days to decline, where nothing is given any more', [within(7)], within(7, notGiving), null],
])('limits of gifts %s', (_, earlier, next, refused) => {
  const versions = earlier.map((rules) => ({ transfers: rules }) as Programme);

  const fault = checkKeptLimits(next, versions);

  const told = fault && `${fault.field.replace('input.', '')}: ${fault.expected.split(',')[0]}`;
  expect(told).toBe(refused);
});
