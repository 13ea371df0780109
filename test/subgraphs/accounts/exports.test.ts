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
import { atHome, join } from '../../support/households.ts';
import { act, documentsStored } from '../../support/points.ts';
import { erasure, exportOf, giveConsent } from '../../support/privacy.ts';

let accounts: TestAccounts;
let pets: OpenedMerchant;
let member: RegisteredMember;
let friend: RegisteredMember;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  pets = await openMerchant(accounts, 'Pets');
  member = await registerMember(accounts, pets, 'm-1', { displayName: '小明', locale: 'en' });
  friend = await registerMember(accounts, pets, 'f-1');
  await makeBeneficiary(accounts, member, friend);
  for (let i = 1; i <= 5; i++)
    await act(accounts, pets.caller, 'issuePoints', {
      member: { id: member.id },
      points: 10 * i,
      reason: `no ${i}`,
    });
  await act(accounts, asMember(member.id), 'transferPoints', { toCardNumber: friend.cardNumber, points: 5 });
  await giveConsent(accounts, member.id, pets.id, 'MARKETING');
});

afterAll(() => accounts.stop());

const ofType = (records: readonly Record<string, unknown>[], type: string) =>
  records.filter((record) => record['type'] === type);

test('an export has all that is kept of a member, and nothing of the other member of a gift', async () => {
  const records = await exportOf(accounts, asMember(member.id));

  expect(records.map(({ type }) => type)).toEqual([
    'member',
    'registration',
    'consent',
    'export',
    'beneficiary',
    'wallet',
    ...Array(5).fill('lot'),
    ...Array(6).fill('posting'),
  ]);
  expect(records[0]).toEqual({
    type: 'member',
    id: member.id,
    cardNumber: member.cardNumber,
    registeredAt: '2026-01-15T08:00:00.000Z',
    displayName: '小明',
    locale: 'en',
    nameGivenBy: pets.id,
  });
  expect(ofType(records, 'registration')).toEqual([
    {
      ...{ type: 'registration', merchantId: pets.id, merchantName: 'Pets', reference: 'm-1' },
      at: '2026-01-15T08:00:00.000Z',
    },
  ]);
  expect(ofType(records, 'wallet')).toMatchObject([{ programme: 'SHARED', available: '145', pending: '0' }]);
  expect(ofType(records, 'posting').map(({ kind, change, reason }) => [kind, change, reason])).toEqual([
    ['TRANSFER', '-5', undefined],
    ...[5, 4, 3, 2, 1].map((i) => ['EARN', String(10 * i), `no ${i}`]),
  ]);
  const text = JSON.stringify(records);
  expect(text).not.toContain(friend.id);
  expect(text).not.toContain(friend.cardNumber);
});

test('an export names no lot of the giver in what its member was given', async () => {
  const given = ofType(await exportOf(accounts, asMember(friend.id)), 'lot');
  const givers = ofType(await exportOf(accounts, asMember(member.id)), 'lot');

  expect(given).toMatchObject([{ remaining: '5' }]);
  expect(givers).toHaveLength(5);
  expect(JSON.stringify(given)).not.toMatch(new RegExp(givers.map(({ id }) => id).join('|')));
});

test('pages of any size give the same records', async () => {
  const whole = (await exportOf(accounts, asMember(member.id))).filter(({ type }) => type !== 'export');

  for (const first of [1, 2, 7]) {
    const paged = await exportOf(accounts, asMember(member.id), {}, first);
    expect(paged.filter(({ type }) => type !== 'export')).toEqual(whole);
  }
});

test('what fell due and was not written yet is in the journal that is exported', async () => {
  const other = await registerMember(accounts, pets, 'm-due');
  await act(accounts, pets.caller, 'issuePoints', { member: { id: other.id }, points: 9 });
  accounts.clock.advance({ days: 800 });

  const records = await exportOf(accounts, asMember(other.id));

  const kinds = ofType(records, 'posting').map(({ kind }) => kind);
  expect(kinds.at(-1)).toBe('EARN');
  // Nobody told the member, so the points were extended, again and again.
  expect([...new Set(kinds.slice(0, -1))]).toEqual(['EXTEND']);
});

test('the operator exports on behalf of a member, says why, and the member sees it', async () => {
  const other = await registerMember(accounts, pets, 'm-2');
  const input = { member: { cardNumber: other.cardNumber }, reason: 'letter of 3 March' };

  const records = await exportOf(accounts, operator, input, 1);

  expect(ofType(records, 'member')).toMatchObject([{ id: other.id }]);
  const { member: seen } = await accounts.send<{ member: object }>(
    asMember(other.id),
    'query ($id: ID!) { member(id: $id) { exports { by reason relayedBy { id } } } }',
    { id: other.id },
  );
  expect(seen).toEqual({ exports: [{ by: 'OPERATOR', reason: 'letter of 3 March', relayedBy: null }] });
});

const ask = async (caller: Parameters<TestAccounts['send']>[0], input: object) =>
  (
    await accounts.send<{ exportMember: object }>(
      caller,
      `mutation ($input: ExportMemberInput!) { exportMember(input: $input) {
         __typename ... on Refusal { code } ... on InvalidInput { field } ... on NotFound { what } } }`,
      { input: { idempotencyKey: 'refused', ...input } },
    )
  ).exportMember;

test('what is refused is not noted', async () => {
  const before = await documentsStored(accounts);

  expect(await ask(operator, { reason: 'x' })).toMatchObject({ field: 'input.member' });
  expect(await ask(operator, { member: { id: member.id } })).toMatchObject({ field: 'input.reason' });
  expect(await ask(operator, { member: { id: 'mem_x' }, reason: 'x' })).toMatchObject({ what: 'MEMBER' });
  expect(await ask(asMember(member.id), { member: { id: friend.id } })).toMatchObject({
    field: 'input.member',
  });
  expect(await ask(asMember(member.id), { reason: 'x' })).toMatchObject({ field: 'input.reason' });
  expect(await ask(asMember(member.id), { idempotencyKey: '' })).toMatchObject({
    field: 'input.idempotencyKey',
  });
  expect(await documentsStored(accounts)).toEqual(before);
});

test('a key goes on with the export that it began and begins no other', async () => {
  const first = await ask(operator, { idempotencyKey: 'go-on', member: { id: member.id }, reason: 'x' });
  const before = await documentsStored(accounts);

  const again = await ask(operator, { idempotencyKey: 'go-on', member: { id: member.id }, reason: 'x' });
  const other = await ask(operator, { idempotencyKey: 'go-on', member: { id: friend.id }, reason: 'x' });

  expect([first, again]).toEqual([{ __typename: 'MemberExported' }, { __typename: 'MemberExported' }]);
  expect(other).toMatchObject({ __typename: 'IdempotencyConflict' });
  expect(await documentsStored(accounts)).toEqual(before);
});

test('what a pool paid for is told to the one who bought it, and to the others only that their lots paid', async () => {
  const [head, other] = [
    await registerMember(accounts, pets, 'pool-1'),
    await registerMember(accounts, pets, 'pool-2'),
  ];
  await atHome(accounts, head, 'createHousehold', { name: 'Home' });
  await join(accounts, head, other);
  for (const { id } of [head, other]) {
    await act(accounts, pets.caller, 'issuePoints', { member: { id }, points: 50 });
    await atHome(accounts, { id } as RegisteredMember, 'contributeToHousehold', { points: 50 });
  }
  const bought = { points: 80, fromHousehold: true, externalRef: 'receipt-of-a-present' };
  const paid = await act(accounts, pets.caller, 'redeemPoints', { member: { id: head.id }, ...bought });
  const { id } = paid['posting'] as { id: string };

  const [heads, others] = await Promise.all(
    [head, other].map(async (one) =>
      ofType(await exportOf(accounts, asMember(one.id)), 'posting').find((posting) => posting['id'] === id),
    ),
  );

  expect(heads).toMatchObject({ externalRef: 'receipt-of-a-present', allocations: [expect.anything()] });
  expect(others).toMatchObject({ lines: [], allocations: [expect.anything()] });
  expect(others).not.toHaveProperty('externalRef');
  const lotIn = (posting: unknown) => (posting as { allocations: { lotId: string }[] }).allocations[0]!.lotId;
  expect(lotIn(heads)).not.toBe(lotIn(others));
});

test('what a hold keeps in a pool of one who left is in its export, with what moved it, until it is back', async () => {
  const [head, other] = [
    await registerMember(accounts, pets, 'left-1'),
    await registerMember(accounts, pets, 'left-2'),
  ];
  await atHome(accounts, head, 'createHousehold', { name: 'Former home' });
  await join(accounts, head, other);
  await act(accounts, pets.caller, 'issuePoints', { member: { id: other.id }, points: 50 });
  await atHome(accounts, other, 'contributeToHousehold', { points: 50 });
  await act(accounts, asService(), 'holdPoints', {
    ...{ memberId: head.id, merchantId: pets.id, programme: 'SHARED', points: 20, fromHousehold: true },
  });
  await atHome(accounts, other, 'leaveHousehold');

  const during = await exportOf(accounts, asMember(other.id));
  accounts.clock.advance({ hours: 1 });
  const after = await exportOf(accounts, asMember(other.id));

  const home = { name: 'Former home', role: 'ADULT', joinedAs: 'ADULT', leftAt: expect.any(String) };
  expect(ofType(during, 'household')).toEqual([expect.objectContaining(home)]);
  expect(ofType(during, 'pooled-lot')).toMatchObject([{ remaining: '20', held: '20' }]);
  const kinds = (records: Parameters<typeof ofType>[0]) =>
    ofType(records, 'posting').map(({ kind, points }) => [kind, points]);
  expect(kinds(during)).toEqual([
    ['TAKE_BACK', '30'],
    ['HOLD', '20'],
    ['CONTRIBUTE', '50'],
    ['EARN', '50'],
  ]);
  expect(ofType(after, 'pooled-lot')).toEqual([]);
  expect(ofType(after, 'household')).toHaveLength(1);
  expect(kinds(after).slice(0, 2)).toEqual([
    ['TAKE_BACK', '20'],
    ['VOID', '20'],
  ]);
  expect(JSON.stringify(during)).not.toContain(head.id);
});

test('legal holds with their reasons, and an erasure that was refused, are in the export', async () => {
  const other = await registerMember(accounts, pets, 'held-1');
  const placedAt = accounts.clock.now().toISOString();
  const until = new Date(accounts.clock.now().getTime() + 86_400_000).toISOString();
  const place = async (reason: string) => {
    const hold = { member: { id: other.id }, reason, until };
    return (await erasure(accounts, operator, 'placeLegalHold', hold))['hold'] as { id: string };
  };
  const first = await place('claim 1');
  await accounts.send(
    operator,
    'mutation ($id: ID!) { releaseLegalHold(input: { holdId: $id }) { __typename } }',
    {
      id: first.id,
    },
  );
  accounts.clock.advance({ hours: 1 });
  await place('claim 2');
  accounts.clock.advance({ days: 1 });
  await act(accounts, pets.caller, 'issuePoints', { member: { id: other.id }, points: 5 });
  const forfeit = [{ programme: 'SHARED', points: 4 }];
  const requestedAt = accounts.clock.now().toISOString();
  expect(await erasure(accounts, asMember(other.id), 'eraseMember', { forfeit })).toMatchObject({
    __typename: 'PointsLeft',
  });

  const records = await exportOf(accounts, asMember(other.id), {}, 1);

  expect(ofType(records, 'legal-hold')).toEqual([
    { type: 'legal-hold', id: first.id, reason: 'claim 1', placedAt, until, releasedAt: placedAt },
    expect.objectContaining({ type: 'legal-hold', reason: 'claim 2', until }),
  ]);
  expect(ofType(records, 'erasure')).toEqual([
    { type: 'erasure', state: 'REFUSED', requestedAt, forfeit: [{ programme: 'SHARED', points: '4' }] },
  ]);
});

test('invitations to households are in the export of whom they invite, newest first, and name nobody else', async () => {
  const guest = await registerMember(accounts, pets, 'guest-1');
  const heads: RegisteredMember[] = [];
  const invitations: string[] = [];
  for (const name of ['Old', 'Middle', 'New']) {
    const head = await registerMember(accounts, pets, `host-${name}`, { displayName: `Head of ${name}` });
    await atHome(accounts, head, 'createHousehold', { name });
    const invited = await atHome(accounts, head, 'inviteToHousehold', {
      ...{ cardNumber: guest.cardNumber, role: name === 'New' ? 'CHILD' : 'ADULT' },
    });
    heads.push(head);
    invitations.push((invited['invitation'] as { id: string }).id);
    accounts.clock.advance({ days: 6 });
  }
  await atHome(accounts, guest, 'declineHouseholdInvitation', { invitationId: invitations[1] });

  const records = ofType(await exportOf(accounts, asMember(guest.id), {}, 2), 'household-invitation');

  expect(records).toMatchObject([
    { id: invitations[2], householdName: 'New', role: 'CHILD', state: 'OPEN' },
    { id: invitations[1], householdName: 'Middle', role: 'ADULT', state: 'DECLINED' },
    { id: invitations[0], householdName: 'Old', role: 'ADULT', state: 'EXPIRED' },
  ]);
  expect(Object.keys(records[0]!).sort()).toEqual(
    ['expiresAt', 'householdName', 'id', 'invitedAt', 'role', 'state', 'type'].sort(),
  );
  for (const head of heads)
    expect(ofType(await exportOf(accounts, asMember(head.id)), 'household-invitation')).toEqual([]);
});

test('what a member spent of a pool this month, and that a pool paid, are in its export and in no other', async () => {
  const [head, other] = [
    await registerMember(accounts, pets, 'spent-1'),
    await registerMember(accounts, pets, 'spent-2'),
  ];
  await atHome(accounts, head, 'createHousehold', { name: 'Home' });
  await join(accounts, head, other);
  await act(accounts, pets.caller, 'issuePoints', { member: { id: head.id }, points: 50 });
  await atHome(accounts, head, 'contributeToHousehold', { points: 50 });
  const paid = { member: { id: other.id }, points: 20, fromHousehold: true };
  await act(accounts, pets.caller, 'redeemPoints', paid);

  const others = await exportOf(accounts, asMember(other.id));
  const heads = await exportOf(accounts, asMember(head.id));

  const [home] = ofType(heads, 'household');
  const month = accounts.clock.now().toISOString().slice(0, 7);
  expect(ofType(others, 'pool-spent')).toEqual([
    { type: 'pool-spent', householdId: home!['id'], programme: 'SHARED', month, points: '20' },
  ]);
  expect(ofType(heads, 'pool-spent')).toEqual([]);
  expect(ofType(others, 'posting')).toMatchObject([{ kind: 'REDEEM', fromHousehold: true }]);
  expect(ofType(heads, 'posting').at(-1)).toMatchObject({ kind: 'EARN', fromHousehold: false });
  expect(ofType(heads, 'wallet')).toMatchObject([{ pooledIn: home!['id'] }]);
});
