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
import { act, documentsStored, expectSoundLedger, walletOf } from '../../support/points.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;
let ann: RegisteredMember;
let bo: RegisteredMember;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  pets = await openMerchant(accounts, 'Pets');
  cafe = await openMerchant(accounts, 'Café');
  ann = await registerMember(accounts, pets, 'ann');
  bo = await registerMember(accounts, pets, 'bo');
  await registerMember(accounts, cafe, 'ann', { cardNumber: bo.cardNumber });
});
afterAll(async () => {
  await expectSoundLedger(accounts);
  await accounts.stop();
});

const mutation = `mutation ($input: IssuePointsBatchInput!, $first: Int) { issuePointsBatch(input: $input) {
  __typename ... on InvalidInput { field expected }
  ... on PointsBatchIssued { results(first: $first) {
    __typename ... on PointsPosted { replayed posting { id points } } ... on Refusal { code } ... on InvalidInput { field }
    ... on NotFound { what id } ... on AlreadyPosted { posting { id } } } } } }`;
const variablesOf = (items: readonly object[], first?: number) => ({ input: { items }, first });
async function issueAll(items: readonly object[], first?: number): Promise<Fields & { results: Fields[] }> {
  const data = await accounts.send<{ issuePointsBatch: Fields & { results: Fields[] } }>(
    pets.caller,
    mutation,
    variablesOf(items, first),
  );
  return data.issuePointsBatch;
}

const item = (member: object, points: number, more: object = {}) => ({
  idempotencyKey: randomUUID(),
  member,
  points,
  ...more,
});
const available = async ({ id }: RegisteredMember) => (await walletOf(accounts, id))['available'];

test('half a character in a reference, which the store would keep as another, is refused at once and holds up nobody', async () => {
  const before = await documentsStored(accounts);
  const halves = ['R-\ud800', 'R-\ud801'].map((externalRef) => item({ id: ann.id }, 5, { externalRef }));
  const start = performance.now();

  const refused = await accounts.ask(pets.caller, mutation, variablesOf(halves));

  expect(refused.errors?.[0]).toMatchObject({
    message: expect.stringMatching(
      /^Variable "\$input\.items\.[01]\.externalRef" is not well-formed Unicode/,
    ),
    extensions: { code: 'BAD_USER_INPUT' },
  });
  expect(await documentsStored(accounts)).toEqual(before);
  const told = await issueAll([item({ id: ann.id }, 5, { externalRef: 'R-\ufffd' })]);
  expect(told.results[0]).toMatchObject({ __typename: 'PointsPosted' });
  expect(performance.now() - start).toBeLessThan(10_000);
});

test('a member whose reference looks like that of another is not registered', async () => {
  const before = await documentsStored(accounts);

  await expect(registerMember(accounts, pets, 'ann\u200b')).rejects.toThrow();
  await expect(registerMember(accounts, cafe, 'bo\u3164', { cardNumber: ann.cardNumber })).rejects.toThrow();
  expect(await documentsStored(accounts)).toEqual(before);
  expect((await registerMember(accounts, pets, 'ann')).id).toBe(ann.id);
});

test('each item has its own result, in their order, and a refused one harms no other', async () => {
  const before = [await available(ann), await available(bo)].map(Number);
  const items = [
    item({ reference: 'ann' }, 10, { externalRef: 'opening' }),
    item({ reference: 'nobody' }, 10),
    item({ id: bo.id }, 20),
    item({ cardNumber: bo.cardNumber }, 0),
    item({}, 5),
    item({ cardNumber: ann.cardNumber }, 7, { externalRef: 'opening' }),
    item({ reference: 'ann' }, 1, { idempotencyKey: '' }),
    item({ reference: 'ann' }, 1, { programme: 'NONE' }),
  ];

  const { results } = await issueAll(items);

  expect(results).toEqual([
    { __typename: 'PointsPosted', replayed: false, posting: { id: expect.any(String), points: 10 } },
    { __typename: 'NotFound', code: 'NOT_FOUND', what: 'MEMBER', id: 'nobody' },
    { __typename: 'PointsPosted', replayed: false, posting: { id: expect.any(String), points: 20 } },
    { __typename: 'InvalidInput', code: 'INVALID_INPUT', field: 'input.points' },
    { __typename: 'InvalidInput', code: 'INVALID_INPUT', field: 'input.member' },
    { __typename: 'AlreadyPosted', code: 'ALREADY_POSTED', posting: { id: idOf(results[0]!) } },
    { __typename: 'InvalidInput', code: 'INVALID_INPUT', field: 'input.idempotencyKey' },
    { __typename: 'NotFound', code: 'NOT_FOUND', what: 'PROGRAMME', id: 'NONE' },
  ]);
  expect([await available(ann), await available(bo)]).toEqual([before[0]! + 10, before[1]! + 20]);
});

const idOf = (result: Fields): unknown => (result['posting'] as Fields)['id'];

test('sent again as a whole, in part or item by item, nothing is issued twice', async () => {
  const items = [1, 2, 3].map((points) => item({ reference: 'ann' }, points));
  const first = await issueAll(items);
  const before = await documentsStored(accounts);

  const again = await issueAll(items);
  const part = await issueAll([items[2]!]);
  const single = await act(accounts, pets.caller, 'issuePoints', items[1]!);

  const replayed = first.results.map((result) => ({ ...result, replayed: true }));
  expect(again.results).toEqual(replayed);
  expect(part.results).toEqual([replayed[2]]);
  expect(single).toMatchObject({ replayed: true, posting: { id: idOf(first.results[1]!) } });
  expect(await documentsStored(accounts)).toEqual(before);
  const changed = await issueAll([{ ...items[0]!, points: 9 }]);
  expect(changed.results).toEqual([{ __typename: 'IdempotencyConflict', code: 'IDEMPOTENCY_CONFLICT' }]);
});

test('no items, too many items and keys that come twice are refused as a whole and nothing is written', async () => {
  const before = await documentsStored(accounts);
  const items = Array.from({ length: 1_001 }, () => item({ reference: 'ann' }, 1));
  const twice = [
    ...items.slice(0, 3),
    { ...item({ reference: 'bo' }, 2), idempotencyKey: items[1]!.idempotencyKey },
  ];

  for (const wrong of [[], items])
    expect(await issueAll(wrong)).toEqual({
      __typename: 'InvalidInput',
      field: 'input.items',
      expected: '1 to 1,000 items',
    });
  expect(await issueAll(twice)).toEqual({
    __typename: 'InvalidInput',
    field: 'input.items.3.idempotencyKey',
    expected: 'another than those of the items before it',
  });
  expect(await documentsStored(accounts)).toEqual(before);
});

test("a merchant's references and members are its own in a batch too", async () => {
  const input = {
    items: [item({ reference: 'ann' }, 3), item({ id: ann.id }, 3), item({ reference: 'bo' }, 3)],
  };
  const { issuePointsBatch } = await accounts.send<{ issuePointsBatch: { results: Fields[] } }>(
    cafe.caller,
    mutation,
    { input },
  );

  expect(issuePointsBatch.results.map((result) => result['__typename'])).toEqual([
    'PointsPosted',
    'NotFound',
    'NotFound',
  ]);
});

test('only so many results are answered as are asked for, and all are carried out', async () => {
  const before = Number(await available(ann));
  const items = [1, 2, 3].map((points) => item({ reference: 'ann' }, points));

  expect((await issueAll(items, 2)).results).toHaveLength(2);
  expect(await available(ann)).toBe(before + 6);
});

test.each([
  ['0', '... on PointsBatchIssued { results(first: $first) { __typename } }', 0],
  ['1,001', '... on PointsBatchIssued { results(first: $first) { __typename } }', 1_001],
  ['-1, in a fragment and by another name', '...Issued', -1],
])('%s: no such number of results can be asked for, and nothing is posted', async (_, asked, first) => {
  const before = await documentsStored(accounts);
  const issued =
    'fragment Issued on PointsBatchIssued { fine: results { __typename } few: results(first: $first) { __typename } }';
  const query = `mutation ($input: IssuePointsBatchInput!, $first: Int) {
    issuePointsBatch(input: $input) { ${asked} } } ${asked === '...Issued' ? issued : ''}`;

  const { errors } = await accounts.ask(
    pets.caller,
    query,
    variablesOf([item({ reference: 'ann' }, 5)], first),
  );

  expect(errors).toMatchObject([
    { message: `first: must be 1 to 1000, got ${first}`, extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  expect(await documentsStored(accounts)).toEqual(before);
});
