import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type FieldDefinitionNode, print } from 'graphql';
import { readSubgraphSchema } from '../../../schema/subgraphs.ts';
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
import { startEndpoint, type TestEndpoint } from '../../support/endpoint.ts';
import { asGiver, makeBeneficiary } from '../../support/gifts.ts';
import { atHome } from '../../support/households.ts';
import { act, documentsStored, expectSoundLedger, priceIn, walletOf } from '../../support/points.ts';
import { documentsWith, erasure, exportOf, giveConsent } from '../../support/privacy.ts';
import { createWebhook } from '../../support/webhooks.ts';

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;
let endpoint: TestEndpoint;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  await publishProgramme(accounts, { code: 'GREEN', name: 'Green' });
  pets = await openMerchant(accounts, 'Pets');
  cafe = await openMerchant(accounts, 'Café');
  await priceIn(accounts, pets, 'GREEN');
  endpoint = await startEndpoint();
});

afterEach(() => expectSoundLedger(accounts));

afterAll(async () => {
  await endpoint.stop();
  await accounts.stop();
});

let count = 0;
const reference = () => `customer-no-${++count}-of-pets`;
const newMember = (changes: object = {}) => registerMember(accounts, pets, reference(), changes);

const earn = async ({ id }: RegisteredMember, points: number, programme = 'SHARED') => {
  const posted = await act(accounts, pets.caller, 'issuePoints', { member: { id }, points, programme });
  expect(posted).toMatchObject({ __typename: 'PointsPosted' });
  return (posted['posting'] as { id: string }).id;
};

const leftOf = (points: number, programme = 'SHARED') => ({ programme, points });

test('an erased member is nobody: everything personal is gone from the store, and the ledger is whole', async () => {
  const name = '张小明的名字';
  const ref = reference();
  const member = await registerMember(accounts, pets, ref, { displayName: name });
  const friend = await newMember();
  await registerMember(accounts, cafe, `${ref}-at-the-café`, { cardNumber: member.cardNumber });
  await makeBeneficiary(accounts, member, friend);
  await asGiver(accounts, friend.id, 'addBeneficiary', {
    cardNumber: member.cardNumber,
    label: 'my old friend',
  });
  await asGiver(accounts, member.id, 'addBeneficiary', {
    cardNumber: (await newMember()).cardNumber,
    label: 'grandmother of the member',
  });
  await earn(member, 100);
  await earn(member, 20, 'GREEN');
  await act(accounts, asMember(member.id), 'transferPoints', { toCardNumber: friend.cardNumber, points: 40 });
  await giveConsent(accounts, member.id, cafe.id, 'SHARE_PROFILE');
  await exportOf(accounts, operator, { member: { id: member.id }, reason: 'a letter that names the member' });

  const erased = await erasure(accounts, asMember(member.id, pets.id), 'eraseMember', {
    forfeit: [leftOf(60), leftOf(20, 'GREEN')],
  });

  expect(erased).toEqual({
    ...{ __typename: 'MemberErased', memberId: member.id, replayed: false },
    erasedAt: accounts.clock.now().toISOString(),
    forfeited: [leftOf(60), leftOf(20, 'GREEN')],
  });
  const personal = [
    ...[name, ref, member.cardNumber, 'my old friend', 'grandmother of the member'],
    'a letter that names the member',
  ];
  for (const text of personal) expect([text, await documentsWith(accounts, text)]).toEqual([text, []]);
  const query = 'query ($id: ID!) { viewer { member { id } } member(id: $id) { id } }';
  for (const caller of [asMember(member.id), operator, pets.caller, auditor, asService()])
    expect(await accounts.send(caller, query, { id: member.id })).toEqual({
      ...{ viewer: { member: null }, member: null },
    });
  for (const caller of [pets.caller, operator])
    expect(
      await accounts.send(caller, 'query ($c: String) { member(cardNumber: $c) { id } }', {
        c: member.cardNumber,
      }),
    ).toEqual({
      member: null,
    });
  const { postings } = await accounts.send<{ postings: { edges: { node: object }[] } }>(
    auditor,
    'query ($id: ID!) { postings(filter: { memberId: $id }) { edges { node { kind points member { id } } } } }',
    { id: member.id },
  );
  expect(postings.edges.map(({ node }) => node)).toEqual([
    { kind: 'FORFEIT', points: expect.any(Number), member: null },
    { kind: 'FORFEIT', points: expect.any(Number), member: null },
    { kind: 'TRANSFER', points: 40, member: null },
    { kind: 'EARN', points: 20, member: null },
    { kind: 'EARN', points: 100, member: null },
  ]);
});

test('the other side of a gift, and a list that named the erased member, stay whole without it', async () => {
  const member = await newMember();
  const friend = await newMember();
  await makeBeneficiary(accounts, member, friend);
  await asGiver(accounts, friend.id, 'addBeneficiary', { cardNumber: member.cardNumber, label: 'x' });
  await earn(member, 40);
  await act(accounts, asMember(member.id), 'transferPoints', { toCardNumber: friend.cardNumber, points: 40 });

  await erasure(accounts, asMember(member.id), 'eraseMember');

  const query = `query ($id: ID!) { member(id: $id) { beneficiaries { id } wallet { available }
    gifts { edges { node { points otherMaskedCard direction } } } postings { edges { node { kind entries { account } } } } } }`;
  expect(await accounts.send(asMember(friend.id), query, { id: friend.id })).toEqual({
    member: {
      beneficiaries: [],
      wallet: { available: 40 },
      gifts: { edges: [{ node: { points: 40, otherMaskedCard: null, direction: 'RECEIVED' } }] },
      postings: {
        edges: [
          {
            node: {
              kind: 'TRANSFER',
              entries: expect.arrayContaining([{ account: 'wallet:other:available' }]),
            },
          },
        ],
      },
    },
  });
});

const invitationsOf = async (head: RegisteredMember) => {
  const query = '{ viewer { member { household { invitations { maskedCard } } } } }';
  const { viewer } = await accounts.send<{ viewer: { member: { household: object } } }>(
    asMember(head.id),
    query,
  );
  return viewer.member.household;
};

test('open invitations of an erased member are declined, and its places in households are free', async () => {
  const member = await newMember();
  const heads = [await newMember(), await newMember()];
  const invite = async (head: RegisteredMember, { cardNumber }: RegisteredMember) =>
    (await atHome(accounts, head, 'inviteToHousehold', { cardNumber }))['__typename'];
  for (const head of heads) {
    await atHome(accounts, head, 'createHousehold', { name: 'Home' });
    expect(await invite(head, member)).toBe('HouseholdChanged');
  }
  const [first] = heads as [RegisteredMember, RegisteredMember];
  for (let i = 0; i < 6; i++) expect(await invite(first, await newMember())).toBe('HouseholdChanged');
  const newest = await newMember();
  expect(await invite(first, newest)).toBe('HouseholdFull');

  await erasure(accounts, asMember(member.id), 'eraseMember');

  const standing = await onStore(async (db) => {
    const rows = db.collection('households').find({ 'invitations.memberId': member.id });
    return (await rows.toArray()).flatMap((row) =>
      (row['invitations'] as { memberId: string; state: string }[]).filter(
        (one) => one.memberId === member.id,
      ),
    );
  });
  expect(standing.map(({ state }) => state)).toEqual(['DECLINED', 'DECLINED']);
  expect(await invitationsOf(heads[1]!)).toEqual({ invitations: [] });
  expect(await invite(first, newest)).toBe('HouseholdChanged');
});

test('an invitation that was made while the member was being erased is declined a minute later', async () => {
  const member = await newMember();
  const head = await newMember();
  await atHome(accounts, head, 'createHousehold', { name: 'Home' });
  await atHome(accounts, head, 'inviteToHousehold', { cardNumber: member.cardNumber });
  await erasure(accounts, asMember(member.id), 'eraseMember');
  await onStore((db) =>
    db
      .collection('households')
      .updateOne({ 'invitations.memberId': member.id }, { $set: { 'invitations.0.state': 'OPEN' } }),
  );
  expect(await invitationsOf(head)).toEqual({ invitations: [{ maskedCard: null }] });

  accounts.clock.advance({ seconds: 90 });
  await accounts.sweep();

  expect(await invitationsOf(head)).toEqual({ invitations: [] });
  expect(await stateOf(member.id)).toBe('ERASED');
});

test('merchants are told under the reference that is deleted, and nothing else that is sent names it', async () => {
  await createWebhook(accounts, pets, endpoint.url);
  await createWebhook(accounts, cafe, endpoint.url, { eventTypes: ['jifen.member.erased'] });
  const ref = reference();
  const member = await registerMember(accounts, pets, ref);
  await earn(member, 7);
  await accounts.relayEvents();
  expect(await documentsWith(accounts, ref)).toEqual(['webhook-deliveries']);

  await erasure(accounts, asMember(member.id), 'eraseMember', { forfeit: [leftOf(7)] });
  while ((await accounts.relayEvents()) + (await accounts.sendWebhooks()) > 0);

  const about = endpoint.received.filter(({ text }) => text.includes(ref));
  expect(about.map(({ body }) => body.type)).toEqual(['jifen.member.erased']);
  expect(about[0]!.body).toMatchObject({ subject: ref, data: { memberReference: ref } });
  expect(about[0]!.text).not.toContain(member.id);
  const earned = endpoint.received.filter(
    ({ body }) => body.data['kind'] === 'EARN' && body.data['points'] === 7,
  );
  expect(earned.map(({ body }) => body.data['memberReference'])).toEqual([null]);
});

test('a copy that was made while the member was being erased is found a minute later', async () => {
  const ref = reference();
  const member = await registerMember(accounts, pets, ref);
  await erasure(accounts, asMember(member.id), 'eraseMember');
  const stale = {
    ...{
      _id: 'stale',
      webhookId: 'whk_x',
      merchantId: pets.id,
      eventId: 'evt_x',
      eventType: 'jifen.points.posted',
    },
    ...{ memberId: member.id, partition: 'p', sequence: 1, createdAt: accounts.clock.now(), status: 'DEAD' },
    ...{ attempts: [], failures: 1, firstFailedAt: null, nextAttemptAt: null, endedAt: accounts.clock.now() },
    body: JSON.stringify({ id: 'evt_x', subject: 'pos_1', data: { points: 1, memberReference: ref } }),
  };
  await insert('webhook-deliveries', stale);

  accounts.clock.advance({ seconds: 90 });
  await accounts.sweep();

  expect(await documentsWith(accounts, ref)).not.toContain('members');
  expect(await bodyOf('stale')).toEqual({
    id: 'evt_x',
    subject: 'pos_1',
    data: { points: 1, memberReference: null },
  });
  expect(await stateOf(member.id)).toBe('ERASED');
});

test('a member is refused while points are reserved, owed or left, and nothing changes', async () => {
  const member = await newMember();
  const earned = await earn(member, 50);
  const refused = async (input: object = {}) => {
    const before = await documentsStored(accounts);
    const result = await erasure(accounts, asMember(member.id), 'eraseMember', input);
    const after = await documentsStored(accounts);
    expect({ ...after, erasures: 0 }).toEqual({ ...before, erasures: 0 });
    expect(await accounts.send(asMember(member.id), '{ viewer { member { id } } }')).toEqual({
      viewer: { member: { id: member.id } },
    });
    return result;
  };

  expect(await refused()).toMatchObject({ __typename: 'PointsLeft', left: [leftOf(50)] });
  expect(await refused({ forfeit: [leftOf(49)] })).toMatchObject({ __typename: 'PointsLeft' });
  expect(await refused({ forfeit: [leftOf(50), leftOf(1, 'GREEN')] })).toMatchObject({ code: 'POINTS_LEFT' });
  const hold = { memberId: member.id, programme: 'SHARED', points: 50, merchantId: pets.id };
  await act(accounts, asService(), 'holdPoints', hold);
  expect(await refused({ forfeit: [leftOf(50)] })).toMatchObject({
    __typename: 'HoldsOpen',
    held: [leftOf(50)],
  });
  accounts.clock.advance({ days: 1 });
  await act(accounts, pets.caller, 'redeemPoints', { member: { id: member.id }, points: 30 });
  await act(accounts, pets.caller, 'reversePosting', { postingId: earned, reason: 'back' });
  expect(await refused()).toMatchObject({ __typename: 'ArrearsOwed', owed: [leftOf(30)] });
});

test('a refusal uses up no key: the same request later erases', async () => {
  const member = await newMember();
  await earn(member, 5);
  const input = { idempotencyKey: 'later', forfeit: [leftOf(6)] };
  expect(await erasure(accounts, asMember(member.id), 'eraseMember', input)).toMatchObject({
    code: 'POINTS_LEFT',
  });
  await earn(member, 1);

  const erased = await erasure(accounts, asMember(member.id), 'eraseMember', input);
  const again = await erasure(accounts, asMember(member.id), 'eraseMember', input);
  const other = await erasure(accounts, asMember(member.id), 'eraseMember', { idempotencyKey: 'later' });

  expect(erased).toMatchObject({ __typename: 'MemberErased', replayed: false });
  expect(again).toEqual({ ...erased, replayed: true });
  expect(other).toMatchObject({ __typename: 'IdempotencyConflict' });
  expect(await erasure(accounts, asMember(member.id), 'eraseMember')).toMatchObject({ what: 'MEMBER' });
});

test('erasing twice at once erases once', async () => {
  const member = await newMember();
  await earn(member, 5);

  const both = await Promise.all(
    [1, 2, 3].map(() => erasure(accounts, asMember(member.id), 'eraseMember', { forfeit: [leftOf(5)] })),
  );

  const names = both.map(({ __typename }) => __typename);
  expect(names).toContain('MemberErased');
  expect(names.filter((name) => name !== 'MemberErased' && name !== 'NotFound')).toEqual([]);
  const { postings } = await accounts.send<{ postings: { edges: object[] } }>(
    auditor,
    'query ($id: ID!) { postings(filter: { memberId: $id, kinds: [FORFEIT] }) { edges { cursor } } }',
    { id: member.id },
  );
  expect(postings.edges).toHaveLength(1);
});

test('a legal hold binds until its date or its end, and the member reads why', async () => {
  const member = await newMember();
  const until = new Date(accounts.clock.now().getTime() + 86_400_000).toISOString();
  const hold = { member: { id: member.id }, reason: 'claim 2026-7', until };
  const placed = await erasure(accounts, operator, 'placeLegalHold', { idempotencyKey: 'hold', ...hold });

  expect(placed).toMatchObject({
    replayed: false,
    member: { legalHolds: [{ reason: 'claim 2026-7', until }] },
  });
  expect(
    await erasure(accounts, operator, 'placeLegalHold', { idempotencyKey: 'hold', ...hold }),
  ).toMatchObject({
    replayed: true,
  });
  const conflict = { idempotencyKey: 'hold', ...hold, reason: 'other' };
  expect(await erasure(accounts, operator, 'placeLegalHold', conflict)).toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  });
  await earn(member, 9);
  expect(await erasure(accounts, asMember(member.id), 'eraseMember')).toMatchObject({
    ...{ __typename: 'LegallyHeld', until, holds: [{ reason: 'claim 2026-7' }] },
  });
  accounts.clock.advance({ days: 1 });
  const { releaseLegalHold } = await accounts.send<{ releaseLegalHold: object }>(
    operator,
    `mutation { releaseLegalHold(input: { holdId: "lgh_x" }) { __typename ... on NotFound { what } } }`,
  );
  expect(releaseLegalHold).toEqual({ __typename: 'NotFound', what: 'LEGAL_HOLD' });
  expect(await erasure(accounts, asMember(member.id), 'eraseMember', { forfeit: [leftOf(9)] })).toMatchObject(
    { __typename: 'MemberErased' },
  );
  expect(await documentsWith(accounts, 'claim 2026-7')).toEqual([]);
  expect(
    await erasure(accounts, operator, 'placeLegalHold', { ...hold, until: '2030-01-01T00:00:00Z' }),
  ).toMatchObject({
    what: 'MEMBER',
  });
});

test('a legal hold that was ended before its date does not bind', async () => {
  const member = await newMember();
  const until = new Date(accounts.clock.now().getTime() + 86_400_000).toISOString();
  const placed = await erasure(accounts, operator, 'placeLegalHold', {
    ...{ member: { id: member.id }, reason: 'claim', until },
  });
  const { id } = placed['hold'] as { id: string };
  const release = `mutation ($id: ID!) { releaseLegalHold(input: { holdId: $id }) {
    ... on LegalHoldReleased { hold { releasedAt } } } }`;
  const first = await accounts.send(operator, release, { id });
  accounts.clock.advance({ hours: 1 });

  expect(await accounts.send(operator, release, { id })).toEqual(first);
  expect(await erasure(accounts, asMember(member.id), 'eraseMember')).toMatchObject({
    __typename: 'MemberErased',
  });
});

test('the operator erases on behalf of a member with a reason; what is wrong is refused in order', async () => {
  const member = await newMember();
  const named = { member: { id: member.id }, reason: 'letter' };
  const refusal = (input: object, caller = operator) => erasure(accounts, caller, 'eraseMember', input);

  expect(await refusal({ reason: 'letter' })).toMatchObject({ field: 'input.member' });
  expect(await refusal({ member: { id: member.id } })).toMatchObject({ field: 'input.reason' });
  expect(await refusal({ ...named, forfeit: [leftOf(0)] })).toMatchObject({
    field: 'input.forfeit.0.points',
  });
  expect(await refusal({ ...named, forfeit: [leftOf(1), leftOf(1)] })).toMatchObject({
    field: 'input.forfeit',
  });
  expect(await refusal({ ...named, member: { id: 'mem_x' } })).toMatchObject({ what: 'MEMBER' });
  expect(await refusal({ member: { id: member.id } }, asMember(member.id))).toMatchObject({
    field: 'input.member',
  });
  expect(await refusal(named)).toMatchObject({ __typename: 'MemberErased' });
});

test('a purchase that is returned, and a payment that is cancelled, after its member was erased still balance', async () => {
  const member = await newMember();
  const earned = await earn(member, 50);
  const paid = await act(accounts, pets.caller, 'redeemPoints', { member: { id: member.id }, points: 30 });
  await erasure(accounts, asMember(member.id), 'eraseMember', { forfeit: [leftOf(20)] });

  const { id: postingId } = paid['posting'] as { id: string };
  const cancelled = await act(accounts, pets.caller, 'reversePosting', {
    postingId,
    reason: 'not delivered',
  });
  const returned = await act(accounts, pets.caller, 'reversePosting', {
    postingId: earned,
    reason: 'return',
  });

  expect(cancelled).toMatchObject({ __typename: 'PointsPosted', posting: { kind: 'REVERSE', points: 30 } });
  expect(returned).toMatchObject({ __typename: 'PointsPosted', wallet: { available: 0, arrears: 0 } });
  expect(
    await act(accounts, pets.caller, 'issuePoints', { member: { id: member.id }, points: 1 }),
  ).toMatchObject({
    what: 'MEMBER',
  });
});

test('the reference and a new card are free again for a new member', async () => {
  const ref = reference();
  const member = await registerMember(accounts, pets, ref);
  await erasure(accounts, asMember(member.id), 'eraseMember');

  const anew = await registerMember(accounts, pets, ref);

  expect(anew.id).not.toBe(member.id);
  expect(anew.cardNumber).not.toBe(member.cardNumber);
});

const gone = (what: string) => ({ __typename: 'NotFound', what });
const seatless = { __typename: 'NotInHousehold' };
// Erasing declined it.
const closed = { __typename: 'InvitationClosed' };

/** What a member's session may send, each as it may still arrive after the member was erased, and what it is answered. */
const laterRequests = (ids: Record<string, string>) =>
  [
    ['transferPoints', { toCardNumber: ids['card'], points: 1 }, gone('MEMBER')],
    [
      'addBeneficiary',
      { cardNumber: ids['card'], label: 'what the erased member called it' },
      gone('MEMBER'),
    ],
    ['removeBeneficiary', { beneficiaryId: ids['beneficiary'] }, gone('BENEFICIARY')],
    ['declineGift', { postingId: ids['gift'] }, gone('POSTING')],
    ['grantConsent', { partnerId: cafe.id, purpose: 'MARKETING', textVersion: '2' }, gone('MEMBER')],
    ['withdrawConsent', { partnerId: cafe.id, purpose: 'SHARE_PROFILE' }, gone('MEMBER')],
    ['exportMember', {}, gone('MEMBER')],
    ['eraseMember', {}, gone('MEMBER')],
    ['appealCase', { caseId: 'case_x', statement: 'it was not me' }, gone('CASE')],
    ['restoreLot', { lotId: ids['lot'] }, gone('LOT')],
    ['createHousehold', { name: 'Home of the erased member' }, gone('MEMBER')],
    ['acceptHouseholdInvitation', { invitationId: ids['invitation'] }, closed],
    ['declineHouseholdInvitation', { invitationId: ids['invitation'] }, closed],
    ['inviteToHousehold', { cardNumber: ids['card'] }, seatless],
    ['withdrawHouseholdInvitation', { invitationId: ids['invitation'] }, seatless],
    ['setHouseholdRole', { householdMemberId: 'hmb_x', role: 'ADULT' }, seatless],
    ['setHouseholdLimits', { householdMemberId: 'hmb_x' }, seatless],
    ['handOverHousehold', { householdMemberId: 'hmb_x' }, seatless],
    ['removeFromHousehold', { householdMemberId: 'hmb_x' }, seatless],
    ['leaveHousehold', {}, seatless],
    ['dissolveHousehold', {}, seatless],
    ['contributeToHousehold', { points: 1 }, gone('MEMBER')],
  ] as const;

/** Sends a mutation as a member whose session is still good. */
async function late({ id }: RegisteredMember, name: string, input: object): Promise<Record<string, unknown>> {
  const field = memberMutations().find((one) => one.name.value === name)!;
  const type = print(field.arguments![0]!.type);
  const operation = `mutation ($input: ${type}) { ${name}(input: $input) { __typename ... on NotFound { what } } }`;
  const variables = { input: { idempotencyKey: randomUUID(), ...input } };
  return (await accounts.send<Record<string, Record<string, unknown>>>(asMember(id), operation, variables))[
    name
  ]!;
}

/** The mutations of accounts that a member's session may send. */
const memberMutations = () =>
  readSubgraphSchema('accounts').definitions.flatMap((one) =>
    'fields' in one && 'name' in one && one.name?.value === 'Mutation'
      ? (one.fields as readonly FieldDefinitionNode[]).filter(({ directives }) =>
          directives!.some((each) => print(each).match(/^@access\(.*\bMEMBER\b/)),
        )
      : [],
  );

const erase = async (member: RegisteredMember) => {
  const { left } = await erasure(accounts, asMember(member.id), 'eraseMember');
  expect(await erasure(accounts, asMember(member.id), 'eraseMember', { forfeit: left })).toMatchObject({
    __typename: 'MemberErased',
  });
};

/** A member with something of everything, who is then erased, and what its requests name. */
async function erasedInTheMiddle() {
  const [member, friend, head] = [await newMember(), await newMember(), await newMember()];
  await makeBeneficiary(accounts, friend, member);
  await earn(friend, 30);
  const give = async () =>
    (
      (
        await act(accounts, asMember(friend.id), 'transferPoints', {
          toCardNumber: member.cardNumber,
          points: 10,
        })
      )['posting'] as { id: string }
    ).id;
  const [declined, gift] = [await give(), await give()];
  const added = await asGiver(accounts, member.id, 'addBeneficiary', { cardNumber: friend.cardNumber });
  await atHome(accounts, head, 'createHousehold', { name: 'Home' });
  const invite = async () =>
    (
      (await atHome(accounts, head, 'inviteToHousehold', { cardNumber: member.cardNumber }))[
        'invitation'
      ] as {
        id: string;
      }
    ).id;
  const before: [string, object, string][] = [
    ['declineGift', { idempotencyKey: 'declines', postingId: declined }, 'NotFound'],
    [
      'grantConsent',
      { idempotencyKey: 'grants', partnerId: cafe.id, purpose: 'SHARE_PROFILE', textVersion: '1' },
      'NotFound',
    ],
    [
      'acceptHouseholdInvitation',
      { idempotencyKey: 'joins', invitationId: await invite() },
      'HouseholdChanged',
    ],
    ['contributeToHousehold', { idempotencyKey: 'pools', points: 5 }, 'NotFound'],
    ['leaveHousehold', { idempotencyKey: 'leaves' }, 'NotFound'],
    ['createHousehold', { idempotencyKey: 'founds', name: 'Flat' }, 'HouseholdChanged'],
    ['dissolveHousehold', { idempotencyKey: 'ends' }, 'NotFound'],
  ];
  for (const [name, input] of before)
    expect([name, await late(member, name, input)]).toEqual([
      name,
      { __typename: expect.not.stringMatching(/^(NotFound|InvalidInput|NotInHousehold)$/) },
    ]);
  const lots = 'query ($id: ID!) { member(id: $id) { wallet { lots { edges { node { id } } } } } }';
  const { member: seen } = await accounts.send<{
    member: { wallet: { lots: { edges: { node: { id: string } }[] } } };
  }>(asMember(member.id), lots, { id: member.id });
  const ids = {
    ...{ card: friend.cardNumber, gift, lot: seen.wallet.lots.edges[0]!.node.id, invitation: await invite() },
    beneficiary: (added['beneficiary'] as { id: string }).id,
  };
  await erase(member);
  return { member, friend, ids, before };
}

test('whatever an erased member’s session still sends is refused, keeps nothing and moves no points', async () => {
  const { member, friend, ids } = await erasedInTheMiddle();
  const requests = laterRequests(ids);
  const [stored, wallet] = [await documentsStored(accounts), await walletOf(accounts, friend.id)];

  for (const [name, input, answer] of requests)
    expect([name, await late(member, name, input)]).toEqual([name, answer]);

  expect(requests.map(([name]) => name).sort()).toEqual(
    memberMutations()
      .map(({ name }) => name.value)
      .sort(),
  );
  expect(await documentsStored(accounts)).toEqual(stored);
  expect(await walletOf(accounts, friend.id)).toEqual(wallet);
  for (const text of ['what the erased member called it', 'Home of the erased member'])
    expect(await documentsWith(accounts, text)).toEqual([]);
});

test('what an erased member had asked for before is answered without a fault when it is sent again', async () => {
  const { member, friend, before } = await erasedInTheMiddle();
  const [stored, wallet] = [await documentsStored(accounts), await walletOf(accounts, friend.id)];

  for (const [name, input, __typename] of before)
    expect([name, await late(member, name, input)]).toMatchObject([name, { __typename }]);

  expect(await documentsStored(accounts)).toEqual(stored);
  expect(await walletOf(accounts, friend.id)).toEqual(wallet);
});

test('a beneficiary that is added while its owner is being erased is not kept', async () => {
  const other = await newMember();
  for (let round = 0; round < 6; round++) {
    const member = await newMember();
    const label = `called so in round ${round}`;
    const add = () => asGiver(accounts, member.id, 'addBeneficiary', { cardNumber: other.cardNumber, label });
    if (round % 2) await add();

    const [erased, ...added] = await Promise.all([
      erasure(accounts, asMember(member.id), 'eraseMember'),
      ...[1, 2, 3].map(add),
    ]);

    expect(erased).toMatchObject({ __typename: 'MemberErased' });
    for (const { __typename } of added)
      expect(['BeneficiaryAdded', 'AlreadyBeneficiary', 'NotFound']).toContain(__typename);
    expect(await documentsWith(accounts, label)).toEqual([]);
  }
});

test('a wallet that cannot be swept keeps no erasure waiting', async () => {
  const member = await newMember();
  await earn(member, 10);
  const hold = { memberId: member.id, merchantId: pets.id, programme: 'SHARED', points: 10 };
  await act(accounts, asService(), 'holdPoints', hold);
  const holds = accounts.stored.collection('ledger-holds');
  const { parts } = (await holds.findOne({ memberId: member.id }))!;
  const broken = [{ lotId: 'gone', issuerId: pets.id, points: 10n }];
  await holds.updateOne({ memberId: member.id }, { $set: { parts: broken } });
  const other = await newMember();
  accounts.clock.advance({ hours: 1 });
  const at = new Date(accounts.clock.now().getTime() - 60_000);
  await insert('erasures', {
    ...{ _id: other.id, state: 'CLOSING', requestedAt: at, reason: null, forfeit: [] },
    ...{ erasedAt: null, touchedAt: at },
  });

  await accounts.sweep();

  expect(await stateOf(other.id)).toBe('SCRUBBING');
  await holds.updateOne({ memberId: member.id }, { $set: { parts } });
});

async function onStore<T>(work: (db: import('mongoose').mongo.Db) => Promise<T>): Promise<T> {
  const { connectMongo } = await import('../../../subgraphs/shared/mongo.ts');
  const connection = await connectMongo(accounts.mongo.uri, accounts.database);
  try {
    return await work(connection.db!);
  } finally {
    await connection.close();
  }
}

const insert = (collection: string, row: object) => onStore((db) => db.collection(collection).insertOne(row));

const bodyOf = (id: string) =>
  onStore(async (db) => {
    const row = await db.collection<{ _id: string; body: string }>('webhook-deliveries').findOne({ _id: id });
    return JSON.parse(row!.body) as object;
  });

const stateOf = (id: string) =>
  onStore(
    async (db) =>
      (await db.collection<{ _id: string; state: string }>('erasures').findOne({ _id: id }))?.state,
  );
