import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import { asMember, asMerchant, auditor, dataOf, operator, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.accounts.calls.clear();
});

interface Asked {
  readonly rewardId: string;
  readonly forMember?: string;
  readonly fromHousehold?: boolean | null;
}

async function availability(caller: Caller, { rewardId, forMember, fromHousehold = true }: Asked) {
  const query = `query ($id: ID!, $member: ID, $pool: Boolean) { reward(id: $id) {
    availability(forMember: $member, fromHousehold: $pool) { canRedeem whyNot { code shortBy availableFrom } } } }`;
  const variables = { id: rewardId, member: forMember, pool: fromHousehold };
  return dataOf(await world.ask(caller, query, variables)).reward.availability;
}

async function affordable(
  caller: Caller,
  memberId: string,
  args = '(fromHousehold: true)',
): Promise<string[]> {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) {
    ... on Member { affordableRewards${args} { id } } } }`;
  const r = [{ __typename: 'Member', id: memberId, registeredBy: ['mer_shop'] }];
  const [member] = dataOf(await world.ask(caller, query, { r }))._entities;
  return member.affordableRewards.map(({ id }: { id: string }) => id);
}

const can = { canRedeem: true, whyNot: [] };
const cannot = (...whyNot: [code: string, shortBy: number | null][]) => ({
  canRedeem: false,
  whyNot: whyNot.map(([code, shortBy]) => ({ code, shortBy, availableFrom: null })),
});

test('a pool buys what the own wallet cannot, and the other way round', async () => {
  const rewardId = await world.reward({ points: 26_000 });
  const poor = world.accounts.addMember({ points: 10_100 });
  const rich = world.accounts.addMember({ points: 26_000 });
  world.accounts.addHousehold(poor, { SHARED: { available: 30_000, limit: null } });
  world.accounts.addHousehold(rich, { SHARED: { available: 25_999, limit: null } });

  expect(await availability(asMember(poor), { rewardId })).toEqual(can);
  for (const fromHousehold of [false, null])
    expect(await availability(asMember(poor), { rewardId, fromHousehold })).toEqual(
      cannot(['NOT_ENOUGH_POINTS', 15_900]),
    );
  expect(await availability(asMember(rich), { rewardId })).toEqual(cannot(['NOT_ENOUGH_POINTS', 1]));
  expect(await availability(asMember(rich), { rewardId, fromHousehold: false })).toEqual(can);
});

test('a pool is short of what it lacks and, before that, of what limits do not allow', async () => {
  const rewardId = await world.reward({ points: 100 });
  const memberId = world.accounts.addMember({ points: 100 });

  const ask = (available: number, limit: number | null) => {
    world.accounts.addHousehold(memberId, { SHARED: { available, limit } });
    return availability(asMember(memberId), { rewardId });
  };

  expect(await ask(100, 100)).toEqual(can);
  expect(await ask(100, 40)).toEqual(cannot(['HOUSEHOLD_LIMIT_EXCEEDED', 60]));
  expect(await ask(30, 0)).toEqual(cannot(['HOUSEHOLD_LIMIT_EXCEEDED', 100], ['NOT_ENOUGH_POINTS', 70]));
});

test('a member without a household is told so, after what lies in the reward', async () => {
  const rewardId = await world.reward({ points: 100, stock: 0 });
  const memberId = world.accounts.addMember({ points: 100 });

  expect(await availability(asMember(memberId), { rewardId })).toEqual(
    cannot(['OUT_OF_STOCK', null], ['NOT_IN_HOUSEHOLD', null]),
  );
  expect(await affordable(asMember(memberId), memberId)).toEqual([]);
});

test('the pool of another programme does not count', async () => {
  const rewardId = await world.reward({ programme: 'GREEN', points: 5_000 });
  const memberId = world.accounts.addMember({});
  world.accounts.addHousehold(memberId, { SHARED: { available: 9_000, limit: null } });

  expect(await availability(asMember(memberId), { rewardId })).toEqual(cannot(['NOT_ENOUGH_POINTS', 5_000]));
});

test('affordable rewards of the pools are those within what they have and limits allow, dearest first', async () => {
  const programme = 'GREEN';
  const memberId = world.accounts.addMember({ points: 200, programme });
  const ids: Record<string, string> = {};
  for (const points of [100, 300, 301, 200]) ids[points] = await world.reward({ programme, points });

  const ask = (available: number, limit: number | null) => {
    world.accounts.addHousehold(memberId, { [programme]: { available, limit } });
    return affordable(asMember(memberId), memberId);
  };

  expect(await ask(300, null)).toEqual([ids['300'], ids['200'], ids['100']]);
  expect(await ask(300, 150)).toEqual([ids['100']]);
  expect(await ask(300, 0)).toEqual([]);
  expect(await ask(100, 300)).toEqual([ids['100']]);
  expect(await affordable(asMember(memberId), memberId, '')).toEqual([ids['200'], ids['100']]);
});

test('only the member itself and the operator are told of its pool; a merchant is told the same with and without', async () => {
  const rewardId = await world.reward({ programme: 'GREEN', points: 7 });
  const alone = world.accounts.addMember({ registeredBy: ['mer_shop'] });
  const forMember = world.accounts.addMember({ registeredBy: ['mer_shop'] });
  world.accounts.addHousehold(forMember, { GREEN: { available: 7, limit: null } });

  for (const caller of [asMember(forMember), operator]) {
    expect(await availability(caller, { rewardId, forMember })).toEqual(can);
    expect(await affordable(caller, forMember)).toEqual([rewardId]);
  }
  expect(await availability(operator, { rewardId, forMember: 'mem_none' })).toBeNull();
  world.accounts.calls.clear();
  for (const caller of [asMerchant('mer_shop'), auditor])
    for (const asked of [forMember, alone]) {
      expect(await availability(caller, { rewardId, forMember: asked })).toBeNull();
      expect(await affordable(caller, asked)).toEqual([]);
    }
  expect(await availability(asMember(alone), { rewardId, forMember })).toBeNull();
  expect(world.accounts.calls.size).toBe(0);
});

test('what a pool lacks and what limits are is told to the member that buys from it, and not to a merchant that buys for it', async () => {
  const rewardId = await world.reward({ points: 100 });
  const refusedTo = async (limit: number | null) => {
    const id = world.accounts.addMember({ registeredBy: ['mer_shop'] });
    world.accounts.addHousehold(id, { SHARED: { available: 70, limit } });
    const buy = (caller: Caller) => world.redeem(caller, { rewardId, member: { id }, fromHousehold: true });
    return [await buy(asMember(id)), await buy(asMerchant('mer_shop'))];
  };

  const [short, shortAtShop] = await refusedTo(null);
  expect(short).toMatchObject({ __typename: 'NotEnoughPoints', available: 70, shortBy: 30 });
  expect(shortAtShop).toEqual({
    __typename: 'NotEnoughPoints',
    code: 'NOT_ENOUGH_POINTS',
    message: 'The pool does not have the points.',
    ...{ available: null, shortBy: null, availableFrom: null },
  });
  const [limited, limitedAtShop] = await refusedTo(40);
  expect(limited).toMatchObject({ __typename: 'HouseholdLimitExceeded', limit: 40, left: 40 });
  expect(limitedAtShop).toEqual({
    __typename: 'HouseholdLimitExceeded',
    code: 'HOUSEHOLD_LIMIT_EXCEEDED',
    message: 'It is more than the member may spend of the pool in what is left of the month.',
    ...{ per: 'MONTH', limit: null, left: null, leftFrom: null },
  });
});

test('a page of rewards with what the pool buys asks accounts once', async () => {
  const category = 'once';
  for (let i = 0; i < 5; i++) await world.reward({ category });
  const memberId = world.accounts.addMember({});
  world.accounts.addHousehold(memberId, { SHARED: { available: 100, limit: null } });
  world.accounts.calls.clear();

  const answer = await world.ask(
    asMember(memberId),
    `{ rewards(filter: { category: "${category}" }) { edges { node { availability(fromHousehold: true) { canRedeem } } } } }`,
  );

  expect(dataOf(answer).rewards.edges).toEqual(
    Array(5).fill({ node: { availability: { canRedeem: true } } }),
  );
  expect(Object.fromEntries(world.accounts.calls)).toEqual({ member: 1 });
});
