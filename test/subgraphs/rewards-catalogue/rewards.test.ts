import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  anyone,
  asMember,
  asMerchant,
  auditor,
  dataOf,
  newKey,
  operator,
  startWorld,
  terms,
  type World,
} from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.time = null;
});

const shop = asMerchant('mer_shop');
const basic = { name: 'Cat toy', description: 'A mouse of felt.', category: 'pet toy', points: 100 };

const createOperation = `mutation ($input: CreateRewardInput!) { createReward(input: $input) {
  __typename
  ... on RewardCreated { reward { id name status points stock limitPerMember voucherValidityDays availableFrom
    availableUntil merchant { id } programme { code } voucherValue { amountMinor currency }
    terms { delivery use exclusions cancellation } } }
  ... on InvalidInput { field expected }
  ... on NotFound { what id }
  ... on Refusal { code message } } }`;

const create = async (caller: ReturnType<typeof asMerchant>, input: object) =>
  dataOf(
    await world.ask(caller, createOperation, { input: { idempotencyKey: newKey(), ...basic, ...input } }),
  ).createReward;

const publish = async (caller: ReturnType<typeof asMerchant>, rewardId: string) =>
  dataOf(
    await world.ask(
      caller,
      `mutation ($input: PublishRewardInput!) { publishReward(input: $input) { __typename
        ... on RewardPublished { reward { status } } ... on DisclosureIncomplete { missing }
        ... on NotFound { what id } ... on Refusal { code message } } }`,
      { input: { rewardId } },
    ),
  ).publishReward;

const list = async (caller: ReturnType<typeof asMerchant>, filter: object | null = null, page: object = {}) =>
  world.ask(
    caller,
    `query ($filter: RewardFilter, $first: Int, $after: String) {
      rewards(filter: $filter, first: $first, after: $after) {
        edges { cursor node { id points } } pageInfo { hasNextPage endCursor } } }`,
    { filter, ...page },
  );

const idsOf = (answer: Awaited<ReturnType<typeof list>>): string[] =>
  dataOf(answer).rewards.edges.map(({ node }: { node: { id: string } }) => node.id);

test('a merchant creates a draft of its own with the defaults of the schema', async () => {
  world.time = new Date('2026-05-01T00:00:00Z');

  const answer = await create(shop, {});

  expect(answer).toEqual({
    __typename: 'RewardCreated',
    reward: {
      id: expect.stringMatching(/^rew_/),
      name: 'Cat toy',
      status: 'DRAFT',
      points: 100,
      stock: null,
      limitPerMember: null,
      voucherValidityDays: 90,
      availableFrom: '2026-05-01T00:00:00.000Z',
      availableUntil: null,
      merchant: { id: 'mer_shop' },
      programme: { code: 'SHARED' },
      voucherValue: null,
      terms: { delivery: '', use: '', exclusions: '', cancellation: '' },
    },
  });
});

test('the same request again, also at once, gives the same reward; other input under its key is refused', async () => {
  const idempotencyKey = newKey();
  const before = (await world.documents('rewards')).length;

  const answers = await Promise.all(Array.from({ length: 10 }, () => create(shop, { idempotencyKey })));
  const conflict = await create(shop, { idempotencyKey, points: 101 });

  expect(new Set(answers.map(({ reward }) => reward.id)).size).toBe(1);
  expect(conflict.__typename).toBe('IdempotencyConflict');
  expect((await world.documents('rewards')).length).toBe(before + 1);
});

test('the same request again gives the same reward when its window is over', async () => {
  const input = { idempotencyKey: newKey(), availableUntil: '2026-05-02T00:00:00Z' };
  world.time = new Date('2026-05-01T00:00:00Z');
  const first = await create(shop, input);
  const before = (await world.documents('rewards')).length;

  world.time = new Date('2026-05-03T00:00:00Z');
  const again = await create(shop, input);
  const late = await create(shop, { ...input, idempotencyKey: newKey() });

  expect(first.__typename).toBe('RewardCreated');
  expect(again).toEqual(first);
  expect(late).toMatchObject({ __typename: 'InvalidInput', field: 'input.availableUntil' });
  expect((await world.documents('rewards')).length).toBe(before);
});

test.each([
  ['no key', { idempotencyKey: '' }, 'input.idempotencyKey'],
  ['a blank name', { name: ' ' }, 'input.name'],
  ['a name of 121 characters', { name: 'x'.repeat(121) }, 'input.name'],
  ['no category', { category: '' }, 'input.category'],
  ['no points', { points: 0 }, 'input.points'],
  ['negative points', { points: -5 }, 'input.points'],
  ['too many points', { points: 100_000_001 }, 'input.points'],
  ['negative stock', { stock: -1 }, 'input.stock'],
  ['a limit of none', { limitPerMember: 0 }, 'input.limitPerMember'],
  ['no day of validity', { voucherValidityDays: 0 }, 'input.voucherValidityDays'],
  ['too many days', { voucherValidityDays: 3_651 }, 'input.voucherValidityDays'],
  [
    'worthless money',
    { voucherValue: { amountMinor: 0, currency: 'CNY' } },
    'input.voucherValue.amountMinor',
  ],
  ['a bad currency', { voucherValue: { amountMinor: 1, currency: 'rmb' } }, 'input.voucherValue.currency'],
  [
    'an end before the beginning',
    { availableFrom: '2026-02-01T00:00:00Z', availableUntil: '2026-02-01T00:00:00Z' },
    'input.availableUntil',
  ],
])('refuses %s and writes nothing', async (_, input, field) => {
  const before = (await world.documents('rewards')).length;

  const answer = await create(shop, input);

  expect(answer).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT', field });
  expect((await world.documents('rewards')).length).toBe(before);
});

test.each([
  ['fractions of points', '{ "points": 1.5 }'],
  ['points beyond what JSON can hold', '{ "points": 9007199254740993 }'],
])('refuses %s as a bad argument', async (_, json) => {
  const input = { idempotencyKey: newKey(), ...basic, ...JSON.parse(json) };

  const answer = await world.ask(shop, createOperation, { input });

  expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

test.each([
  [
    'a merchant that names another',
    shop,
    { merchantId: 'mer_cafe' },
    { __typename: 'NotFound', what: 'MERCHANT' },
  ],
  ['an operator that names nobody', operator, {}, { __typename: 'InvalidInput', field: 'input.merchantId' }],
  [
    'an operator that names an unknown merchant',
    operator,
    { merchantId: 'x' },
    { what: 'MERCHANT', id: 'x' },
  ],
  [
    'an unknown programme',
    shop,
    { programme: 'NONE' },
    { __typename: 'NotFound', what: 'PROGRAMME', id: 'NONE' },
  ],
])('refuses %s', async (_, caller, input, refusal) => {
  expect(await create(caller as typeof shop, input)).toMatchObject(refusal);
});

test('the operator creates a reward for a merchant', async () => {
  const answer = await create(operator as typeof shop, { merchantId: 'mer_cafe', programme: 'GREEN' });

  expect(answer.reward).toMatchObject({ merchant: { id: 'mer_cafe' }, programme: { code: 'GREEN' } });
});

test('incomplete terms cannot be published; complete ones can, again without effect', async () => {
  const bare = await create(shop, { terms: { ...terms, use: ' ', exclusions: null } });
  const full = await create(shop, { terms });

  const refused = await publish(shop, bare.reward.id);
  const published = [await publish(shop, full.reward.id), await publish(shop, full.reward.id)];

  expect(refused).toMatchObject({
    __typename: 'DisclosureIncomplete',
    code: 'DISCLOSURE_INCOMPLETE',
    missing: ['terms.use', 'terms.exclusions'],
  });
  for (const answer of published)
    expect(answer).toEqual({ __typename: 'RewardPublished', reward: { status: 'PUBLISHED' } });
  const stored = (await world.documents('rewards')).find(({ _id }) => _id === bare.reward.id);
  expect(stored.status).toBe('DRAFT');
});

test('a reward whose window is over cannot be published; missing terms are told first', async () => {
  const window = { availableFrom: '2026-01-01T00:00:00Z', availableUntil: '2026-02-01T00:00:00Z' };
  const over = await create(shop, { ...window, terms });
  const both = await create(shop, window);

  expect(await publish(shop, over.reward.id)).toMatchObject({
    __typename: 'NotPublishable',
    code: 'NOT_PUBLISHABLE',
  });
  expect((await publish(shop, both.reward.id)).__typename).toBe('DisclosureIncomplete');
});

test("another merchant's draft, and none at all, look the same to who would publish them", async () => {
  const { reward } = await create(shop, { terms });

  expect(await publish(asMerchant('mer_cafe'), reward.id)).toMatchObject({ what: 'REWARD', id: reward.id });
  expect(await publish(shop, 'rew_none')).toMatchObject({
    __typename: 'NotFound',
    what: 'REWARD',
    id: 'rew_none',
  });
});

test('a draft is seen by its merchant and the operator only, as a field, a list and an entity', async () => {
  const merchantId = 'mer_draft';
  const owner = asMerchant(merchantId);
  const { reward } = await create(owner, { terms });
  const query = `query ($id: ID!, $representations: [_Any!]!) {
    reward(id: $id) { id } _entities(representations: $representations) { ... on Reward { id } } }`;
  const variables = { id: reward.id, representations: [{ __typename: 'Reward', id: reward.id }] };
  const filter = { status: 'DRAFT', merchantId };

  for (const caller of [owner, operator]) {
    const seen = dataOf(await world.ask(caller, query, variables));
    expect(seen).toEqual({ reward: { id: reward.id }, _entities: [{ id: reward.id }] });
    expect(idsOf(await list(caller as typeof owner, filter))).toEqual([reward.id]);
  }
  for (const caller of [anyone, asMember('mem_1'), shop, auditor]) {
    const hidden = dataOf(await world.ask(caller, query, variables));
    expect(hidden).toEqual({ reward: null, _entities: [null] });
    expect(idsOf(await list(caller as typeof owner, filter))).toEqual([]);
  }
});

test('lists published rewards in their window, cheapest first, page by page', async () => {
  const category = 'paging';
  const prices = [300, 100, 200, 100, 500, 400, 100];
  const rewards: string[] = [];
  for (const points of prices) rewards.push(await world.reward({ points, category }));
  await create(shop, { category, terms });
  await world.reward({ category, points: 1, availableFrom: new Date(Date.now() + 86_400_000).toISOString() });
  const key = rewards
    .map((id, index) => ({ id, points: prices[index]! }))
    .sort((a, b) => a.points - b.points || (a.id < b.id ? -1 : 1));

  const pages: string[][] = [];
  let after: string | null = null;
  do {
    const answer: Awaited<ReturnType<typeof list>> = await list(
      anyone as typeof shop,
      { category },
      { first: 3, after },
    );
    pages.push(idsOf(answer));
    const { hasNextPage, endCursor } = dataOf(answer).rewards.pageInfo;
    after = hasNextPage ? endCursor : null;
  } while (after);

  expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
  expect(pages.flat()).toEqual(key.map(({ id }) => id));
});

test('filters by merchant, category and price', async () => {
  const category = 'filters';
  const cheap = await world.reward({ category, points: 10 });
  const dear = await world.reward({ category, points: 20 });
  const cafe = await world.reward({ category, points: 15, merchantId: 'mer_cafe' });
  const visitor = anyone as typeof shop;

  expect(idsOf(await list(visitor, { category }))).toEqual([cheap, cafe, dear]);
  expect(idsOf(await list(visitor, { category, maxPoints: 15 }))).toEqual([cheap, cafe]);
  expect(idsOf(await list(visitor, { category, merchantId: 'mer_cafe' }))).toEqual([cafe]);
  const merchant = await world.ask(
    anyone,
    `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Merchant { rewards { edges { node { id } } } } } }`,
    { r: [{ __typename: 'Merchant', id: 'mer_cafe' }] },
  );
  expect(dataOf(merchant)._entities[0].rewards.edges.at(-1).node.id).toBe(cafe);
});

test.each([
  ['no row', { first: 0 }],
  ['101 rows', { first: 101 }],
  ['a forged cursor', { after: 'abc' }],
  ['a cursor that holds no number', { after: Buffer.from('["x","y"]').toString('base64url') }],
])('refuses to page by %s', async (_, page) => {
  const answer = await list(anyone as typeof shop, null, page);

  expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

const createNothing = `mutation { createReward(input: { idempotencyKey: "k", name: "n", description: "", category: "c",
  points: 1 }) { __typename } }`;
const publishNothing = 'mutation { publishReward(input: { rewardId: "x" }) { __typename } }';
const redeemNothing =
  'mutation { redeemReward(input: { idempotencyKey: "k", rewardId: "x" }) { __typename } }';
const cancelNothing =
  'mutation { cancelRedemption(input: { idempotencyKey: "k", redemptionId: "x", reason: "r" }) { __typename } }';
const redemptionOf = 'query { redemption(id: "x") { id } }';

test.each([
  ['createReward', createNothing, [anyone, asMember('m'), auditor, asMerchant('mer_shop', ['READ'])]],
  ['publishReward', publishNothing, [anyone, asMember('m'), auditor, asMerchant('mer_shop', ['READ'])]],
  ['redeemReward', redeemNothing, [anyone, operator, auditor, asMerchant('mer_shop', ['MANAGE'])]],
  ['cancelRedemption', cancelNothing, [anyone, auditor, asMerchant('mer_shop', ['MANAGE'])]],
  ['redemption', redemptionOf, [anyone, asMerchant('mer_shop', ['MANAGE'])]],
])('%s is refused to who may not', async (_, query, callers) => {
  for (const caller of callers) {
    const { errors } = await world.ask(caller, query);
    const code = caller.kind === 'PUBLIC' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
    expect(errors).toMatchObject([{ extensions: { code } }]);
  }
});

test('who comes without a signed caller is not let in', async () => {
  const response = await fetch(world.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'jifen-caller': 'forged' },
    body: JSON.stringify({ query: '{ rewards { pageInfo { hasNextPage } } }' }),
  });

  expect(response.status).toBe(401);
});
