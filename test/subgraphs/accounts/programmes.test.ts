import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import canonicalize from 'canonicalize';
import { startTestAccounts, type TestAccounts } from '../../support/accounts.ts';
import { nobody, operator } from '../../support/callers.ts';
import { disclosure } from '../../support/disclosure.ts';

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
});

beforeEach(() => accounts.clock.set('2026-01-15T08:00:00.000Z'));

afterAll(() => accounts.stop());

const complete = { ...disclosure, unlock: '14 days after the purchase' };

type Fields = Record<string, unknown>;

const fields = `code name version effectiveFrom holdTimeoutSeconds reinstatementDays
  unlock { kind days event withinDays otherwise } validity { kind months roundTo dates { month day } minimumDays }
  eligibleIssuers { id } arrears transfers { allowed mostPerTransfer mostPerDay declineWithinDays } pooling { allowed }
  reminders { daysBefore graceDays restoreOnce }
  cashEquivalentPerThousand { amountMinor currency }
  disclosure {
    programmeCode version publishedAt effectiveFrom hash
    earning accrualBase rounding validity redemption honouringMerchants exclusions cashEquivalent
    unlock arrears transfer reminders changeNotice
  }`;

const publication = `mutation ($input: PublishProgrammeInput!) {
  publishProgramme(input: $input) {
    __typename
    ... on ProgrammePublished { programme { ${fields} } }
    ... on Refusal { code }
    ... on DisclosureIncomplete { missing }
    ... on InvalidInput { field }
  }
}`;

const publish = async (code: string, changes = {}): Promise<Fields & { programme: Fields }> => {
  const input = {
    idempotencyKey: randomUUID(),
    code,
    name: 'Points',
    unlock: { kind: 'AFTER_DAYS', days: 14 },
    validity: { kind: 'ROLLING', months: 24 },
    cashEquivalentPerThousand: { amountMinor: 1000, currency: 'CNY' },
    disclosure: complete,
    ...changes,
  };
  const data = await accounts.send<{ publishProgramme: Fields & { programme: Fields } }>(
    operator,
    publication,
    {
      input,
    },
  );
  return data.publishProgramme;
};

const inForce = async (code: string): Promise<unknown> => {
  const query = 'query ($code: String!) { programme(code: $code) { version unlock { days } } }';
  const { programme } = await accounts.send<{ programme: { version: number; unlock: Fields } | null }>(
    nobody,
    query,
    { code },
  );
  return programme && { version: programme.version, unlockDays: programme.unlock['days'] };
};

const versionsAt = async (code: string, at: string): Promise<unknown> => {
  const query = `query ($code: String!, $at: DateTime) { disclosures(programme: $code, at: $at) { version } }`;
  return (await accounts.send<Fields>(nobody, query, { code, at }))['disclosures'];
};

test('a programme published with a complete disclosure is in force at once, with the stated defaults', async () => {
  const { programme } = await publish('FIRST');

  const { hash, ...said } = programme['disclosure'] as Fields;
  expect({ ...programme, disclosure: said }).toEqual({
    code: 'FIRST',
    name: 'Points',
    version: 1,
    effectiveFrom: '2026-01-15T08:00:00.000Z',
    unlock: { kind: 'AFTER_DAYS', days: 14, event: null, withinDays: null, otherwise: null },
    validity: { kind: 'ROLLING', months: 24, roundTo: 'DAY', dates: null, minimumDays: null },
    eligibleIssuers: null,
    arrears: 'OWE',
    transfers: { allowed: true, mostPerTransfer: null, mostPerDay: null, declineWithinDays: 0 },
    pooling: { allowed: true },
    reminders: { daysBefore: [30, 7, 1], graceDays: 0, restoreOnce: false },
    holdTimeoutSeconds: 900,
    reinstatementDays: 30,
    cashEquivalentPerThousand: { amountMinor: 1000, currency: 'CNY' },
    disclosure: {
      programmeCode: 'FIRST',
      version: 1,
      publishedAt: '2026-01-15T08:00:00.000Z',
      effectiveFrom: '2026-01-15T08:00:00.000Z',
      ...complete,
      changeNotice: null,
    },
  });
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(await inForce('FIRST')).toEqual({ version: 1, unlockDays: 14 });
  expect(await inForce('NOSUCH')).toBeNull();
});

const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(given.map(([key, inner]) => [key, withoutNulls(inner)]));
};

test('the hash can be computed from what the API answers', async () => {
  const { programme } = await publish('HASHED');

  const {
    hash,
    programmeCode: _,
    version: __,
    publishedAt: ___,
    effectiveFrom: ____,
    ...texts
  } = programme['disclosure'] as Fields;
  const canonical = canonicalize(withoutNulls({ ...programme, disclosure: texts }))!;
  expect(createHash('sha256').update(canonical).digest('hex')).toBe(hash);
});

test('refuses an incomplete disclosure, naming every part that says nothing, and publishes nothing', async () => {
  const unseen = '\u200b\u3164';

  const outcome = await publish('PARTS', {
    disclosure: { ...complete, rounding: '', validity: unseen, exclusions: ' \n' },
  });

  expect(outcome).toEqual({
    __typename: 'DisclosureIncomplete',
    code: 'DISCLOSURE_INCOMPLETE',
    missing: ['rounding', 'validity', 'exclusions'],
  });
  expect(await inForce('PARTS')).toBeNull();
});

test('a later version takes effect after seven days; the earlier stays what it was', async () => {
  const unlock = { kind: 'AFTER_DAYS', days: 1 };
  const first = await publish('NOTICE');
  const early = await publish('NOTICE', { effectiveFrom: '2026-01-22T07:59:59.999Z', unlock });
  const second = await publish('NOTICE', { unlock });

  expect(early).toMatchObject({ code: 'INVALID_INPUT', field: 'input.effectiveFrom' });
  expect(second.programme).toMatchObject({ version: 2, effectiveFrom: '2026-01-22T08:00:00.000Z' });
  accounts.clock.set('2026-01-22T07:59:59.999Z');
  expect(await inForce('NOTICE')).toEqual({ version: 1, unlockDays: 14 });
  accounts.clock.set('2026-01-22T08:00:00.000Z');
  expect(await inForce('NOTICE')).toEqual({ version: 2, unlockDays: 1 });
  expect(await versionsAt('NOTICE', '2026-01-15T07:59:59.999Z')).toEqual([]);
  expect(await versionsAt('NOTICE', '2026-01-15T08:00:00.000Z')).toEqual([{ version: 1 }]);
  expect(await versionsAt('NOTICE', '2026-01-22T08:00:00.000Z')).toEqual([{ version: 2 }]);
  expect(first.programme['version']).toBe(1);
});

test('a version cannot start before the one that it follows', async () => {
  await publish('ORDER', { effectiveFrom: '2026-06-01T00:00:00Z' });

  const outcome = await publish('ORDER', { effectiveFrom: '2026-05-31T00:00:00Z' });

  expect(outcome).toMatchObject({ code: 'INVALID_INPUT', field: 'input.effectiveFrom' });
  expect(await inForce('ORDER')).toBeNull();
});

test('a mistyped year is refused, so that it keeps no programme from being changed', async () => {
  const [first, later] = ['2206-02-01T00:00:00Z', '2027-01-16T08:00:00.001Z'];
  const refused = { code: 'INVALID_INPUT', field: 'input.effectiveFrom' };

  expect(await publish('YEAR', { effectiveFrom: first })).toMatchObject(refused);
  expect((await publish('YEAR')).programme).toMatchObject({ version: 1 });
  expect(await publish('YEAR', { effectiveFrom: later })).toMatchObject(refused);
  expect((await publish('YEAR', { effectiveFrom: '2027-01-16T08:00:00Z' })).programme).toMatchObject({
    version: 2,
  });
  accounts.clock.advance({ days: 30 });
  expect((await publish('YEAR')).programme).toMatchObject({
    version: 3,
    effectiveFrom: '2027-01-16T08:00:00.000Z',
  });
  expect(await versionsAt('YEAR', '2206-02-01T00:00:00Z')).toEqual([{ version: 3 }]);
});

test('a day that there is not is refused, be it written as a value or a variable', async () => {
  const query = 'query ($at: DateTime) { disclosures(programme: "FIRST", at: $at) { version } }';
  const literal = '{ disclosures(programme: "FIRST", at: "2026-04-31T00:00:00Z") { version } }';

  const answers = [
    await accounts.ask(nobody, query, { at: '2026-04-31T00:00:00Z' }),
    await accounts.ask(nobody, literal),
  ];

  for (const { errors } of answers) expect(errors[0]?.message).toContain('DateTime must be ISO 8601');
});

test('the same publication sent again changes nothing, another input is a conflict', async () => {
  const idempotencyKey = 'publish-1';
  const first = await publish('TWICE', { idempotencyKey });
  accounts.clock.advance({ days: 30 });

  expect(await publish('TWICE', { idempotencyKey })).toEqual(first);
  expect(await publish('TWICE', { idempotencyKey, name: 'Other' })).toEqual({
    __typename: 'IdempotencyConflict',
    code: 'IDEMPOTENCY_CONFLICT',
  });
  expect(await versionsAt('TWICE', '2030-01-01T00:00:00Z')).toEqual([{ version: 1 }]);
});

test('two refusals at once come in the documented order', async () => {
  const idempotencyKey = 'order-1';
  await publish('REFUSALS', { idempotencyKey });
  const incomplete = { ...complete, earning: '' };

  const outcomes = [
    await publish('REFUSALS', { idempotencyKey, holdTimeoutSeconds: 0, disclosure: incomplete }),
    await publish('REFUSALS', { idempotencyKey, disclosure: incomplete }),
    await publish('REFUSALS', { disclosure: incomplete }),
  ];

  expect(outcomes.map(({ code }) => code)).toEqual([
    'INVALID_INPUT',
    'IDEMPOTENCY_CONFLICT',
    'DISCLOSURE_INCOMPLETE',
  ]);
  expect(await versionsAt('REFUSALS', '2030-01-01T00:00:00Z')).toEqual([{ version: 1 }]);
});

test.each([
  [{ idempotencyKey: '' }, 'input.idempotencyKey'],
  [{ name: '' }, 'input.name'],
  [{ unlock: { kind: 'AFTER_DAYS', days: 0 } }, 'input.unlock.days'],
  [{ unlock: { kind: 'IMMEDIATE', days: 1 } }, 'input.unlock.days'],
  [{ validity: { kind: 'ROLLING', months: 0 } }, 'input.validity.months'],
  [{ holdTimeoutSeconds: 0 }, 'input.holdTimeoutSeconds'],
  [
    { cashEquivalentPerThousand: { amountMinor: 1, currency: 'ABC' } },
    'input.cashEquivalentPerThousand.currency',
  ],
  [{ effectiveFrom: '2026-01-15T07:59:59.999Z' }, 'input.effectiveFrom'],
])('refuses a first version with %j and publishes nothing', async (changes, field) => {
  expect(await publish('FAULTY', changes)).toMatchObject({ code: 'INVALID_INPUT', field });
  expect(await inForce('FAULTY')).toBeNull();
});

test('a later version cannot change the currency that the programme clears in', async () => {
  await publish('MONEY');

  const outcome = await publish('MONEY', { cashEquivalentPerThousand: { amountMinor: 1, currency: 'EUR' } });

  expect(outcome).toMatchObject({ field: 'input.cashEquivalentPerThousand.currency' });
});

test('programmes and disclosures list the versions in force, one a code', async () => {
  await publish('LISTA');
  await publish('LISTA', { name: 'Next' });
  await publish('LISTB', { effectiveFrom: '2027-01-01T00:00:00Z' });

  const query = '{ programmes { code version name } disclosures { programmeCode version } }';
  const { programmes, disclosures } = await accounts.send<Record<string, Fields[]>>(nobody, query);

  expect(programmes?.filter(({ code }) => String(code).startsWith('LIST'))).toEqual([
    { code: 'LISTA', version: 1, name: 'Points' },
  ]);
  expect(disclosures?.filter(({ programmeCode }) => String(programmeCode).startsWith('LIST'))).toEqual([
    { programmeCode: 'LISTA', version: 1 },
  ]);
});

test('a programme is resolved as an entity by its code', async () => {
  await publish('ENTITY');
  const query =
    'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Programme { code version } } }';
  const of = [
    { __typename: 'Programme', code: 'ENTITY' },
    { __typename: 'Programme', code: 'NOSUCH' },
  ];

  expect(await accounts.send(nobody, query, { of })).toEqual({
    _entities: [{ code: 'ENTITY', version: 1 }, null],
  });
});
