import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import { anyone, asMember, asMerchant, auditor, dataOf, operator, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.accounts.calls.clear();
});

/** Asks for a member as the gateway does, with what accounts said of it. */
async function askMember(caller: Caller, id: string, registeredBy: string[], fields: string) {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Member { ${fields} } } }`;
  return world.ask(caller, query, { r: [{ __typename: 'Member', id, registeredBy }] });
}

const member = async (...args: Parameters<typeof askMember>) => dataOf(await askMember(...args))._entities[0];

async function availability(caller: Caller, rewardId: string, forMember: string | null = null) {
  const query = `query ($id: ID!, $member: ID) { reward(id: $id) { availability(forMember: $member) {
    canRedeem whyNot { code message shortBy availableFrom } } } }`;
  return world.ask(caller, query, { id: rewardId, member: forMember });
}

test('a member with the points can redeem; one without is told how many are missing and from when it has them', async () => {
  const rewardId = await world.reward({ points: 100 });
  const rich = world.accounts.addMember({ points: 100 });
  const poor = world.accounts.addMember({ points: 30 });
  const [soon, later] = [new Date(Date.now() + 86_400_000), new Date(Date.now() + 2 * 86_400_000)];
  world.accounts.addUnlock(poor, 60, later);
  world.accounts.addUnlock(poor, 20, soon);

  const can = dataOf(await availability(asMember(rich), rewardId)).reward.availability;
  const cannot = dataOf(await availability(asMember(poor), rewardId)).reward.availability;

  expect(can).toEqual({ canRedeem: true, whyNot: [] });
  expect(cannot).toEqual({
    canRedeem: false,
    whyNot: [
      {
        code: 'NOT_ENOUGH_POINTS',
        message: '70 points are missing.',
        shortBy: 70,
        availableFrom: later.toISOString(),
      },
    ],
  });
});

test('without enough pending points nobody knows from when', async () => {
  const rewardId = await world.reward({ points: 100 });
  const poor = world.accounts.addMember({ points: 30 });
  world.accounts.addUnlock(poor, 60, new Date(Date.now() + 86_400_000));

  const { whyNot } = dataOf(await availability(asMember(poor), rewardId)).reward.availability;

  expect(whyNot).toMatchObject([{ code: 'NOT_ENOUGH_POINTS', shortBy: 70, availableFrom: null }]);
});

test('every reason is told, in the order of the enum', async () => {
  const rewardId = await world.reward({ points: 100, stock: 1, limitPerMember: 1 });
  const memberId = world.accounts.addMember({ points: 100 });
  await world.redeem(asMember(memberId), { rewardId });

  const { canRedeem, whyNot } = dataOf(await availability(asMember(memberId), rewardId)).reward.availability;

  expect(canRedeem).toBe(false);
  expect(whyNot.map(({ code }: { code: string }) => code)).toEqual([
    'OUT_OF_STOCK',
    'LIMIT_PER_MEMBER_REACHED',
    'NOT_ENOUGH_POINTS',
  ]);
});

test('points of another programme do not count', async () => {
  const rewardId = await world.reward({ programme: 'GREEN', points: 5_000 });
  const memberId = world.accounts.addMember({ points: 9_000, programme: 'SHARED' });

  const { whyNot } = dataOf(await availability(asMember(memberId), rewardId)).reward.availability;

  expect(whyNot).toMatchObject([{ code: 'NOT_ENOUGH_POINTS', shortBy: 5_000 }]);
});

test('only those who may ask about a member are told', async () => {
  const rewardId = await world.reward();
  const memberId = world.accounts.addMember({ points: 100, registeredBy: ['mer_shop'] });
  const can = { canRedeem: true, whyNot: [] };

  const table: [Caller, string | null, object | null][] = [
    [asMember(memberId), memberId, can],
    [asMember('mem_other'), memberId, null],
    [asMerchant('mer_shop'), memberId, can],
    [asMerchant('mer_shop'), null, null],
    [asMerchant('mer_cafe'), memberId, null],
    [operator, memberId, can],
    [operator, null, null],
    [auditor, memberId, can],
    [operator, 'mem_none', null],
  ];
  for (const [caller, forMember, expected] of table)
    expect(dataOf(await availability(caller, rewardId, forMember)).reward.availability).toEqual(expected);
  const { data, errors } = await availability(anyone, rewardId, memberId);
  expect(data.reward.availability).toBeNull();
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});

test('a page of rewards with availability asks accounts once', async () => {
  const category = 'once';
  for (let i = 0; i < 5; i++) await world.reward({ category, limitPerMember: 1 });
  const memberId = world.accounts.addMember({ points: 1_000 });
  world.accounts.calls.clear();

  const answer = await world.ask(
    asMember(memberId),
    `{ rewards(filter: { category: "${category}" }) { edges { node { availability { canRedeem } } } } }`,
  );

  expect(dataOf(answer).rewards.edges).toHaveLength(5);
  expect(Object.fromEntries(world.accounts.calls)).toEqual({ member: 1 });
});

test('affordable rewards are those that can be redeemed now, dearest first', async () => {
  const programme = 'GREEN';
  const memberId = world.accounts.addMember({ points: 300, programme });
  const rewards: Record<string, string> = {};
  for (const points of [100, 300, 301, 200]) rewards[points] = await world.reward({ programme, points });
  await world.reward({ programme, points: 250, stock: 0 });
  await world.reward({
    programme,
    points: 240,
    availableFrom: new Date(Date.now() + 86_400_000).toISOString(),
  });
  rewards['10'] = await world.reward({ programme, points: 10, limitPerMember: 1 });
  const ids = (fields: { affordableRewards: { id: string }[] }) =>
    fields.affordableRewards.map(({ id }) => id);

  const before = await member(asMember(memberId), memberId, [], 'affordableRewards { id }');
  await world.redeem(asMember(memberId), { rewardId: rewards['10'] });
  const after = await member(asMember(memberId), memberId, [], 'affordableRewards { id }');
  const two = await member(asMember(memberId), memberId, [], 'affordableRewards(first: 2) { id }');

  expect(ids(before)).toEqual([rewards['300'], rewards['200'], rewards['100'], rewards['10']]);
  expect(ids(after)).toEqual([rewards['200'], rewards['100']]);
  expect(ids(two)).toEqual([rewards['200'], rewards['100']]);
});

test('affordable rewards are found behind many of which the member has enough', async () => {
  const memberId = world.accounts.addMember({ points: 100_000 });
  const taken: string[] = [];
  for (let i = 0; i < 3; i++) taken.push(await world.reward({ points: 30_000 - i, limitPerMember: 1 }));
  const open = await world.reward({ points: 9_000 });
  for (const rewardId of taken) await world.redeem(asMember(memberId), { rewardId });

  const { affordableRewards } = await member(
    asMember(memberId),
    memberId,
    [],
    'affordableRewards(first: 1) { id }',
  );

  expect(affordableRewards).toEqual([{ id: open }]);
});

test('redemptions come newest first, page by page; a merchant sees those of its own rewards', async () => {
  const memberId = world.accounts.addMember({ points: 1_000, registeredBy: ['mer_shop', 'mer_cafe'] });
  const mine = { shop: await world.reward(), cafe: await world.reward({ merchantId: 'mer_cafe' }) };
  const ids: string[] = [];
  for (const rewardId of [mine.shop, mine.cafe, mine.shop]) {
    const { redemption } = await world.redeem(asMember(memberId), { rewardId });
    ids.unshift(redemption.id);
  }
  const fields = (args: string) =>
    `redemptions(${args}) { edges { cursor node { id status points member { id } } } pageInfo { hasNextPage endCursor } }`;

  const first = (await member(asMember(memberId), memberId, [], fields('first: 2'))).redemptions;
  const after = JSON.stringify(first.pageInfo.endCursor);
  const second = (await member(asMember(memberId), memberId, [], fields(`first: 2, after: ${after}`)))
    .redemptions;
  const cafe = await member(asMerchant('mer_cafe'), memberId, ['mer_shop', 'mer_cafe'], fields('first: 9'));

  const idsOf = (connection: { edges: { node: { id: string } }[] }) =>
    connection.edges.map(({ node }) => node.id);
  expect([idsOf(first), first.pageInfo.hasNextPage]).toEqual([ids.slice(0, 2), true]);
  expect([idsOf(second), second.pageInfo.hasNextPage]).toEqual([ids.slice(2), false]);
  expect(cafe.redemptions.edges).toMatchObject([
    { node: { id: ids[1], status: 'CONFIRMED', points: 100, member: { id: memberId } } },
  ]);
});

test('vouchers are those that can still be used; a merchant sees those that it takes', async () => {
  const memberId = world.accounts.addMember({ points: 1_000, registeredBy: ['mer_shop'] });
  const [shop, cafe] = [await world.reward(), await world.reward({ merchantId: 'mer_cafe' })];
  const codes: string[] = [];
  for (const rewardId of [shop, cafe, shop])
    codes.push((await world.redeem(asMember(memberId), { rewardId })).redemption.voucher.code);
  await world.consume(asMerchant('mer_shop'), { code: codes[2], externalRef: 'm-1' });

  const own = await member(asMember(memberId), memberId, [], 'vouchers { code status }');
  const seen = await member(asMerchant('mer_shop'), memberId, ['mer_shop'], 'vouchers { code }');

  expect(own.vouchers).toEqual([
    { code: codes[0], status: 'ACTIVE' },
    { code: codes[1], status: 'ACTIVE' },
  ]);
  expect(seen.vouchers).toEqual([{ code: codes[0] }]);
});

test.each(['affordableRewards { id }', 'redemptions { edges { cursor } }', 'vouchers { id }'])(
  "a member's %s is refused to whom it is none of their business",
  async (fields) => {
    const memberId = world.accounts.addMember({ points: 100 });

    for (const caller of [anyone, asMember('mem_other'), asMerchant('mer_cafe')]) {
      const { errors } = await askMember(caller, memberId, ['mer_shop'], fields);
      const code = caller.kind === 'PUBLIC' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
      expect(errors).toMatchObject([{ extensions: { code } }]);
    }
    for (const caller of [asMember(memberId), asMerchant('mer_shop'), operator, auditor])
      expect((await askMember(caller, memberId, ['mer_shop'], fields)).errors).toBeUndefined();
  },
);

test('without registeredBy no merchant sees anything of a member', async () => {
  const memberId = world.accounts.addMember({ registeredBy: ['mer_shop'] });
  const query =
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Member { vouchers { id } } } }';

  const { errors } = await world.ask(asMerchant('mer_shop'), query, {
    r: [{ __typename: 'Member', id: memberId }],
  });

  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
});

test('a redemption is seen by its member, its merchant, who redeemed it, the operator and the auditor', async () => {
  const rewardId = await world.reward();
  const memberId = world.accounts.addMember({ points: 100, registeredBy: ['mer_cafe'], reference: 'r-1' });
  const { redemption } = await world.redeem(asMerchant('mer_cafe'), {
    rewardId,
    member: { reference: 'r-1' },
  });
  const query = `query ($id: ID!, $r: [_Any!]!) { redemption(id: $id) { id status voucher { code } }
    _entities(representations: $r) { ... on Redemption { id } } }`;
  const variables = { id: redemption.id, r: [{ __typename: 'Redemption', id: redemption.id }] };
  const code = redemption.voucher.code;

  for (const caller of [
    asMember(memberId),
    asMerchant('mer_shop'),
    asMerchant('mer_cafe'),
    operator,
    auditor,
  ])
    expect(dataOf(await world.ask(caller, query, variables))).toEqual({
      redemption: { id: redemption.id, status: 'CONFIRMED', voucher: { code } },
      _entities: [{ id: redemption.id }],
    });
  for (const caller of [asMember('mem_other'), asMerchant('mer_book')])
    expect(dataOf(await world.ask(caller, query, variables))).toEqual({
      redemption: null,
      _entities: [null],
    });
});

test('a merchant learns who redeemed its reward only if that is a member of its own', async () => {
  const rewardId = await world.reward();
  const own = world.accounts.addMember({ points: 100, registeredBy: ['mer_shop'] });
  const other = world.accounts.addMember({ points: 100, registeredBy: ['mer_cafe'] });
  const query = 'query ($id: ID!) { redemption(id: $id) { status member { id } } }';
  const ids: string[] = [];
  for (const memberId of [own, other])
    ids.push((await world.redeem(asMember(memberId), { rewardId })).redemption.id);

  const known = await world.ask(asMerchant('mer_shop'), query, { id: ids[0] });
  const unknown = await world.ask(asMerchant('mer_shop'), query, { id: ids[1] });

  expect(known).toEqual({ data: { redemption: { status: 'CONFIRMED', member: { id: own } } } });
  expect(unknown).toEqual({ data: { redemption: { status: 'CONFIRMED', member: null } } });
});
