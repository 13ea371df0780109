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
import { asMember, asMerchant, auditor, operator } from '../../support/callers.ts';
import { asGiver } from '../../support/gifts.ts';
import { documentsStored } from '../../support/points.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;
let pets: OpenedMerchant;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  pets = await openMerchant(accounts, 'Pets');
});
afterAll(() => accounts.stop());

const member = (): Promise<RegisteredMember> => registerMember(accounts, pets, randomUUID());
const add = (owner: RegisteredMember, cardNumber: string, more: object = {}) =>
  asGiver(accounts, owner.id, 'addBeneficiary', { cardNumber, ...more });
const remove = (owner: RegisteredMember, beneficiaryId: unknown, more: object = {}) =>
  asGiver(accounts, owner.id, 'removeBeneficiary', { beneficiaryId, ...more });

const listed = `query ($id: ID!) { member(id: $id) {
  beneficiaries { id label maskedCard status effectiveFrom } } }`;
async function beneficiariesOf({ id }: RegisteredMember): Promise<Fields[]> {
  const answer = await accounts.send<{ member: { beneficiaries: Fields[] } }>(asMember(id), listed, { id });
  return answer.member.beneficiaries;
}

test('a member adds another by its card, sees it by label and mask, waits for 60 days, and removes it', async () => {
  const [owner, other] = [await member(), await member()];
  const addedAt = accounts.clock.now();
  const effectiveFrom = new Date(addedAt.getTime() + 60 * 86_400_000).toISOString();

  const added = await add(owner, other.cardNumber, { label: '奶奶' });

  const shown = {
    id: (added['beneficiary'] as Fields)['id'],
    label: '奶奶',
    maskedCard: `**** **** **** ${other.cardNumber.slice(-4)}`,
    status: 'WAITING',
    effectiveFrom,
  };
  expect(added).toMatchObject({ __typename: 'BeneficiaryAdded', replayed: false, beneficiary: shown });
  expect(await beneficiariesOf(owner)).toEqual([shown]);
  expect(JSON.stringify([added, await beneficiariesOf(owner)])).not.toContain(other.id);
  accounts.clock.advance({ days: 60 });
  expect(await beneficiariesOf(owner)).toEqual([{ ...shown, status: 'EFFECTIVE' }]);
  expect(await remove(owner, shown.id)).toMatchObject({
    __typename: 'BeneficiaryRemoved',
    beneficiary: { id: shown.id, status: 'REMOVED' },
  });
  expect(await beneficiariesOf(owner)).toEqual([]);
});

test('each request is carried out once, and its key stands for nothing else', async () => {
  const [owner, other, third] = [await member(), await member(), await member()];
  const added = await add(owner, other.cardNumber, { idempotencyKey: 'add' });
  const { id } = added['beneficiary'] as Fields;

  expect(await add(owner, other.cardNumber, { idempotencyKey: 'add' })).toEqual({ ...added, replayed: true });
  expect(await add(owner, third.cardNumber, { idempotencyKey: 'add' })).toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  });
  expect(await remove(owner, id, { idempotencyKey: 'add' })).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  const removed = await remove(owner, id, { idempotencyKey: 'remove' });
  expect(await remove(owner, id, { idempotencyKey: 'remove' })).toEqual({ ...removed, replayed: true });
  expect(await add(owner, other.cardNumber, { idempotencyKey: 'add' })).toMatchObject({
    __typename: 'BeneficiaryAdded',
    replayed: true,
    beneficiary: { id, status: 'REMOVED' },
  });
  expect(await beneficiariesOf(owner)).toEqual([]);
});

test('two owners use the same key without meeting', async () => {
  const [ann, bo, cy] = [await member(), await member(), await member()];

  expect(await add(ann, cy.cardNumber, { idempotencyKey: 'mine' })).toMatchObject({ replayed: false });
  expect(await add(bo, cy.cardNumber, { idempotencyKey: 'mine' })).toMatchObject({ replayed: false });
});

test('bad input, an unknown card and an unknown beneficiary are refused and nothing is written', async () => {
  const [owner, other] = [await member(), await member()];
  const before = await documentsStored(accounts);
  const unknown = '0000000000000000';

  expect(await add(owner, other.cardNumber, { idempotencyKey: '' })).toMatchObject({
    code: 'INVALID_INPUT',
    field: 'input.idempotencyKey',
  });
  expect(await add(owner, '1234')).toMatchObject({ code: 'INVALID_INPUT', field: 'input.cardNumber' });
  expect(await add(owner, owner.cardNumber)).toMatchObject({ field: 'input.cardNumber' });
  expect(await add(owner, other.cardNumber, { label: ' ' })).toMatchObject({ field: 'input.label' });
  expect(await add(owner, other.cardNumber, { label: 'x'.repeat(41) })).toMatchObject({
    field: 'input.label',
  });
  expect(await add(owner, unknown)).toMatchObject({ code: 'NOT_FOUND', what: 'MEMBER', id: unknown });
  expect(await remove(owner, 'ben_none')).toMatchObject({ what: 'BENEFICIARY', id: 'ben_none' });
  expect(await documentsStored(accounts)).toEqual(before);
});

test('a member cannot remove the beneficiary of another', async () => {
  const [owner, other] = [await member(), await member()];
  const added = await add(owner, other.cardNumber);
  const { id } = added['beneficiary'] as Fields;

  expect(await remove(other, id)).toMatchObject({ code: 'NOT_FOUND', what: 'BENEFICIARY' });
  expect(await beneficiariesOf(owner)).toHaveLength(1);
});

test('however many are added at once, there are eight', async () => {
  const owner = await member();
  const others = await Promise.all(Array.from({ length: 12 }, member));

  const outcomes = await Promise.all(others.map(({ cardNumber }) => add(owner, cardNumber)));

  const kinds = outcomes.map((outcome) => String(outcome['__typename'])).sort();
  expect(kinds).toEqual([
    ...Array<string>(8).fill('BeneficiaryAdded'),
    ...Array<string>(4).fill('TooManyBeneficiaries'),
  ]);
  expect(outcomes.find(({ most }) => most !== undefined)).toMatchObject({ most: 8 });
  expect(await beneficiariesOf(owner)).toHaveLength(8);
});

test('the same request sent five times at once adds one', async () => {
  const [owner, other] = [await member(), await member()];
  const send = () => add(owner, other.cardNumber, { idempotencyKey: 'at-once' });

  const outcomes = await Promise.all(Array.from({ length: 5 }, send));

  expect(outcomes.filter(({ replayed }) => replayed === false)).toHaveLength(1);
  expect(outcomes.every(({ __typename }) => __typename === 'BeneficiaryAdded')).toBe(true);
  expect(await beneficiariesOf(owner)).toHaveLength(1);
});

test('beneficiaries and gifts are shown to their member and the operator, to nobody else', async () => {
  const [owner, other] = [await member(), await member()];
  await add(owner, other.cardNumber);
  const query = `query ($id: ID!) { member(id: $id) { beneficiaries { id } gifts { edges { cursor } } } }`;

  for (const caller of [asMember(owner.id), operator])
    expect(await accounts.send(caller, query, { id: owner.id })).toMatchObject({
      member: { beneficiaries: [{ id: expect.any(String) }], gifts: { edges: [] } },
    });
  for (const caller of [pets.caller, auditor]) {
    const { errors } = await accounts.ask(caller, query, { id: owner.id });
    expect([...new Set(errors.map(({ extensions }) => extensions.code))]).toEqual(['FORBIDDEN']);
  }
  expect(await accounts.send(asMember(other.id), query, { id: owner.id })).toEqual({ member: null });
  expect(await accounts.send(asMerchant('mer_none'), query, { id: owner.id })).toEqual({ member: null });
});
