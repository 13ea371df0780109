import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { asMember, operator } from '../../support/callers.ts';
import { asGiver, makeBeneficiary } from '../../support/gifts.ts';
import { act, documentsStored, expectSoundLedger, walletOf } from '../../support/points.ts';
import { exportOf } from '../../support/privacy.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;
let pets: OpenedMerchant;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts, {
    transfers: { allowed: true, mostPerTransfer: 20_000, mostPerDay: 50_000, declineWithinDays: 7 },
  });
  pets = await openMerchant(accounts, 'Pets');
});
afterAll(async () => {
  await expectSoundLedger(accounts);
  await accounts.stop();
});

/** A giver with points and a receiver that is its effective beneficiary. */
async function pair(points = 1_000): Promise<[RegisteredMember, RegisteredMember]> {
  const giver = await registerMember(accounts, pets, randomUUID());
  const receiver = await registerMember(accounts, pets, randomUUID());
  await makeBeneficiary(accounts, giver, receiver);
  await act(accounts, pets.caller, 'issuePoints', { member: { id: giver.id }, points });
  return [giver, receiver];
}

const give = (giver: RegisteredMember, receiver: RegisteredMember, points: number, more: object = {}) =>
  act(accounts, asMember(giver.id), 'transferPoints', {
    toCardNumber: receiver.cardNumber,
    points,
    ...more,
  });
const decline = (receiver: RegisteredMember, postingId: unknown, more: object = {}) =>
  asGiver(accounts, receiver.id, 'declineGift', { postingId, ...more });
const idOf = (outcome: Fields) => (outcome['posting'] as Fields)['id'];
const available = async ({ id }: RegisteredMember) => (await walletOf(accounts, id))['available'];

const giftsQuery = `query ($id: ID!, $direction: GiftDirection, $first: Int, $after: String) { member(id: $id) {
  gifts(direction: $direction, first: $first, after: $after) {
    edges { node { id direction state points reason otherMaskedCard declinableUntil declinedAt programme { code } posting { kind change } } }
    pageInfo { hasNextPage endCursor } } } }`;
type Gifts = { edges: { node: Fields }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
async function giftsOf({ id }: RegisteredMember, more: object = {}): Promise<Gifts> {
  const answer = await accounts.send<{ member: { gifts: Gifts } }>(asMember(id), giftsQuery, { id, ...more });
  return answer.member.gifts;
}

test('a member gives to an effective beneficiary only, and nothing is written before it is one', async () => {
  const giver = await registerMember(accounts, pets, 'early-giver');
  const receiver = await registerMember(accounts, pets, 'early-receiver');
  await act(accounts, pets.caller, 'issuePoints', { member: { id: giver.id }, points: 10 });
  const stranger = await giveRaw(giver, receiver);
  const added = await asGiver(accounts, giver.id, 'addBeneficiary', { cardNumber: receiver.cardNumber });
  const before = await documentsStored(accounts);
  const waiting = await giveRaw(giver, receiver);

  expect(stranger).toMatchObject({ code: 'NOT_A_BENEFICIARY', effectiveFrom: null });
  const { effectiveFrom, id } = added['beneficiary'] as Fields;
  expect(waiting).toMatchObject({ __typename: 'NotABeneficiary', effectiveFrom });
  expect(await documentsStored(accounts)).toEqual(before);
  accounts.clock.advance({ days: 60 });
  expect(await giveRaw(giver, receiver)).toMatchObject({ __typename: 'PointsPosted' });
  await asGiver(accounts, giver.id, 'removeBeneficiary', { beneficiaryId: id });
  expect(await giveRaw(giver, receiver)).toMatchObject({ code: 'NOT_A_BENEFICIARY', effectiveFrom: null });
  expect([await available(giver), await available(receiver)]).toEqual([7, 3]);
});

/** Gives three points and asks for all that a refusal says. */
async function giveRaw(giver: RegisteredMember, receiver: RegisteredMember, points = 3): Promise<Fields> {
  const query = `mutation ($input: TransferPointsInput!) { transferPoints(input: $input) {
    __typename ... on Refusal { code } ... on NotABeneficiary { effectiveFrom }
    ... on GiftLimitExceeded { per limit left leftFrom } ... on NotEnoughPoints { shortBy } } }`;
  const input = { idempotencyKey: randomUUID(), toCardNumber: receiver.cardNumber, points };
  const answer = await accounts.send<{ transferPoints: Fields }>(asMember(giver.id), query, { input });
  return answer.transferPoints;
}

test('a gift that was made stays made when the beneficiary is removed and the request is sent again', async () => {
  const [giver, receiver] = await pair();
  const first = await give(giver, receiver, 5, { idempotencyKey: 'once' });
  const list = await accounts.send<{ member: { beneficiaries: { id: string }[] } }>(
    asMember(giver.id),
    'query ($id: ID!) { member(id: $id) { beneficiaries { id } } }',
    { id: giver.id },
  );
  await asGiver(accounts, giver.id, 'removeBeneficiary', { beneficiaryId: list.member.beneficiaries[0]!.id });

  expect(await give(giver, receiver, 5, { idempotencyKey: 'once' })).toEqual({ ...first, replayed: true });
  expect(await available(receiver)).toBe(5);
});

test('the limits of a gift and of a day say how much is left and from when on', async () => {
  const [giver, receiver] = await pair(100_000);
  accounts.clock.set('2026-12-24T23:00:00.000Z');

  expect(await giveRaw(giver, receiver, 20_001)).toEqual({
    __typename: 'GiftLimitExceeded',
    code: 'GIFT_LIMIT_EXCEEDED',
    per: 'TRANSFER',
    limit: 20_000,
    left: 20_000,
    leftFrom: null,
  });
  await giveRaw(giver, receiver, 20_000);
  await giveRaw(giver, receiver, 20_000);
  expect(await giveRaw(giver, receiver, 10_001)).toEqual({
    __typename: 'GiftLimitExceeded',
    code: 'GIFT_LIMIT_EXCEEDED',
    per: 'DAY',
    limit: 50_000,
    left: 10_000,
    leftFrom: '2026-12-25T00:00:00.000Z',
  });
  expect(await giveRaw(giver, receiver, 10_000)).toMatchObject({ __typename: 'PointsPosted' });
  accounts.clock.advance({ hours: 1 });
  expect(await giveRaw(giver, receiver, 20_000)).toMatchObject({ __typename: 'PointsPosted' });
  expect([await available(giver), await available(receiver)]).toEqual([30_000, 70_000]);
});

test('a receiver declines a gift: both see it, and the points are where they were', async () => {
  const [giver, receiver] = await pair();
  const given = await give(giver, receiver, 40, { reason: 'for tea' });
  const at = accounts.clock.now();
  accounts.clock.advance({ days: 6 });

  const declined = await decline(receiver, idOf(given));

  const until = new Date(at.getTime() + 7 * 86_400_000).toISOString();
  const declinedAt = accounts.clock.now().toISOString();
  expect(declined).toEqual({
    __typename: 'GiftDeclined',
    replayed: false,
    gift: {
      id: idOf(given),
      direction: 'RECEIVED',
      state: 'DECLINED',
      points: 40,
      otherMaskedCard: `**** **** **** ${giver.cardNumber.slice(-4)}`,
      declinableUntil: until,
      declinedAt,
    },
    wallet: { available: 0 },
  });
  expect([await available(giver), await available(receiver)]).toEqual([1_000, 0]);
  const shared = { id: idOf(given), state: 'DECLINED', points: 40, reason: 'for tea', declinedAt };
  expect((await giftsOf(giver)).edges[0]!.node).toMatchObject({
    ...shared,
    direction: 'GIVEN',
    otherMaskedCard: `**** **** **** ${receiver.cardNumber.slice(-4)}`,
    programme: { code: 'SHARED' },
    posting: { kind: 'TRANSFER', change: -40 },
  });
  expect((await giftsOf(receiver)).edges[0]!.node).toMatchObject({ ...shared, posting: { change: 40 } });
});

test('both sides find the reversal among their postings, and neither learns who the other is', async () => {
  const [giver, receiver] = await pair();
  const given = await give(giver, receiver, 40);
  await decline(receiver, idOf(given));
  const query = `query ($id: ID!) { member(id: $id) { postings(first: 2) { edges { node {
    kind change member { id } reverses { id } reversed entries { account points } allocations { points } } } }
    gifts { edges { node { otherMaskedCard posting { entries { account } } } } } } }`;
  const seen = async ({ id }: RegisteredMember) => {
    const answer = await accounts.send<{ member: { postings: Gifts } }>(asMember(id), query, { id });
    return { nodes: answer.member.postings.edges.map(({ node }) => node), text: JSON.stringify(answer) };
  };

  const [mine, theirs] = [await seen(giver), await seen(receiver)];

  const wallet = `wallet:wal_${giver.id}_SHARED:available`;
  expect(mine.nodes).toMatchObject([
    { kind: 'REVERSE', change: 40, reverses: { id: idOf(given) } },
    { kind: 'TRANSFER', change: -40, reversed: 40, reverses: null },
  ]);
  expect(mine.nodes[0]!['entries']).toEqual(
    expect.arrayContaining([
      { account: 'wallet:other', points: -40 },
      { account: wallet, points: 40 },
    ]),
  );
  expect(theirs.nodes).toMatchObject([
    { kind: 'REVERSE', change: -40, member: null },
    { kind: 'TRANSFER', change: 40, member: null },
  ]);
  expect(mine.text).not.toContain(receiver.id);
  expect(theirs.text).not.toContain(giver.id);
  const whole = await accounts.send<{ member: { postings: Gifts } }>(operator, query, { id: giver.id });
  expect(JSON.stringify(whole)).toContain(`wallet:wal_${receiver.id}_SHARED:available`);
});

/** Has a member owe what it has: it spends that, and then what earned it is reversed. */
async function runUpDebt({ id }: RegisteredMember, points: number): Promise<void> {
  const earned = await act(accounts, pets.caller, 'issuePoints', { member: { id }, points });
  await act(accounts, pets.caller, 'redeemPoints', { member: { id }, points });
  await act(accounts, pets.caller, 'reversePosting', { postingId: idOf(earned), reason: 'returned' });
}

const debtQuery = `query ($id: ID!) { posting(id: $id) {
  change settledArrears entries { account points } allocations { points settlesArrears } } }`;

const seenBy = async ({ id }: RegisteredMember, postingId: unknown): Promise<Fields> =>
  (await accounts.send<{ posting: Fields }>(asMember(id), debtQuery, { id: postingId })).posting;

const own = ({ id }: RegisteredMember, bucket: string) => `wallet:wal_${id}_SHARED:${bucket}`;

test('a giver does not learn what the receiver owes, who is told what the gift settled', async () => {
  const [giver, receiver] = await pair(100);
  await runUpDebt(receiver, 40);

  const given = await give(giver, receiver, 100);

  const told = [
    { account: own(giver, 'available'), points: -100 },
    { account: 'wallet:other', points: 100 },
  ];
  expect((given['posting'] as Fields)['entries']).toEqual(told);
  expect(await seenBy(giver, idOf(given))).toEqual({
    ...{ change: -100, settledArrears: 0, entries: told },
    allocations: [
      { points: -100, settlesArrears: false },
      { points: 100, settlesArrears: false },
    ],
  });
  expect(await seenBy(receiver, idOf(given))).toEqual({
    ...{ change: 100, settledArrears: 40 },
    entries: [
      { account: 'wallet:other', points: -100 },
      { account: own(receiver, 'available'), points: 60 },
      { account: own(receiver, 'arrears'), points: 40 },
    ],
    allocations: [
      { points: -100, settlesArrears: false },
      { points: 100, settlesArrears: false },
      { points: -40, settlesArrears: true },
    ],
  });
});

test('who declines a gift does not learn what the giver owes by then, nor from an export', async () => {
  const [giver, receiver] = await pair(100);
  const given = await give(giver, receiver, 100);
  await runUpDebt(giver, 30);
  await decline(receiver, idOf(given));
  const query = 'query ($id: ID!) { member(id: $id) { postings(first: 1) { edges { node { id } } } } }';
  const { member } = await accounts.send<{ member: { postings: Gifts } }>(asMember(receiver.id), query, {
    id: receiver.id,
  });
  const reversalId = member.postings.edges[0]!.node['id'];

  const [mine, theirs] = [await seenBy(giver, reversalId), await seenBy(receiver, reversalId)];

  const told = [
    { account: own(receiver, 'available'), points: -100 },
    { account: 'wallet:other', points: 100 },
  ];
  expect(theirs).toMatchObject({ change: -100, settledArrears: 0, entries: told });
  expect(JSON.stringify(theirs)).not.toContain('30');
  expect(mine).toMatchObject({ change: 100, settledArrears: 30 });
  expect(mine['allocations']).toContainEqual({ points: -30, settlesArrears: true });
  const exported = (await exportOf(accounts, asMember(receiver.id))).find(({ id }) => id === reversalId)!;
  expect(exported['entries']).toEqual(told.map((entry) => ({ ...entry, points: `${entry.points}` })));
  expect(JSON.stringify(exported['allocations'])).not.toContain('"settles":true');
});

test('of a lot that was given neither its receiver nor a merchant is told which of the giver’s it was', async () => {
  const [giver, receiver] = await pair();
  await give(giver, receiver, 40);
  const query =
    'query ($id: ID!) { member(id: $id) { wallet { lots { edges { node { id originLotId } } } } } }';
  interface Seen {
    member: { wallet: { lots: { edges: { node: { id: string; originLotId: string | null } }[] } } | null };
  }
  const ask = (caller: Caller, id: string) => accounts.ask<Seen>(caller, query, { id });
  const lotsOf = async (caller: Caller, { id }: RegisteredMember) =>
    (await ask(caller, id)).data?.member.wallet?.lots.edges.map(({ node }) => node);

  const [lot] = (await lotsOf(asMember(giver.id), giver))!;
  expect(lot).toMatchObject({ originLotId: null });
  expect(await lotsOf(asMember(receiver.id), receiver)).toMatchObject([{ originLotId: null }]);
  expect(await lotsOf(operator, receiver)).toMatchObject([{ originLotId: lot!.id }]);
  const { data, errors } = await ask(pets.caller, receiver.id);
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  expect(JSON.stringify(data)).not.toContain(lot!.id);
});

test('two declines in the same instant do it once', async () => {
  const [giver, receiver] = await pair();
  const given = await give(giver, receiver, 40);

  const outcomes = await Promise.all([1, 2].map(() => decline(receiver, idOf(given))));

  expect(outcomes.map(({ __typename }) => String(__typename)).sort()).toEqual([
    'AlreadyDeclined',
    'GiftDeclined',
  ]);
  expect([await available(giver), await available(receiver)]).toEqual([1_000, 0]);
});

test('the same decline sent again is answered the same', async () => {
  const [giver, receiver] = await pair();
  const given = await give(giver, receiver, 40);
  const first = await decline(receiver, idOf(given), { idempotencyKey: 'no-thanks' });
  const before = await documentsStored(accounts);

  expect(await decline(receiver, idOf(given), { idempotencyKey: 'no-thanks' })).toEqual({
    ...first,
    replayed: true,
  });
  expect(await decline(receiver, 'pos_other', { idempotencyKey: 'no-thanks' })).toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  });
  expect(await documentsStored(accounts)).toEqual(before);
});

test('what cannot be declined is refused with what a screen needs, and nothing is written', async () => {
  const [giver, receiver] = await pair();
  const late = await give(giver, receiver, 10);
  const until = new Date(accounts.clock.now().getTime() + 7 * 86_400_000).toISOString();
  accounts.clock.advance({ days: 7 });
  const used = await give(giver, receiver, 20);
  await act(accounts, pets.caller, 'redeemPoints', { member: { id: receiver.id }, points: 15 });
  const before = await documentsStored(accounts);

  expect(await decline(receiver, idOf(late))).toMatchObject({ code: 'TOO_LATE_TO_DECLINE', until });
  expect(await decline(receiver, idOf(used))).toMatchObject({ code: 'GIFT_USED', points: 20, untouched: 15 });
  expect(await decline(giver, idOf(used))).toMatchObject({ code: 'NOT_FOUND', what: 'POSTING' });
  expect(await decline(receiver, 'pos_none')).toMatchObject({ code: 'NOT_FOUND', id: 'pos_none' });
  expect(await decline(receiver, idOf(used), { idempotencyKey: '' })).toMatchObject({
    code: 'INVALID_INPUT',
  });
  expect(await documentsStored(accounts)).toEqual(before);
});

test('gifts are paged from the newest, in both directions or one, without gap or repetition', async () => {
  const [giver, receiver] = await pair();
  await makeBeneficiary(accounts, receiver, giver);
  for (const points of [1, 2, 3, 4, 5]) {
    await give(points % 2 ? giver : receiver, points % 2 ? receiver : giver, points > 2 ? points : 1);
    accounts.clock.advance({ seconds: 1 });
  }
  const points: unknown[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const page: Gifts = await giftsOf(giver, { first: 2, after });
    points.push(...page.edges.map(({ node }) => node['points']));
    after = page.pageInfo.endCursor;
    more = page.pageInfo.hasNextPage;
  }
  const directed = async (direction: string) =>
    (await giftsOf(giver, { direction })).edges.map(({ node }) => [node['direction'], node['points']]);

  expect(points).toEqual([5, 3, 1, 1]);
  expect(await directed('GIVEN')).toEqual([
    ['GIVEN', 5],
    ['GIVEN', 3],
    ['GIVEN', 1],
  ]);
  expect(await directed('RECEIVED')).toEqual([['RECEIVED', 1]]);
});
