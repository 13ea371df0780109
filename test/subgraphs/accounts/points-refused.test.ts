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
import { asMember, asService, operator } from '../../support/callers.ts';
import { makeBeneficiary } from '../../support/gifts.ts';
import { act, documentsStored, expectSoundLedger, priceIn, walletOf } from '../../support/points.ts';

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;
let member: RegisteredMember;
let stranger: RegisteredMember;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  await publishProgramme(accounts, { code: 'NOW' });
  pets = await openMerchant(accounts, 'Pets 2');
  cafe = await openMerchant(accounts, 'Café 2');
  for (const merchant of [pets, cafe]) await priceIn(accounts, merchant, 'NOW');
  member = await registerMember(accounts, pets, 'p-1');
  stranger = await registerMember(accounts, cafe, 'c-1');
  await act(accounts, pets.caller, 'issuePoints', {
    member: { reference: 'p-1' },
    programme: 'NOW',
    points: 1000,
  });
});

const badPoints = [0, -1, 100_000_001, 9_007_199_254_740_991];

afterAll(() => accounts.stop());

test.each(badPoints)('%d points are refused everywhere and nothing is written', async (points) => {
  const before = await documentsStored(accounts);
  const service = asService();
  const amount = { programme: 'NOW', points };

  const outcomes = [
    await act(accounts, pets.caller, 'issuePoints', { member: { id: member.id }, ...amount }),
    await act(accounts, pets.caller, 'redeemPoints', { member: { id: member.id }, ...amount }),
    await act(accounts, asMember(member.id), 'transferPoints', {
      toCardNumber: stranger.cardNumber,
      ...amount,
    }),
    await act(accounts, service, 'postEarn', { memberId: member.id, merchantId: pets.id, ...amount }),
    await act(accounts, service, 'postDonation', { memberId: member.id, causeId: 'cau_1', ...amount }),
    await act(accounts, service, 'holdPoints', { memberId: member.id, merchantId: pets.id, ...amount }),
  ];

  expect(outcomes.map(({ code, field }) => [code, field])).toEqual(
    outcomes.map(() => ['INVALID_INPUT', 'input.points']),
  );
  expect(await documentsStored(accounts)).toEqual(before);
  expect(await walletOf(accounts, member.id, 'NOW')).toMatchObject({ available: 1000 });
});

test.each(['1.5', '1e400', '"10"', '9007199254740992', 'true'])(
  'points written as %s never get as far as the ledger',
  async (points) => {
    const mutation = `mutation { issuePoints(input: { idempotencyKey: "f", member: { id: "${member.id}" },
        programme: "NOW", points: ${points} }) { __typename } }`;

    const { data, errors } = await accounts.ask(pets.caller, mutation);

    expect(data).toBeUndefined();
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  },
);

test.each([1.5, '10', 2 ** 53])('nor do points sent as the variable %p', async (points) => {
  const mutation = `mutation ($input: IssuePointsInput!) { issuePoints(input: $input) { __typename } }`;
  const input = { idempotencyKey: 'f', member: { id: member.id }, programme: 'NOW', points };

  const { data, errors } = await accounts.ask(pets.caller, mutation, { input });

  expect(data).toBeUndefined();
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
});

test('a merchant reaches only members that it registered', async () => {
  const before = await documentsStored(accounts);
  const amount = { programme: 'NOW', points: 1 };

  const outcomes = [
    await act(accounts, cafe.caller, 'issuePoints', { member: { id: member.id }, ...amount }),
    await act(accounts, cafe.caller, 'issuePoints', { member: { reference: 'p-1' }, ...amount }),
    await act(accounts, cafe.caller, 'redeemPoints', {
      member: { cardNumber: member.cardNumber },
      ...amount,
    }),
    await act(accounts, cafe.caller, 'redeemPoints', { member: { id: 'mem_none' }, ...amount }),
  ];

  expect(outcomes.map(({ code, what }) => [code, what])).toEqual(outcomes.map(() => ['NOT_FOUND', 'MEMBER']));
  expect(await documentsStored(accounts)).toEqual(before);
});

test('a merchant that joins a member reaches it in the same request', async () => {
  const newcomer = await registerMember(accounts, pets, 'newcomer');
  const issue = (
    key: string,
  ) => `issuePoints(input: { idempotencyKey: "${key}", member: { id: "${newcomer.id}" },
      programme: "NOW", points: 3 }) { __typename }`;
  const mutation = `mutation {
      before: ${issue('before')}
      registerMember(input: { reference: "joined", cardNumber: "${newcomer.cardNumber}" }) { __typename }
      after: ${issue('after')}
    }`;

  expect(await accounts.send(cafe.caller, mutation)).toEqual({
    before: { __typename: 'NotFound' },
    registerMember: { __typename: 'MemberRegistered' },
    after: { __typename: 'PointsPosted' },
  });
});

test.each([{}, { id: 'a', reference: 'b' }])('a selector %j is invalid input', async (selector) => {
  const outcome = await act(accounts, pets.caller, 'issuePoints', {
    member: selector,
    programme: 'NOW',
    points: 1,
  });

  expect(outcome).toMatchObject({ code: 'INVALID_INPUT', field: 'input.member' });
});

test('an unknown programme, and one that the merchant has no prices in', async () => {
  await publishProgramme(accounts, { code: 'UNPRICED' });
  const before = await documentsStored(accounts);
  const input = { member: { reference: 'p-1' }, points: 1 };

  const unknown = await act(accounts, pets.caller, 'issuePoints', { ...input, programme: 'NOSUCH' });
  const unpriced = await act(accounts, pets.caller, 'issuePoints', { ...input, programme: 'UNPRICED' });

  expect(unknown).toMatchObject({ code: 'NOT_FOUND', what: 'PROGRAMME', id: 'NOSUCH' });
  expect(unpriced).toMatchObject({ code: 'NOT_FOUND', what: 'PROGRAMME', id: 'UNPRICED' });
  expect(await documentsStored(accounts)).toEqual(before);
  const query = `query ($id: ID!) { member(id: $id) { wallet(programme: "NOSUCH") { id } } }`;
  expect(await accounts.send(operator, query, { id: member.id })).toEqual({ member: { wallet: null } });
});

test('two refusals at once come in the documented order', async () => {
  const used = randomUUID();
  await act(accounts, pets.caller, 'issuePoints', {
    idempotencyKey: used,
    member: { reference: 'p-1' },
    programme: 'NOW',
    points: 1,
  });

  const codes = [];
  for (const input of [
    { idempotencyKey: used, member: { reference: 'nobody' }, programme: 'NOW', points: 0 },
    { idempotencyKey: used, member: { reference: 'nobody' }, programme: 'NOW', points: 2 },
    { member: { reference: 'nobody' }, programme: 'NOSUCH', points: 2 },
  ])
    codes.push((await act(accounts, pets.caller, 'issuePoints', input))['code']);

  expect(codes).toEqual(['INVALID_INPUT', 'IDEMPOTENCY_CONFLICT', 'NOT_FOUND']);
});

test('a merchant cannot reverse or read what another posted', async () => {
  const earned = await act(accounts, pets.caller, 'issuePoints', {
    member: { reference: 'p-1' },
    programme: 'NOW',
    points: 7,
  });
  const { id } = earned['posting'] as { id: string };

  const reversed = await act(accounts, cafe.caller, 'reversePosting', { postingId: id, reason: 'mine' });

  expect(reversed).toMatchObject({ code: 'NOT_FOUND', what: 'POSTING', id });
  const query = `query ($id: ID!) { posting(id: $id) { id } }`;
  expect(await accounts.send(cafe.caller, query, { id })).toEqual({ posting: null });
  expect(await accounts.send(asMember(stranger.id), query, { id })).toEqual({ posting: null });
  expect(await accounts.send(pets.caller, query, { id })).toEqual({ posting: { id } });
  expect(await accounts.send(asMember(member.id), query, { id })).toEqual({ posting: { id } });
});

test.each(['', '  ', 'x'.repeat(501)])(
  'a reversal for the reason %p is refused and nothing is written',
  async (reason) => {
    const earned = await act(accounts, pets.caller, 'issuePoints', {
      member: { reference: 'p-1' },
      programme: 'NOW',
      points: 7,
    });
    const { id: postingId } = earned['posting'] as { id: string };
    const before = await documentsStored(accounts);

    const reversed = await act(accounts, pets.caller, 'reversePosting', { postingId, reason });

    expect(reversed).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'input.reason',
      expected: '1 to 500 characters',
    });
    expect(await documentsStored(accounts)).toEqual(before);
  },
);

test('donations and gifts are nobody’s to reverse: there seem to be none, and nothing is written', async () => {
  const memberId = member.id;
  await makeBeneficiary(accounts, member, stranger);
  const donated = await act(accounts, asService(), 'postDonation', {
    ...{ memberId, causeId: 'cau_1', programme: 'NOW', points: 5 },
  });
  const given = await act(accounts, asMember(memberId), 'transferPoints', {
    ...{ toCardNumber: stranger.cardNumber, programme: 'NOW', points: 5 },
  });
  const before = await documentsStored(accounts);

  const reversed = [];
  for (const { posting } of [donated, given] as { posting: { id: string } }[])
    for (const caller of [pets.caller, asService()])
      reversed.push(await act(accounts, caller, 'reversePosting', { postingId: posting.id, reason: 'x' }));

  expect(reversed).toMatchObject(Array(4).fill({ __typename: 'NotFound', what: 'POSTING' }));
  expect(await documentsStored(accounts)).toEqual(before);
});

test('after all this every invariant of the ledger holds', () => expectSoundLedger(accounts));
