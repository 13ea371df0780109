import type { Campaign, EarningRule } from './campaign.ts';
import type { ConditionResult } from './condition.ts';
import { spread } from './spread.ts';

/** Most points one purchase can earn; the ledger takes no more at once. */
export const pointsPerPurchaseMax = 100_000_000n;

/** Most points a rule is said to have asked for: more is not a number that JSON can hold, and is never granted. */
const requestedMax = BigInt(Number.MAX_SAFE_INTEGER);

/** What the evaluation reads of a purchase's line. */
export interface EarningLine {
  readonly id: string;
  readonly category: string | null;
  readonly amountMinor: bigint;
}

/** Why a rule gave what it gave; see the schema. */
export type OutcomeReason =
  | 'GRANTED'
  | 'CAPPED'
  | 'NO_MATCHING_LINE'
  | 'BELOW_MINIMUM_SPEND'
  | 'CONDITION_FALSE'
  | 'CONDITION_FAILED'
  | 'LESS_THAN_ONE_STEP'
  | 'MEMBER_CAP_REACHED';

/** What one rule gave. `shares` sum to `granted`: what each matching line earned by it. */
export interface Outcome {
  readonly campaignId: string;
  readonly ruleCode: string;
  readonly requested: bigint;
  readonly granted: bigint;
  readonly reason: OutcomeReason;
  readonly message: string;
  readonly shares: ReadonlyMap<string, bigint>;
}

/** What a purchase earns. `byLine` has every line; it sums to `points`, as do the outcomes' `granted`. */
export interface Evaluation {
  readonly points: bigint;
  readonly outcomes: readonly Outcome[];
  readonly byLine: ReadonlyMap<string, bigint>;
}

/** What the evaluation needs to know; everything in it is a value, so the same input always gives the same result. */
export interface EvaluationInput {
  readonly lines: readonly EarningLine[];
  /** Those in force, in the order they are evaluated. */
  readonly campaigns: readonly Pick<Campaign, 'id' | 'rules'>[];
  /** What a rule's condition came to; TRUE for a rule without one. */
  readonly conditionOf: (campaignId: string, rule: EarningRule) => ConditionResult;
  /** Points the rule has given the member so far; read only of rules with a cap per member. */
  readonly givenTo: (campaignId: string, ruleCode: string) => bigint;
}

type Shares = ReadonlyMap<string, bigint>;
type Refused = { readonly reason: OutcomeReason; readonly message: string };

const sum = (values: Iterable<bigint>): bigint => {
  let total = 0n;
  for (const value of values) total += value;
  return total;
};

const none: Shares = new Map();

const matching = (rule: EarningRule, lines: readonly EarningLine[]): readonly EarningLine[] =>
  rule.categories.length === 0
    ? lines
    : lines.filter(({ category }) => category !== null && rule.categories.includes(category));

function refusalOf(
  rule: EarningRule,
  matched: number,
  total: bigint,
  condition: ConditionResult,
): Refused | null {
  if (matched === 0)
    return { reason: 'NO_MATCHING_LINE', message: `No line is of ${rule.categories.join(', ')}.` };
  if (rule.minimumSpendMinor !== null && total < rule.minimumSpendMinor)
    return {
      reason: 'BELOW_MINIMUM_SPEND',
      message: `The total of ${total} is below the minimum spend of ${rule.minimumSpendMinor}.`,
    };
  if (condition === 'FALSE')
    return { reason: 'CONDITION_FALSE', message: 'The condition is not met by this purchase.' };
  if (condition === 'FAILED')
    return { reason: 'CONDITION_FAILED', message: 'The condition could not be evaluated on this purchase.' };
  return null;
}

/** Points the rule asks for before caps. `base` is what the campaign's PER_AMOUNT rules gave on the matching lines. */
function requestOf(rule: EarningRule, matched: readonly EarningLine[], base: bigint): bigint {
  switch (rule.kind) {
    case 'FIXED':
      return rule.points ?? 0n;
    case 'PER_AMOUNT':
      return (
        (sum(matched.map((line) => line.amountMinor)) / (rule.perAmountMinor ?? 1n)) * (rule.points ?? 0n)
      );
    case 'MULTIPLIER':
      return (base * BigInt((rule.multiplierPercent ?? 100) - 100)) / 100n;
  }
}

// Math.min does not take bigints.
const least = (values: readonly bigint[]): bigint =>
  values.reduce((a, b) => {
    if (a < b) return a;
    return b;
  });
const atLeastZero = (value: bigint): bigint => (value > 0n ? value : 0n);

function verdict(rule: EarningRule, requested: bigint, granted: bigint, memberRoom: bigint | null): Refused {
  if (requested === 0n && rule.kind === 'MULTIPLIER')
    return { reason: 'LESS_THAN_ONE_STEP', message: 'There were too few points to multiply.' };
  if (requested === 0n)
    return {
      reason: 'LESS_THAN_ONE_STEP',
      message: `What is spent is less than the ${rule.perAmountMinor} that earn ${rule.points} points.`,
    };
  if (memberRoom === 0n)
    return {
      reason: 'MEMBER_CAP_REACHED',
      message: `The member has had the ${rule.capPerMember} points it gives one member.`,
    };
  if (granted < requested)
    return { reason: 'CAPPED', message: `${granted} of ${requested} points, as a cap allows no more.` };
  return { reason: 'GRANTED', message: `${granted} points.` };
}

/** What is settled while rules are evaluated one after another. */
interface Progress {
  /** Points the purchase may still be given. */
  room: bigint;
  /** What the campaign's PER_AMOUNT rules gave each line so far. */
  readonly base: Map<string, bigint>;
}

function outcomeOf(
  campaignId: string,
  rule: EarningRule,
  input: EvaluationInput,
  total: bigint,
  progress: Progress,
): Outcome {
  const matched = matching(rule, input.lines);
  const known = { campaignId, ruleCode: rule.code };
  const refused = refusalOf(rule, matched.length, total, input.conditionOf(campaignId, rule));
  if (refused) return { ...known, requested: 0n, granted: 0n, ...refused, shares: none };
  const baseOf = (line: EarningLine) => progress.base.get(line.id) ?? 0n;
  const requested = least([requestOf(rule, matched, sum(matched.map(baseOf))), requestedMax]);
  const memberRoom =
    rule.capPerMember === null ? null : atLeastZero(rule.capPerMember - input.givenTo(campaignId, rule.code));
  const granted = least([
    requested,
    rule.capPerPurchase ?? requested,
    memberRoom ?? requested,
    progress.room,
  ]);
  const weightOf = rule.kind === 'MULTIPLIER' ? baseOf : (line: EarningLine) => line.amountMinor;
  const shares =
    granted === 0n
      ? none
      : spread(
          granted,
          matched.map((line) => ({ id: line.id, weight: weightOf(line) })),
        );
  progress.room -= granted;
  return { ...known, requested, granted, ...verdict(rule, requested, granted, memberRoom), shares };
}

function addTo(target: Map<string, bigint>, shares: Shares): void {
  for (const [id, points] of shares) target.set(id, (target.get(id) ?? 0n) + points);
}

/**
 * Evaluates earning rules on a purchase. Campaigns in the order given; within one, the PER_AMOUNT and FIXED rules in
 * their order, then the MULTIPLIER rules in theirs, each on what the PER_AMOUNT rules were granted (multipliers add up,
 * they do not compound). A rule asks for `floor(matching amount ÷ perAmountMinor) × points`,
 * `floor(granted × (multiplierPercent − 100) ÷ 100)` or `points`; then its caps trim it, then what a purchase can earn at
 * most. What is granted is spread over the matching lines by largest remainder, in proportion to their amounts (of a
 * multiplier: to the points it multiplies). Outcomes come in the order in which the rules are listed.
 */
export function evaluate(input: EvaluationInput): Evaluation {
  const total = sum(input.lines.map((line) => line.amountMinor));
  const byLine = new Map(input.lines.map((line) => [line.id, 0n]));
  const outcomes: Outcome[] = [];
  let room = pointsPerPurchaseMax;
  for (const campaign of input.campaigns) {
    const progress: Progress = { room, base: new Map() };
    const late = (rule: EarningRule) => (rule.kind === 'MULTIPLIER' ? 1 : 0);
    const found = new Map<string, Outcome>();
    for (const rule of campaign.rules.toSorted((a, b) => late(a) - late(b))) {
      const outcome = outcomeOf(campaign.id, rule, input, total, progress);
      if (rule.kind === 'PER_AMOUNT') addTo(progress.base, outcome.shares);
      addTo(byLine, outcome.shares);
      found.set(rule.code, outcome);
    }
    room = progress.room;
    outcomes.push(...campaign.rules.map((rule) => found.get(rule.code)!));
  }
  return { points: sum(outcomes.map(({ granted }) => granted)), outcomes, byLine };
}
