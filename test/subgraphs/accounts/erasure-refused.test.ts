import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { asMember, asService, operator } from '../../support/callers.ts';
import { act, documentsStored, expectSoundLedger } from '../../support/points.ts';
import { documentsWith, erasure } from '../../support/privacy.ts';
import { type ErasureWorld, leftOf, startErasureWorld } from './erasure-world.ts';

let world: ErasureWorld;
beforeAll(async () => {
  world = await startErasureWorld();
});
afterEach(() => expectSoundLedger(world.accounts));
afterAll(() => world.stop());

test('a member is refused while points are reserved, owed or left, and nothing changes', async () => {
  const member = await world.newMember();
  const earned = await world.earn(member, 50);
  const refused = async (input: object = {}) => {
    const before = await documentsStored(world.accounts);
    const result = await erasure(world.accounts, asMember(member.id), 'eraseMember', input);
    const after = await documentsStored(world.accounts);
    expect({ ...after, erasures: 0 }).toEqual({ ...before, erasures: 0 });
    expect(await world.accounts.send(asMember(member.id), '{ viewer { member { id } } }')).toEqual({
      viewer: { member: { id: member.id } },
    });
    return result;
  };

  expect(await refused()).toMatchObject({ __typename: 'PointsLeft', left: [leftOf(50)] });
  expect(await refused({ forfeit: [leftOf(49)] })).toMatchObject({ __typename: 'PointsLeft' });
  expect(await refused({ forfeit: [leftOf(50), leftOf(1, 'GREEN')] })).toMatchObject({ code: 'POINTS_LEFT' });
  const hold = { memberId: member.id, programme: 'SHARED', points: 50, merchantId: world.pets.id };
  await act(world.accounts, asService(), 'holdPoints', hold);
  expect(await refused({ forfeit: [leftOf(50)] })).toMatchObject({
    __typename: 'HoldsOpen',
    held: [leftOf(50)],
  });
  world.accounts.clock.advance({ days: 1 });
  await act(world.accounts, world.pets.caller, 'redeemPoints', { member: { id: member.id }, points: 30 });
  await act(world.accounts, world.pets.caller, 'reversePosting', { postingId: earned, reason: 'back' });
  expect(await refused()).toMatchObject({ __typename: 'ArrearsOwed', owed: [leftOf(30)] });
});

test('a refusal uses up no key: the same request later erases', async () => {
  const member = await world.newMember();
  await world.earn(member, 5);
  const input = { idempotencyKey: 'later', forfeit: [leftOf(6)] };
  expect(await erasure(world.accounts, asMember(member.id), 'eraseMember', input)).toMatchObject({
    code: 'POINTS_LEFT',
  });
  await world.earn(member, 1);

  const erased = await erasure(world.accounts, asMember(member.id), 'eraseMember', input);
  const again = await erasure(world.accounts, asMember(member.id), 'eraseMember', input);
  const other = await erasure(world.accounts, asMember(member.id), 'eraseMember', {
    idempotencyKey: 'later',
  });

  expect(erased).toMatchObject({ __typename: 'MemberErased', replayed: false });
  expect(again).toEqual({ ...erased, replayed: true });
  expect(other).toMatchObject({ __typename: 'IdempotencyConflict' });
  expect(await erasure(world.accounts, asMember(member.id), 'eraseMember')).toMatchObject({ what: 'MEMBER' });
});

test('a legal hold binds until its date or its end, and the member reads why', async () => {
  const member = await world.newMember();
  const until = new Date(world.accounts.clock.now().getTime() + 86_400_000).toISOString();
  const hold = { member: { id: member.id }, reason: 'claim 2026-7', until };
  const placed = await erasure(world.accounts, operator, 'placeLegalHold', {
    idempotencyKey: 'hold',
    ...hold,
  });

  expect(placed).toMatchObject({
    replayed: false,
    member: { legalHolds: [{ reason: 'claim 2026-7', until }] },
  });
  expect(
    await erasure(world.accounts, operator, 'placeLegalHold', { idempotencyKey: 'hold', ...hold }),
  ).toMatchObject({
    replayed: true,
  });
  const conflict = { idempotencyKey: 'hold', ...hold, reason: 'other' };
  expect(await erasure(world.accounts, operator, 'placeLegalHold', conflict)).toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  });
  await world.earn(member, 9);
  expect(await erasure(world.accounts, asMember(member.id), 'eraseMember')).toMatchObject({
    ...{ __typename: 'LegallyHeld', until, holds: [{ reason: 'claim 2026-7' }] },
  });
  world.accounts.clock.advance({ days: 1 });
  const { releaseLegalHold } = await world.accounts.send<{ releaseLegalHold: object }>(
    operator,
    `mutation { releaseLegalHold(input: { holdId: "lgh_x" }) { __typename ... on NotFound { what } } }`,
  );
  expect(releaseLegalHold).toEqual({ __typename: 'NotFound', what: 'LEGAL_HOLD' });
  expect(
    await erasure(world.accounts, asMember(member.id), 'eraseMember', { forfeit: [leftOf(9)] }),
  ).toMatchObject({ __typename: 'MemberErased' });
  expect(await documentsWith(world.accounts, 'claim 2026-7')).toEqual([]);
  expect(
    await erasure(world.accounts, operator, 'placeLegalHold', { ...hold, until: '2030-01-01T00:00:00Z' }),
  ).toMatchObject({
    what: 'MEMBER',
  });
});

test('a legal hold that was ended before its date does not bind', async () => {
  const member = await world.newMember();
  const until = new Date(world.accounts.clock.now().getTime() + 86_400_000).toISOString();
  const placed = await erasure(world.accounts, operator, 'placeLegalHold', {
    ...{ member: { id: member.id }, reason: 'claim', until },
  });
  const { id } = placed['hold'] as { id: string };
  const release = `mutation ($id: ID!) { releaseLegalHold(input: { holdId: $id }) {
    ... on LegalHoldReleased { hold { releasedAt } } } }`;
  const first = await world.accounts.send(operator, release, { id });
  world.accounts.clock.advance({ hours: 1 });

  expect(await world.accounts.send(operator, release, { id })).toEqual(first);
  expect(await erasure(world.accounts, asMember(member.id), 'eraseMember')).toMatchObject({
    __typename: 'MemberErased',
  });
});

test('the operator gives up no points of a member, whatever number it names', async () => {
  const member = await world.newMember();
  await world.earn(member, 50);
  const named = { member: { id: member.id }, reason: 'letter' };
  const refusal = (more: object) => erasure(world.accounts, operator, 'eraseMember', { ...named, ...more });

  expect(await refusal({ forfeit: [leftOf(50)] })).toMatchObject({
    __typename: 'InvalidInput',
    field: 'input.forfeit',
  });
  expect(await refusal({})).toMatchObject({ __typename: 'PointsLeft' });
  expect(
    await erasure(world.accounts, asMember(member.id), 'eraseMember', { forfeit: [leftOf(50)] }),
  ).toMatchObject({ __typename: 'MemberErased' });
});

test('the operator erases on behalf of a member with a reason; what is wrong is refused in order', async () => {
  const member = await world.newMember();
  const named = { member: { id: member.id }, reason: 'letter' };
  const refusal = (input: object, caller = operator) => erasure(world.accounts, caller, 'eraseMember', input);

  expect(await refusal({ reason: 'letter' })).toMatchObject({ field: 'input.member' });
  expect(await refusal({ member: { id: member.id } })).toMatchObject({ field: 'input.reason' });
  for (const forfeit of [[leftOf(0)], [leftOf(1), leftOf(1)]])
    expect(await refusal({ ...named, forfeit })).toMatchObject({ field: 'input.forfeit' });
  expect(await refusal({ forfeit: [leftOf(0)] }, asMember(member.id))).toMatchObject({
    field: 'input.forfeit.0.points',
  });
  expect(await refusal({ forfeit: [leftOf(1), leftOf(1)] }, asMember(member.id))).toMatchObject({
    field: 'input.forfeit',
  });
  expect(await refusal({ ...named, member: { id: 'mem_x' } })).toMatchObject({ what: 'MEMBER' });
  expect(await refusal({ member: { id: member.id } }, asMember(member.id))).toMatchObject({
    field: 'input.member',
  });
  expect(await refusal(named)).toMatchObject({ __typename: 'MemberErased' });
});
