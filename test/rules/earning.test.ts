import { describe, expect, test } from '@jest/globals';
import type { EarningRule } from '../../subgraphs/campaigns/earning/campaign.ts';
import {
  type EarningLine,
  type EvaluationInput,
  evaluate,
  type Outcome,
} from '../../subgraphs/campaigns/earning/earning.ts';
import { spread } from '../../subgraphs/campaigns/earning/spread.ts';
import { fc } from '../support/properties.ts';

const rule = (of: Partial<EarningRule>): EarningRule => ({
  code: 'base',
  description: 'One point for every yuan',
  kind: 'PER_AMOUNT',
  points: null,
  perAmountMinor: null,
  multiplierPercent: null,
  categories: [],
  minimumSpendMinor: null,
  capPerPurchase: null,
  capPerMember: null,
  condition: null,
  ...of,
});
const perAmount = (of: Partial<EarningRule> = {}) => rule({ points: 1n, perAmountMinor: 100n, ...of });
const multiplier = (percent: number, of: Partial<EarningRule> = {}) =>
  rule({ code: 'double', kind: 'MULTIPLIER', multiplierPercent: percent, ...of });
const fixed = (points: bigint, of: Partial<EarningRule> = {}) =>
  rule({ code: 'welcome', kind: 'FIXED', points, ...of });

const line = (id: string, amountMinor: bigint, category: string | null = null): EarningLine => ({
  id,
  amountMinor,
  category,
});

const run = (
  rules: readonly EarningRule[],
  lines: readonly EarningLine[],
  of: Partial<EvaluationInput> = {},
) =>
  evaluate({
    lines,
    campaigns: [{ id: 'cam_1', rules }],
    conditionOf: () => 'TRUE',
    givenTo: () => 0n,
    ...of,
  });

const brief = (outcomes: readonly Outcome[]) =>
  outcomes.map(({ ruleCode, requested, granted, reason }) => [ruleCode, requested, granted, reason]);

describe('what a rule gives', () => {
  test('for every full amount on the sum of the matching lines, not line by line', () => {
    const { points, outcomes } = run([perAmount()], [line('a', 150n), line('b', 150n)]);

    expect(points).toBe(3n);
    expect(brief(outcomes)).toEqual([['base', 3n, 3n, 'GRANTED']]);
  });

  test('is never said to have been asked for in a number that JSON cannot hold', () => {
    const { points, outcomes } = run(
      [perAmount({ points: 1_000_000n, perAmountMinor: 1n })],
      [line('a', 100_000_000_000n)],
    );

    expect(points).toBe(100_000_000n);
    expect(brief(outcomes)).toEqual([['base', 9_007_199_254_740_991n, 100_000_000n, 'CAPPED']]);
  });

  test('rounds down', () => {
    expect(run([perAmount({ points: 2n, perAmountMinor: 300n })], [line('a', 899n)]).points).toBe(4n);
  });

  test('only for lines of its categories', () => {
    const rules = [perAmount({ categories: ['pet'] })];

    const { points, byLine } = run(rules, [
      line('a', 1_000n, 'pet'),
      line('b', 5_000n, 'book'),
      line('c', 100n),
    ]);

    expect(points).toBe(10n);
    expect([...byLine]).toEqual([
      ['a', 10n],
      ['b', 0n],
      ['c', 0n],
    ]);
  });

  test('a multiplier gives the difference over what the amount rules gave on its lines', () => {
    const rules = [perAmount(), multiplier(250, { categories: ['pet'] })];

    const { points, outcomes, byLine } = run(rules, [line('a', 1_000n, 'pet'), line('b', 2_000n, 'book')]);

    expect(brief(outcomes)).toEqual([
      ['base', 30n, 30n, 'GRANTED'],
      ['double', 15n, 15n, 'GRANTED'],
    ]);
    expect(points).toBe(45n);
    expect(byLine.get('a')).toBe(25n);
    expect(byLine.get('b')).toBe(20n);
  });

  test('a multiplier that is listed first still multiplies, and two add up', () => {
    const rules = [multiplier(200), multiplier(300, { code: 'triple' }), perAmount()];

    const { outcomes } = run(rules, [line('a', 1_000n)]);

    expect(brief(outcomes)).toEqual([
      ['double', 10n, 10n, 'GRANTED'],
      ['triple', 20n, 20n, 'GRANTED'],
      ['base', 10n, 10n, 'GRANTED'],
    ]);
  });

  test('a multiplier does not reach the rules of another campaign', () => {
    const campaigns = [
      { id: 'cam_1', rules: [perAmount()] },
      { id: 'cam_2', rules: [multiplier(200)] },
    ];

    const { points, outcomes } = run([], [line('a', 1_000n)], { campaigns });

    expect(points).toBe(10n);
    expect(outcomes[1]).toMatchObject({ campaignId: 'cam_2', reason: 'LESS_THAN_ONE_STEP', granted: 0n });
  });

  test('a fixed sum once, spread by the amounts of the lines', () => {
    const { points, byLine } = run([fixed(10n)], [line('a', 100n), line('b', 200n)]);

    expect(points).toBe(10n);
    expect([byLine.get('a'), byLine.get('b')]).toEqual([3n, 7n]);
  });

  test('a fixed sum on lines that cost nothing is spread evenly', () => {
    const { byLine } = run([fixed(3n)], [line('a', 0n), line('b', 0n)]);

    expect([byLine.get('a'), byLine.get('b')]).toEqual([2n, 1n]);
  });
});

describe('why a rule gives less or nothing', () => {
  const lines = [line('a', 1_000n, 'pet')];

  test.each<[string, EarningRule, Partial<EvaluationInput>, [bigint, bigint, string]]>([
    ['no line of its categories', perAmount({ categories: ['book'] }), {}, [0n, 0n, 'NO_MATCHING_LINE']],
    [
      'below its minimum spend',
      perAmount({ minimumSpendMinor: 1_001n }),
      {},
      [0n, 0n, 'BELOW_MINIMUM_SPEND'],
    ],
    ['at its minimum spend', perAmount({ minimumSpendMinor: 1_000n }), {}, [10n, 10n, 'GRANTED']],
    ['its condition is false', perAmount(), { conditionOf: () => 'FALSE' }, [0n, 0n, 'CONDITION_FALSE']],
    ['its condition failed', perAmount(), { conditionOf: () => 'FAILED' }, [0n, 0n, 'CONDITION_FAILED']],
    ['less than a step', perAmount({ perAmountMinor: 1_001n }), {}, [0n, 0n, 'LESS_THAN_ONE_STEP']],
    ['its cap per purchase', perAmount({ capPerPurchase: 7n }), {}, [10n, 7n, 'CAPPED']],
    [
      'its cap per member, in part',
      perAmount({ capPerMember: 12n }),
      { givenTo: () => 4n },
      [10n, 8n, 'CAPPED'],
    ],
    [
      'its cap per member, all',
      perAmount({ capPerMember: 12n }),
      { givenTo: () => 12n },
      [10n, 0n, 'MEMBER_CAP_REACHED'],
    ],
    [
      'the most a purchase can earn',
      fixed(100_000_001n, { code: 'base' }),
      {},
      [100_000_001n, 100_000_000n, 'CAPPED'],
    ],
  ])('%s', (_, given, of, [requested, granted, reason]) => {
    const { outcomes, points } = run([given], lines, of);

    expect(brief(outcomes)).toEqual([['base', requested, granted, reason]]);
    expect(points).toBe(granted);
    expect(outcomes[0]!.message).toMatch(/^[A-Z0-9].*\.$/);
  });

  test('of two reasons the first in the documented order is told', () => {
    const given = perAmount({ categories: ['book'], minimumSpendMinor: 5_000n });
    expect(brief(run([given], lines, { conditionOf: () => 'FALSE' }).outcomes)).toEqual([
      ['base', 0n, 0n, 'NO_MATCHING_LINE'],
    ]);
    expect(
      brief(run([perAmount({ minimumSpendMinor: 5_000n })], lines, { conditionOf: () => 'FALSE' }).outcomes),
    ).toEqual([['base', 0n, 0n, 'BELOW_MINIMUM_SPEND']]);
  });
});

const anyCategory = fc.constantFrom('pet', 'book', null);
const anyLines = fc
  .array(fc.tuple(fc.bigInt(0n, 100_000n), anyCategory), { minLength: 1, maxLength: 12 })
  .map((all) => all.map(([amount, category], i) => line(`l${i}`, amount, category)));
const anyCap = fc.option(fc.bigInt(1n, 500n));
const anyRule = fc
  .record({
    kind: fc.constantFrom('PER_AMOUNT' as const, 'MULTIPLIER' as const, 'FIXED' as const),
    points: fc.bigInt(1n, 50n),
    perAmountMinor: fc.bigInt(1n, 5_000n),
    multiplierPercent: fc.integer({ min: 101, max: 1_000 }),
    categories: fc.subarray(['pet', 'book']),
    minimumSpendMinor: fc.option(fc.bigInt(0n, 50_000n)),
    capPerPurchase: anyCap,
    capPerMember: anyCap,
  })
  .map(rule);
const anyRules = fc
  .array(anyRule, { minLength: 1, maxLength: 6 })
  .map((rules) => rules.map((one, i) => ({ ...one, code: `r${i}` })));
const total = (values: Iterable<bigint>) => [...values].reduce((a, b) => a + b, 0n);

describe('for any rules and any purchase', () => {
  test('the lines sum to what was granted, rule by rule and in all', () => {
    fc.assert(
      fc.property(anyRules, anyLines, fc.bigInt(0n, 600n), (rules, lines, given) => {
        const { points, outcomes, byLine } = run(rules, lines, { givenTo: () => given });

        return (
          outcomes.every(({ shares, granted }) => total(shares.values()) === granted) &&
          total(byLine.values()) === points &&
          total(outcomes.map(({ granted }) => granted)) === points &&
          lines.every(({ id }, i) => [...byLine.keys()][i] === id) &&
          [...byLine.values()].every((share) => share >= 0n)
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test('no cap is exceeded, and nothing is granted that was not requested', () => {
    fc.assert(
      fc.property(anyRules, anyLines, fc.bigInt(0n, 600n), (rules, lines, given) => {
        const { outcomes } = run(rules, lines, { givenTo: () => given });

        return outcomes.every(({ granted, requested }, i) => {
          const { capPerPurchase, capPerMember } = rules[i]!;
          const inPurchase = capPerPurchase === null || granted <= capPerPurchase;
          // A member who had more than the cap already, because it was spent before, gets nothing.
          const inMember = capPerMember === null || granted === 0n || given + granted <= capPerMember;
          return granted <= requested && inPurchase && inMember;
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test('the order of the lines changes neither the outcomes nor what each line earns', () => {
    const shuffled = anyLines.chain((lines) =>
      fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })),
    );
    fc.assert(
      fc.property(anyRules, shuffled, (rules, [lines, others]) => {
        const [one, other] = [run(rules, lines), run(rules, others)];

        return (
          String(brief(other.outcomes)) === String(brief(one.outcomes)) &&
          other.points === one.points &&
          [...one.byLine].every(([id, points]) => other.byLine.get(id) === points)
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

test('a spread is within one point of the exact proportion', () => {
  const weights = fc.array(fc.bigInt(0n, 10_000n), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.bigInt(0n, 1_000_000n), weights, (points, all) => {
      const among = all.map((weight, i) => ({ id: String(i), weight }));
      const sum = total(all);

      const shares = spread(points, among);

      const close = among.every(({ id, weight }) => {
        const exact = points * weight;
        const got = shares.get(id)! * sum;
        return sum === 0n || (got > exact - sum && got < exact + sum);
      });
      return close && total(shares.values()) === points;
    }),
  );
});
