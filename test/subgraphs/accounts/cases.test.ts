import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
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
import { asMember, asMerchant, asService, auditor, everyScope, nobody } from '../../support/callers.ts';
import { casesOf, freshHash, onCase, openCase, person } from '../../support/cases.ts';
import { atHome, join } from '../../support/households.ts';
import { act, documentsStored, expectSoundLedger, positionOf, walletOf } from '../../support/points.ts';
import { exportOf, giveConsent } from '../../support/privacy.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  pets = await openMerchant(accounts, 'Pets');
  cafe = await openMerchant(accounts, 'Café');
});
afterAll(async () => {
  await expectSoundLedger(accounts);
  await accounts.stop();
});

const [ann, bob, cy] = ['ann', 'bob', 'cy'].map(person) as [
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
];

/** A member with so many points of the pet shop. */
async function memberWith(points: number, more: object = {}): Promise<RegisteredMember> {
  const member = await registerMember(accounts, pets, randomUUID(), more);
  await act(accounts, pets.caller, 'issuePoints', { member: { id: member.id }, points });
  return member;
}

async function frozenCase(member: RegisteredMember, points: number): Promise<string> {
  const opened = await openCase(accounts, ann, member.id, points);
  const { case: one } = await onCase(accounts, bob, 'reviewCase', {
    caseId: opened.case.id,
    verdict: 'FREEZE',
  });
  return one.id;
}

const decide = (caseId: string, points: number, by = bob) =>
  onCase(accounts, by, 'decideCase', { caseId, verdict: 'UPHOLD', points });

/** Sends something that is to be refused and makes sure that nothing was written. */
async function refused(what: () => Promise<Fields>): Promise<Fields> {
  const before = await documentsStored(accounts);
  const outcome = await what();
  expect(await documentsStored(accounts)).toEqual(before);
  return outcome;
}

test('a case from its opening by a merchant to its overturned appeal, as the member reads it', async () => {
  const member = await memberWith(1_000, { locale: 'en' });
  const sha256 = freshHash();
  const opened = await openCase(accounts, pets.caller, member.id, 600, {
    statement: 'Receipt 17 does not exist.',
    evidence: [{ name: 'Receipts of 3 May', uri: 'https://pets.example/receipts', sha256 }],
  });
  const caseId = opened.case.id;
  const at = accounts.clock.now().toISOString();
  expect(opened).toMatchObject({
    __typename: 'CaseChanged',
    replayed: false,
    case: { status: 'OPEN', frozen: 0 },
  });
  expect(await walletOf(accounts, member.id)).toMatchObject({ available: 1_000, held: 0 });

  const frozen = await onCase(accounts, bob, 'reviewCase', {
    caseId,
    verdict: 'FREEZE',
    statement: 'Checked.',
  });
  expect(frozen).toMatchObject({ case: { status: 'FROZEN', frozen: 600 } });
  expect(await walletOf(accounts, member.id)).toMatchObject({ available: 400, held: 600 });
  await onCase(accounts, bob, 'confirmCase', { caseId });
  accounts.clock.advance({ days: 6 });
  const upheld = await decide(caseId, 500);
  expect(upheld).toMatchObject({ case: { status: 'UPHELD', frozen: 0, deducted: 500, lapsesAt: null } });
  expect(upheld.case['howToAppeal']).toMatch(
    /^You can appeal once, until 2026-02-20 07:59:59 UTC: .*will decide/,
  );
  expect(await walletOf(accounts, member.id)).toMatchObject({ available: 500, held: 0 });
  await onCase(accounts, asMember(member.id), 'appealCase', { caseId, statement: 'I have the receipt.' });
  const overturned = await onCase(accounts, cy, 'decideCaseAppeal', { caseId, verdict: 'OVERTURN' });

  expect(overturned).toMatchObject({ case: { status: 'OVERTURNED', restituted: 500, howToAppeal: null } });
  expect(await walletOf(accounts, member.id)).toMatchObject({ available: 1_000, held: 0 });
  const [shown] = await casesOf(accounts, asMember(member.id), member.id);
  expect(shown).toMatchObject({
    ...{
      id: caseId,
      reason: 'FALSE_PURCHASE',
      statement: 'Receipt 17 does not exist.',
      disputed: 600,
      openedAt: at,
    },
    evidence: [{ name: 'Receipts of 3 May', uri: 'https://pets.example/receipts', sha256 }],
    openedBy: { id: pets.id },
    programme: { code: 'SHARED' },
  });
  const history = shown!['history'] as Fields[];
  expect(history.map(({ act: done, party, points, statement }) => [done, party, points, statement])).toEqual([
    ['OPENED', 'MERCHANT', 0, 'Receipt 17 does not exist.'],
    ['FROZEN', 'OPERATOR', 600, 'Checked.'],
    ['CONFIRMED', 'OPERATOR', 0, 'It is so.'],
    ['UPHELD', 'OPERATOR', 500, 'It is so.'],
    ['APPEALED', 'MEMBER', 0, 'I have the receipt.'],
    ['OVERTURNED', 'OPERATOR', 500, 'It is so.'],
  ]);
});

test('one person cannot open and freeze, and nobody but an operator reviews', async () => {
  const member = await memberWith(100);
  const { case: one } = await openCase(accounts, ann, member.id, 100);
  const review = { idempotencyKey: 'r', caseId: one.id, verdict: 'FREEZE', statement: 'x' };
  const query = 'mutation ($input: ReviewCaseInput!) { reviewCase(input: $input) { __typename } }';

  expect(await refused(() => onCase(accounts, ann, 'reviewCase', review))).toMatchObject({
    __typename: 'NotIndependent',
    code: 'NOT_INDEPENDENT',
  });
  for (const caller of [pets.caller, asMember(member.id), auditor, asService(), asService(bob), nobody]) {
    const { errors } = await accounts.ask(caller, query, { input: review });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([
      caller.kind === 'PUBLIC' ? 'UNAUTHENTICATED' : 'FORBIDDEN',
    ]);
  }
  expect(await walletOf(accounts, member.id)).toMatchObject({ available: 100, held: 0 });
});

test('a merchant opens cases over its own members only, and sees none but its own cases', async () => {
  const member = await memberWith(100);
  const mine = await openCase(accounts, pets.caller, member.id, 10);
  const theirs = await openCase(accounts, ann, member.id, 20);
  const query = 'query ($id: ID!) { case(id: $id) { id } }';
  const found = async (caller: typeof ann, id: string) =>
    (await accounts.send<{ case: Fields | null }>(caller, query, { id })).case;
  const stranger = await registerMember(accounts, cafe, randomUUID());

  expect(await refused(() => openCase(accounts, cafe.caller, member.id, 10))).toEqual({
    ...{ __typename: 'NotFound', code: 'NOT_FOUND', message: 'There is no such member.' },
    ...{ what: 'MEMBER', id: member.id },
  });
  expect(await found(pets.caller, mine.case.id)).toEqual({ id: mine.case.id });
  for (const caller of [cafe.caller, asMember(stranger.id)])
    expect(await found(caller, mine.case.id)).toBeNull();
  expect(await found(pets.caller, theirs.case.id)).toBeNull();
  expect((await casesOf(accounts, pets.caller, member.id)).map(({ id }) => id)).toEqual([mine.case.id]);
  expect((await casesOf(accounts, asMember(member.id), member.id)).map(({ id }) => id)).toEqual([
    theirs.case.id,
    mine.case.id,
  ]);
});

test('what a member says in its appeal is told to those who decide, and not to the merchant', async () => {
  const member = await memberWith(100);
  const { case: one } = await openCase(accounts, pets.caller, member.id, 100);
  await onCase(accounts, bob, 'reviewCase', { caseId: one.id, verdict: 'FREEZE' });
  await decide(one.id, 100);
  await onCase(accounts, asMember(member.id), 'appealCase', {
    caseId: one.id,
    statement: 'My own affair.',
    evidence: [{ name: 'a letter', sha256: freshHash() }],
  });
  const appealSeenBy = async (caller: typeof ann) => {
    const [shown] = await casesOf(accounts, caller, member.id);
    const { statement, evidence } = (shown!['history'] as Fields[]).at(-1)!;
    return { statement, evidence };
  };

  expect(await appealSeenBy(cy)).toEqual({ statement: 'My own affair.', evidence: [{ name: 'a letter' }] });
  expect(await appealSeenBy(pets.caller)).toEqual({ statement: null, evidence: [] });
});

test('who decided is told to operators and auditors, and that points are frozen to no merchant', async () => {
  const member = await memberWith(100);
  const caseId = await frozenCase(member, 40);
  const query = `query ($id: ID!, $member: ID!) { case(id: $id) { history { by } } member(id: $member) { wallet { frozen held } } }`;
  const ask = (caller: typeof ann) => accounts.ask(caller, query, { id: caseId, member: member.id });

  expect((await ask(auditor)).data).toEqual({
    case: { history: [{ by: 'operator:ann' }, { by: 'operator:bob' }] },
    member: { wallet: { frozen: 40, held: 40 } },
  });
  const own = await ask(asMember(member.id));
  expect(own.data).toEqual({
    case: { history: [{ by: null }, { by: null }] },
    member: { wallet: { frozen: 40, held: 40 } },
  });
  expect(own.errors.map(({ path }) => path?.at(-1))).toEqual(['by', 'by']);
  const shop = await ask(pets.caller);
  expect(shop.data).toEqual({ case: null, member: { wallet: { frozen: null, held: 0 } } });
  expect(shop.errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
});

test('a merchant that had no part in a case finds nothing frozen in what it sees of the wallet', async () => {
  const member = await memberWith(100);
  await act(accounts, pets.caller, 'issuePoints', { member: { id: member.id }, points: 50 });
  const hold = { memberId: member.id, programme: 'SHARED', points: 5, merchantId: pets.id };
  await frozenCase(member, 120);
  await act(accounts, asService(), 'holdPoints', hold);
  const query = `query ($id: ID!) { member(id: $id) { wallet {
    available held lots(first: 1) { edges { node { remaining held } } pageInfo { hasNextPage } } } } }`;
  const seenBy = async (caller: typeof ann) =>
    (await accounts.send<{ member: object }>(caller, query, { id: member.id })).member;
  const free = { edges: [{ node: { remaining: 25, held: 0 } }], pageInfo: { hasNextPage: false } };

  expect(await seenBy(pets.caller)).toEqual({ wallet: { available: 25, held: 5, lots: free } });
  await giveConsent(accounts, member.id, pets.id, 'SHARE_BALANCE');
  expect(await seenBy(pets.caller)).toEqual({ wallet: { available: 25, held: 5, lots: free } });
  expect(await seenBy(asMember(member.id))).toEqual({
    wallet: {
      ...{ available: 25, held: 125 },
      lots: { edges: [{ node: { remaining: 100, held: 100 } }], pageInfo: { hasNextPage: true } },
    },
  });
});

test('frozen points cannot be paid, given, donated or held, nor released by a service', async () => {
  const member = await memberWith(100);
  const caseId = await frozenCase(member, 100);
  const points = { member: { id: member.id }, points: 1 };
  const direct = { memberId: member.id, programme: 'SHARED', points: 1 };

  expect(await act(accounts, pets.caller, 'redeemPoints', points)).toMatchObject({
    code: 'NOT_ENOUGH_POINTS',
  });
  expect(await act(accounts, asService(), 'holdPoints', { ...direct, merchantId: pets.id })).toMatchObject({
    code: 'NOT_ENOUGH_POINTS',
  });
  expect(await act(accounts, asService(), 'postDonation', { ...direct, causeId: 'cau_1' })).toMatchObject({
    code: 'NOT_ENOUGH_POINTS',
  });
  expect(await act(accounts, asService(), 'capturePoints', { holdId: caseId })).toMatchObject({
    what: 'HOLD',
  });
  expect(await walletOf(accounts, member.id)).toMatchObject({ available: 0, held: 100 });
});

test('a deduction leaves what merchants owe and are due as it was, and cannot be reversed but by its appeal', async () => {
  const member = await memberWith(100);
  const before = [await positionOf(accounts, pets), await positionOf(accounts, cafe)];
  const deductedBefore = await deductedInAll();
  const caseId = await frozenCase(member, 100);
  await decide(caseId, 70);
  const query = `query ($id: ID!) { member(id: $id) { postings(first: 1) { edges { node {
    id kind points change case { id } entries { account points } } } } } }`;
  const { member: shown } = await accounts.send<{ member: { postings: { edges: { node: Fields }[] } } }>(
    asMember(member.id),
    query,
    { id: member.id },
  );
  const posting = shown.postings.edges[0]!.node;

  expect(posting).toMatchObject({ kind: 'DEDUCT', points: 70, change: -70, case: { id: caseId } });
  expect(posting['entries']).toContainEqual({ account: `case:${caseId}`, points: 70 });
  expect(
    await refused(() =>
      act(accounts, pets.caller, 'reversePosting', { postingId: posting['id'], reason: 'please' }),
    ),
  ).toMatchObject({ __typename: 'NotFound' });
  expect([await positionOf(accounts, pets), await positionOf(accounts, cafe)]).toEqual(before);
  expect((await deductedInAll()) - deductedBefore).toBe(70);
});

async function deductedInAll(): Promise<number> {
  const { positions } = await accounts.send<{ positions: Record<string, number> }>(
    auditor,
    '{ positions { issued honoured donated expired deducted outstanding } }',
  );
  const { issued, honoured, donated, expired, deducted, outstanding } = positions as Record<string, number>;
  expect(outstanding).toBe(issued! - honoured! - donated! - expired! - deducted!);
  return deducted!;
}

test('refusals come in their order: the input, the key, what is there, who asks, how the case stands', async () => {
  const member = await memberWith(100);
  const other = await memberWith(100);
  const { case: one } = await openCase(accounts, ann, member.id, 50);
  const review = (by: typeof ann, input: object) =>
    refused(() => onCase(accounts, by, 'reviewCase', { caseId: one.id, verdict: 'FREEZE', ...input }));
  await onCase(accounts, ann, 'reviewCase', { idempotencyKey: 'used', caseId: one.id, verdict: 'DISMISS' });

  expect(await review(ann, { idempotencyKey: 'used', caseId: 'none', statement: '' })).toMatchObject({
    code: 'INVALID_INPUT',
    field: 'input.statement',
  });
  expect(await review(ann, { idempotencyKey: 'used', caseId: 'none' })).toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  });
  expect(await review(ann, { caseId: 'none' })).toMatchObject({ code: 'NOT_FOUND', what: 'CASE' });
  expect(await review(ann, {})).toMatchObject({ code: 'NOT_INDEPENDENT' });
  expect(await review(bob, {})).toMatchObject({ code: 'CASE_STANDS', status: 'DISMISSED' });
  expect(
    await refused(() => onCase(accounts, asMember(other.id), 'appealCase', { caseId: one.id })),
  ).toMatchObject({ code: 'NOT_FOUND', what: 'CASE' });
  expect(
    await refused(() => onCase(accounts, bob, 'decideCase', { caseId: one.id, verdict: 'UPHOLD' })),
  ).toMatchObject({ code: 'INVALID_INPUT', field: 'input.points' });
  expect(
    await refused(() =>
      onCase(accounts, bob, 'decideCase', { caseId: one.id, verdict: 'DISMISS', points: 1 }),
    ),
  ).toMatchObject({ code: 'INVALID_INPUT', field: 'input.points' });
});

test.each([0, -1, 100_000_001])('a case over %s points is refused', async (disputedPoints) => {
  const member = await memberWith(1);

  expect(await refused(() => openCase(accounts, ann, member.id, disputedPoints))).toMatchObject({
    code: 'INVALID_INPUT',
    field: 'input.disputedPoints',
  });
});

test("a merchant's credential without the scope opens no case", async () => {
  const member = await memberWith(1);
  const till = asMerchant(
    pets.id,
    everyScope.filter((scope) => scope !== 'CASES'),
  );

  await expect(openCase(accounts, till, member.id, 1)).rejects.toThrow(/needs the scope CASES/);
});

test('the same requests again change nothing and answer how the case stands', async () => {
  const member = await memberWith(100);
  const evidence = [{ name: 'log', sha256: freshHash() }];
  const open = () => openCase(accounts, ann, member.id, 60, { idempotencyKey: 'open-once', evidence });
  const { case: one } = await open();
  const freeze = () =>
    onCase(accounts, bob, 'reviewCase', { idempotencyKey: 'once', caseId: one.id, verdict: 'FREEZE' });
  await freeze();
  const before = await documentsStored(accounts);

  expect(await open()).toMatchObject({ replayed: true, case: { id: one.id, status: 'FROZEN' } });
  expect(await freeze()).toMatchObject({ replayed: true, case: { id: one.id, frozen: 60 } });
  expect(await documentsStored(accounts)).toEqual(before);
  expect(await walletOf(accounts, member.id)).toMatchObject({ available: 40, held: 60 });
});

test('anyone can read how many cases there were and what became of them, in any span of time', async () => {
  accounts.clock.advance({ days: 400 });
  const from = accounts.clock.now().toISOString();
  const members = [await memberWith(10), await memberWith(10), await memberWith(10), await memberWith(10)];
  const ids = [];
  for (const member of members) ids.push(await frozenCase(member, 10));
  const [lapses, falls, stays, dismissed] = ids as [string, string, string, string];
  for (const id of [falls, stays]) await decide(id, 10);
  await onCase(accounts, bob, 'decideCase', { caseId: dismissed, verdict: 'DISMISS' });
  for (const [i, id] of [falls, stays].entries())
    await onCase(accounts, asMember(members[i + 1]!.id), 'appealCase', { caseId: id });
  await onCase(accounts, cy, 'decideCaseAppeal', { caseId: falls, verdict: 'OVERTURN' });
  await onCase(accounts, cy, 'decideCaseAppeal', { caseId: stays, verdict: 'REJECT' });
  const query = `query ($from: DateTime, $to: DateTime) { caseCounts(from: $from, to: $to) {
    opened frozen confirmed dismissed lapsed upheld appealed appealRejected overturned } }`;
  const count = async (variables: object) =>
    (await accounts.send<{ caseCounts: Fields }>(nobody, query, variables)).caseCounts;
  const counts = {
    ...{ opened: 4, frozen: 4, confirmed: 0, dismissed: 1, lapsed: 0, upheld: 2 },
    ...{ appealed: 2, appealRejected: 1, overturned: 1 },
  };

  expect(await count({ from })).toEqual(counts);
  accounts.clock.advance({ hours: 72 });
  expect(await count({ from })).toEqual({ ...counts, lapsed: 1 });
  expect(await count({ from, to: from })).toMatchObject({ opened: 0, lapsed: 0 });
  expect(await count({})).toMatchObject({ opened: expect.any(Number), lapsed: expect.any(Number) });
  const future = '2030-01-01T00:00:00Z';
  for (const [variables, message] of [
    [{ from: future, to: from }, 'from: must not be after `to`'],
    [{ from: future }, 'from: must not be in the future'],
  ] as const) {
    const { errors } = await accounts.ask(nobody, query, variables);
    expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
  }
  const listed = await accounts.send<{ cases: { edges: { node: Fields }[] } }>(
    auditor,
    '{ cases(status: LAPSED, first: 1) { edges { node { id status frozen } } } }',
  );
  expect(listed.cases.edges.map(({ node }) => node)).toEqual([{ id: lapses, status: 'LAPSED', frozen: 0 }]);
});

test('cases are listed newest first, page by page, by how they stand', async () => {
  const member = await memberWith(10);
  const made = [];
  for (let i = 0; i < 3; i++)
    made.unshift((await openCase(accounts, cafe.caller, await cafeMember(), 1)).case.id);
  await openCase(accounts, ann, member.id, 1);
  const query = `query ($after: String) { cases(status: OPEN, first: 2, after: $after) {
    edges { node { id } } pageInfo { hasNextPage endCursor } } }`;
  type Page = {
    cases: { edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  };
  const first = (await accounts.send<Page>(cafe.caller, query)).cases;
  const second = (await accounts.send<Page>(cafe.caller, query, { after: first.pageInfo.endCursor })).cases;

  expect([...first.edges, ...second.edges].map(({ node }) => node.id)).toEqual(made);
  expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
});

const cafeMember = async () => (await registerMember(accounts, cafe, randomUUID())).id;

test('the shops that know a member are told that it has something to read, and only the opener of what', async () => {
  const member = await memberWith(10);
  const known = await registerMember(accounts, cafe, randomUUID(), { cardNumber: member.cardNumber });
  expect(known.id).toBe(member.id);
  await openCase(accounts, pets.caller, member.id, 10);
  const connection = await connectMongo(accounts.mongo.uri, accounts.database);
  const events = await connection
    .collection('outbox')
    .find({ 'data.memberId': member.id, type: { $in: ['jifen.case.opened', 'jifen.member.notice'] } })
    .sort({ sequence: 1 })
    .toArray();
  await connection.close();

  expect(events.map(({ type, audience, data }) => [type, audience, Object.keys(data as object)])).toEqual([
    ['jifen.case.opened', [pets.id], expect.arrayContaining(['caseId', 'reason', 'disputed'])],
    ['jifen.member.notice', [pets.id, cafe.id], ['programme', 'memberId']],
  ]);
});

test("a month's statement tells a deduction and what an appeal gave back, and adds up", async () => {
  const member = await memberWith(100);
  const caseId = await frozenCase(member, 100);
  await decide(caseId, 30);
  await onCase(accounts, asMember(member.id), 'appealCase', { caseId });
  await onCase(accounts, cy, 'decideCaseAppeal', { caseId, verdict: 'OVERTURN' });
  await decide(await frozenCase(member, 50), 20);
  const month = accounts.clock.now().toISOString().slice(0, 7);
  const query = `query ($id: ID!, $month: String!) { member(id: $id) { statement(month: $month, locale: "en") {
    html programmes { opening earned { points } deducted restituted other closing } } } }`;
  const { member: shown } = await accounts.send<{
    member: { statement: { programmes: Fields[]; html: string } };
  }>(asMember(member.id), query, { id: member.id, month });

  expect(shown.statement.programmes).toEqual([
    { opening: 0, earned: [{ points: 100 }], deducted: -50, restituted: 30, other: 0, closing: 80 },
  ]);
  expect(shown.statement.html).toContain('Deducted by a decided case');
});

test('a partner that may see all of what a member does is not told what a case did', async () => {
  const member = await memberWith(100);
  await registerMember(accounts, cafe, randomUUID(), { cardNumber: member.cardNumber });
  await giveConsent(accounts, member.id, cafe.id, 'SHARE_ACTIVITY');
  await decide(await frozenCase(member, 100), 30);
  const query = 'query ($id: ID!) { member(id: $id) { postings { edges { node { kind } } } } }';
  const kinds = async (caller: typeof ann) => {
    const answer = await accounts.send<{ member: { postings: { edges: { node: { kind: string } }[] } } }>(
      caller,
      query,
      { id: member.id },
    );
    return answer.member.postings.edges.map(({ node }) => node.kind);
  };

  expect(await kinds(cafe.caller)).toEqual(['EARN']);
  expect((await kinds(asMember(member.id))).sort()).toEqual(['DEDUCT', 'EARN', 'FREEZE']);
});

test("a member's export has its cases, without the names of those who decided", async () => {
  const member = await memberWith(100);
  await decide(await frozenCase(member, 60), 60);
  await openCase(accounts, pets.caller, member.id, 5);
  const records = await exportOf(accounts, asMember(member.id));
  const cases = records.filter(({ type }) => type === 'case');

  expect(cases).toMatchObject([
    { status: 'OPEN', disputed: '5', merchantId: pets.id, history: [{ act: 'OPENED', party: 'MERCHANT' }] },
    {
      status: 'UPHELD',
      deducted: '60',
      history: [{ party: 'OPERATOR' }, { act: 'FROZEN' }, { act: 'UPHELD' }],
    },
  ]);
  expect(JSON.stringify(cases)).not.toContain('operator:');
  expect(records.find(({ kind }) => kind === 'DEDUCT')).toMatchObject({ caseId: cases[1]!['id'] });
});

test('a member is not erased while a case over its points waits for somebody, and can be before its appeal', async () => {
  const query = `mutation ($input: EraseMemberInput!) { eraseMember(input: $input) {
    __typename ... on Refusal { code } ... on CasesOpen { programmes } } }`;
  const erase = async ({ id }: RegisteredMember) => {
    const input = { idempotencyKey: randomUUID(), forfeit: [{ programme: 'SHARED', points: 40 }] };
    return (await accounts.send<{ eraseMember: Fields }>(asMember(id), query, { input })).eraseMember;
  };
  const open = { __typename: 'CasesOpen', code: 'CASES_OPEN', programmes: ['SHARED'] };
  const [appeals, leaves] = [await memberWith(100), await memberWith(100)];
  const waiting = await openCase(accounts, ann, leaves.id, 60);
  expect(await erase(leaves)).toEqual(open);
  await onCase(accounts, bob, 'reviewCase', { caseId: waiting.case.id, verdict: 'FREEZE' });
  expect(await erase(leaves)).toEqual(open);
  await decide(waiting.case.id, 60);
  const appealed = await frozenCase(appeals, 60);
  await decide(appealed, 60);
  await onCase(accounts, asMember(appeals.id), 'appealCase', { caseId: appealed });

  expect(await erase(appeals)).toEqual(open);
  await onCase(accounts, cy, 'decideCaseAppeal', { caseId: appealed, verdict: 'REJECT' });
  expect([await erase(appeals), await erase(leaves)]).toMatchObject([
    { __typename: 'MemberErased' },
    { __typename: 'MemberErased' },
  ]);
  expect(await refused(() => openCase(accounts, ann, leaves.id, 1))).toMatchObject({ code: 'NOT_FOUND' });
});

test('disputed points that their member put into a household’s pool are taken back from it and frozen', async () => {
  const [member, other] = [await memberWith(500), await memberWith(400)];
  await atHome(accounts, member, 'createHousehold', { name: 'Home' });
  await join(accounts, member, other);
  await atHome(accounts, member, 'contributeToHousehold', { points: 450 });
  await atHome(accounts, other, 'contributeToHousehold', { points: 400 });

  const caseId = await frozenCase(member, 300);

  expect(await walletOf(accounts, member.id)).toMatchObject({ available: 0, held: 300 });
  const query = '{ viewer { member { household { pool { available shares { available } } } } } }';
  const pool = await accounts.send<Fields>(asMember(member.id), query);
  expect(pool).toMatchObject({
    viewer: {
      member: { household: { pool: { available: 600, shares: [{ available: 200 }, { available: 400 }] } } },
    },
  });
  expect(await decide(caseId, 300)).toMatchObject({ case: { status: 'UPHELD', deducted: 300 } });
});
