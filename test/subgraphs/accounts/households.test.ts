import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RegisteredMember } from '../../support/accounts.ts';
import { asMember, operator } from '../../support/callers.ts';
import { type HouseholdMutation, join } from '../../support/households.ts';
import { act } from '../../support/points.ts';
import { type Fields, type HouseholdWorld, kind, mask, startHouseholdWorld } from './household-world.ts';

let world: HouseholdWorld;
beforeAll(async () => {
  world = await startHouseholdWorld();
});
afterAll(() => world.stop());

test('a child does not leave by itself and stays a child; whom its head makes an adult may leave', async () => {
  const { head, adult, child } = await world.family();
  const householdMemberId = await world.seatOf(head, child);
  const give = { toCardNumber: adult.cardNumber, points: 1 };

  expect(await world.refused(() => world.home(child, 'leaveHousehold'))).toMatchObject({
    __typename: 'NotForChildren',
    code: 'NOT_FOR_CHILDREN',
    message: 'A child of a household does not leave by itself: its head removes it or makes it an adult.',
  });
  expect(kind(await world.refused(() => world.home(child, 'createHousehold', { name: 'Mine' })))).toBe(
    'AlreadyInHousehold',
  );
  expect(
    kind(await world.refused(() => act(world.accounts, asMember(child.id), 'transferPoints', give))),
  ).toBe('NotForChildren');
  await world.home(head, 'setHouseholdRole', { householdMemberId, role: 'ADULT' });
  expect(kind(await world.home(child, 'leaveHousehold'))).toBe('HouseholdLeft');
});

test('only who joined as a child can be made one, so that nobody else is kept from leaving', async () => {
  const { head, adult, child } = await world.family();
  const [householdMemberId, young] = [await world.seatOf(head, adult), await world.seatOf(head, child)];
  const setRole = (id: string, role: string) =>
    world.home(head, 'setHouseholdRole', { householdMemberId: id, role });

  expect(await world.refused(() => setRole(householdMemberId, 'CHILD'))).toMatchObject({
    __typename: 'JoinedAsAdult',
    code: 'JOINED_AS_ADULT',
    message: 'The member did not join as a child, so it cannot be made one.',
  });
  expect(await setRole(householdMemberId, 'ADULT')).toMatchObject({ __typename: 'HouseholdChanged' });
  for (const role of ['ADULT', 'CHILD', 'CHILD'])
    expect(await setRole(young, role)).toMatchObject({
      household: { members: [{ role: 'HEAD' }, { role: 'ADULT' }, { role }] },
    });
  expect(kind(await world.home(adult, 'leaveHousehold'))).toBe('HouseholdLeft');
});

test('who has been the head, or founded the household, cannot be made a child', async () => {
  const { head, child } = await world.family();
  const [founder, young] = [await world.seatOf(head, head), await world.seatOf(head, child)];
  await world.home(head, 'setHouseholdRole', { householdMemberId: young, role: 'ADULT' });
  await world.home(head, 'handOverHousehold', { householdMemberId: young });

  const asChild = { householdMemberId: founder, role: 'CHILD' };
  expect(kind(await world.refused(() => world.home(child, 'setHouseholdRole', asChild)))).toBe(
    'JoinedAsAdult',
  );
  await world.home(child, 'handOverHousehold', { householdMemberId: founder });
  const again = { householdMemberId: young, role: 'CHILD' };
  expect(kind(await world.refused(() => world.home(head, 'setHouseholdRole', again)))).toBe('JoinedAsAdult');
});

test('of whom it was not kept as what it joined, only a child can be made one', async () => {
  const { head, adult, child } = await world.family();
  const [householdMemberId, young] = [await world.seatOf(head, adult), await world.seatOf(head, child)];
  const setRole = async (id: string, role: string) =>
    kind(await world.home(head, 'setHouseholdRole', { householdMemberId: id, role }));
  const households = world.accounts.stored.collection('households');
  await households.updateOne({ 'members.memberId': head.id }, { $unset: { 'members.$[].joinedAs': '' } });

  expect(await setRole(householdMemberId, 'CHILD')).toBe('JoinedAsAdult');
  expect(await setRole(young, 'ADULT')).toBe('HouseholdChanged');
  expect(await setRole(young, 'CHILD')).toBe('HouseholdChanged');
});

test('who was removed as a child, or whose household was dissolved, is nobody’s child any more', async () => {
  const { head, adult, child } = await world.family();
  const other = await world.newMember();
  await join(world.accounts, head, other, 'CHILD');
  const give = { toCardNumber: adult.cardNumber, points: 1 };
  const giving = (member: RegisteredMember) =>
    world.refused(() => act(world.accounts, asMember(member.id), 'transferPoints', give));

  await world.home(head, 'removeFromHousehold', { householdMemberId: await world.seatOf(head, child) });
  expect(kind(await giving(child))).toBe('NotABeneficiary');
  expect(kind(await giving(other))).toBe('NotForChildren');
  await world.home(head, 'dissolveHousehold');
  expect(kind(await giving(other))).toBe('NotABeneficiary');
});

test('only the head invites, removes, sets roles and limits, hands over and dissolves', async () => {
  const { head, adult, child } = await world.family();
  const stranger = await world.newMember();
  const householdMemberId = await world.seatOf(head, child);
  const attempts: [HouseholdMutation, object][] = [
    ['inviteToHousehold', { cardNumber: (await world.newMember()).cardNumber }],
    ['setHouseholdRole', { householdMemberId, role: 'ADULT' }],
    ['setHouseholdLimits', { householdMemberId, perMonth: 10 }],
    ['handOverHousehold', { householdMemberId }],
    ['removeFromHousehold', { householdMemberId }],
    ['dissolveHousehold', {}],
  ];

  for (const [name, input] of attempts) {
    expect(kind(await world.refused(() => world.home(adult, name, input)))).toBe('NotHead');
    expect(kind(await world.refused(() => world.home(stranger, name, input)))).toBe('NotInHousehold');
  }
});

test('the head cannot leave, be removed or be made a child; it hands over to an adult', async () => {
  const { head, adult, child } = await world.family();
  const [own, other, young] = [
    await world.seatOf(head, head),
    await world.seatOf(head, adult),
    await world.seatOf(head, child),
  ];

  expect(kind(await world.refused(() => world.home(head, 'leaveHousehold')))).toBe('IsHead');
  expect(
    kind(await world.refused(() => world.home(head, 'removeFromHousehold', { householdMemberId: own }))),
  ).toBe('IsHead');
  const asChild = { householdMemberId: own, role: 'CHILD' };
  expect(kind(await world.refused(() => world.home(head, 'setHouseholdRole', asChild)))).toBe('IsHead');
  expect(
    kind(await world.refused(() => world.home(head, 'handOverHousehold', { householdMemberId: young }))),
  ).toBe('NotAnAdult');
  expect(await world.home(head, 'handOverHousehold', { householdMemberId: other })).toMatchObject({
    household: { members: [{ role: 'ADULT' }, { role: 'HEAD' }, { role: 'CHILD' }] },
  });
  expect(kind(await world.home(head, 'leaveHousehold'))).toBe('HouseholdLeft');
  expect(await world.householdOf(head)).toBeNull();
});

test('an invitation is its invited member’s alone, is answered once and ends after 14 days', async () => {
  const head = await world.newMember();
  const [guest, other] = [await world.newMember(), await world.newMember()];
  await world.home(head, 'createHousehold', { name: 'Home' });
  const invite = async () =>
    (
      (await world.home(head, 'inviteToHousehold', { cardNumber: guest.cardNumber }))['invitation'] as {
        id: string;
      }
    ).id;
  const invitationId = await invite();

  expect(kind(await world.home(head, 'inviteToHousehold', { cardNumber: guest.cardNumber }))).toBe(
    'AlreadyInvited',
  );
  expect(
    await world.refused(() => world.home(other, 'acceptHouseholdInvitation', { invitationId })),
  ).toMatchObject({
    __typename: 'NotFound',
    what: 'INVITATION',
  });
  expect(await world.home(guest, 'declineHouseholdInvitation', { invitationId })).toMatchObject({
    __typename: 'HouseholdInvitationDeclined',
    invitation: { state: 'DECLINED', householdName: 'Home', headMaskedCard: mask(head) },
  });
  expect(
    await world.refused(() => world.home(guest, 'acceptHouseholdInvitation', { invitationId })),
  ).toMatchObject({
    __typename: 'InvitationClosed',
    state: 'DECLINED',
  });
  const late = await invite();
  world.accounts.clock.advance({ days: 14 });
  expect(
    await world.refused(() => world.home(guest, 'acceptHouseholdInvitation', { invitationId: late })),
  ).toMatchObject({
    __typename: 'InvitationClosed',
    state: 'EXPIRED',
  });
  const withdrawn = await invite();
  await world.home(head, 'withdrawHouseholdInvitation', { invitationId: withdrawn });
  expect(
    await world.refused(() => world.home(guest, 'acceptHouseholdInvitation', { invitationId: withdrawn })),
  ).toMatchObject({ state: 'WITHDRAWN' });
  const query = '{ viewer { member { householdInvitations { id } } } }';
  const open = await invite();
  expect(await world.accounts.send(asMember(guest.id), query)).toEqual({
    viewer: { member: { householdInvitations: [{ id: open }] } },
  });
});

test('an invitation is kept when it is declined, however many were made and closed after it, but not for ever', async () => {
  const { head } = await world.family();
  const guest = await world.newMember();
  const { cardNumber } = guest;
  const { invitation } = await world.home(head, 'inviteToHousehold', { cardNumber });
  const input = { idempotencyKey: randomUUID(), invitationId: (invitation as { id: string }).id };
  const [invitedAt, expiresAt] = [world.accounts.clock.now(), world.accounts.clock.now()];
  const households = world.accounts.stored.collection<{ invitations: object[] }>('households');
  const closeFifty = () => {
    const closed = { memberId: 'mem_other', role: 'ADULT', invitedAt, expiresAt, state: 'WITHDRAWN' };
    const fifty = Array.from({ length: 50 }, () => ({ id: randomUUID(), ...closed }));
    return households.updateOne(
      { 'members.memberId': head.id },
      { $push: { invitations: { $each: fifty } } },
    );
  };
  await closeFifty();

  const declined = await world.home(guest, 'declineHouseholdInvitation', input);
  expect(declined).toMatchObject({
    ...{ __typename: 'HouseholdInvitationDeclined', replayed: false },
    invitation: { id: input.invitationId, state: 'DECLINED' },
  });
  expect(await world.home(guest, 'declineHouseholdInvitation', input)).toEqual({
    ...declined,
    replayed: true,
  });
  await closeFifty();
  await world.home(head, 'inviteToHousehold', { cardNumber });
  expect(await world.home(guest, 'declineHouseholdInvitation', input)).toEqual({
    ...{ __typename: 'HouseholdInvitationDeclined', replayed: true, invitation: null },
  });
});

test('invitations that are closed hide none that is open, however many households made them', async () => {
  const { head } = await world.family();
  const guest = await world.newMember();
  const { cardNumber } = guest;
  const { invitation } = await world.home(head, 'inviteToHousehold', { cardNumber });
  const households = world.accounts.stored.collection<{ _id: string; invitations: object[] }>('households');
  const { _id: __, ...home } = (await households.findOne({ 'members.memberId': head.id }))!;
  const dissolved = Array.from({ length: 100 }, (_, i) => ({
    ...{ ...home, _id: `hou_zzz${i}`, dissolvedAt: world.accounts.clock.now(), members: [] },
    invitations: home.invitations.map((one) => ({ ...one, id: randomUUID(), state: 'WITHDRAWN' })),
  }));
  await households.insertMany(dissolved);

  const query = '{ viewer { member { householdInvitations { id householdName } } } }';
  expect(await world.accounts.send(asMember(guest.id), query)).toEqual({
    viewer: {
      member: { householdInvitations: [{ id: (invitation as Fields)['id'], householdName: 'Home' }] },
    },
  });
});

test('a member belongs to one household at most, however many it accepts at once', async () => {
  const guest = await world.newMember();
  const invitations = await Promise.all(
    [1, 2, 3].map(async () => {
      const head = await world.newMember();
      await world.home(head, 'createHousehold', { name: 'Home' });
      const invited = await world.home(head, 'inviteToHousehold', { cardNumber: guest.cardNumber });
      return (invited['invitation'] as { id: string }).id;
    }),
  );

  const answers = await Promise.all(
    invitations.map((invitationId) => world.home(guest, 'acceptHouseholdInvitation', { invitationId })),
  );

  expect(answers.map((answer) => String(kind(answer))).sort()).toEqual([
    'AlreadyInHousehold',
    'AlreadyInHousehold',
    'HouseholdChanged',
  ]);
  expect(kind(await world.refused(() => world.home(guest, 'createHousehold', { name: 'Mine' })))).toBe(
    'AlreadyInHousehold',
  );
});

test('a household has at most eight members, invited ones included', async () => {
  const head = await world.newMember();
  await world.home(head, 'createHousehold', { name: 'Home' });
  for (let i = 0; i < 7; i++)
    await world.home(head, 'inviteToHousehold', { cardNumber: (await world.newMember()).cardNumber });

  const { cardNumber } = await world.newMember();
  expect(await world.refused(() => world.home(head, 'inviteToHousehold', { cardNumber }))).toMatchObject({
    __typename: 'HouseholdFull',
    most: 8,
  });
});

test('the same request again changes nothing, and its key for something else is a conflict', async () => {
  const head = await world.newMember();
  const input = { idempotencyKey: randomUUID(), name: 'Home' };
  const first = await world.home(head, 'createHousehold', input);

  const again = await world.refused(() => world.home(head, 'createHousehold', input));
  const other = await world.refused(() => world.home(head, 'createHousehold', { ...input, name: 'Else' }));
  const operation = await world.refused(() =>
    world.home(head, 'dissolveHousehold', { idempotencyKey: input.idempotencyKey }),
  );

  expect(again).toEqual({ ...first, replayed: true });
  expect([kind(other), kind(operation)]).toEqual(['IdempotencyConflict', 'IdempotencyConflict']);
  await act(world.accounts, world.pets.caller, 'issuePoints', { member: { id: head.id }, points: 10 });
  const once = { idempotencyKey: randomUUID() };
  expect(await world.contribute(head, 10, once)).toMatchObject({ replayed: false });
  expect(await world.contribute(head, 10, once)).toMatchObject({ replayed: true, wallet: { available: 0 } });
});

test('others than those who belong to it do not see a household', async () => {
  const { head } = await world.family();
  const query = 'query ($id: ID!) { member(id: $id) { household { name } } }';

  const merchant = await world.accounts.ask<{ member: Fields }>(world.pets.caller, query, { id: head.id });
  const seenBy = await world.accounts.ask<{ member: Fields }>(operator, query, { id: head.id });

  expect(merchant.data?.member).toEqual({ household: null });
  expect(merchant.errors).toHaveLength(1);
  expect(seenBy.data?.member).toEqual({ household: { name: 'Home' } });
});
