import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import type { RegisteredMember } from '../../support/accounts.ts';
import { asMember, asService, operator } from '../../support/callers.ts';
import { join } from '../../support/households.ts';
import { act } from '../../support/points.ts';
import { erasure, exportOf } from '../../support/privacy.ts';
import { type Fields, type HouseholdWorld, kind, mask, startHouseholdWorld } from './household-world.ts';

let world: HouseholdWorld;
beforeAll(async () => {
  world = await startHouseholdWorld();
});
afterAll(() => world.stop());

test('who leaves or is removed gets back what it has in the pool; dissolving gives everything back', async () => {
  const { head, adult, child } = await world.family();
  await world.contribute(head, 100);
  await world.contribute(adult, 200);
  await world.contribute(child, 300);

  expect(await world.home(adult, 'leaveHousehold')).toMatchObject({
    __typename: 'HouseholdLeft',
    member: { wallet: { available: 1000 } },
  });
  expect(await world.householdOf(head)).toMatchObject({ pool: { available: 400 } });
  expect(await world.refused(() => world.pay(adult, 1))).toMatchObject({ __typename: 'NotInHousehold' });
  const householdMemberId = await world.seatOf(head, child);
  expect(await world.home(head, 'removeFromHousehold', { householdMemberId })).toMatchObject({
    __typename: 'HouseholdChanged',
  });
  expect(await world.available(child)).toBe(1000);
  await world.home(head, 'dissolveHousehold');
  expect(await world.available(head)).toBe(1000);
  expect(await world.householdOf(head)).toBeNull();
});

test('points that came back from a pool say which lot of their member’s there they were', async () => {
  const { adult } = await world.family();
  await world.contribute(adult, 200);
  await world.home(adult, 'leaveHousehold');
  const query =
    'query ($id: ID!) { member(id: $id) { wallet { lots { edges { node { points originLotId } } } } } }';
  type Seen = { member: { wallet: { lots: { edges: { node: Fields }[] } } } };
  const { id } = adult;

  const seen = await world.accounts.send<Seen>(asMember(id), query, { id });

  const lots = seen.member.wallet.lots.edges.map(({ node }) => node);
  expect(lots).toHaveLength(2);
  expect(lots).toContainEqual({ points: 1_000, originLotId: null });
  expect(lots).toContainEqual({ points: 200, originLotId: expect.stringMatching(/^lot_/) });
});

test('who leaves gets back what a hold reserved that has timed out, swept or not', async () => {
  const { head, adult } = await world.family();
  await world.contribute(adult, 100);
  await world.reserve(head, 100);
  world.accounts.clock.advance({ hours: 1 });

  expect(await world.home(adult, 'leaveHousehold')).toMatchObject({
    member: { wallet: { available: 1000 } },
  });
});

test('who left while a hold reserved its points can spend them once it has timed out, swept or not', async () => {
  const { head, adult } = await world.family();
  await world.contribute(adult, 100);
  await world.reserve(head, 100);
  await world.home(adult, 'leaveHousehold');
  expect(await world.available(adult)).toBe(900);
  world.accounts.clock.advance({ hours: 1 });

  expect(await world.available(adult)).toBe(1_000);
  const paid = await act(world.accounts, world.pets.caller, 'redeemPoints', {
    member: { id: adult.id },
    points: 1_000,
  });
  expect(kind(paid)).toBe('PointsPosted');
});

test('a member leaves its household before it is erased', async () => {
  const { adult } = await world.family();

  expect(await world.refused(() => world.erase(adult, 1000))).toEqual({
    __typename: 'InHousehold',
    code: 'IN_HOUSEHOLD',
  });
  await world.home(adult, 'leaveHousehold');
  expect(kind(await world.erase(adult, 1000))).toBe('MemberErased');
});

test('who was removed is not erased while a hold keeps points of it in the pool; what comes back of them is confirmed', async () => {
  const { head, adult } = await world.family();
  await world.contribute(adult, 100);
  const holdId = await world.reserve(head, 30);
  await world.home(head, 'removeFromHousehold', { householdMemberId: await world.seatOf(head, adult) });

  expect(await world.erase(adult, 970)).toEqual({
    __typename: 'HoldsOpen',
    code: 'HOLDS_OPEN',
    held: [{ programme: 'SHARED', points: 30 }],
  });
  expect(await world.available(adult)).toBe(970);
  await act(world.accounts, asService(), 'capturePoints', { holdId, points: 10 });
  expect(await world.erase(adult, 970)).toEqual({
    __typename: 'PointsLeft',
    code: 'POINTS_LEFT',
    left: [{ points: 990 }],
  });
  expect(kind(await world.erase(adult, 990))).toBe('MemberErased');
  expect(await world.householdOf(head)).toMatchObject({ pool: { available: 0, held: 0 } });
});

test('points that came back from a pool by a timeout are not forfeited unconfirmed before they were swept', async () => {
  const { head, adult } = await world.family();
  await world.contribute(adult, 100);
  await world.reserve(head, 30);
  await world.home(adult, 'leaveHousehold');
  world.accounts.clock.advance({ hours: 1 });

  expect(await world.erase(adult, 970)).toMatchObject({ __typename: 'PointsLeft', left: [{ points: 1000 }] });
  expect(kind(await world.erase(adult, 1000))).toBe('MemberErased');
});

const households = () => world.accounts.stored.collection<{ name: string }>('households');
const namedSo = async (name: string) => (await households().find({ name }).toArray()).length;

test('the name of a dissolved household goes with the first of its members that is erased', async () => {
  const name = 'Home of the Millers';
  const [head, adult] = [await world.newMember(), await world.newMember()];
  await world.home(head, 'createHousehold', { name });
  await join(world.accounts, head, adult);
  await world.home(head, 'dissolveHousehold');
  expect(await namedSo(name)).toBe(1);

  expect(kind(await erasure(world.accounts, asMember(adult.id), 'eraseMember'))).toBe('MemberErased');

  expect(await namedSo(name)).toBe(0);
  const own = await exportOf(world.accounts, asMember(head.id));
  const seat = own.filter(({ type }) => type === 'household');
  expect(seat).toMatchObject([{ role: 'HEAD', leftAt: expect.any(String) }]);
  expect(seat[0]).not.toHaveProperty('name');
});

test('a household of which somebody was erased keeps its name until it is dissolved', async () => {
  const name = 'Home of the Smiths';
  const [head, adult] = [await world.newMember(), await world.newMember()];
  await world.home(head, 'createHousehold', { name });
  await join(world.accounts, head, adult);
  await world.home(adult, 'leaveHousehold');
  expect(kind(await erasure(world.accounts, asMember(adult.id), 'eraseMember'))).toBe('MemberErased');
  expect(await world.householdOf(head)).toMatchObject({ name });
  const input = { idempotencyKey: 'ends' };

  expect(kind(await world.home(head, 'dissolveHousehold', input))).toBe('HouseholdLeft');

  expect(await namedSo(name)).toBe(0);
  expect(await world.home(head, 'dissolveHousehold', input)).toMatchObject({ replayed: true });
});

test('who left is told no names of those who stayed, nor they and who came later its name', async () => {
  const { head, adult } = await world.family();
  for (const member of [adult, head]) await world.contribute(member, 10);
  const paid = (await world.pay(adult, 20)) as { posting: { id: string } };
  const late = await world.newMember('Late');
  const named = (member: RegisteredMember, displayName: string) => ({
    ...{ displayName, maskedCard: mask(member) },
  });
  const unnamed = { displayName: null, maskedCard: null };
  const [of, names] = ['isYou displayName maskedCard', 'displayName maskedCard'];
  const contributors = async (caller: Caller) => {
    const query = `query ($id: ID!) { posting(id: $id) { allocations { contributor { ${of} } } } }`;
    const { posting } = await world.accounts.send<{ posting: { allocations: { contributor: Fields }[] } }>(
      caller,
      query,
      { id: paid.posting.id },
    );
    return posting.allocations.map(({ contributor }) => contributor);
  };
  const spending = async (caller: Caller, id: string) => {
    const query = `query ($id: ID!) { member(id: $id) { household { spending { edges { node {
      by { ${names} } parts { points member { ${names} } } } } } } } }`;
    const { member } = await world.accounts.send<{
      member: { household: { spending: { edges: Fields[] } } };
    }>(caller, query, { id });
    return member.household.spending.edges.map(({ node }) => node);
  };
  const [own, other] = [named(adult, 'Adult'), named(head, 'Head')];
  const partsOf = (first: object) => [
    { points: 10, member: first },
    { points: 10, member: other },
  ];

  expect(await contributors(asMember(head.id))).toEqual([
    { isYou: false, ...own },
    { isYou: true, ...other },
  ]);
  expect(await spending(asMember(head.id), head.id)).toEqual([{ by: own, parts: partsOf(own) }]);
  await world.home(adult, 'leaveHousehold');
  await join(world.accounts, head, late);

  expect(await contributors(asMember(adult.id))).toEqual([
    { isYou: true, ...own },
    { isYou: false, ...unnamed },
  ]);
  expect(await contributors(asMember(head.id))).toEqual([
    { isYou: false, ...unnamed },
    { isYou: true, ...other },
  ]);
  for (const { id } of [head, late])
    expect(await spending(asMember(id), id)).toEqual([{ by: unnamed, parts: partsOf(unnamed) }]);
  expect(await contributors(operator)).toMatchObject([own, other]);
  expect(await spending(operator, head.id)).toEqual([{ by: own, parts: partsOf(own) }]);
  await join(world.accounts, head, adult);
  expect(await contributors(asMember(adult.id))).toMatchObject([own, other]);
  expect(await spending(asMember(late.id), late.id)).toEqual([{ by: own, parts: partsOf(own) }]);
});
