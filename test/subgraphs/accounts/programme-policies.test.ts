import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { asMember, asService, nobody, operator } from '../../support/callers.ts';
import { disclosure } from '../../support/disclosure.ts';
import { act, documentsStored, expectSoundLedger, priceIn, walletOf } from '../../support/points.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;
let school: OpenedMerchant;
let cafe: OpenedMerchant;
let member: RegisteredMember;
let friend: RegisteredMember;

const green = () => ({
  code: 'GREEN',
  name: 'Green points',
  unlock: { kind: 'ON_EVENT', event: 'verified', withinDays: 30, otherwise: 'LAPSE' },
  validity: { kind: 'FIXED_DATES', dates: [{ month: 12, day: 31 }], minimumDays: 90 },
  eligibleIssuerIds: [school.id],
  arrears: 'REFUSE',
  transfers: { allowed: false },
  pooling: { allowed: false },
  reminders: { daysBefore: [60, 14], graceDays: 10, restoreOnce: true },
});

beforeAll(async () => {
  accounts = await startTestAccounts();
  accounts.clock.set('2026-01-15T08:00:00.000Z');
  await publishProgramme(accounts);
  school = await openMerchant(accounts, 'School');
  cafe = await openMerchant(accounts, 'Café');
  member = await registerMember(accounts, school, 's-1');
  await registerMember(accounts, cafe, 'c-1', { cardNumber: member.cardNumber });
  friend = await registerMember(accounts, school, 's-2');
  await publishProgramme(accounts, green());
  for (const merchant of [school, cafe]) await priceIn(accounts, merchant, 'GREEN');
});

afterAll(() => accounts.stop());

const everything = { ...disclosure, unlock: 'once verified', changeNotice: '' };

async function publish(changes: object): Promise<Fields> {
  const mutation = `mutation ($input: PublishProgrammeInput!) {
    publishProgramme(input: $input) {
      __typename
      ... on ProgrammePublished { programme { version } }
      ... on DisclosureIncomplete { missing }
      ... on InvalidInput { field }
      ... on NotFound { what id }
    }
  }`;
  const input = {
    idempotencyKey: randomUUID(),
    cashEquivalentPerThousand: { amountMinor: 1000, currency: 'CNY' },
    disclosure: everything,
    ...green(),
    ...changes,
  };
  const answer = await accounts.send<{ publishProgramme: Fields }>(operator, mutation, { input });
  return answer.publishProgramme;
}

const greenEarn = (externalRef: string, points = 100) =>
  act(accounts, school.caller, 'issuePoints', {
    member: { reference: 's-1' },
    programme: 'GREEN',
    points,
    externalRef,
  });

async function report(input: object, by = school.caller): Promise<Fields> {
  const mutation = `mutation ($input: UnlockPointsInput!) {
    unlockPoints(input: $input) {
      __typename
      ... on PointsPosted { replayed posting { kind points change reason merchant { name } } wallet { available pending } }
      ... on NotUnlockable { code reason awaits }
      ... on InvalidInput { field }
      ... on NotFound { what id }
    }
  }`;
  const variables = { input: { idempotencyKey: randomUUID(), event: 'verified', ...input } };
  return (await accounts.send<{ unlockPoints: Fields }>(by, mutation, variables)).unlockPoints;
}

async function lots(programme: string): Promise<Fields[]> {
  const query = `query ($id: ID!, $programme: String) { member(id: $id) { wallet(programme: $programme) { lots { edges { node {
    points termsVersion expiresAt arrearsPolicy transferable slidingMonths awaits { event until otherwise }
  } } } } } }`;
  const answer = await accounts.send<{
    member: { wallet: { lots: { edges: { node: Fields }[] } } };
  }>(asMember(member.id), query, { id: member.id, programme });
  return answer.member.wallet.lots.edges.map(({ node }) => node);
}

test('a programme tells all of its policy to everybody', async () => {
  const query = `{ programme(code: "GREEN") {
    unlock { kind days event withinDays otherwise }
    validity { kind months roundTo dates { month day } minimumDays }
    eligibleIssuers { name } arrears
    transfers { allowed mostPerTransfer mostPerDay declineWithinDays } pooling { allowed }
    reminders { daysBefore graceDays restoreOnce }
  } }`;

  expect(await accounts.send(nobody, query)).toEqual({
    programme: {
      unlock: { kind: 'ON_EVENT', days: null, event: 'verified', withinDays: 30, otherwise: 'LAPSE' },
      validity: {
        kind: 'FIXED_DATES',
        months: null,
        roundTo: null,
        dates: [{ month: 12, day: 31 }],
        minimumDays: 90,
      },
      eligibleIssuers: [{ name: 'School' }],
      arrears: 'REFUSE',
      transfers: { allowed: false, mostPerTransfer: null, mostPerDay: null, declineWithinDays: 0 },
      pooling: { allowed: false },
      reminders: { daysBefore: [60, 14], graceDays: 10, restoreOnce: true },
    },
  });
});

test.each<[string, object, object]>([
  [
    'an issuer that is no merchant',
    { eligibleIssuerIds: ['mer_none'] },
    { __typename: 'NotFound', what: 'MERCHANT', id: 'mer_none' },
  ],
  [
    'an unknown issuer and an incomplete disclosure',
    { eligibleIssuerIds: ['mer_none'], disclosure: { ...everything, earning: '' } },
    { __typename: 'NotFound', what: 'MERCHANT', id: 'mer_none' },
  ],
  [
    'a limit of what is not allowed',
    { transfers: { allowed: false, mostPerDay: 5 } },
    { __typename: 'InvalidInput', field: 'input.transfers.mostPerDay' },
  ],
  [
    'no reminder before points expire',
    { reminders: { daysBefore: [], graceDays: 10, restoreOnce: true } },
    { __typename: 'InvalidInput', field: 'input.reminders.daysBefore' },
  ],
  [
    'a tighter limit of gifts',
    { code: 'SHARED', transfers: { allowed: true, mostPerTransfer: 5 } },
    { __typename: 'InvalidInput', field: 'input.transfers.mostPerTransfer' },
  ],
  [
    'nothing said about the unlock',
    { disclosure },
    { __typename: 'DisclosureIncomplete', missing: ['unlock'] },
  ],
  [
    'nothing said about arrears, transfers and what gets worse',
    {
      unlock: { kind: 'IMMEDIATE' },
      reminders: { daysBefore: [60] },
      disclosure: { ...disclosure, arrears: ' ', transfer: null },
    },
    { __typename: 'DisclosureIncomplete', missing: ['arrears', 'transfer', 'changeNotice'] },
  ],
])('a version with %s is refused and nothing is published', async (_, changes, refusal) => {
  const before = await documentsStored(accounts);

  expect(await publish(changes)).toEqual(refusal);
  expect(await documentsStored(accounts)).toEqual(before);
});

test('a merchant that may not issue is told who may, and nothing is posted', async () => {
  const before = await documentsStored(accounts);
  const mutation = `mutation ($input: IssuePointsInput!) { issuePoints(input: $input) {
    __typename ... on IssuerNotEligible { code programme { code } eligibleIssuers { name } }
  } }`;
  const input = { idempotencyKey: 'not-mine', member: { reference: 'c-1' }, programme: 'GREEN', points: 5 };

  expect(await accounts.send(cafe.caller, mutation, { input })).toEqual({
    issuePoints: {
      __typename: 'IssuerNotEligible',
      code: 'ISSUER_NOT_ELIGIBLE',
      programme: { code: 'GREEN' },
      eligibleIssuers: [{ name: 'School' }],
    },
  });
  expect(await documentsStored(accounts)).toEqual(before);
});

const unlockingQuery = `query ($id: ID!, $programme: String) {
  member(id: $id) { wallet(programme: $programme) { unlocking { at available } } }
}`;

test.each([
  ['UNLOCK', [{ at: '2026-02-04T08:00:00.000Z', available: 100 }]],
  ['LAPSE', []],
] as const)(
  'a service is told what unlocks by itself as a payment would be, and nobody else is (without the event: %s)',
  async (otherwise, unlocking) => {
    const programme = `EVENT${otherwise}`;
    const unlock = { kind: 'ON_EVENT', event: 'delivered', withinDays: 20, otherwise };
    await publishProgramme(accounts, { code: programme, name: programme, unlock });
    await priceIn(accounts, school, programme);
    const points = { member: { id: member.id }, points: 100, programme };
    await act(accounts, school.caller, 'issuePoints', points);
    const variables = { id: member.id, programme };

    const told = await accounts.send(asService(), unlockingQuery, variables);
    const paid = await act(accounts, school.caller, 'redeemPoints', points);

    expect(told).toEqual({ member: { wallet: { unlocking } } });
    expect(paid).toMatchObject({ shortBy: 100, availableFrom: unlocking[0]?.at ?? null });
    for (const caller of [asMember(member.id), school.caller, operator])
      await expect(accounts.send(caller, unlockingQuery, variables)).rejects.toThrow('FORBIDDEN');
  },
);

test('points wait for their event and unlock when the issuer reports it', async () => {
  await greenEarn('tree-1');
  expect(await walletOf(accounts, member.id, 'GREEN')).toMatchObject({ available: 0, pending: 100 });
  expect(await lots('GREEN')).toEqual([
    {
      points: 100,
      termsVersion: 1,
      expiresAt: '2026-12-31T23:59:59.999Z',
      arrearsPolicy: 'REFUSE',
      transferable: false,
      slidingMonths: null,
      awaits: { event: 'verified', until: '2026-02-14T08:00:00.000Z', otherwise: 'LAPSE' },
    },
  ]);
  const before = await documentsStored(accounts);

  expect(await report({ externalRef: 'tree-1' }, cafe.caller)).toEqual({
    __typename: 'NotFound',
    what: 'POSTING',
    id: 'tree-1',
  });
  expect(await report({ externalRef: 'tree-1', event: 'delivered' })).toEqual({
    __typename: 'NotUnlockable',
    code: 'NOT_UNLOCKABLE',
    reason: 'OTHER_EVENT',
    awaits: 'verified',
  });
  expect(await report({})).toEqual({ __typename: 'InvalidInput', field: 'input.postingId' });
  expect(await documentsStored(accounts)).toEqual(before);

  const once = { externalRef: 'tree-1', idempotencyKey: 'verify-1' };
  const unlocked = {
    __typename: 'PointsPosted',
    replayed: false,
    posting: { kind: 'UNLOCK', points: 100, change: 0, reason: 'verified', merchant: { name: 'School' } },
    wallet: { available: 100, pending: 0 },
  };
  expect(await report(once)).toEqual(unlocked);
  expect(await report(once)).toEqual({ ...unlocked, replayed: true });
  expect(await report({ externalRef: 'tree-1' })).toMatchObject({ reason: 'ALREADY_UNLOCKED', awaits: null });
  expect((await lots('GREEN')).map(({ awaits }) => awaits)).toEqual([null]);
});

test('points that may not be given away are not', async () => {
  const mutation = `mutation ($input: TransferPointsInput!) { transferPoints(input: $input) {
    __typename ... on TransferNotAllowed { code transferable }
  } }`;
  const input = { idempotencyKey: 'gift', toCardNumber: friend.cardNumber, programme: 'GREEN', points: 10 };

  expect(await accounts.send(asMember(member.id), mutation, { input })).toEqual({
    transferPoints: { __typename: 'TransferNotAllowed', code: 'TRANSFER_NOT_ALLOWED', transferable: 0 },
  });
  expect(await walletOf(accounts, friend.id, 'GREEN')).toMatchObject({ available: 0 });
});

const reversal = `mutation ($input: ReversePostingInput!) { reversePosting(input: $input) {
  __typename
  ... on PointsPosted { posting { points arrears } wallet { available arrears } }
  ... on PointsSpent { code reversible shortBy }
} }`;
const reverse = async (by: OpenedMerchant, input: object) => {
  const variables = { input: { idempotencyKey: randomUUID(), reason: 'returned', ...input } };
  return (await accounts.send<{ reversePosting: Fields }>(by.caller, reversal, variables)).reversePosting;
};
const idOf = (answer: Fields): string => (answer['posting'] as { id: string }).id;

test('where the terms refuse it a return of spent points changes nothing and says what is left', async () => {
  const postingId = idOf(await greenEarn('tree-2', 40));
  await report({ postingId });
  const paid = await act(accounts, cafe.caller, 'redeemPoints', {
    member: { reference: 'c-1' },
    programme: 'GREEN',
    points: 130,
  });
  const before = await documentsStored(accounts);

  expect(await reverse(school, { postingId })).toEqual({
    __typename: 'PointsSpent',
    code: 'POINTS_SPENT',
    reversible: 10,
    shortBy: 30,
  });
  expect(await documentsStored(accounts)).toEqual(before);

  expect(await reverse(cafe, { postingId: idOf(paid), points: 30 })).toMatchObject({
    posting: { points: 30 },
    wallet: { available: 40, arrears: 0 },
  });
  expect(await reverse(school, { postingId })).toMatchObject({ posting: { points: 40, arrears: 0 } });
  expect(await reverse(cafe, { postingId: idOf(paid) })).toMatchObject({ posting: { points: 100 } });
  expect(await walletOf(accounts, member.id, 'GREEN')).toEqual({
    available: 100,
    pending: 0,
    held: 0,
    arrears: 0,
  });
});

test('where the terms let it be owed, later earnings settle it first, for everybody concerned to see', async () => {
  const to = { member: { reference: 's-1' } };
  const first = await act(accounts, school.caller, 'issuePoints', { ...to, points: 50 });
  await act(accounts, cafe.caller, 'redeemPoints', { member: { reference: 'c-1' }, points: 50 });
  expect(await reverse(school, { postingId: idOf(first) })).toMatchObject({
    posting: { points: 50, arrears: 50 },
    wallet: { available: 0, arrears: 50 },
  });

  const later = await act(accounts, school.caller, 'issuePoints', { ...to, points: 70 });

  const query = `query ($id: ID!) { posting(id: $id) {
    settledArrears allocations { points settlesArrears } entries { account points }
  } }`;
  const wallet = `wallet:wal_${member.id}_SHARED`;
  expect(await accounts.send(asMember(member.id), query, { id: idOf(later) })).toEqual({
    posting: {
      settledArrears: 50,
      allocations: [
        { points: 70, settlesArrears: false },
        { points: -50, settlesArrears: true },
      ],
      entries: [
        { account: `issuer:${school.id}`, points: -70 },
        { account: `${wallet}:available`, points: 20 },
        { account: `${wallet}:arrears`, points: 50 },
      ],
    },
  });
  expect(await walletOf(accounts, member.id)).toEqual({ available: 20, pending: 0, held: 0, arrears: 0 });
});

test('a worse version has to say so, tells what changes, takes a week, and leaves earned points as they are', async () => {
  const worse = { validity: { kind: 'ROLLING', months: 3, roundTo: 'MONTH_END' }, arrears: 'OWE' };
  expect(await publish(worse)).toEqual({ __typename: 'DisclosureIncomplete', missing: ['changeNotice'] });
  const changeNotice = 'Points are valid for three months only.';
  expect(await publish({ ...worse, disclosure: { ...everything, changeNotice } })).toMatchObject({
    programme: { version: 2 },
  });
  const lotsBefore = await lots('GREEN');

  accounts.clock.set('2026-01-22T08:00:00.000Z');
  await greenEarn('tree-3', 5);

  expect(await lots('GREEN')).toEqual([
    expect.objectContaining({
      points: 5,
      termsVersion: 2,
      expiresAt: '2026-04-30T23:59:59.999Z',
      arrearsPolicy: 'OWE',
    }),
    ...lotsBefore,
  ]);
  const query = `query ($at: DateTime) { disclosures(programme: "GREEN", at: $at) {
    version hash changeNotice previous { version hash previous { version } } diff { field before after effect }
  } }`;
  const at = async (instant: string) =>
    (await accounts.send<{ disclosures: Fields[] }>(nobody, query, { at: instant })).disclosures[0]!;
  const first = await at('2026-01-22T07:59:59.999Z');
  const second = await at('2026-01-22T08:00:00.000Z');
  expect(first).toMatchObject({ version: 1, previous: null, diff: [] });
  expect(second).toMatchObject({
    version: 2,
    changeNotice,
    previous: { version: 1, hash: first['hash'], previous: null },
  });
  const diff = (second['diff'] as Fields[]).filter(({ effect }) => effect !== 'WORDING');
  expect(diff).toEqual([
    {
      field: 'validity',
      before: '{"dates":[{"day":31,"month":12}],"kind":"FIXED_DATES","minimumDays":90}',
      after: '{"kind":"ROLLING","months":3,"roundTo":"MONTH_END"}',
      effect: 'WORSE',
    },
    { field: 'arrears', before: 'REFUSE', after: 'OWE', effect: 'WORSE' },
  ]);
});

test('after all this every invariant of the ledger holds', () => expectSoundLedger(accounts));
