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
import { asMember, asService, auditor, operator } from '../../support/callers.ts';
import { makeBeneficiary } from '../../support/gifts.ts';
import { act, expectSoundLedger } from '../../support/points.ts';

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;
let giver: RegisteredMember;
let receiver: RegisteredMember;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  pets = await openMerchant(accounts, 'Pets');
  cafe = await openMerchant(accounts, 'Café');
  giver = await registerMember(accounts, pets, 'giver');
  receiver = await registerMember(accounts, cafe, 'receiver');
  await makeBeneficiary(accounts, giver, receiver);
});
afterAll(async () => {
  await expectSoundLedger(accounts);
  await accounts.stop();
});

const earn = (points: number, more: object = {}) =>
  act(accounts, asService(), 'postEarn', {
    memberId: giver.id,
    merchantId: pets.id,
    programme: 'SHARED',
    points,
    ...more,
  });

test('a transfer is seen from both sides: as a loss by its giver, as a gain by its receiver', async () => {
  await earn(50);
  const given = await act(accounts, asMember(giver.id), 'transferPoints', {
    toCardNumber: receiver.cardNumber,
    points: 20,
  });

  const query = 'query ($id: ID!) { posting(id: $id) { kind points change member { id } } }';
  const id = (given['posting'] as { id: string }).id;
  expect(given).toMatchObject({ __typename: 'PointsPosted', posting: { change: -20, points: 20 } });
  expect(await accounts.send(asMember(giver.id), query, { id })).toEqual({
    posting: { kind: 'TRANSFER', points: 20, change: -20, member: { id: giver.id } },
  });
  expect(await accounts.send(asMember(receiver.id), query, { id })).toEqual({
    posting: { kind: 'TRANSFER', points: 20, change: 20, member: null },
  });
  expect(await accounts.send(pets.caller, query, { id })).toEqual({ posting: null });
});

test('an earn reversed by line tells what of it and of each line was reversed', async () => {
  const lines = [
    { id: 'l1', points: 60 },
    { id: 'l2', points: 40 },
  ];
  const earned = await earn(100, { lines });
  const postingId = (earned['posting'] as { id: string }).id;
  const reversed = await act(accounts, asService(), 'reversePosting', {
    postingId,
    reason: 'returned',
    lines: [{ id: 'l1', points: 25 }],
  });

  expect(reversed).toMatchObject({
    __typename: 'PointsPosted',
    posting: { kind: 'REVERSE', points: 25, change: -25 },
  });
  const query = `query ($id: ID!) { posting(id: $id) { reversed arrears lines { id points reversed } reverses { id } } }`;
  expect(await accounts.send(pets.caller, query, { id: postingId })).toEqual({
    posting: {
      reversed: 25,
      arrears: 0,
      lines: [
        { id: 'l1', points: 60, reversed: 25 },
        { id: 'l2', points: 40, reversed: 0 },
      ],
      reverses: null,
    },
  });
});

test('journal and lots are paged from the newest and from the first to expire, without gap or repetition', async () => {
  const member = await registerMember(accounts, pets, 'paged');
  for (let i = 1; i <= 7; i++) {
    accounts.clock.advance({ days: 1 });
    await act(accounts, pets.caller, 'issuePoints', { member: { id: member.id }, points: i });
  }
  const query = `query ($id: ID!, $postings: String, $lots: String) { member(id: $id) {
    postings(first: 3, after: $postings) { edges { node { points } } pageInfo { hasNextPage endCursor } }
    wallet { lots(first: 3, after: $lots) { edges { node { points } } pageInfo { hasNextPage endCursor } }
      nextExpiry { points } expiring(withinDays: 3660) { points } } } }`;
  type Connection = {
    edges: { node: { points: number } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
  type Answer = {
    member: { postings: Connection; wallet: { lots: Connection; nextExpiry: object; expiring: object[] } };
  };
  const pages = [[], []] as number[][];
  let cursors: Record<string, string | null> = {};
  for (let more = true; more; ) {
    const { member: found } = await accounts.send<Answer>(asMember(member.id), query, {
      id: member.id,
      ...cursors,
    });
    const connections = [found.postings, found.wallet.lots];
    for (const [i, { edges }] of connections.entries())
      pages[i]!.push(...edges.map((edge) => edge.node.points));
    cursors = { postings: connections[0]!.pageInfo.endCursor, lots: connections[1]!.pageInfo.endCursor };
    more = connections[0]!.pageInfo.hasNextPage;
    expect(connections[1]!.pageInfo.hasNextPage).toBe(more);
    expect(found.wallet.nextExpiry).toEqual({ points: 1 });
    expect(found.wallet.expiring).toHaveLength(7);
  }

  expect(pages).toEqual([
    [7, 6, 5, 4, 3, 2, 1],
    [1, 2, 3, 4, 5, 6, 7],
  ]);
});

test.each([
  ['first: 0', '{ member(id: $id) { postings(first: 0) { pageInfo { hasNextPage } } } }'],
  ['first: 101', '{ member(id: $id) { postings(first: 101) { pageInfo { hasNextPage } } } }'],
  ['a foreign cursor', '{ member(id: $id) { wallet { lots(after: "x") { pageInfo { hasNextPage } } } } }'],
  [
    'a cursor of no instants',
    `{ member(id: $id) { postings(after: "${Buffer.from('["x","y"]').toString('base64url')}") { pageInfo { hasNextPage } } } }`,
  ],
  ['withinDays: -1', '{ member(id: $id) { wallet { expiring(withinDays: -1) { points } } } }'],
])('%s is bad input', async (_, selection) => {
  const { errors } = await accounts.ask(asMember(giver.id), `query ($id: ID!) ${selection}`, {
    id: giver.id,
  });

  expect(errors.map((error) => error.extensions.code)).toEqual(['BAD_USER_INPUT']);
});

test('each amount of a position is rounded once, half up, from thousandths', async () => {
  const shop = await openMerchant(accounts, 'Rounding', {
    issuePricePerThousand: 501,
    redemptionPricePerThousand: 499,
  });
  const member = await registerMember(accounts, shop, 'rounding');
  const points = { member: { id: member.id }, points: 1 };
  await act(accounts, shop.caller, 'issuePoints', { ...points, points: 3 });
  await act(accounts, shop.caller, 'redeemPoints', points);

  const query =
    '{ merchant(id: $id) { position { issued honoured honouredOnUs owed { amountMinor } due { amountMinor } net { amountMinor currency } } } }';
  expect(await accounts.send(shop.caller, `query ($id: ID!) ${query}`, { id: shop.id })).toEqual({
    merchant: {
      position: {
        issued: 3,
        honoured: 1,
        honouredOnUs: 1,
        owed: { amountMinor: 2 },
        due: { amountMinor: 0 },
        net: { amountMinor: -2, currency: 'CNY' },
      },
    },
  });
  for (const caller of [pets.caller, asMember(member.id)]) {
    const { errors } = await accounts.ask(caller, `query ($id: ID!) ${query}`, { id: shop.id });
    expect(errors.map((error) => error.extensions.code)).toEqual(['FORBIDDEN']);
  }
});

test('the operator and auditors can have the ledger checked, and nobody else', async () => {
  const query = '{ ledgerCheck { ok postings violations { invariant } } }';
  for (const caller of [operator, auditor])
    expect(await accounts.send(caller, query)).toMatchObject({ ledgerCheck: { ok: true, violations: [] } });
  for (const caller of [pets.caller, asMember(giver.id), asService()]) {
    const { errors } = await accounts.ask(caller, query);
    expect(errors.map((error) => error.extensions.code)).toEqual(['FORBIDDEN']);
  }
});
