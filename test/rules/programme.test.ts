import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import {
  allParts,
  disclosureParts,
  missingParts,
  type Programme,
  termsHash,
  versionAt,
  versionAtOrFirst,
  versionBefore,
} from '../../subgraphs/accounts/programme/programme.ts';
import { createProgrammeCatalogue } from '../../subgraphs/accounts/programme/programme-catalogue.ts';
import {
  checkDraft,
  checkSuccession,
  earliestStart,
} from '../../subgraphs/accounts/programme/programme-draft.ts';
import { disclosure } from '../support/disclosure.ts';
import { afterDays, plainPolicy } from '../support/policy.ts';
import { fc } from '../support/properties.ts';
import { testClock } from '../support/test-clock.ts';

const start = new Date('2026-01-01T00:00:00.000Z');
const days = (count: number) => new Date(start.getTime() + count * 86_400_000);

const draft = {
  idempotencyKey: 'k',
  code: 'SHARED',
  name: 'Shared points',
  ...plainPolicy,
  holdTimeoutSeconds: 900,
  reinstatementDays: 30,
  cashEquivalentPerThousand: { amountMinor: 1000n, currency: 'CNY' },
  disclosure,
};

const version = (number: number, effectiveFrom: Date): Programme => {
  const { idempotencyKey: _, ...terms } = draft;
  return { ...terms, version: number, effectiveFrom, publishedAt: start, hash: 'h' };
};

test.each([
  [{ code: 'S' }, 'input.code'],
  [{ code: 'shared' }, 'input.code'],
  [{ code: 'S'.repeat(21) }, 'input.code'],
  [{ name: '' }, 'input.name'],
  [{ holdTimeoutSeconds: 0 }, 'input.holdTimeoutSeconds'],
  [{ reinstatementDays: 0 }, 'input.reinstatementDays'],
  [
    { cashEquivalentPerThousand: { amountMinor: -1n, currency: 'CNY' } },
    'input.cashEquivalentPerThousand.amountMinor',
  ],
  [
    { cashEquivalentPerThousand: { amountMinor: 1n, currency: '¥' } },
    'input.cashEquivalentPerThousand.currency',
  ],
  [{ disclosure: { ...disclosure, validity: 'x'.repeat(4001) } }, 'input.disclosure.validity'],
])('refuses a draft with %p', (changes, field) => {
  expect(checkDraft({ ...draft, ...changes })?.field).toBe(field);
});

test('names every part of a disclosure that says nothing', () => {
  const empty = Object.fromEntries(disclosureParts.map((part) => [part, ' \n'])) as typeof disclosure;

  expect(missingParts(disclosure, plainPolicy, false)).toEqual([]);
  expect(missingParts({ ...disclosure, rounding: '', exclusions: '\t' }, plainPolicy, false)).toEqual([
    'rounding',
    'exclusions',
  ]);
  expect(missingParts(empty, plainPolicy, false)).toEqual([
    ...disclosureParts,
    'arrears',
    'transfer',
    'reminders',
  ]);
});

test.each([
  ['spaces of every kind', ' \t\n\u00a0\u3000'],
  ['what has no width', '\u200b\u200c\u200d\u2060\ufeff'],
  ['marks of direction', '\u200e\u202e\u2066'],
  ['the fillers of Hangul, which are letters', '\u115f\u1160\u3164\uffa0'],
  ['a Braille blank', '\u2800'],
  ['signs alone', '— … . 。 ✓'],
])('a part of %s says nothing', (_, text) => {
  const parts = Object.fromEntries(allParts.map((part) => [part, text])) as typeof disclosure;

  expect(missingParts(parts, { ...plainPolicy, unlock: afterDays(1) }, true)).toEqual(allParts);
});

test.each(['no', '无', '0', 'ａ', '\u200b24 months'])('a part of %j says something', (text) => {
  expect(missingParts({ ...disclosure, exclusions: text }, plainPolicy, false)).toEqual([]);
});

test('the first version may start at once, later ones after seven days and not before the one they follow', () => {
  const now = days(10);

  expect(earliestStart(null, now)).toEqual(now);
  expect(earliestStart(version(1, start), now)).toEqual(days(17));
  expect(earliestStart(version(2, days(30)), now)).toEqual(days(30));
  const early = { ...draft, effectiveFrom: new Date(days(17).getTime() - 1) };
  expect(checkSuccession(early, version(1, start), now)?.field).toBe('input.effectiveFrom');
  expect(checkSuccession({ ...draft, effectiveFrom: days(17) }, version(1, start), now)).toBeNull();
  expect(checkSuccession({ ...draft, effectiveFrom: days(9) }, null, now)?.field).toBe('input.effectiveFrom');
});

test.each<[string, Programme | null, number, string]>([
  ['a first version', null, 10, '2026-01-11T00:00:00.000Z to 2027-01-12T00:00:00.000Z'],
  ['a later one', version(1, start), 10, '2026-01-18T00:00:00.000Z to 2027-01-12T00:00:00.000Z'],
  [
    'one after a pending one',
    version(2, days(300)),
    10,
    '2026-10-28T00:00:00.000Z to 2027-01-12T00:00:00.000Z',
  ],
])('%s takes effect 366 days after it is published at the latest', (_, latest, day, expected) => {
  const startingOn = (effectiveFrom: Date) => checkSuccession({ ...draft, effectiveFrom }, latest, days(day));
  const last = days(day + 366);

  expect(startingOn(last)).toBeNull();
  expect(startingOn(new Date(last.getTime() + 1))).toMatchObject({ field: 'input.effectiveFrom', expected });
  expect(startingOn(new Date('2206-01-12T00:00:00Z'))).toMatchObject({ expected });
});

test('after a version that was published further ahead one can start at its instant and at no other', () => {
  const far = new Date('2206-03-01T00:00:00.000Z');
  const startingOn = (effectiveFrom?: Date) =>
    checkSuccession({ ...draft, effectiveFrom }, version(2, far), days(10))?.expected ?? null;

  const only = '2206-03-01T00:00:00.000Z to 2206-03-01T00:00:00.000Z';
  expect([startingOn(), startingOn(far)]).toEqual([null, null]);
  expect([startingOn(days(20)), startingOn(new Date(far.getTime() + 1))]).toEqual([only, only]);
});

test('a later version keeps the currency that the programme clears in', () => {
  const changed = { ...draft, cashEquivalentPerThousand: { amountMinor: 1000n, currency: 'EUR' } };

  const fault = checkSuccession(changed, version(1, start), days(1));

  expect(fault?.field).toBe('input.cashEquivalentPerThousand.currency');
});

test('a later version keeps what points are worth, or raises it', () => {
  const worth = (amountMinor: bigint) =>
    checkSuccession(
      { ...draft, cashEquivalentPerThousand: { amountMinor, currency: 'CNY' } },
      version(1, start),
      days(1),
    );

  expect(worth(999n)).toMatchObject({
    field: 'input.cashEquivalentPerThousand.amountMinor',
    expected: '1000 or more, as points of earlier versions are worth',
  });
  expect([worth(1000n), worth(1001n)]).toEqual([null, null]);
});

test('the version in force is the newest that has begun', () => {
  const versions = fc
    .array(fc.integer({ min: 0, max: 5 }), { maxLength: 6 })
    .map((gaps) => gaps.map((_, i) => version(i + 1, days(gaps.slice(0, i + 1).reduce((a, b) => a + b, 0)))));
  fc.assert(
    fc.property(versions, fc.integer({ min: 0, max: 30 }), (all, day) => {
      const begun = all.filter(({ effectiveFrom }) => effectiveFrom <= days(day));

      expect(versionAt(all, days(day))).toBe(begun.at(-1) ?? null);
      expect(versionAtOrFirst(all, days(day))).toBe(begun.at(-1) ?? all[0] ?? null);
    }),
  );
});

test('a version follows the one in force right before it, not those that it or others replaced before they were', () => {
  const [first, replaced, second, pending, third] = [
    version(1, start),
    version(2, days(20)),
    version(3, days(20)),
    version(4, days(30)),
    version(5, days(30)),
  ];
  const all = [first, replaced, second, pending, third];

  expect(all.map((one) => versionBefore(all, one)?.version ?? null)).toEqual([null, 1, 1, 3, 3]);
  expect(versionBefore([first], { effectiveFrom: start })).toBeNull();
  expect(versionBefore([], { effectiveFrom: start })).toBeNull();
});

test('anybody can compute the hash from what is published', () => {
  const transfers = { ...plainPolicy.transfers, mostPerDay: 500n };
  const terms = { ...version(1, start), eligibleIssuerIds: ['mer_1'], transfers };

  const canonical =
    '{"arrears":"OWE","cashEquivalentPerThousand":{"amountMinor":1000,"currency":"CNY"},"code":"SHARED",' +
    '"disclosure":{"accrualBase":"the amount paid, tax included",' +
    '"arrears":"points of a return that were spent are owed","cashEquivalent":"1,000 points are worth 10 yuan",' +
    '"earning":"10 points for every yuan spent","exclusions":"gift cards","honouringMerchants":"all partners",' +
    '"redemption":"at every partner","reminders":"30, 7 and 1 days before","rounding":"down, per line",' +
    '"transfer":"points may be given away and pooled","validity":"24 months"},' +
    '"effectiveFrom":"2026-01-01T00:00:00.000Z","eligibleIssuers":[{"id":"mer_1"}],"holdTimeoutSeconds":900,' +
    '"name":"Shared points","pooling":{"allowed":true},"reinstatementDays":30,' +
    '"reminders":{"daysBefore":[30,7,1],"graceDays":0,"restoreOnce":false},' +
    '"transfers":{"allowed":true,"declineWithinDays":0,"mostPerDay":500},"unlock":{"kind":"IMMEDIATE"},' +
    '"validity":{"kind":"ROLLING","months":12,"roundTo":"DAY"},"version":1}';
  expect(termsHash(terms)).toBe(createHash('sha256').update(canonical).digest('hex'));
});

test('remembers versions for a minute, but never that there are none', async () => {
  const clock = testClock('2026-01-01T00:00:00.000Z');
  let stored: Programme[] = [];
  let reads = 0;
  const catalogue = createProgrammeCatalogue(async () => {
    reads++;
    return stored;
  }, clock);
  const current = async () => (await catalogue.programmeAt('SHARED', clock.now()))?.version ?? null;

  expect(await current()).toBeNull();
  stored = [version(1, start)];
  expect(await current()).toBe(1);
  expect(await current()).toBe(1);
  expect(reads).toBe(2);
  stored = [...stored, version(2, days(7))];
  expect((await catalogue.programmeAt('SHARED', days(6)))?.version).toBe(1);
  expect(reads).toBe(2);
  expect((await catalogue.programmeAt('SHARED', days(7)))?.version).toBe(2);
  expect(reads).toBe(3);
  clock.advance({ days: 7 });
  expect(await current()).toBe(2);
  expect(await catalogue.currencyOf('SHARED')).toBe('CNY');
});
