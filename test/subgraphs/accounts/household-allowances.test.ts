import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RegisteredMember } from '../../support/accounts.ts';
import { asMember, asService, operator } from '../../support/callers.ts';
import { type Fields, type HouseholdWorld, kind, startHouseholdWorld } from './household-world.ts';

let world: HouseholdWorld;
beforeAll(async () => {
  world = await startHouseholdWorld();
});
afterAll(() => world.stop());

const allowanceQuery = `query ($id: ID!, $programme: String!) { member(id: $id) {
  poolAllowance(programme: $programme) { programme { code } available limit }
  poolAllowances { programme { code } available limit } } }`;

/** What accounts tells services of what a member may spend of the pools. */
async function allowancesOf({ id }: RegisteredMember, programme = 'SHARED'): Promise<Fields> {
  const variables = { id, programme };
  return (await world.accounts.send<{ member: Fields }>(asService(), allowanceQuery, variables)).member;
}

const shared = (available: number, limit: number | null) => ({
  programme: { code: 'SHARED' },
  available,
  limit,
});

test('services are told what the pool has and what the limits of a member let it spend now', async () => {
  const { head, adult, child } = await world.family();
  const limits = { householdMemberId: await world.seatOf(head, child), perRedemption: 50, perMonth: 80 };

  expect(await allowancesOf(child)).toEqual({ poolAllowance: shared(0, 0), poolAllowances: [] });
  await world.contribute(adult, 500);
  expect(await allowancesOf(child)).toEqual({
    poolAllowance: shared(500, 0),
    poolAllowances: [shared(500, 0)],
  });
  await world.home(head, 'setHouseholdLimits', limits);
  expect(await allowancesOf(child)).toMatchObject({ poolAllowance: shared(500, 50) });
  await world.pay(child, 50);
  expect(await allowancesOf(child)).toMatchObject({ poolAllowance: shared(450, 30) });
  await world.reserve(head, 400);
  expect(await allowancesOf(child)).toMatchObject({ poolAllowance: shared(50, 30) });
  expect(await allowancesOf(adult)).toMatchObject({ poolAllowances: [shared(50, null)] });
  expect(kind(await world.pay(child, 31))).toBe('HouseholdLimitExceeded');
  expect(kind(await world.pay(child, 30))).toBe('PointsPosted');
});

test('services are told of no pool of a member without a household, nor of no programme', async () => {
  const { head, adult } = await world.family();
  await world.contribute(adult, 500);
  await world.home(adult, 'leaveHousehold');

  expect(await allowancesOf(adult)).toEqual({ poolAllowance: null, poolAllowances: [] });
  expect(await allowancesOf(head, 'NONE')).toMatchObject({ poolAllowance: null });
});

test.each(['poolAllowance(programme: "SHARED") { available }', 'poolAllowances { available }'])(
  '%s is told to services alone',
  async (fields) => {
    const { head } = await world.family();
    const query = `query ($id: ID!) { member(id: $id) { ${fields} } }`;

    for (const caller of [asMember(head.id), world.pets.caller, operator])
      await expect(world.accounts.send(caller, query, { id: head.id })).rejects.toThrow('FORBIDDEN');
  },
);
