import type { InvalidInput } from '../../shared/refusal.ts';
import { type Check, firstInvalid, isText, must } from '../refusals.ts';
import type { EarningRule, EarningRuleKind } from './campaign.ts';
import { compileCondition } from './condition.ts';

/** A rule as it is sent. */
export interface EarningRuleDraft {
  readonly code: string;
  readonly description: string;
  readonly kind: EarningRuleKind;
  readonly points?: bigint | null | undefined;
  readonly perAmountMinor?: bigint | null | undefined;
  readonly multiplierPercent?: number | null | undefined;
  readonly categories?: readonly string[] | null | undefined;
  readonly minimumSpendMinor?: bigint | null | undefined;
  readonly capPerPurchase?: bigint | null | undefined;
  readonly capPerMember?: bigint | null | undefined;
  readonly condition?: string | null | undefined;
}

type TermsDraft = Record<'earning' | 'accrualBase' | 'exclusions' | 'contact', string | null | undefined>;

/** A campaign as it is sent. */
export interface CampaignDraft {
  readonly name: string;
  readonly startsAt: Date;
  readonly endsAt?: Date | null | undefined;
  readonly rules: readonly EarningRuleDraft[];
  readonly terms?: Partial<TermsDraft> | null | undefined;
}

const pointsMax = 1_000_000n;
const amountMax = 100_000_000_000n;
const capMax = 1_000_000_000_000n;

const within = (value: bigint | null | undefined, min: bigint, max: bigint): boolean =>
  value !== null && value !== undefined && value >= min && value <= max;

/** A check that a field which may be left out is within bounds. */
const optional = (value: bigint | null | undefined, max: bigint, field: string): Check =>
  must(value === null || value === undefined || within(value, 1n, max), field, `1 to ${max}, or nothing`);

/** A check that a field which the rule's kind does not use is left out. */
const unused = (value: unknown, field: string, kind: string): Check =>
  must(value === null || value === undefined, field, `nothing for a rule of kind ${kind}`);

function kindChecks(rule: EarningRuleDraft, at: string): Check[] {
  const points = must(within(rule.points, 1n, pointsMax), `${at}.points`, `1 to ${pointsMax}`);
  const noMultiplier = unused(rule.multiplierPercent, `${at}.multiplierPercent`, rule.kind);
  const noAmount = unused(rule.perAmountMinor, `${at}.perAmountMinor`, rule.kind);
  const percent = rule.multiplierPercent ?? 0;
  switch (rule.kind) {
    case 'PER_AMOUNT':
      return [
        points,
        must(within(rule.perAmountMinor, 1n, amountMax), `${at}.perAmountMinor`, `1 to ${amountMax}`),
        noMultiplier,
      ];
    case 'FIXED':
      return [points, noAmount, noMultiplier];
    case 'MULTIPLIER':
      return [
        unused(rule.points, `${at}.points`, rule.kind),
        noAmount,
        must(percent > 100 && percent <= 10_000, `${at}.multiplierPercent`, '101 to 10000'),
      ];
  }
}

function categoryChecks(categories: readonly string[], at: string): Check[] {
  return [
    must(categories.length <= 50, at, 'at most 50 categories'),
    must(new Set(categories).size === categories.length, at, 'every category once'),
    ...categories.map((one, i) => must(isText(one, 1, 100), `${at}.${i}`, '1 to 100 characters')),
  ];
}

const conditionCheck =
  (text: string | null | undefined, field: string): Check =>
  () => {
    if (text === null || text === undefined) return null;
    const compiled = compileCondition(text);
    if (compiled.ok) return null;
    const expected = `a CEL condition that answers a boolean; at character ${compiled.at + 1}: ${compiled.message}`;
    return must(false, field, expected)();
  };

function ruleChecks(rule: EarningRuleDraft, at: string): Check[] {
  return [
    must(
      /^[a-z0-9][a-z0-9-]{0,39}$/.test(rule.code),
      `${at}.code`,
      '1 to 40 lower case letters, digits and hyphens',
    ),
    must(isText(rule.description, 1, 500), `${at}.description`, '1 to 500 characters'),
    ...kindChecks(rule, at),
    ...categoryChecks(rule.categories ?? [], `${at}.categories`),
    optional(rule.minimumSpendMinor, amountMax, `${at}.minimumSpendMinor`),
    optional(rule.capPerPurchase, capMax, `${at}.capPerPurchase`),
    optional(rule.capPerMember, capMax, `${at}.capPerMember`),
    conditionCheck(rule.condition, `${at}.condition`),
  ];
}

function wholeChecks(rules: readonly EarningRuleDraft[]): Check[] {
  const codes = rules.map(({ code }) => code);
  const firstRepeated = codes.findIndex((code, i) => codes.indexOf(code) < i);
  const multiplier = rules.findIndex(({ kind }) => kind === 'MULTIPLIER');
  const multiplies = multiplier === -1 || rules.some(({ kind }) => kind === 'PER_AMOUNT');
  return [
    must(firstRepeated === -1, `input.rules.${firstRepeated}.code`, 'a code that no other rule of it has'),
    must(
      multiplies,
      `input.rules.${multiplier}.kind`,
      'a PER_AMOUNT rule in the campaign that it multiplies',
    ),
  ];
}

/** Checks a draft; gives the first fault in the order of the input's fields, or null. Terms may be incomplete. */
export function checkCampaignDraft(draft: CampaignDraft): InvalidInput | null {
  const { name, startsAt, endsAt, rules, terms } = draft;
  return firstInvalid([
    must(isText(name, 1, 120), 'input.name', '1 to 120 characters'),
    must(!endsAt || endsAt > startsAt, 'input.endsAt', 'later than startsAt, or nothing'),
    must(rules.length >= 1 && rules.length <= 50, 'input.rules', '1 to 50 rules'),
    ...rules.slice(0, 50).flatMap((rule, i) => ruleChecks(rule, `input.rules.${i}`)),
    ...wholeChecks(rules),
    ...Object.entries(terms ?? {}).map(([field, text]) =>
      must((text ?? '').length <= 2_000, `input.terms.${field}`, 'at most 2,000 characters'),
    ),
  ]);
}

/** A checked rule with every field present. */
export const toRule = (draft: EarningRuleDraft): EarningRule => ({
  code: draft.code,
  description: draft.description,
  kind: draft.kind,
  points: draft.points ?? null,
  perAmountMinor: draft.perAmountMinor ?? null,
  multiplierPercent: draft.multiplierPercent ?? null,
  categories: draft.categories ?? [],
  minimumSpendMinor: draft.minimumSpendMinor ?? null,
  capPerPurchase: draft.capPerPurchase ?? null,
  capPerMember: draft.capPerMember ?? null,
  condition: draft.condition ?? null,
});
