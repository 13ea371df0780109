import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import { connectMongo } from '../../../subgraphs/shared/mongo.ts';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { adviser, asMember, asService, auditor, charity, nobody, operator } from '../../support/callers.ts';

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  pets = await openMerchant(accounts, 'Pets');
  cafe = await openMerchant(accounts, 'Café');
});

afterAll(() => accounts.stop());

const registration = `mutation ($input: RegisterMemberInput!) {
  registerMember(input: $input) {
    __typename
    ... on MemberRegistered { created member { id reference cardNumber displayName locale registeredAt registeredBy } }
    ... on Refusal { code message }
    ... on InvalidInput { field expected }
    ... on NotFound { what id }
    ... on ReferenceTaken { reference }
  }
}`;

type Outcome = Record<string, unknown> & { member: Record<string, unknown> };

const register = async (merchant: OpenedMerchant, input: object): Promise<Outcome> =>
  (await accounts.send<{ registerMember: Outcome }>(merchant.caller, registration, { input })).registerMember;

async function membersStored(): Promise<number> {
  const connection = await connectMongo(accounts.mongo.uri, accounts.database);
  const stored = await connection.db!.collection('members').countDocuments({});
  await connection.close();
  return stored;
}

test('a member registered by a merchant is known to it under its own reference', async () => {
  const outcome = await register(pets, { reference: 'p-1', displayName: '小明', locale: 'zh-CN' });

  expect(outcome).toEqual({
    __typename: 'MemberRegistered',
    created: true,
    member: {
      id: expect.stringMatching(/^mem_/),
      reference: 'p-1',
      cardNumber: expect.stringMatching(/^[0-9]{16}$/),
      displayName: '小明',
      locale: 'zh-CN',
      registeredAt: '2026-01-15T08:00:00.000Z',
      registeredBy: [pets.id],
    },
  });
});

test('the same reference again gives the same member, unchanged', async () => {
  const first = await register(pets, { reference: 'again', displayName: '小明' });

  const second = await register(pets, { reference: 'again', displayName: '张三', locale: 'en' });

  expect(second).toEqual({ ...first, created: false });
});

test('the same reference of another merchant is another member', async () => {
  const one = await register(pets, { reference: 'shared-name' });
  const two = await register(cafe, { reference: 'shared-name' });

  expect(two['created']).toBe(true);
  expect(two.member['id']).not.toBe(one.member['id']);
});

test('a merchant that is shown the card joins the member under a reference of its own', async () => {
  const { id, cardNumber } = await registerMember(accounts, pets, 'home', { displayName: '小红' });

  const outcome = await register(cafe, { reference: 'c-9', cardNumber, displayName: '张三', locale: 'en' });

  expect(outcome).toMatchObject({
    created: true,
    // The name was told to the other merchant, and stays between the member and it.
    member: { id, reference: 'c-9', displayName: null, locale: 'zh-CN', registeredBy: [pets.id, cafe.id] },
  });
  expect(await register(cafe, { reference: 'c-9', cardNumber })).toMatchObject({
    created: false,
    member: { id },
  });
  const { member } = await accounts.send<Outcome>(pets.caller, '{ member(reference: "home") { reference } }');
  expect(member).toEqual({ reference: 'home' });
});

test('refuses a reference that stands for another member, and a second reference for one member', async () => {
  const one = await registerMember(accounts, pets, 'one');
  await registerMember(accounts, cafe, 'busy');
  await registerMember(accounts, cafe, 'mine', { cardNumber: one.cardNumber });
  const two = await registerMember(accounts, pets, 'two');
  const before = await membersStored();

  const taken = await register(cafe, { reference: 'busy', cardNumber: two.cardNumber });
  const second = await register(cafe, { reference: 'other', cardNumber: one.cardNumber });

  expect(taken).toMatchObject({ __typename: 'ReferenceTaken', code: 'REFERENCE_TAKEN', reference: 'busy' });
  expect(second).toMatchObject({ __typename: 'ReferenceTaken', code: 'REFERENCE_TAKEN', reference: 'other' });
  expect(await membersStored()).toBe(before);
  const find = '{ a: member(reference: "other") { id } b: member(reference: "busy") { registeredBy } }';
  expect(await accounts.send(cafe.caller, find)).toEqual({ a: null, b: { registeredBy: [cafe.id] } });
});

test('two refusals at once: a malformed input before an unknown card, an unknown card before a taken reference', async () => {
  await registerMember(accounts, cafe, 'order');
  const before = await membersStored();

  const malformed = await register(cafe, { reference: '', cardNumber: '0000000000000000' });
  const unknown = await register(cafe, { reference: 'order', cardNumber: '0000000000000000' });

  expect(malformed).toMatchObject({ code: 'INVALID_INPUT', field: 'input.reference' });
  expect(unknown).toMatchObject({ code: 'NOT_FOUND', what: 'MEMBER', id: '0000000000000000' });
  expect(await membersStored()).toBe(before);
});

test.each([
  [{ reference: ' x' }, 'input.reference'],
  [{ reference: 'x', cardNumber: '1234567890123456' }, 'input.cardNumber'],
  [{ reference: 'x', displayName: '' }, 'input.displayName'],
  [{ reference: 'x', locale: 'zh' }, 'input.locale'],
])('refuses %j and registers nobody', async (input, field) => {
  const before = await membersStored();

  const outcome = await register(pets, input);

  expect(outcome).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT', field });
  expect(await membersStored()).toBe(before);
});

test('who finds a member, and by what', async () => {
  const { id, cardNumber } = await registerMember(accounts, pets, 'found');
  const stranger = await registerMember(accounts, cafe, 'stranger');
  const find = `query ($id: ID, $cardNumber: String) {
    byId: member(id: $id) { id }
    byCard: member(cardNumber: $cardNumber) { id }
    byReference: member(reference: "found") { id }
  }`;
  const seenBy = async (caller: Caller) => {
    const data = await accounts.send<Record<string, object | null>>(caller, find, { id, cardNumber });
    return Object.entries(data).flatMap(([by, found]) => (found ? [by] : []));
  };

  expect(await seenBy(pets.caller)).toEqual(['byId', 'byCard', 'byReference']);
  expect(await seenBy(cafe.caller)).toEqual([]);
  expect(await seenBy(asMember(id))).toEqual(['byId', 'byCard']);
  expect(await seenBy(asMember(stranger.id, pets.id))).toEqual([]);
  expect(await seenBy(operator)).toEqual(['byId', 'byCard']);
  expect(await seenBy(auditor)).toEqual(['byId', 'byCard']);
  expect(await seenBy(asService())).toEqual(['byId', 'byCard']);
  expect(await seenBy(asService(pets.caller))).toEqual(['byId', 'byCard', 'byReference']);
  expect(await seenBy(asService(cafe.caller))).toEqual([]);
});

test('a service reaches whom its actor may reach', async () => {
  const { id, cardNumber } = await registerMember(accounts, pets, 'resolved');
  const resolve = `query ($by: MemberSelector!) { resolveMember(member: $by) { id registeredBy } }`;
  const resolved = async (caller: Caller, by: object) =>
    (await accounts.send<{ resolveMember: object | null }>(caller, resolve, { by })).resolveMember;
  const found = { id, registeredBy: [pets.id] };

  expect(await resolved(asService(), { id })).toEqual(found);
  expect(await resolved(asService(pets.caller), { reference: 'resolved' })).toEqual(found);
  expect(await resolved(asService(pets.caller), { cardNumber })).toEqual(found);
  expect(await resolved(asService(cafe.caller), { cardNumber })).toBeNull();
  expect(await resolved(asService(cafe.caller), { id })).toBeNull();
  expect(await resolved(asService(asMember(id)), { id })).toEqual(found);
  expect(await resolved(asService(asMember('mem_other')), { id })).toBeNull();
  expect(await resolved(asService(operator), { id })).toEqual(found);
  for (const actor of [nobody, adviser, charity]) expect(await resolved(asService(actor), { id })).toBeNull();
});

test.each(['', 'id: "a", reference: "b"', 'id: "a", cardNumber: "b"', 'id: null'])(
  'a selector {%s} that does not name a member in exactly one way is an error',
  async (fields) => {
    const resolve = `{ resolveMember(member: { ${fields} }) { id } }`;
    const find = fields ? `{ member(${fields}) { id } }` : '{ member { id } }';

    for (const [caller, operation] of [
      [asService(), resolve],
      [operator, find],
    ] as const) {
      const { errors } = await accounts.ask(caller, operation);
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    }
  },
);

test('everybody is told who they are, and nothing of others', async () => {
  const { id } = await registerMember(accounts, pets, 'viewer');
  const query = '{ viewer { kind member { id } merchant { name } scopes } }';
  const seen = async (caller: Caller) => (await accounts.send<{ viewer: object }>(caller, query)).viewer;
  const empty = { member: null, merchant: null, scopes: [] };

  expect(await seen(nobody)).toEqual({ kind: 'PUBLIC', ...empty });
  expect(await seen(asMember(id))).toEqual({ kind: 'MEMBER', ...empty, member: { id } });
  expect(await seen(asMember(id, cafe.id))).toMatchObject({ member: { id }, merchant: { name: 'Café' } });
  expect(await seen(asMember('mem_gone'))).toEqual({ kind: 'MEMBER', ...empty });
  expect(await seen({ ...pets.caller, scopes: ['READ'] } as Caller)).toEqual({
    kind: 'MERCHANT',
    member: null,
    merchant: { name: 'Pets' },
    scopes: ['READ'],
  });
  expect(await seen(operator)).toEqual({ kind: 'OPERATOR', ...empty });
  expect(await seen(auditor)).toEqual({ kind: 'AUDITOR', ...empty });
});
