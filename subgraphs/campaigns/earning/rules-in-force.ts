import { type Campaign, covers, type EarningRule } from './campaign.ts';
import { type Condition, type ConditionFacts, type ConditionResult, compileCondition } from './condition.ts';
import type { ConditionWork } from './condition-bounds.ts';

/** Looks up which campaigns apply to a purchase. */
export interface RulesInForce {
  /** Campaigns for the merchant's purchases that are in force at an instant, earliest start first. */
  at(merchantId: string, programme: string, at: Date): Promise<Campaign[]>;
  /** Forgets what is remembered, after a campaign was published by this process. */
  refresh(): void;
}

/** A stretch of time, its end not in it. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

const dayMs = 86_400_000;
const keptMax = 1_000;

function dayOf(at: Date): Span {
  const from = Math.floor(at.getTime() / dayMs) * dayMs;
  return { from: new Date(from), to: new Date(from + dayMs) };
}

/**
 * Remembers each merchant's published campaigns of a day for `keepMs`, so that a till's call need not read them. A
 * campaign that another process publishes is therefore seen up to `keepMs` late, as if it had been published then;
 * nothing else about a published campaign ever changes, and its window is compared with every purchase anew.
 */
export function createRulesInForce(options: {
  readonly publishedFor: (merchantId: string, programme: string, during: Span) => Promise<Campaign[]>;
  readonly now: () => number;
  readonly keepMs: number;
}): RulesInForce {
  const { publishedFor, now, keepMs } = options;
  const kept = new Map<string, { readonly until: number; readonly campaigns: Promise<Campaign[]> }>();
  const published = (merchantId: string, programme: string, during: Span): Promise<Campaign[]> => {
    const key = `${during.from.getTime()} ${programme} ${merchantId}`;
    const known = kept.get(key);
    if (known && now() < known.until) return known.campaigns;
    const campaigns = publishedFor(merchantId, programme, during);
    // A failed read is not kept: the next purchase tries again.
    campaigns.catch(() => kept.delete(key));
    if (kept.size >= keptMax) kept.clear();
    kept.set(key, { until: now() + keepMs, campaigns });
    return campaigns;
  };
  return {
    at: async (merchantId, programme, at) =>
      (await published(merchantId, programme, dayOf(at))).filter((campaign) => covers(campaign, at)),
    refresh: () => kept.clear(),
  };
}

interface Runnable {
  readonly run: Condition;
  readonly work: ConditionWork;
}

const compiled = new Map<string, Runnable>();
const compiledMax = 5_000;

/** Compiled conditions are kept by their text: two rules with the same text share one. */
function conditionFor(text: string): Runnable {
  const known = compiled.get(text);
  if (known) return known;
  const fresh = compileCondition(text);
  // It compiled when the campaign was created; should a newer library refuse it, it fails and gives no points.
  const runnable: Runnable = fresh.ok ? fresh : { run: () => 'FAILED', work: { nodes: 0, walks: false } };
  if (compiled.size >= compiledMax) compiled.clear();
  compiled.set(text, runnable);
  return runnable;
}

/** Steps that all conditions of one purchase may take together: well under a second, as nobody else is served meanwhile. */
const stepsMax = 1_000_000;
/** Most elements of a list that a condition writes out. */
const listMax = 250;

/**
 * Runs every rule's condition on a purchase, once. Long conditions of many rules on a purchase of many lines would keep
 * the process busy for minutes, so they share a number of steps; one that needs more than is left fails. Steps are
 * counted beforehand and not timed, so the same purchase always comes to the same.
 */
export function runConditions(
  campaigns: readonly Campaign[],
  facts: ConditionFacts,
): (campaignId: string, rule: EarningRule) => ConditionResult {
  const results = new Map<EarningRule, ConditionResult>();
  const elements = Math.max(facts.purchase.lines.length, listMax);
  let left = stepsMax;
  const runWithin = (text: string): ConditionResult => {
    const { run, work } = conditionFor(text);
    const steps = work.walks ? work.nodes * elements : work.nodes;
    if (steps > left) return 'FAILED';
    left -= steps;
    return run(facts);
  };
  for (const rule of campaigns.flatMap((campaign) => campaign.rules))
    results.set(rule, rule.condition === null ? 'TRUE' : runWithin(rule.condition));
  return (_, rule) => results.get(rule) ?? 'FAILED';
}
