import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import { connectMongo } from '../../../subgraphs/shared/mongo.ts';
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

type Fields = Record<string, unknown>;

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
});

afterAll(() => accounts.stop());

const refusals = `... on Refusal { code message }
  ... on InvalidInput { field expected }
  ... on NotFound { what id }`;

const posted = `... on PointsPosted {
  replayed
  posting { id kind points change merchant { id } externalRef entries { account points } }
  wallet { available pending held arrears }
}`;

const notEnough = '... on NotEnoughPoints { available shortBy availableFrom }';
const already = '... on AlreadyPosted { externalRef posting { id } }';

const operations = {
  issuePoints: `mutation ($input: IssuePointsInput!) {
    issuePoints(input: $input) { __typename ${posted} ${refusals} ${already} } }`,
  redeemPoints: `mutation ($input: RedeemPointsInput!) {
    redeemPoints(input: $input) { __typename ${posted} ${refusals} ${notEnough} ${already} } }`,
  reversePosting: `mutation ($input: ReversePostingInput!) {
    reversePosting(input: $input) { __typename ${posted} ${refusals} ... on NotReversible { remaining } } }`,
  transferPoints: `mutation ($input: TransferPointsInput!) {
    transferPoints(input: $input) { __typename ${posted} ${refusals} ${notEnough} } }`,
  postEarn: `mutation ($input: PostEarnInput!) {
    postEarn(input: $input) { __typename ${posted} ${refusals} ${already} } }`,
  postDonation: `mutation ($input: PostDonationInput!) {
    postDonation(input: $input) { __typename ${posted} ${refusals} ${notEnough} } }`,
  holdPoints: `mutation ($input: HoldPointsInput!) {
    holdPoints(input: $input) {
      __typename ... on PointsHeld { replayed hold { id points status captured } } ${refusals} ${notEnough} } }`,
  capturePoints: `mutation ($input: CapturePointsInput!) {
    capturePoints(input: $input) { __typename ... on HoldResolved { hold { id status captured } } ${refusals} } }`,
};

/** Sends one mutation with a fresh idempotency key unless the input has one, and gives its result. */
async function act(caller: Caller, name: keyof typeof operations, input: object): Promise<Fields> {
  const variables = { input: { idempotencyKey: randomUUID(), ...input } };
  return (await accounts.send<Record<string, Fields>>(caller, operations[name], variables))[name]!;
}

async function walletOf(id: string, programme = 'SHARED'): Promise<Fields> {
  const query = `query ($id: ID!, $programme: String) {
    member(id: $id) { wallet(programme: $programme) { available pending held arrears } }
  }`;
  const { member } = await accounts.send<{ member: { wallet: Fields } }>(asMember(id), query, {
    id,
    programme,
  });
  return member.wallet;
}

const documentsStored = async (): Promise<Record<string, number>> => {
  const connection = await connectMongo(accounts.mongo.uri, accounts.database);
  const collections = (await connection.db!.listCollections().toArray()).map(({ name }) => name).sort();
  const counts: Record<string, number> = {};
  for (const name of collections) counts[name] = await connection.db!.collection(name).countDocuments({});
  await connection.close();
  return counts;
};

const money = (amountMinor: number) => ({ amountMinor, currency: 'CNY' });

const positionFields = `issued honoured honouredOnUs honouredOffUs
  owed { amountMinor currency } due { amountMinor currency } dueOnUs { amountMinor currency }
  dueOffUs { amountMinor currency } net { amountMinor currency }`;

async function positionOf(merchant: OpenedMerchant, programme = 'SHARED'): Promise<Fields> {
  const query = `query ($id: ID!, $programme: String) { merchant(id: $id) { position(programme: $programme) { ${positionFields} } } }`;
  const { merchant: found } = await accounts.send<{ merchant: { position: Fields } }>(
    merchant.caller,
    query,
    {
      id: merchant.id,
      programme,
    },
  );
  return found.position;
}

/** Gives a merchant prices in another programme from now on. */
async function priceIn(merchant: OpenedMerchant, programme: string): Promise<void> {
  const input = {
    idempotencyKey: randomUUID(),
    merchantId: merchant.id,
    programme,
    issuePricePerThousand: 1000,
    redemptionPricePerThousand: 900,
    effectiveFrom: accounts.clock.now().toISOString(),
  };
  await accounts.send(
    operator,
    'mutation ($input: SetPricesInput!) { setPrices(input: $input) { ... on PricesSet { merchant { id } } } }',
    { input },
  );
}

describe('points earned at one merchant', () => {
  let pets: OpenedMerchant;
  let cafe: OpenedMerchant;
  let member: RegisteredMember;

  beforeAll(async () => {
    await publishProgramme(accounts, { unlockAfterDays: 14 });
    pets = await openMerchant(accounts, 'Pets', {
      issuePricePerThousand: 1234,
      redemptionPricePerThousand: 1000,
    });
    cafe = await openMerchant(accounts, 'Café', {
      issuePricePerThousand: 1500,
      redemptionPricePerThousand: 987,
    });
    member = await registerMember(accounts, pets, 'p-1');
    await registerMember(accounts, cafe, 'c-1', { cardNumber: member.cardNumber });
  });

  test('are pending, unlock on their day, pay at another, and both positions are right to the fen', async () => {
    const earned = await act(pets.caller, 'issuePoints', { member: { reference: 'p-1' }, points: 1001 });
    expect(earned).toMatchObject({
      __typename: 'PointsPosted',
      replayed: false,
      posting: { kind: 'EARN', points: 1001, change: 1001, merchant: { id: pets.id } },
      wallet: { available: 0, pending: 1001, held: 0, arrears: 0 },
    });

    const early = await act(cafe.caller, 'redeemPoints', { member: { reference: 'c-1' }, points: 501 });
    expect(early).toMatchObject({
      code: 'NOT_ENOUGH_POINTS',
      available: 0,
      shortBy: 501,
      availableFrom: '2026-01-29T08:00:00.000Z',
    });

    accounts.clock.set('2026-01-29T07:59:59.999Z');
    expect(await walletOf(member.id)).toEqual({ available: 0, pending: 1001, held: 0, arrears: 0 });
    accounts.clock.set('2026-01-29T08:00:00.000Z');
    expect(await walletOf(member.id)).toEqual({ available: 1001, pending: 0, held: 0, arrears: 0 });

    const paid = await act(cafe.caller, 'redeemPoints', { member: { reference: 'c-1' }, points: 501 });
    expect(paid).toMatchObject({
      posting: { kind: 'REDEEM', points: 501, change: -501, merchant: { id: cafe.id } },
      wallet: { available: 500, pending: 0, held: 0, arrears: 0 },
    });
    const entries = (paid['posting'] as { entries: { points: number }[] }).entries;
    expect(entries.reduce((sum, entry) => sum + entry.points, 0)).toBe(0);

    // 1,001 × 12.34 yuan a thousand = 12.35234 yuan; 501 × 9.87 = 4.94487 yuan.
    expect(await positionOf(pets)).toEqual({
      issued: 1001,
      honoured: 0,
      honouredOnUs: 0,
      honouredOffUs: 0,
      owed: money(1235),
      due: money(0),
      dueOnUs: money(0),
      dueOffUs: money(0),
      net: money(-1235),
    });
    expect(await positionOf(cafe)).toEqual({
      issued: 0,
      honoured: 501,
      honouredOnUs: 0,
      honouredOffUs: 501,
      owed: money(0),
      due: money(494),
      dueOnUs: money(0),
      dueOffUs: money(494),
      net: money(494),
    });
  });

  test('pay at their own merchant on us, and the coalition’s totals add up', async () => {
    await act(pets.caller, 'redeemPoints', { member: { reference: 'p-1' }, points: 100 });

    expect(await positionOf(pets)).toMatchObject({
      honouredOnUs: 100,
      honouredOffUs: 0,
      dueOnUs: money(100),
    });
    const query = `{ positions { issued honoured donated expired outstanding owed { amountMinor } due { amountMinor }
      merchants { merchant { name } issued honoured } } }`;
    expect(await accounts.send(auditor, query)).toEqual({
      positions: {
        issued: 1001,
        honoured: 601,
        donated: 0,
        expired: 0,
        outstanding: 400,
        owed: { amountMinor: 1235 },
        due: { amountMinor: 594 },
        merchants: [
          { merchant: { name: 'Café' }, issued: 0, honoured: 501 },
          { merchant: { name: 'Pets' }, issued: 1001, honoured: 100 },
        ],
      },
    });
  });

  test('keep the terms they were earned under when worse ones are published', async () => {
    await publishProgramme(accounts, { unlockAfterDays: 30, validityMonths: 1 });
    accounts.clock.advance({ days: 7 });
    await act(pets.caller, 'issuePoints', { member: { reference: 'p-1' }, points: 10 });

    const query = `query ($id: ID!) { member(id: $id) { wallet { lots { edges { node { points termsVersion unlocksAt } } } } } }`;
    const { member: found } = await accounts.send<{
      member: { wallet: { lots: { edges: { node: Fields }[] } } };
    }>(asMember(member.id), query, { id: member.id });

    const lots = found.wallet.lots.edges.map(({ node }) => [
      node['points'],
      node['termsVersion'],
      node['unlocksAt'],
    ]);
    expect(lots).toEqual([
      [10, 2, '2026-03-07T08:00:00.000Z'],
      [1001, 1, '2026-01-29T08:00:00.000Z'],
    ]);
  });
});

describe('what is refused', () => {
  let pets: OpenedMerchant;
  let cafe: OpenedMerchant;
  let member: RegisteredMember;
  let stranger: RegisteredMember;

  beforeAll(async () => {
    await publishProgramme(accounts, { code: 'NOW' });
    pets = await openMerchant(accounts, 'Pets 2');
    cafe = await openMerchant(accounts, 'Café 2');
    for (const merchant of [pets, cafe]) await priceIn(merchant, 'NOW');
    member = await registerMember(accounts, pets, 'p-1');
    stranger = await registerMember(accounts, cafe, 'c-1');
    await act(pets.caller, 'issuePoints', { member: { reference: 'p-1' }, programme: 'NOW', points: 1000 });
  });

  const badPoints = [0, -1, 100_000_001, 9_007_199_254_740_991];

  test.each(badPoints)('%d points are refused everywhere and nothing is written', async (points) => {
    const before = await documentsStored();
    const service = asService();
    const amount = { programme: 'NOW', points };

    const outcomes = [
      await act(pets.caller, 'issuePoints', { member: { id: member.id }, ...amount }),
      await act(pets.caller, 'redeemPoints', { member: { id: member.id }, ...amount }),
      await act(asMember(member.id), 'transferPoints', { toCardNumber: stranger.cardNumber, ...amount }),
      await act(service, 'postEarn', { memberId: member.id, merchantId: pets.id, ...amount }),
      await act(service, 'postDonation', { memberId: member.id, causeId: 'cau_1', ...amount }),
      await act(service, 'holdPoints', { memberId: member.id, merchantId: pets.id, ...amount }),
    ];

    expect(outcomes.map(({ code, field }) => [code, field])).toEqual(
      outcomes.map(() => ['INVALID_INPUT', 'input.points']),
    );
    expect(await documentsStored()).toEqual(before);
    expect(await walletOf(member.id, 'NOW')).toMatchObject({ available: 1000 });
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
    const before = await documentsStored();
    const amount = { programme: 'NOW', points: 1 };

    const outcomes = [
      await act(cafe.caller, 'issuePoints', { member: { id: member.id }, ...amount }),
      await act(cafe.caller, 'issuePoints', { member: { reference: 'p-1' }, ...amount }),
      await act(cafe.caller, 'redeemPoints', { member: { cardNumber: member.cardNumber }, ...amount }),
      await act(cafe.caller, 'redeemPoints', { member: { id: 'mem_none' }, ...amount }),
    ];

    expect(outcomes.map(({ code, what }) => [code, what])).toEqual(
      outcomes.map(() => ['NOT_FOUND', 'MEMBER']),
    );
    expect(await documentsStored()).toEqual(before);
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
    const outcome = await act(pets.caller, 'issuePoints', { member: selector, programme: 'NOW', points: 1 });

    expect(outcome).toMatchObject({ code: 'INVALID_INPUT', field: 'input.member' });
  });

  test('an unknown programme, and one that the merchant has no prices in', async () => {
    await publishProgramme(accounts, { code: 'UNPRICED' });
    const before = await documentsStored();
    const input = { member: { reference: 'p-1' }, points: 1 };

    const unknown = await act(pets.caller, 'issuePoints', { ...input, programme: 'NOSUCH' });
    const unpriced = await act(pets.caller, 'issuePoints', { ...input, programme: 'UNPRICED' });

    expect(unknown).toMatchObject({ code: 'NOT_FOUND', what: 'PROGRAMME', id: 'NOSUCH' });
    expect(unpriced).toMatchObject({ code: 'NOT_FOUND', what: 'PROGRAMME', id: 'UNPRICED' });
    expect(await documentsStored()).toEqual(before);
    const query = `query ($id: ID!) { member(id: $id) { wallet(programme: "NOSUCH") { id } } }`;
    expect(await accounts.send(operator, query, { id: member.id })).toEqual({ member: { wallet: null } });
  });

  test('two refusals at once come in the documented order', async () => {
    const used = randomUUID();
    await act(pets.caller, 'issuePoints', {
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
      codes.push((await act(pets.caller, 'issuePoints', input))['code']);

    expect(codes).toEqual(['INVALID_INPUT', 'IDEMPOTENCY_CONFLICT', 'NOT_FOUND']);
  });

  test('a merchant cannot reverse or read what another posted', async () => {
    const earned = await act(pets.caller, 'issuePoints', {
      member: { reference: 'p-1' },
      programme: 'NOW',
      points: 7,
    });
    const { id } = earned['posting'] as { id: string };

    const reversed = await act(cafe.caller, 'reversePosting', { postingId: id, reason: 'mine' });

    expect(reversed).toMatchObject({ code: 'NOT_FOUND', what: 'POSTING', id });
    const query = `query ($id: ID!) { posting(id: $id) { id } }`;
    expect(await accounts.send(cafe.caller, query, { id })).toEqual({ posting: null });
    expect(await accounts.send(asMember(stranger.id), query, { id })).toEqual({ posting: null });
    expect(await accounts.send(pets.caller, query, { id })).toEqual({ posting: { id } });
    expect(await accounts.send(asMember(member.id), query, { id })).toEqual({ posting: { id } });
  });
});

describe('what a journal shows to whom', () => {
  test('a merchant sees its postings, a member its own, and who else was in them stays apart', async () => {
    await publishProgramme(accounts, { code: 'SEEN' });
    const pets = await openMerchant(accounts, 'Pets 3');
    const cafe = await openMerchant(accounts, 'Café 3');
    for (const merchant of [pets, cafe]) await priceIn(merchant, 'SEEN');
    const giver = await registerMember(accounts, pets, 'giver');
    const taker = await registerMember(accounts, cafe, 'taker');
    await act(pets.caller, 'issuePoints', { member: { id: giver.id }, programme: 'SEEN', points: 100 });

    const given = await act(asMember(giver.id), 'transferPoints', {
      toCardNumber: taker.cardNumber,
      programme: 'SEEN',
      points: 40,
    });
    const paid = await act(cafe.caller, 'redeemPoints', {
      member: { id: taker.id },
      programme: 'SEEN',
      points: 30,
    });

    expect([given['__typename'], paid['__typename']]).toEqual(['PointsPosted', 'PointsPosted']);
    expect(await walletOf(giver.id, 'SEEN')).toMatchObject({ available: 60 });
    expect(await walletOf(taker.id, 'SEEN')).toMatchObject({ available: 10 });
    const kinds = async (caller: Caller) => {
      const query = '{ postings(filter: { programme: "SEEN" }) { edges { node { kind } } } }';
      const data = await accounts.send<{ postings: { edges: { node: { kind: string } }[] } }>(caller, query);
      return data.postings.edges.map(({ node }) => node.kind);
    };
    expect(await kinds(auditor)).toEqual(['REDEEM', 'TRANSFER', 'EARN']);
    expect((await kinds(cafe.caller)).includes('EARN')).toBe(false);
    expect(await kinds(cafe.caller)).toContain('REDEEM');
    expect(await kinds(pets.caller)).toContain('EARN');
    const memberOfTransfer = `query ($id: ID!) { member(id: $id) { postings(programme: "SEEN") { edges { node {
      kind points change member { id } } } } } }`;
    const seenByTaker = await accounts.ask<{ member: { postings: { edges: { node: Fields }[] } } }>(
      asMember(taker.id),
      memberOfTransfer,
      { id: taker.id },
    );
    const transfer = seenByTaker.data?.member.postings.edges.find(({ node }) => node['kind'] === 'TRANSFER');
    expect(transfer?.node).toMatchObject({ points: 40, change: 40 });
    expect(JSON.stringify(seenByTaker.data)).not.toContain(giver.id);
  });
});

describe('what services do with points', () => {
  let pets: OpenedMerchant;
  let cafe: OpenedMerchant;
  let member: RegisteredMember;
  const service = asService();
  const programme = 'SERVE';

  beforeAll(async () => {
    await publishProgramme(accounts, { code: programme, holdTimeoutSeconds: 60 });
    pets = await openMerchant(accounts, 'Pets 4');
    cafe = await openMerchant(accounts, 'Café 4');
    for (const merchant of [pets, cafe]) await priceIn(merchant, programme);
    member = await registerMember(accounts, pets, 'p-1');
  });

  test('an earn by line is sent twice, held, captured in part, given to a cause and taken back, to the point', async () => {
    const earn = {
      idempotencyKey: 'purchase:1',
      memberId: member.id,
      merchantId: pets.id,
      programme,
      points: 100,
      lines: [
        { id: 'l1', points: 60 },
        { id: 'l2', points: 40 },
      ],
      externalRef: 'receipt-1',
    };

    const first = await act(service, 'postEarn', earn);
    const second = await act(service, 'postEarn', earn);
    const again = await act(service, 'postEarn', { ...earn, idempotencyKey: 'purchase:1:again' });

    const { id: earned } = first['posting'] as { id: string };
    expect([first['replayed'], second['replayed']]).toEqual([false, true]);
    expect(second['posting']).toEqual(first['posting']);
    expect(again).toMatchObject({
      code: 'ALREADY_POSTED',
      externalRef: 'receipt-1',
      posting: { id: earned },
    });

    const held = await act(service, 'holdPoints', {
      memberId: member.id,
      programme,
      points: 50,
      merchantId: cafe.id,
    });
    const { id: holdId } = held['hold'] as { id: string };
    expect(await walletOf(member.id, programme)).toEqual({ available: 50, pending: 0, held: 50, arrears: 0 });
    const captured = await act(service, 'capturePoints', { holdId, points: 30 });
    expect(captured['hold']).toEqual({ id: holdId, status: 'CAPTURED', captured: 30 });

    const donated = await act(service, 'postDonation', {
      memberId: member.id,
      causeId: 'cau_1',
      programme,
      points: 45,
    });
    expect(donated['wallet']).toEqual({ available: 25, pending: 0, held: 0, arrears: 0 });

    const returned = await act(service, 'reversePosting', {
      postingId: earned,
      lines: [{ id: 'l2' }],
      reason: 'returned',
    });
    expect(returned['wallet']).toEqual({ available: 0, pending: 0, held: 0, arrears: 15 });
    expect(await positionOf(pets, programme)).toMatchObject({ issued: 60, owed: money(60) });
    expect(await positionOf(cafe, programme)).toMatchObject({
      honoured: 30,
      honouredOffUs: 30,
      due: money(27),
    });
    const query =
      'query ($programme: String) { positions(programme: $programme) { issued honoured donated outstanding } }';
    expect(await accounts.send(operator, query, { programme })).toEqual({
      positions: { issued: 60, honoured: 30, donated: 45, outstanding: -15 },
    });
  });

  test('a hold that nobody resolves gives its points back when its time is over', async () => {
    await act(service, 'postEarn', { memberId: member.id, merchantId: pets.id, programme, points: 25 });
    await act(service, 'holdPoints', { memberId: member.id, programme, points: 10, merchantId: cafe.id });
    expect(await walletOf(member.id, programme)).toMatchObject({ available: 0, held: 10, arrears: 0 });

    accounts.clock.advance({ seconds: 60 });

    expect(await walletOf(member.id, programme)).toEqual({ available: 10, pending: 0, held: 0, arrears: 0 });
  });

  test('of 20 redemptions at once only as many succeed as there are points for', async () => {
    const spender = await registerMember(accounts, pets, 'spender');
    await act(pets.caller, 'issuePoints', { member: { id: spender.id }, programme, points: 1000 });

    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        act(pets.caller, 'redeemPoints', { member: { id: spender.id }, programme, points: 150 }),
      ),
    );

    const kinds = outcomes.map((outcome) => outcome['__typename']);
    expect(kinds.filter((kind) => kind === 'PointsPosted')).toHaveLength(6);
    expect(kinds.filter((kind) => kind === 'NotEnoughPoints')).toHaveLength(14);
    expect(await walletOf(spender.id, programme)).toEqual({
      available: 100,
      pending: 0,
      held: 0,
      arrears: 0,
    });
  });

  test('what a lot cost its issuer is for the operator and auditors alone', async () => {
    const owner = await registerMember(accounts, pets, 'lots');
    await act(pets.caller, 'issuePoints', { member: { id: owner.id }, programme, points: 5 });
    const query = `query ($id: ID!, $programme: String) {
      member(id: $id) { wallet(programme: $programme) { lots { edges { node { points issuePricePerThousand } } } } }
    }`;

    for (const [caller, shown] of [
      [operator, true],
      [auditor, true],
      [pets.caller, false],
      [asMember(owner.id), false],
      [service, false],
    ] as const) {
      const { data, errors } = await accounts.ask(caller, query, { id: owner.id, programme });
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(shown ? [] : ['FORBIDDEN']);
      expect(JSON.stringify(data).includes('"issuePricePerThousand":1000')).toBe(shown);
    }
  });
});

test('after all this every invariant of the ledger holds', async () => {
  const query = '{ ledgerCheck { ok postings violations { invariant id message } } }';
  const { ledgerCheck } = await accounts.send<{ ledgerCheck: { postings: number } }>(auditor, query);

  expect(ledgerCheck).toEqual({ ok: true, postings: expect.any(Number), violations: [] });
  expect(ledgerCheck.postings).toBeGreaterThan(20);
});
