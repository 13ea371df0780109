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
import { atHome, type HouseholdMutation, join } from '../../support/households.ts';
import { act, documentsStored, expectSoundLedger, walletOf } from '../../support/points.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts, { transfers: { allowed: true } });
  pets = await openMerchant(accounts, 'Pets');
  cafe = await openMerchant(accounts, 'Café');
});
afterAll(async () => {
  await expectSoundLedger(accounts);
  await accounts.stop();
});

const newMember = (displayName?: string): Promise<RegisteredMember> =>
  registerMember(accounts, pets, randomUUID(), displayName ? { displayName } : {});

const home = (member: RegisteredMember, name: HouseholdMutation, input: object = {}) =>
  atHome(accounts, member, name, input);

/** A head with an adult and a child; each has 1,000 points of its own. */
async function family() {
  const [head, adult, child] = [await newMember('Head'), await newMember('Adult'), await newMember()];
  expect(await home(head, 'createHousehold', { name: 'Home' })).toMatchObject({
    __typename: 'HouseholdChanged',
  });
  await join(accounts, head, adult);
  await join(accounts, head, child, 'CHILD');
  for (const { id } of [head, adult, child])
    await act(accounts, pets.caller, 'issuePoints', { member: { id }, points: 1_000 });
  return { head, adult, child };
}

const seen = `query ($id: ID!) { member(id: $id) { household {
  id name dissolvedAt
  members { id isYou displayName maskedCard role limits { perRedemption perMonth } }
  pool { available held spendableByYou shares { member { maskedCard } available held } nextExpiry { points } }
  spending { edges { node { points reversed merchant { name } by { maskedCard } parts { member { maskedCard } points } } } }
} } }`;

async function householdOf(member: RegisteredMember): Promise<Fields | null> {
  const data = await accounts.send<{ member: { household: Fields | null } }>(asMember(member.id), seen, {
    id: member.id,
  });
  return data.member.household;
}

const mask = ({ cardNumber }: RegisteredMember) => `**** **** **** ${cardNumber.slice(-4)}`;

/** Id of a member's place in its household. */
async function seatOf(viewer: RegisteredMember, member: RegisteredMember): Promise<string> {
  const { members } = (await householdOf(viewer)) as { members: { id: string; maskedCard: string }[] };
  return members.find(({ maskedCard }) => maskedCard === mask(member))!.id;
}

const pay = (member: RegisteredMember, points: number, more: object = {}) =>
  act(accounts, pets.caller, 'redeemPoints', {
    member: { id: member.id },
    points,
    fromHousehold: true,
    ...more,
  });
const contribute = (member: RegisteredMember, points: number, more: object = {}) =>
  home(member, 'contributeToHousehold', { points, ...more });
const available = async ({ id }: RegisteredMember) => (await walletOf(accounts, id))['available'];
const kind = (result: Fields) => result['__typename'];

/** Does something that is to be refused and makes sure that nothing was written. */
async function refused(act: () => Promise<Fields>): Promise<Fields> {
  const before = await documentsStored(accounts);
  const result = await act();
  expect(await documentsStored(accounts)).toEqual(before);
  return result;
}

test('a family pools points, spends them together, and sees who spent and whose points paid', async () => {
  const { head, adult, child } = await family();

  expect(await contribute(adult, 300)).toMatchObject({
    __typename: 'PointsContributed',
    replayed: false,
    posting: { kind: 'CONTRIBUTE', change: -300, fromHousehold: true },
    wallet: { available: 700 },
    household: { pool: { available: 300, spendableByYou: 300 } },
  });
  expect(kind(await contribute(child, 100))).toBe('PointsContributed');
  const paid = await pay(head, 350);

  expect(paid).toMatchObject({ __typename: 'PointsPosted', wallet: { available: 1000 } });
  expect(await householdOf(head)).toMatchObject({
    name: 'Home',
    members: [
      { isYou: true, displayName: 'Head', role: 'HEAD', limits: { perRedemption: null, perMonth: null } },
      { isYou: false, displayName: 'Adult', maskedCard: mask(adult), role: 'ADULT' },
      { displayName: null, maskedCard: mask(child), role: 'CHILD', limits: { perMonth: 0 } },
    ],
    pool: {
      available: 50,
      held: 0,
      spendableByYou: 50,
      shares: [{ member: { maskedCard: mask(child) }, available: 50, held: 0 }],
      nextExpiry: { points: 50 },
    },
    spending: {
      edges: [
        {
          node: {
            points: 350,
            reversed: 0,
            merchant: { name: 'Pets' },
            by: { maskedCard: mask(head) },
            parts: [
              { member: { maskedCard: mask(adult) }, points: 300 },
              { member: { maskedCard: mask(child) }, points: 50 },
            ],
          },
        },
      ],
    },
  });
});

test('a merchant is told that a pool paid, and neither whose points nor whose household', async () => {
  const { head, adult } = await family();
  await contribute(adult, 100);
  const paid = (await pay(head, 60)) as { posting: { id: string } };
  const query = `query ($id: ID!) { posting(id: $id) {
    fromHousehold change member { id } entries { account points } allocations { points contributor { maskedCard isYou } } } }`;
  const { id } = paid.posting;

  const merchant = await accounts.send<{ posting: Fields }>(pets.caller, query, { id });
  const payer = await accounts.send<{ posting: Fields }>(asMember(adult.id), query, { id });
  const stranger = await accounts.ask(asMember((await newMember()).id), query, { id });

  expect(merchant.posting).toEqual({
    fromHousehold: true,
    change: 0,
    member: { id: head.id },
    entries: [
      { account: 'wallet:pool:available', points: -60 },
      { account: `honourer:${pets.id}`, points: 60 },
    ],
    allocations: [{ points: -60, contributor: null }],
  });
  expect(payer.posting).toMatchObject({
    member: null,
    change: 0,
    allocations: [{ points: -60, contributor: { maskedCard: mask(adult), isYou: true } }],
  });
  expect(stranger.data).toEqual({ posting: null });
});

test('a child spends what its head allows, gives nothing away and plays no games of chance', async () => {
  const { head, adult, child } = await family();
  await contribute(adult, 500);

  expect(await refused(() => pay(child, 1))).toMatchObject({
    __typename: 'HouseholdLimitExceeded',
    code: 'HOUSEHOLD_LIMIT_EXCEEDED',
  });
  const householdMemberId = await seatOf(head, child);
  const limits = { householdMemberId, perRedemption: 50, perMonth: 80 };
  expect(kind(await home(head, 'setHouseholdLimits', limits))).toBe('HouseholdChanged');
  expect(kind(await pay(child, 51))).toBe('HouseholdLimitExceeded');
  expect(kind(await pay(child, 50))).toBe('PointsPosted');
  expect(kind(await pay(child, 31))).toBe('HouseholdLimitExceeded');
  expect(kind(await pay(child, 30))).toBe('PointsPosted');

  const give = { toCardNumber: adult.cardNumber, points: 1 };
  expect(await refused(() => act(accounts, asMember(child.id), 'transferPoints', give))).toMatchObject({
    __typename: 'NotForChildren',
    code: 'NOT_FOR_CHILDREN',
  });
  const entities = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Member { mayPlayGamesOfChance } } }`;
  const of = [child, adult, await newMember()].map(({ id }) => ({ __typename: 'Member', id }));
  expect(await accounts.send(asService(), entities, { of })).toEqual({
    _entities: [
      { mayPlayGamesOfChance: false },
      { mayPlayGamesOfChance: true },
      { mayPlayGamesOfChance: true },
    ],
  });
});

test('a child does not leave by itself and stays a child; whom its head makes an adult may leave', async () => {
  const { head, adult, child } = await family();
  const householdMemberId = await seatOf(head, child);
  const give = { toCardNumber: adult.cardNumber, points: 1 };

  expect(await refused(() => home(child, 'leaveHousehold'))).toMatchObject({
    __typename: 'NotForChildren',
    code: 'NOT_FOR_CHILDREN',
    message: 'A child of a household does not leave by itself: its head removes it or makes it an adult.',
  });
  expect(kind(await refused(() => home(child, 'createHousehold', { name: 'Mine' })))).toBe(
    'AlreadyInHousehold',
  );
  expect(kind(await refused(() => act(accounts, asMember(child.id), 'transferPoints', give)))).toBe(
    'NotForChildren',
  );
  await home(head, 'setHouseholdRole', { householdMemberId, role: 'ADULT' });
  expect(kind(await home(child, 'leaveHousehold'))).toBe('HouseholdLeft');
});

test('who was removed as a child, or whose household was dissolved, is nobody’s child any more', async () => {
  const { head, adult, child } = await family();
  const other = await newMember();
  await join(accounts, head, other, 'CHILD');
  const give = { toCardNumber: adult.cardNumber, points: 1 };
  const giving = (member: RegisteredMember) =>
    refused(() => act(accounts, asMember(member.id), 'transferPoints', give));

  await home(head, 'removeFromHousehold', { householdMemberId: await seatOf(head, child) });
  expect(kind(await giving(child))).toBe('NotABeneficiary');
  expect(kind(await giving(other))).toBe('NotForChildren');
  await home(head, 'dissolveHousehold');
  expect(kind(await giving(other))).toBe('NotABeneficiary');
});

test('only the head invites, removes, sets roles and limits, hands over and dissolves', async () => {
  const { head, adult, child } = await family();
  const householdMemberId = await seatOf(head, child);
  const attempts: [HouseholdMutation, object][] = [
    ['inviteToHousehold', { cardNumber: (await newMember()).cardNumber }],
    ['setHouseholdRole', { householdMemberId, role: 'ADULT' }],
    ['setHouseholdLimits', { householdMemberId, perMonth: 10 }],
    ['handOverHousehold', { householdMemberId }],
    ['removeFromHousehold', { householdMemberId }],
    ['dissolveHousehold', {}],
  ];

  for (const [name, input] of attempts) {
    expect(kind(await refused(() => home(adult, name, input)))).toBe('NotHead');
    expect(kind(await refused(async () => home(await stranger, name, input)))).toBe('NotInHousehold');
  }
});
let stranger: Promise<RegisteredMember>;
beforeAll(() => {
  stranger = newMember();
});

test('the head cannot leave, be removed or be made a child; it hands over to an adult', async () => {
  const { head, adult, child } = await family();
  const [own, other, young] = [
    await seatOf(head, head),
    await seatOf(head, adult),
    await seatOf(head, child),
  ];

  expect(kind(await refused(() => home(head, 'leaveHousehold')))).toBe('IsHead');
  expect(kind(await refused(() => home(head, 'removeFromHousehold', { householdMemberId: own })))).toBe(
    'IsHead',
  );
  const asChild = { householdMemberId: own, role: 'CHILD' };
  expect(kind(await refused(() => home(head, 'setHouseholdRole', asChild)))).toBe('IsHead');
  expect(kind(await refused(() => home(head, 'handOverHousehold', { householdMemberId: young })))).toBe(
    'NotAnAdult',
  );
  expect(await home(head, 'handOverHousehold', { householdMemberId: other })).toMatchObject({
    household: { members: [{ role: 'ADULT' }, { role: 'HEAD' }, { role: 'CHILD' }] },
  });
  expect(kind(await home(head, 'leaveHousehold'))).toBe('HouseholdLeft');
  expect(await householdOf(head)).toBeNull();
});

test('an invitation is its invited member’s alone, is answered once and ends after 14 days', async () => {
  const head = await newMember();
  const [guest, other] = [await newMember(), await newMember()];
  await home(head, 'createHousehold', { name: 'Home' });
  const invite = async () =>
    (
      (await home(head, 'inviteToHousehold', { cardNumber: guest.cardNumber }))['invitation'] as {
        id: string;
      }
    ).id;
  const invitationId = await invite();

  expect(kind(await home(head, 'inviteToHousehold', { cardNumber: guest.cardNumber }))).toBe(
    'AlreadyInvited',
  );
  expect(await refused(() => home(other, 'acceptHouseholdInvitation', { invitationId }))).toMatchObject({
    __typename: 'NotFound',
    what: 'INVITATION',
  });
  expect(await home(guest, 'declineHouseholdInvitation', { invitationId })).toMatchObject({
    __typename: 'HouseholdInvitationDeclined',
    invitation: { state: 'DECLINED', householdName: 'Home', headMaskedCard: mask(head) },
  });
  expect(await refused(() => home(guest, 'acceptHouseholdInvitation', { invitationId }))).toMatchObject({
    __typename: 'InvitationClosed',
    state: 'DECLINED',
  });
  const late = await invite();
  accounts.clock.advance({ days: 14 });
  expect(await refused(() => home(guest, 'acceptHouseholdInvitation', { invitationId: late }))).toMatchObject(
    {
      __typename: 'InvitationClosed',
      state: 'EXPIRED',
    },
  );
  const withdrawn = await invite();
  await home(head, 'withdrawHouseholdInvitation', { invitationId: withdrawn });
  expect(
    await refused(() => home(guest, 'acceptHouseholdInvitation', { invitationId: withdrawn })),
  ).toMatchObject({ state: 'WITHDRAWN' });
  const query = '{ viewer { member { householdInvitations { id } } } }';
  const open = await invite();
  expect(await accounts.send(asMember(guest.id), query)).toEqual({
    viewer: { member: { householdInvitations: [{ id: open }] } },
  });
});

test('a member belongs to one household at most, however many it accepts at once', async () => {
  const guest = await newMember();
  const invitations = await Promise.all(
    [1, 2, 3].map(async () => {
      const head = await newMember();
      await home(head, 'createHousehold', { name: 'Home' });
      const invited = await home(head, 'inviteToHousehold', { cardNumber: guest.cardNumber });
      return (invited['invitation'] as { id: string }).id;
    }),
  );

  const answers = await Promise.all(
    invitations.map((invitationId) => home(guest, 'acceptHouseholdInvitation', { invitationId })),
  );

  expect(answers.map((answer) => String(kind(answer))).sort()).toEqual([
    'AlreadyInHousehold',
    'AlreadyInHousehold',
    'HouseholdChanged',
  ]);
  expect(kind(await refused(() => home(guest, 'createHousehold', { name: 'Mine' })))).toBe(
    'AlreadyInHousehold',
  );
});

test('a household has at most eight members, invited ones included', async () => {
  const head = await newMember();
  await home(head, 'createHousehold', { name: 'Home' });
  for (let i = 0; i < 7; i++)
    await home(head, 'inviteToHousehold', { cardNumber: (await newMember()).cardNumber });

  const { cardNumber } = await newMember();
  expect(await refused(() => home(head, 'inviteToHousehold', { cardNumber }))).toMatchObject({
    __typename: 'HouseholdFull',
    most: 8,
  });
});

test('who leaves or is removed gets back what it has in the pool; dissolving gives everything back', async () => {
  const { head, adult, child } = await family();
  await contribute(head, 100);
  await contribute(adult, 200);
  await contribute(child, 300);

  expect(await home(adult, 'leaveHousehold')).toMatchObject({
    __typename: 'HouseholdLeft',
    member: { wallet: { available: 1000 } },
  });
  expect(await householdOf(head)).toMatchObject({ pool: { available: 400 } });
  expect(await refused(() => pay(adult, 1))).toMatchObject({ __typename: 'NotInHousehold' });
  const householdMemberId = await seatOf(head, child);
  await home(head, 'removeFromHousehold', { householdMemberId });
  expect(await available(child)).toBe(1000);
  await home(head, 'dissolveHousehold');
  expect(await available(head)).toBe(1000);
  expect(await householdOf(head)).toBeNull();
});

test('who leaves gets back what a hold reserved that has timed out, swept or not', async () => {
  const { head, adult } = await family();
  await contribute(adult, 100);
  await reserve(head, 100);
  accounts.clock.advance({ hours: 1 });

  expect(await home(adult, 'leaveHousehold')).toMatchObject({ member: { wallet: { available: 1000 } } });
});

test('who left while a hold reserved its points can spend them once it has timed out, swept or not', async () => {
  const { head, adult } = await family();
  await contribute(adult, 100);
  await reserve(head, 100);
  await home(adult, 'leaveHousehold');
  expect(await available(adult)).toBe(900);
  accounts.clock.advance({ hours: 1 });

  expect(await available(adult)).toBe(1_000);
  const paid = await act(accounts, pets.caller, 'redeemPoints', { member: { id: adult.id }, points: 1_000 });
  expect(kind(paid)).toBe('PointsPosted');
});

test('the same request again changes nothing, and its key for something else is a conflict', async () => {
  const head = await newMember();
  const input = { idempotencyKey: randomUUID(), name: 'Home' };
  const first = await home(head, 'createHousehold', input);

  const again = await refused(() => home(head, 'createHousehold', input));
  const other = await refused(() => home(head, 'createHousehold', { ...input, name: 'Else' }));
  const operation = await refused(() =>
    home(head, 'dissolveHousehold', { idempotencyKey: input.idempotencyKey }),
  );

  expect(again).toEqual({ ...first, replayed: true });
  expect([kind(other), kind(operation)]).toEqual(['IdempotencyConflict', 'IdempotencyConflict']);
  await act(accounts, pets.caller, 'issuePoints', { member: { id: head.id }, points: 10 });
  const once = { idempotencyKey: randomUUID() };
  expect(await contribute(head, 10, once)).toMatchObject({ replayed: false });
  expect(await contribute(head, 10, once)).toMatchObject({ replayed: true, wallet: { available: 0 } });
});

test('a reversed payment from the pool goes back there, and to the wallet of one who left meanwhile', async () => {
  const { head, adult } = await family();
  await contribute(adult, 100);
  const paid = (await pay(head, 100)) as { posting: { id: string } };
  const reverse = (points: number) =>
    act(accounts, pets.caller, 'reversePosting', { postingId: paid.posting.id, points, reason: 'returned' });

  expect(await reverse(40)).toMatchObject({ __typename: 'PointsPosted', wallet: { available: 1000 } });
  expect(await householdOf(head)).toMatchObject({ pool: { available: 40 } });
  await home(adult, 'leaveHousehold');
  expect(await available(adult)).toBe(940);
  await reverse(60);
  expect(await available(adult)).toBe(1000);
  expect(await householdOf(head)).toMatchObject({ pool: { available: 0 } });
});

test('a purchase all of whose points are in the pool is taken back from there', async () => {
  const { head, adult } = await family();
  await home(adult, 'contributeToHousehold', { points: 1_000 });
  await home(head, 'contributeToHousehold', { points: 1_000 });
  const earned = await act(accounts, pets.caller, 'issuePoints', { member: { id: head.id }, points: 70 });
  await home(head, 'contributeToHousehold', { points: 70 });

  const returned = await act(accounts, pets.caller, 'reversePosting', {
    postingId: (earned['posting'] as { id: string }).id,
    reason: 'returned',
  });

  expect(returned).toMatchObject({ __typename: 'PointsPosted' });
  expect(await walletOf(accounts, head.id)).toMatchObject({ available: 0, arrears: 0 });
  expect(await householdOf(head)).toMatchObject({ pool: { available: 2_000 } });
});

test('a hold reserves in the pool within the limits, and refuses who has no household', async () => {
  const { head, adult } = await family();
  await contribute(adult, 100);
  const ask = (memberId: string, points: number) =>
    act(accounts, asService(), 'holdPoints', {
      memberId,
      merchantId: cafe.id,
      programme: 'SHARED',
      points,
      fromHousehold: true,
    });

  expect(kind(await refused(async () => ask((await stranger).id, 1)))).toBe('NotInHousehold');
  const held = (await ask(head.id, 70)) as { hold: { id: string } };
  expect(await refused(() => ask(head.id, 31))).toMatchObject({ __typename: 'NotEnoughPoints', shortBy: 1 });
  expect(await householdOf(head)).toMatchObject({ pool: { available: 30, held: 70 } });
  await home(adult, 'leaveHousehold');
  expect(await available(adult)).toBe(930);
  await act(accounts, asService(), 'capturePoints', { holdId: held.hold.id, points: 50 });
  expect(await available(adult)).toBe(950);
});

test('a statement says what was pooled and what came back, and adds up', async () => {
  const { head, adult } = await family();
  await contribute(adult, 100);
  await pay(head, 30);
  await home(adult, 'leaveHousehold');
  const month = accounts.clock.now().toISOString().slice(0, 7);
  const query = `query ($id: ID!, $month: String!) { member(id: $id) { statement(month: $month) {
    programmes { opening contributed takenBack other closing } } } }`;

  const { member } = await accounts.send<{ member: { statement: { programmes: Fields[] } } }>(
    asMember(adult.id),
    query,
    { id: adult.id, month },
  );

  expect(member.statement.programmes).toEqual([
    { opening: 0, contributed: -100, takenBack: 70, other: 0, closing: 970 },
  ]);
});

const allowanceQuery = `query ($id: ID!, $programme: String!) { member(id: $id) {
  poolAllowance(programme: $programme) { programme { code } available limit }
  poolAllowances { programme { code } available limit } } }`;

/** What accounts tells services of what a member may spend of the pools. */
async function allowancesOf({ id }: RegisteredMember, programme = 'SHARED'): Promise<Fields> {
  const variables = { id, programme };
  return (await accounts.send<{ member: Fields }>(asService(), allowanceQuery, variables)).member;
}

const shared = (available: number, limit: number | null) => ({
  programme: { code: 'SHARED' },
  available,
  limit,
});

test('services are told what the pool has and what the limits of a member let it spend now', async () => {
  const { head, adult, child } = await family();
  const limits = { householdMemberId: await seatOf(head, child), perRedemption: 50, perMonth: 80 };

  expect(await allowancesOf(child)).toEqual({ poolAllowance: shared(0, 0), poolAllowances: [] });
  await contribute(adult, 500);
  expect(await allowancesOf(child)).toEqual({
    poolAllowance: shared(500, 0),
    poolAllowances: [shared(500, 0)],
  });
  await home(head, 'setHouseholdLimits', limits);
  expect(await allowancesOf(child)).toMatchObject({ poolAllowance: shared(500, 50) });
  await pay(child, 50);
  expect(await allowancesOf(child)).toMatchObject({ poolAllowance: shared(450, 30) });
  await reserve(head, 400);
  expect(await allowancesOf(child)).toMatchObject({ poolAllowance: shared(50, 30) });
  expect(await allowancesOf(adult)).toMatchObject({ poolAllowances: [shared(50, null)] });
  expect(kind(await pay(child, 31))).toBe('HouseholdLimitExceeded');
  expect(kind(await pay(child, 30))).toBe('PointsPosted');
});

test('services are told of no pool of a member without a household, nor of no programme', async () => {
  const { head, adult } = await family();
  await contribute(adult, 500);
  await home(adult, 'leaveHousehold');

  expect(await allowancesOf(adult)).toEqual({ poolAllowance: null, poolAllowances: [] });
  expect(await allowancesOf(head, 'NONE')).toMatchObject({ poolAllowance: null });
});

test.each(['poolAllowance(programme: "SHARED") { available }', 'poolAllowances { available }'])(
  '%s is told to services alone',
  async (fields) => {
    const { head } = await family();
    const query = `query ($id: ID!) { member(id: $id) { ${fields} } }`;

    for (const caller of [asMember(head.id), pets.caller, operator])
      await expect(accounts.send(caller, query, { id: head.id })).rejects.toThrow('FORBIDDEN');
  },
);

test('others than those who belong to it do not see a household', async () => {
  const { head } = await family();
  const query = 'query ($id: ID!) { member(id: $id) { household { name } } }';

  const merchant = await accounts.ask<{ member: Fields }>(pets.caller, query, { id: head.id });
  const seenBy = await accounts.ask<{ member: Fields }>(operator, query, { id: head.id });

  expect(merchant.data?.member).toEqual({ household: null });
  expect(merchant.errors).toHaveLength(1);
  expect(seenBy.data?.member).toEqual({ household: { name: 'Home' } });
});

const erase = async ({ id }: RegisteredMember, points: number) => {
  const mutation = `mutation ($input: EraseMemberInput!) { eraseMember(input: $input) { __typename ... on Refusal { code }
    ... on HoldsOpen { held { programme points } } ... on PointsLeft { left { points } } } }`;
  const input = { idempotencyKey: randomUUID(), forfeit: [{ programme: 'SHARED', points }] };
  return (await accounts.send<{ eraseMember: Fields }>(asMember(id), mutation, { input })).eraseMember;
};

const reserve = async (member: RegisteredMember, points: number): Promise<string> => {
  const held = (await act(accounts, asService(), 'holdPoints', {
    memberId: member.id,
    merchantId: cafe.id,
    programme: 'SHARED',
    points,
    fromHousehold: true,
  })) as { hold: { id: string } };
  return held.hold.id;
};

test('a member leaves its household before it is erased', async () => {
  const { adult } = await family();

  expect(await refused(() => erase(adult, 1000))).toEqual({
    __typename: 'InHousehold',
    code: 'IN_HOUSEHOLD',
  });
  await home(adult, 'leaveHousehold');
  expect(kind(await erase(adult, 1000))).toBe('MemberErased');
});

test('who was removed is not erased while a hold keeps points of it in the pool; what comes back of them is confirmed', async () => {
  const { head, adult } = await family();
  await contribute(adult, 100);
  const holdId = await reserve(head, 30);
  await home(head, 'removeFromHousehold', { householdMemberId: await seatOf(head, adult) });

  expect(await erase(adult, 970)).toEqual({
    __typename: 'HoldsOpen',
    code: 'HOLDS_OPEN',
    held: [{ programme: 'SHARED', points: 30 }],
  });
  expect(await available(adult)).toBe(970);
  await act(accounts, asService(), 'capturePoints', { holdId, points: 10 });
  expect(await erase(adult, 970)).toEqual({
    __typename: 'PointsLeft',
    code: 'POINTS_LEFT',
    left: [{ points: 990 }],
  });
  expect(kind(await erase(adult, 990))).toBe('MemberErased');
  expect(await householdOf(head)).toMatchObject({ pool: { available: 0, held: 0 } });
});

test('points that came back from a pool by a timeout are not forfeited unconfirmed before they were swept', async () => {
  const { head, adult } = await family();
  await contribute(adult, 100);
  await reserve(head, 30);
  await home(adult, 'leaveHousehold');
  accounts.clock.advance({ hours: 1 });

  expect(await erase(adult, 970)).toMatchObject({ __typename: 'PointsLeft', left: [{ points: 1000 }] });
  expect(kind(await erase(adult, 1000))).toBe('MemberErased');
});
