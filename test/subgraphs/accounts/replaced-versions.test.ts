import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startTestAccounts, type TestAccounts } from '../../support/accounts.ts';
import { nobody, operator } from '../../support/callers.ts';
import { disclosure } from '../../support/disclosure.ts';
import { afterDays, forMonths } from '../../support/policy.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
});

beforeEach(() => accounts.clock.set('2026-01-15T00:00:00.000Z'));

afterAll(() => accounts.stop());

const march = '2026-03-01T00:00:00.000Z';
const notice = { disclosure: { ...disclosure, changeNotice: 'Points are good for a shorter time.' } };

async function publish(code: string, months: number, changes: object = {}): Promise<Fields> {
  const mutation = `mutation ($input: PublishProgrammeInput!) { publishProgramme(input: $input) {
    __typename
    ... on ProgrammePublished { programme { version effectiveFrom } }
    ... on DisclosureIncomplete { missing }
    ... on InvalidInput { field }
  } }`;
  const input = {
    idempotencyKey: randomUUID(),
    code,
    name: 'Points',
    unlock: afterDays(0),
    validity: forMonths(months),
    cashEquivalentPerThousand: { amountMinor: 1000, currency: 'CNY' },
    disclosure,
    ...changes,
  };
  const data = await accounts.send<{ publishProgramme: Fields }>(operator, mutation, { input });
  return data.publishProgramme;
}

const published = (version: number, effectiveFrom = march) => ({
  __typename: 'ProgrammePublished',
  programme: { version, effectiveFrom },
});

/** What is said of the version in force at an instant; of its changes those that are more than words. */
async function disclosedAt(code: string, at: string): Promise<Fields | undefined> {
  const query = `query ($code: String!, $at: DateTime) { disclosures(programme: $code, at: $at) {
    version hash changeNotice previous { version previous { version } } diff { field before effect }
  } }`;
  const data = await accounts.send<{ disclosures: Fields[] }>(nobody, query, { code, at });
  const said = data.disclosures[0];
  const changes = (said?.['diff'] ?? []) as Fields[];
  return said && { ...said, diff: changes.filter(({ effect }) => effect !== 'WORDING') };
}

const validity = (months: number, effect: string) => ({
  field: 'validity',
  before: `{"kind":"ROLLING","months":${months},"roundTo":"DAY"}`,
  effect,
});

test('a version that replaces a pending one has to say what is worse than in the one in force', async () => {
  await publish('WORSE', 24);
  await publish('WORSE', 12, { effectiveFrom: march, ...notice });
  accounts.clock.set('2026-02-01T00:00:00.000Z');
  const before = await disclosedAt('WORSE', '2026-02-28T23:59:59.999Z');

  const untold = await publish('WORSE', 13);
  const pending = await disclosedAt('WORSE', march);
  const told = await publish('WORSE', 13, notice);

  expect(untold).toEqual({ __typename: 'DisclosureIncomplete', missing: ['changeNotice'] });
  expect(pending).toMatchObject({ version: 2, previous: { version: 1 }, diff: [validity(24, 'WORSE')] });
  expect(told).toEqual(published(3));
  expect(await disclosedAt('WORSE', march)).toEqual({
    version: 3,
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    changeNotice: notice.disclosure.changeNotice,
    previous: { version: 1, previous: null },
    diff: [validity(24, 'WORSE')],
  });
  expect(before).toMatchObject({ version: 1, changeNotice: null, previous: null, diff: [] });
  expect(await disclosedAt('WORSE', '2026-02-28T23:59:59.999Z')).toEqual(before);
});

test('however many replace one another, each is compared with the one in force and so is what comes after them', async () => {
  await publish('OFTEN', 24);
  for (const months of [12, 13]) await publish('OFTEN', months, { effectiveFrom: march, ...notice });

  expect(await publish('OFTEN', 14)).toMatchObject({ missing: ['changeNotice'] });
  expect(await publish('OFTEN', 14, notice)).toEqual(published(4));
  accounts.clock.set(march);
  expect(await publish('OFTEN', 13)).toMatchObject({ missing: ['changeNotice'] });
  expect(await publish('OFTEN', 15)).toEqual(published(5, '2026-03-08T00:00:00.000Z'));
  expect(await disclosedAt('OFTEN', '2026-03-08T00:00:00.000Z')).toMatchObject({
    version: 5,
    previous: { version: 4, previous: { version: 1 } },
    diff: [validity(14, 'BETTER')],
  });
});

test('a version that is better than the one in force needs no notice, whatever it replaces', async () => {
  await publish('BETTER', 12);
  await publish('BETTER', 24, { effectiveFrom: march });

  expect(await publish('BETTER', 13)).toEqual(published(3));
  expect(await disclosedAt('BETTER', march)).toMatchObject({
    changeNotice: null,
    previous: { version: 1 },
    diff: [validity(12, 'BETTER')],
  });
});

test('a first version that is replaced before it takes effect is nothing to compare with', async () => {
  await publish('NEVER', 24, { effectiveFrom: march });

  expect(await publish('NEVER', 12)).toEqual(published(2));
  expect(await disclosedAt('NEVER', march)).toMatchObject({ version: 2, previous: null, diff: [] });
  expect(await disclosedAt('NEVER', '2026-02-28T23:59:59.999Z')).toBeUndefined();
});

test('what counts for points of all versions is kept from a pending version too', async () => {
  await publish('KEPT', 24);
  const worth = { amountMinor: 1500, currency: 'CNY' };
  const transfers = { allowed: true, declineWithinDays: 7 };
  await publish('KEPT', 24, { effectiveFrom: march, cashEquivalentPerThousand: worth, transfers });

  expect(await publish('KEPT', 24, { transfers })).toEqual({
    __typename: 'InvalidInput',
    field: 'input.cashEquivalentPerThousand.amountMinor',
  });
  expect(await publish('KEPT', 24, { cashEquivalentPerThousand: worth })).toEqual({
    __typename: 'InvalidInput',
    field: 'input.transfers.declineWithinDays',
  });
  expect(await disclosedAt('KEPT', march)).toMatchObject({ version: 2 });
});
