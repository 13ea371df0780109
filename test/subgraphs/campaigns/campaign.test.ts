import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import { encodeCursor } from '../../../subgraphs/shared/connection.ts';
import { asMember, auditor, nobody, operator } from '../../support/callers.ts';
import {
  buy,
  type CampaignsWorld,
  cafe,
  campaignInput,
  countOf,
  createMutation,
  fresh,
  givenCampaign,
  mutate,
  perYuan,
  petShop,
  publishMutation,
  startCampaignsWorld,
} from './campaigns-world.ts';

let world: CampaignsWorld;
beforeAll(async () => {
  world = await startCampaignsWorld();
});
afterAll(() => world.stop());

const create = (change: object = {}, by: Caller = operator) =>
  mutate(world, by, createMutation, campaignInput(change));
const publish = (campaignId: string, by: Caller = operator) =>
  mutate(world, by, publishMutation, { campaignId });
const multiplier = { code: 'double', description: 'Double', kind: 'MULTIPLIER', multiplierPercent: 200 };
const fixed = { code: 'gift', description: 'A gift', kind: 'FIXED', points: 5 };

describe('drafting a campaign', () => {
  test('keeps what was sent', async () => {
    const rules = [
      { ...perYuan, categories: ['pet'], minimumSpendMinor: 100, capPerPurchase: 50, capPerMember: 500 },
      { ...multiplier, condition: 'purchase.at.getDayOfWeek() == 0' },
    ];

    const result = await create({ rules, merchantId: 'mer_pet', endsAt: '2027-01-01T00:00:00Z' });

    expect(result).toMatchObject({
      __typename: 'CampaignCreated',
      campaign: {
        name: 'A point for a yuan',
        status: 'DRAFT',
        version: 1,
        startsAt: '2020-01-01T00:00:00.000Z',
        endsAt: '2027-01-01T00:00:00.000Z',
        merchant: { id: 'mer_pet' },
        programme: { code: 'SHARED' },
        rules: [
          {
            code: 'base',
            kind: 'PER_AMOUNT',
            points: 1,
            perAmountMinor: 100,
            multiplierPercent: null,
            categories: ['pet'],
            minimumSpendMinor: 100,
            capPerPurchase: 50,
            capPerMember: 500,
            condition: null,
          },
          {
            code: 'double',
            points: null,
            perAmountMinor: null,
            multiplierPercent: 200,
            categories: [],
            condition: 'purchase.at.getDayOfWeek() == 0',
          },
        ],
      },
    });
  });

  test("a merchant's is its own; the operator's without a merchant is for all", async () => {
    expect((await create({}, petShop)).campaign.merchant).toEqual({ id: 'mer_pet' });
    expect((await create({ merchantId: 'mer_pet' }, petShop)).campaign.merchant).toEqual({ id: 'mer_pet' });
    expect((await create()).campaign.merchant).toBeNull();
  });

  test('the same key and input give the same draft, other input is refused', async () => {
    const input = campaignInput();
    const first = await mutate(world, operator, createMutation, input);
    const before = await countOf(world, 'campaigns');

    const again = await mutate(world, operator, createMutation, input);
    const other = await mutate(world, operator, createMutation, { ...input, name: 'Other' });

    expect(again).toEqual(first);
    expect(other).toMatchObject({ __typename: 'IdempotencyConflict' });
    expect(await countOf(world, 'campaigns')).toBe(before);
  });

  test('sent ten times at once it is one draft', async () => {
    const input = campaignInput();

    const all = await Promise.all(
      Array.from({ length: 10 }, () => mutate(world, operator, createMutation, input)),
    );

    expect(new Set(all.map(({ campaign }) => campaign.id)).size).toBe(1);
  });

  test.each<[string, object, string, RegExp?]>([
    ['a key with a space', { idempotencyKey: 'a b' }, 'input.idempotencyKey'],
    ['no name', { name: ' ' }, 'input.name'],
    ['a name of 121 characters', { name: 'x'.repeat(121) }, 'input.name'],
    ['an end at its start', { endsAt: '2020-01-01T00:00:00Z' }, 'input.endsAt'],
    ['no rules', { rules: [] }, 'input.rules'],
    [
      '51 rules',
      { rules: Array.from({ length: 51 }, (_, i) => ({ ...perYuan, code: `r${i}` })) },
      'input.rules',
    ],
    ['a code in capitals', { rules: [{ ...perYuan, code: 'Base' }] }, 'input.rules.0.code'],
    ['a code twice', { rules: [perYuan, fixed, { ...fixed }] }, 'input.rules.2.code'],
    ['no description', { rules: [{ ...perYuan, description: '' }] }, 'input.rules.0.description'],
    ['no points', { rules: [{ ...perYuan, points: null }] }, 'input.rules.0.points'],
    ['zero points', { rules: [{ ...fixed, points: 0 }] }, 'input.rules.0.points'],
    ['too many points', { rules: [{ ...fixed, points: 1_000_001 }] }, 'input.rules.0.points'],
    ['negative points', { rules: [{ ...perYuan, points: -1 }] }, 'input.rules.0.points'],
    ['no amount', { rules: [{ ...perYuan, perAmountMinor: 0 }] }, 'input.rules.0.perAmountMinor'],
    [
      'an amount on a FIXED rule',
      { rules: [{ ...fixed, perAmountMinor: 5 }] },
      'input.rules.0.perAmountMinor',
    ],
    [
      'a multiplier of 100',
      { rules: [perYuan, { ...multiplier, multiplierPercent: 100 }] },
      'input.rules.1.multiplierPercent',
    ],
    ['points on a MULTIPLIER', { rules: [perYuan, { ...multiplier, points: 1 }] }, 'input.rules.1.points'],
    ['a multiplier of nothing', { rules: [fixed, multiplier] }, 'input.rules.1.kind'],
    ['an empty category', { rules: [{ ...perYuan, categories: ['pet', ''] }] }, 'input.rules.0.categories.1'],
    ['a category twice', { rules: [{ ...perYuan, categories: ['pet', 'pet'] }] }, 'input.rules.0.categories'],
    ['a cap of zero', { rules: [{ ...perYuan, capPerPurchase: 0 }] }, 'input.rules.0.capPerPurchase'],
    ['a negative cap', { rules: [{ ...perYuan, capPerMember: -1 }] }, 'input.rules.0.capPerMember'],
    [
      'a minimum of zero',
      { rules: [{ ...perYuan, minimumSpendMinor: 0 }] },
      'input.rules.0.minimumSpendMinor',
    ],
    [
      'a condition that does not parse',
      { rules: [perYuan, { ...fixed, condition: 'purchase.total >' }] },
      'input.rules.1.condition',
      /at character 17: Unexpected token/,
    ],
    [
      'a condition on what is not there',
      { rules: [{ ...fixed, condition: 'purchase.sum > 1' }] },
      'input.rules.0.condition',
      /at character 10: No such key: sum/,
    ],
    [
      'a condition that answers a number',
      { rules: [{ ...fixed, condition: 'purchase.total' }] },
      'input.rules.0.condition',
      /answers int, not a boolean/,
    ],
    ['too long terms', { terms: { contact: 'x'.repeat(2_001) } }, 'input.terms.contact'],
  ])('refuses %s', async (_, change, field, expected = /./) => {
    const before = await countOf(world, 'campaigns');

    const result = await create(change);

    expect(result).toMatchObject({ __typename: 'InvalidInput', field });
    expect(result.expected).toMatch(expected);
    expect(await countOf(world, 'campaigns')).toBe(before);
  });

  test.each<[string, object, Caller, object]>([
    ["another merchant's", { merchantId: 'mer_cafe' }, petShop, { what: 'MERCHANT', id: 'mer_cafe' }],
    ['an unknown merchant', { merchantId: 'mer_none' }, operator, { what: 'MERCHANT', id: 'mer_none' }],
    ['an unknown programme', { programme: 'NONE' }, operator, { what: 'PROGRAMME', id: 'NONE' }],
  ])('does not find %s', async (_, change, by, expected) => {
    const before = await countOf(world, 'campaigns');

    expect(await create(change, by)).toMatchObject({ __typename: 'NotFound', ...expected });
    expect(await countOf(world, 'campaigns')).toBe(before);
  });
});

describe('publishing', () => {
  test('makes a draft run, and again changes nothing', async () => {
    const { campaign } = await create();

    const first = await publish(campaign.id);
    const again = await publish(campaign.id);

    expect(first).toMatchObject({
      __typename: 'CampaignPublished',
      campaign: { id: campaign.id, status: 'RUNNING' },
    });
    expect(again).toEqual(first);
  });

  test('a draft gives no points before, and its points at once after', async () => {
    const { campaign } = await create({ rules: [{ ...fixed, code: 'soon' }] });
    const codes = async () =>
      (await buy(world)).outcomes.map(({ ruleCode }: { ruleCode: string }) => ruleCode);
    expect(await codes()).not.toContain('soon');

    await publish(campaign.id);

    expect(await codes()).toContain('soon');
  });

  test('is refused while the terms do not say everything, naming what is missing', async () => {
    const { campaign } = await create({ terms: { earning: 'Buy.', exclusions: '  ' } });

    expect(await publish(campaign.id)).toMatchObject({
      __typename: 'DisclosureIncomplete',
      missing: ['terms.accrualBase', 'terms.exclusions', 'terms.contact'],
    });
    expect(await statusOf(campaign.id)).toBe('DRAFT');
  });

  test('is refused once the window is over, after the terms', async () => {
    const over = { startsAt: '2026-01-01T00:00:00Z', endsAt: '2026-06-10T10:00:00Z' };
    const complete = await create(over);
    const incomplete = await create({ ...over, terms: null });

    expect(await publish(complete.campaign.id)).toMatchObject({ __typename: 'NotPublishable' });
    expect(await publish(incomplete.campaign.id)).toMatchObject({ __typename: 'DisclosureIncomplete' });
    expect(await statusOf(complete.campaign.id)).toBe('DRAFT');
  });

  test('is refused where its owner would have more than 500 rules in force at once', async () => {
    const rules = Array.from({ length: 50 }, (_, i) => ({ ...fixed, code: `gift-${i}` }));
    const may = { startsAt: '2031-05-01T00:00:00Z', endsAt: '2031-06-01T00:00:00Z' };
    const june = { startsAt: '2031-06-01T00:00:00Z', endsAt: '2031-07-01T00:00:00Z' };
    const publishOf = async (change: object) =>
      publish((await create({ merchantId: 'mer_cafe', ...change })).campaign.id);
    for (let i = 0; i < 10; i++)
      expect(await publishOf({ ...may, rules })).toMatchObject({ __typename: 'CampaignPublished' });

    const more = await publishOf({ ...may, rules: [fixed] });

    expect(more).toMatchObject({
      __typename: 'NotPublishable',
      message: 'At most 500 rules may be in force at once; 500 are published for this window.',
    });
    expect(await publishOf({ ...june, rules: [fixed] })).toMatchObject({ __typename: 'CampaignPublished' });
    expect(await publishOf({ ...may, merchantId: 'mer_pet', rules: [fixed] })).toMatchObject({
      __typename: 'CampaignPublished',
    });
  });

  test('is for the owner and the operator; to others the campaign does not exist', async () => {
    const own = await create({}, petShop);
    const coalition = await create();
    const missing = { __typename: 'NotFound', what: 'CAMPAIGN' };

    expect(await publish(own.campaign.id, cafe)).toMatchObject(missing);
    expect(await publish(coalition.campaign.id, petShop)).toMatchObject(missing);
    expect(await publish('cam_none')).toMatchObject({ ...missing, id: 'cam_none' });
    expect(await publish(own.campaign.id, petShop)).toMatchObject({ __typename: 'CampaignPublished' });
    expect(await publish(coalition.campaign.id)).toMatchObject({ __typename: 'CampaignPublished' });
  });

  const statusOf = async (id: string) =>
    (
      await world.send<{ campaign: { status: string } }>(
        operator,
        `query ($id: ID!) { campaign(id: $id) { status } }`,
        { id },
      )
    ).campaign.status;
});

describe('who sees a draft', () => {
  test.each<[string, Caller, boolean]>([
    ['nobody', nobody, false],
    ['a member', asMember('mem_ann'), false],
    ['another merchant', cafe, false],
    ['its merchant', petShop, true],
    ['the operator', operator, true],
    ['an auditor', auditor, true],
  ])('%s', async (_, caller, sees) => {
    const { campaign } = await create({}, petShop);
    const query = `query ($id: ID!) { campaign(id: $id) { id }
      campaigns(filter: { status: DRAFT }, first: 100) { edges { node { id } } }
      _entities(representations: [{ __typename: "Campaign", id: "${campaign.id}" }]) { ... on Campaign { id } } }`;

    const data = await world.send<{
      campaign: object | null;
      campaigns: { edges: { node: { id: string } }[] };
      _entities: (object | null)[];
    }>(caller, query, { id: campaign.id });

    expect(data.campaign).toEqual(sees ? { id: campaign.id } : null);
    expect(data._entities).toEqual([sees ? { id: campaign.id } : null]);
    expect(data.campaigns.edges.some(({ node }) => node.id === campaign.id)).toBe(sees);
  });
});

describe('lists', () => {
  let own: CampaignsWorld;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    own = await startCampaignsWorld();
    own.clock.set('2026-05-01T00:00:00Z');
    const window = (startsAt: string, endsAt?: string, merchantId?: string) => ({
      startsAt,
      endsAt,
      merchantId,
    });
    ids['over'] = await givenCampaign(own, [fixed], window('2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z'));
    ids['all'] = await givenCampaign(own, [fixed], window('2026-02-01T00:00:00Z'));
    ids['pet'] = await givenCampaign(
      own,
      [fixed],
      window('2026-03-01T00:00:00Z', '2026-07-01T00:00:00Z', 'mer_pet'),
    );
    ids['cafe'] = await givenCampaign(own, [fixed], window('2026-04-01T00:00:00Z', undefined, 'mer_cafe'));
    ids['later'] = await givenCampaign(own, [fixed], window('2026-08-01T00:00:00Z'));
    own.clock.set('2026-06-10T10:00:00Z');
  });
  afterAll(() => own.stop());

  const names = (found: readonly { id: string }[]) =>
    found.map(({ id }) => Object.entries(ids).find(([, known]) => known === id)![0]);
  const list = async (args: string) => {
    const query = `{ campaigns(${args}) { edges { cursor node { id status } } pageInfo { hasNextPage endCursor } } }`;
    const { campaigns } = await own.send<{
      campaigns: {
        edges: { cursor: string; node: { id: string; status: string } }[];
        pageInfo: { hasNextPage: boolean; endCursor: string | null };
      };
    }>(nobody, query);
    return campaigns;
  };

  test.each([
    ['first: 20', ['cafe', 'pet', 'all']],
    ['filter: { status: ENDED }', ['over']],
    ['filter: { status: SCHEDULED }', ['later']],
    ['filter: { status: DRAFT }', []],
    ['filter: { merchantId: "mer_pet" }', ['pet']],
    ['filter: { merchantId: "mer_none" }', []],
  ])('%s', async (args, expected) => {
    const { edges } = await list(args);

    expect(names(edges.map(({ node }) => node))).toEqual(expected);
  });

  test('page by page gives all of them once', async () => {
    const one = await list('first: 2');
    const two = await list(`first: 2, after: "${one.pageInfo.endCursor}"`);

    expect(names(one.edges.map(({ node }) => node))).toEqual(['cafe', 'pet']);
    expect(one.pageInfo.hasNextPage).toBe(true);
    expect(names(two.edges.map(({ node }) => node))).toEqual(['all']);
    expect(two.pageInfo.hasNextPage).toBe(false);
  });

  test.each(['first: 0', 'first: 101', 'after: "rubbish"', `after: "${encodeCursor(['soon', 'cam_1'])}"`])(
    'refuse %s',
    async (args) => {
      const { errors } = await own.ask(nobody, `{ campaigns(${args}) { edges { cursor } } }`);

      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
    },
  );

  test("a merchant's running campaigns are its own", async () => {
    const query = `{ _entities(representations: [{ __typename: "Merchant", id: "mer_pet" }]) {
      ... on Merchant { runningCampaigns { id } } } }`;

    const { _entities } = await own.send<{ _entities: { runningCampaigns: { id: string }[] }[] }>(
      nobody,
      query,
    );

    expect(names(_entities[0]!.runningCampaigns)).toEqual(['pet']);
  });

  test.each([
    ['["mer_pet"]', ['pet', 'all']],
    ['["mer_pet", "mer_cafe"]', ['cafe', 'pet', 'all']],
    ['[]', ['all']],
  ])(
    'a member registered by %s can take part in theirs and the coalition’s',
    async (registeredBy, expected) => {
      const query = `{ _entities(representations: [{ __typename: "Member", id: "mem_ann", registeredBy: ${registeredBy} }]) {
      ... on Member { runningCampaigns { id } } } }`;

      const { _entities } = await own.send<{ _entities: { runningCampaigns: { id: string }[] }[] }>(
        asMember('mem_ann'),
        query,
      );

      expect(names(_entities[0]!.runningCampaigns)).toEqual(expected);
    },
  );

  test('a merchant is not told by them where else its member buys', async () => {
    const query = `{ _entities(representations: [{ __typename: "Member", id: "mem_ann", registeredBy: ["mer_pet", "mer_cafe"] }]) {
      ... on Member { runningCampaigns { id } } } }`;

    const { _entities } = await own.send<{ _entities: { runningCampaigns: { id: string }[] }[] }>(
      petShop,
      query,
    );

    expect(names(_entities[0]!.runningCampaigns)).toEqual(['pet', 'all']);
  });
});

test('a key of one caller says nothing about the same key of another', async () => {
  const idempotencyKey = fresh('shared');
  const one = await mutate(world, petShop, createMutation, campaignInput({ idempotencyKey }));
  const other = await mutate(world, cafe, createMutation, campaignInput({ idempotencyKey, name: 'Other' }));

  expect(one.__typename).toBe('CampaignCreated');
  expect(other.__typename).toBe('CampaignCreated');
});
