import { describe, expect, test } from '@jest/globals';
import { type Campaign, covers, missingTerms, statusOf } from '../../subgraphs/campaigns/earning/campaign.ts';
import type { ConditionFacts } from '../../subgraphs/campaigns/earning/condition.ts';
import { createRulesInForce, runConditions } from '../../subgraphs/campaigns/earning/rules-in-force.ts';

const campaign = (change: Partial<Campaign> = {}): Campaign => ({
  id: 'cam_1',
  name: 'Summer',
  merchantId: null,
  programme: 'SHARED',
  startsAt: new Date('2026-06-01T00:00:00Z'),
  endsAt: new Date('2026-07-01T00:00:00Z'),
  rules: [],
  terms: { earning: 'a', accrualBase: 'b', exclusions: 'c', contact: 'd' },
  version: 1,
  publishedAt: new Date('2026-05-01T00:00:00Z'),
  ...change,
});

describe('a campaign', () => {
  test.each([
    ['2026-05-31T23:59:59.999Z', false],
    ['2026-06-01T00:00:00.000Z', true],
    ['2026-06-30T23:59:59.999Z', true],
    ['2026-07-01T00:00:00.000Z', false],
  ])('at %s its window covers it: %s', (at, expected) => {
    expect(covers(campaign(), new Date(at))).toBe(expected);
  });

  test('without an end covers everything after its start', () => {
    expect(covers(campaign({ endsAt: null }), new Date('9999-01-01T00:00:00Z'))).toBe(true);
  });

  test.each<[Partial<Campaign>, string, string]>([
    [{ publishedAt: null }, '2026-06-15T00:00:00Z', 'DRAFT'],
    [{}, '2026-05-15T00:00:00Z', 'SCHEDULED'],
    [{}, '2026-06-15T00:00:00Z', 'RUNNING'],
    [{}, '2026-07-01T00:00:00Z', 'ENDED'],
  ])('%j at %s is %s', (change, at, expected) => {
    expect(statusOf(campaign(change), new Date(at))).toBe(expected);
  });

  test('lacks the terms that are empty or say nothing', () => {
    expect(missingTerms({ earning: '', accrualBase: 'b', exclusions: ' \n', contact: 'd' })).toEqual([
      'terms.earning',
      'terms.exclusions',
    ]);
    expect(missingTerms({ ...campaign().terms, contact: '\u200b…' })).toEqual(['terms.contact']);
    expect(missingTerms(campaign().terms)).toEqual([]);
  });
});

describe('the rules in force', () => {
  const at = new Date('2026-06-15T00:00:00Z');
  const setting = () => {
    const world = { now: 0, reads: 0, published: [campaign()], fail: false, spans: [] as string[][] };
    const rules = createRulesInForce({
      publishedFor: async (_merchant, _programme, { from, to }) => {
        world.reads++;
        world.spans.push([from.toISOString(), to.toISOString()]);
        if (world.fail) throw new Error('unreachable');
        return world.published;
      },
      now: () => world.now,
      keepMs: 1_000,
    });
    return { world, rules };
  };

  test('are read once a second and merchant', async () => {
    const { world, rules } = setting();

    await Promise.all([rules.at('mer_1', 'SHARED', at), rules.at('mer_1', 'SHARED', at)]);
    world.now = 999;
    await rules.at('mer_1', 'SHARED', at);
    expect(world.reads).toBe(1);
    await rules.at('mer_2', 'SHARED', at);
    expect(world.reads).toBe(2);
    world.now = 1_000;
    await rules.at('mer_1', 'SHARED', at);
    expect(world.reads).toBe(3);
  });

  test('are read anew after a publication', async () => {
    const { world, rules } = setting();
    await rules.at('mer_1', 'SHARED', at);
    world.published = [campaign(), campaign({ id: 'cam_2' })];

    rules.refresh();

    expect((await rules.at('mer_1', 'SHARED', at)).map(({ id }) => id)).toEqual(['cam_1', 'cam_2']);
  });

  test('are compared with each purchase’s own instant', async () => {
    const { rules } = setting();

    expect(await rules.at('mer_1', 'SHARED', at)).toHaveLength(1);
    expect(await rules.at('mer_1', 'SHARED', new Date('2026-07-01T00:00:00Z'))).toHaveLength(0);
  });

  test('are read for the day of the purchase, however many campaigns have ended before', async () => {
    const { world, rules } = setting();

    await rules.at('mer_1', 'SHARED', new Date('2026-06-15T23:59:59.999Z'));
    await rules.at('mer_1', 'SHARED', new Date('1969-12-31T12:00:00Z'));

    expect(world.spans).toEqual([
      ['2026-06-15T00:00:00.000Z', '2026-06-16T00:00:00.000Z'],
      ['1969-12-31T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
    ]);
  });

  test('a failed read is not remembered', async () => {
    const { world, rules } = setting();
    world.fail = true;
    await expect(rules.at('mer_1', 'SHARED', at)).rejects.toThrow('unreachable');
    world.fail = false;

    expect(await rules.at('mer_1', 'SHARED', at)).toHaveLength(1);
  });
});

test('a stored condition that no longer compiles fails and gives nothing', () => {
  const facts: ConditionFacts = {
    purchase: { total: 1n, currency: 'CNY', merchantId: 'mer_1', at: new Date(0), lines: [] },
    member: { id: 'mem_1', registeredAt: new Date(0) },
    now: new Date(0),
  };
  const rule = (code: string, condition: string | null) => ({
    code,
    condition,
    description: '',
    kind: 'FIXED' as const,
    points: 1n,
    perAmountMinor: null,
    multiplierPercent: null,
    categories: [],
    minimumSpendMinor: null,
    capPerPurchase: null,
    capPerMember: null,
  });
  const rules = [rule('none', null), rule('broken', 'purchase.'), rule('false', 'purchase.total > 1')];

  const conditionOf = runConditions([campaign({ rules })], facts);

  expect(rules.map((one) => conditionOf('cam_1', one))).toEqual(['TRUE', 'FAILED', 'FALSE']);
});

test('conditions that would keep the process busy for minutes fail instead, the same ones every time', () => {
  const lines = Array.from({ length: 2_000 }, (_, i) => ({
    ...{ id: String(i), sku: 's'.repeat(100), category: '', quantity: 1n, amount: 1n },
  }));
  const facts: ConditionFacts = {
    purchase: { total: 1n, currency: 'CNY', merchantId: 'mer_1', at: new Date(0), lines },
    member: { id: 'mem_1', registeredAt: new Date(0) },
    now: new Date(0),
  };
  const sums = Array.from({ length: 60 }, () => 'l.amount * 2').join(' + ');
  const heavy = (i: number) => `purchase.lines.exists(l, ${sums} == ${i})`;
  const rule = (i: number, condition: string) => ({
    ...{ code: `r${i}`, description: '', kind: 'FIXED' as const, points: 1n, perAmountMinor: null },
    ...{ multiplierPercent: null, categories: [], minimumSpendMinor: null },
    ...{ capPerPurchase: null, capPerMember: null, condition },
  });
  const rules = Array.from({ length: 50 }, (_, i) => rule(i, heavy(i)));
  const light = rule(50, 'purchase.total == 1');
  const run = () => {
    const conditionOf = runConditions([campaign({ rules: [...rules, light] })], facts);
    return [...rules, light].map((one) => conditionOf('cam_1', one));
  };

  const before = process.cpuUsage();
  const results = run();

  // Processor time, not time on the clock: others may be running.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(3_000);
  expect(results.slice(0, 3)).toEqual(['FALSE', 'FAILED', 'FAILED']);
  expect(new Set(results.slice(1, 50))).toEqual(new Set(['FAILED']));
  expect(results[50]).toBe('TRUE');
  expect(run()).toEqual(results);
});
