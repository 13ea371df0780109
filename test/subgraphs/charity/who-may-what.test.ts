import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import {
  auditor,
  type CharityWorld,
  donate,
  donateMutation,
  freshKey,
  givenCause,
  givenPledge,
  memberCaller,
  merchantCaller,
  nobody,
  openCauseMutation,
  operator,
  pledgeMutation,
  startCharityWorld,
} from './charity-world.ts';

let world: CharityWorld;
let causeId: string;
/** Given by the member itself. */
let own: string;
/** Given by the pet shop for the member. */
let acted: string;

const anna = memberCaller('mem_1');
const ben = memberCaller('mem_2');
const pets = merchantCaller('mer_pets');
const books = merchantCaller('mer_books');
const adviser: Caller = { kind: 'ADVISER', subject: 'ad' };
const charity: Caller = { kind: 'CHARITY', subject: 'ch' };
const service: Caller = { kind: 'SERVICE', service: 'campaigns' };

beforeAll(async () => {
  world = await startCharityWorld();
  world.accounts.addMember({ id: 'mem_1', registeredBy: ['mer_pets', 'mer_books'] });
  world.accounts.addMember({ id: 'mem_2', registeredBy: ['mer_toys'] });
  causeId = await givenCause(world);
  await givenPledge(world, causeId);
  own = (await donate(world, anna, { causeId, points: 300 })).donation.id;
  acted = (await donate(world, pets, { causeId, points: 200, member: { id: 'mem_1' } })).donation.id;
});
afterAll(() => world.stop());

const codeOf = (answer: Awaited<ReturnType<CharityWorld['send']>>) =>
  answer.errors?.[0]?.extensions.code ?? 'OK';

const rows: [string, Caller, string, string, string][] = [
  ['nobody', nobody, 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
  ['a member', anna, 'FORBIDDEN', 'FORBIDDEN', 'OK'],
  ['a merchant', pets, 'FORBIDDEN', 'OK', 'OK'],
  [
    'a merchant without the scopes',
    merchantCaller('mer_pets', ['READ']),
    'FORBIDDEN',
    'FORBIDDEN',
    'FORBIDDEN',
  ],
  ['the operator', operator, 'OK', 'FORBIDDEN', 'FORBIDDEN'],
  ['an auditor', auditor, 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  ['an adviser', adviser, 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  ['a charity', charity, 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  ['a service', service, 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
];

describe('mutations', () => {
  test.each(rows)('by %s', async (_, caller, onOpen, onPledge, onDonate) => {
    const count = () => world.accounts.postings.size;
    const before = count();
    const opening = {
      idempotencyKey: freshKey(),
      name: 'n',
      description: 'd',
      kind: 'k',
      charityName: 'c',
      charityRegistrationNumber: '1',
    };
    const pledging = {
      idempotencyKey: freshKey(),
      causeId,
      goods: 'g',
      unit: 'u',
      pointsPerStep: 1_000,
      quantityPerStep: 1,
      limitQuantity: 1,
      agreementRef: 'a',
    };
    const giving = { idempotencyKey: freshKey(), causeId, points: 1, member: { id: 'mem_1' } };

    expect(codeOf(await world.send(caller, openCauseMutation, { input: opening }))).toBe(onOpen);
    expect(codeOf(await world.send(caller, pledgeMutation, { input: pledging }))).toBe(onPledge);
    expect(codeOf(await world.send(caller, donateMutation, { input: giving }))).toBe(onDonate);
    expect(count() - before).toBe(onDonate === 'OK' ? 1 : 0);
  });
});

const everyField = `id points status at impact receiptNumber programme { code } posting { id }
  cause { id } member { id } matches { quantity pledge { id } }`;

async function seen(caller: Caller, id: string) {
  const answer = await world.send(caller, `query ($id: ID!) { donation(id: $id) { ${everyField} } }`, { id });
  return answer.errors ? codeOf(answer) : (answer.data.donation?.points ?? null);
}

describe('a donation', () => {
  test.each<[string, Caller, unknown, unknown]>([
    ['nobody', nobody, 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
    ['its donor', anna, 300, 200],
    ['another member', ben, null, null],
    ['the merchant that acted', pets, null, 200],
    ['another merchant that knows the member', books, null, null],
    ['the merchant without the scope', merchantCaller('mer_pets', ['REDEMPTIONS']), 'FORBIDDEN', 'FORBIDDEN'],
    ['the operator', operator, 300, 200],
    ['an auditor', auditor, 300, 200],
    ['an adviser', adviser, 'FORBIDDEN', 'FORBIDDEN'],
    ['a charity', charity, 'FORBIDDEN', 'FORBIDDEN'],
  ])('is seen by %s', async (_, caller, ofOwn, ofActed) => {
    expect(await seen(caller, own)).toEqual(ofOwn);
    expect(await seen(caller, acted)).toEqual(ofActed);
  });

  test('that is not there looks like one of somebody else', async () => {
    expect(await seen(ben, 'don_none')).toBeNull();
  });

  test('as an entity shows nothing to another member or merchant', async () => {
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Donation { points } } }`;
    const of = [{ __typename: 'Donation', id: acted }];

    const codes = [];
    for (const caller of [anna, pets, ben, books, nobody])
      codes.push(codeOf(await world.send(caller, query, { of })));

    expect(codes).toEqual(['OK', 'OK', 'FORBIDDEN', 'FORBIDDEN', 'UNAUTHENTICATED']);
  });
});

describe("a member's donations and impact", () => {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Member {
    id donations { edges { node { ${everyField} } } } impact { points donationCount matched { goods unit quantity } } } } }`;
  const registeredBy = ['mer_pets', 'mer_books'];

  test.each<[string, Caller, string]>([
    ['the member', anna, 'OK'],
    ['another member', ben, 'FORBIDDEN'],
    ['a merchant that registered the member', pets, 'OK'],
    ['another merchant that registered the member', books, 'OK'],
    ['a merchant that did not', merchantCaller('mer_toys'), 'FORBIDDEN'],
    ['the operator', operator, 'OK'],
    ['an auditor', auditor, 'OK'],
    ['nobody', nobody, 'UNAUTHENTICATED'],
  ])('are seen by %s', async (_, caller, code) => {
    const of = [{ __typename: 'Member', id: 'mem_1', registeredBy }];

    expect(codeOf(await world.send(caller, query, { of }))).toBe(code);
  });

  test('are hidden from any merchant when who registered the member is not told', async () => {
    const of = [{ __typename: 'Member', id: 'mem_1' }];

    expect(codeOf(await world.send(pets, query, { of }))).toBe('FORBIDDEN');
    expect(codeOf(await world.send(anna, query, { of }))).toBe('OK');
  });
});
