import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeCursor } from '../../../subgraphs/shared/connection.ts';
import {
  type CharityWorld,
  donate,
  givenCause,
  givenPledge,
  memberCaller,
  startCharityWorld,
} from './charity-world.ts';

let world: CharityWorld;

beforeAll(async () => {
  world = await startCharityWorld();
});
afterAll(() => world.stop());

async function member(id: string, fields: string) {
  const { data, errors } = await world.send(
    memberCaller(id),
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Member { ${fields} } } }`,
    { of: [{ __typename: 'Member', id, registeredBy: [] }] },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data._entities[0];
}

describe("a member's impact", () => {
  test('sums confirmed donations over causes, goods and units', async () => {
    world.accounts.addMember({ id: 'mem_1' });
    const cats = await givenCause(world);
    const dogs = await givenCause(world, { name: 'Hill Dogs' });
    await givenPledge(world, cats);
    await givenPledge(world, dogs);
    await givenPledge(world, dogs, {
      goods: 'blanket',
      unit: 'piece',
      pointsPerStep: 500,
      quantityPerStep: 1,
    });
    const bare = await givenCause(world, { name: 'Lake Birds' });
    const blankets = await givenCause(world, { name: 'Night Shelter' });
    await givenPledge(world, blankets, {
      goods: 'blanket',
      unit: 'piece',
      pointsPerStep: 500,
      quantityPerStep: 1,
    });

    await donate(world, memberCaller('mem_1'), { causeId: cats, points: 1_500 });
    await donate(world, memberCaller('mem_1'), { causeId: dogs, points: 300 });
    await donate(world, memberCaller('mem_1'), { causeId: bare, points: 7 });
    await donate(world, memberCaller('mem_1'), { causeId: blankets, points: 1_200 });
    await donate(world, memberCaller('mem_1'), { causeId: cats, points: 99_999 });

    expect(await member('mem_1', 'impact { points donationCount matched { goods unit quantity } }')).toEqual({
      impact: {
        points: 3_007,
        donationCount: 4,
        matched: [
          { goods: 'blanket', unit: 'piece', quantity: 2 },
          { goods: 'pet food', unit: 'g', quantity: 1_800 },
        ],
      },
    });
  });

  test('of a member that never gave is zero', async () => {
    expect(await member('mem_none', 'impact { points donationCount matched { quantity } }')).toEqual({
      impact: { points: 0, donationCount: 0, matched: [] },
    });
  });
});

describe("a member's donations", () => {
  test('are paged newest first and leave out refused ones and those of others', async () => {
    const causeId = await givenCause(world);
    for (const id of ['mem_2', 'mem_3']) world.accounts.addMember({ id, points: 100n });
    const given: string[] = [];
    for (const points of [1, 2, 3]) {
      given.unshift((await donate(world, memberCaller('mem_2'), { causeId, points })).donation.id);
      await donate(world, memberCaller('mem_3'), { causeId, points });
    }
    await donate(world, memberCaller('mem_2'), { causeId, points: 1_000 });

    const page = (after: string) =>
      member(
        'mem_2',
        `donations(first: 2${after}) { edges { node { id } } pageInfo { hasNextPage endCursor } }`,
      );
    const first = (await page('')).donations;
    const second = (await page(`, after: "${first.pageInfo.endCursor}"`)).donations;

    const ids = [...first.edges, ...second.edges].map((edge: { node: { id: string } }) => edge.node.id);
    expect(ids).toEqual(given);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  });

  test('refuse a cursor that they did not give', async () => {
    for (const cursor of ['nonsense', encodeCursor(['soon', 'don_1'])])
      await expect(member('mem_2', `donations(after: "${cursor}") { edges { cursor } }`)).rejects.toThrow(
        'not a cursor',
      );
  });
});
