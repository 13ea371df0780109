import { sha256 } from '../../shared/idempotency.ts';
import type { KnownMember } from '../accounts-port.ts';
import type { Campaign } from '../earning/campaign.ts';
import { type Evaluation, evaluate } from '../earning/earning.ts';
import type { RuleRef } from '../earning/member-cap-store.ts';
import { runConditions } from '../earning/rules-in-force.ts';
import type { Purchase, PurchaseLine } from './purchase.ts';
import { lineIds, type RecordPurchase } from './purchase-input.ts';

/** What a purchase is evaluated on. */
export interface PurchaseFacts {
  readonly id: string;
  readonly merchantId: string;
  readonly member: KnownMember;
  readonly input: RecordPurchase;
  readonly at: Date;
  readonly now: Date;
  /** Those in force at `at`. */
  readonly campaigns: readonly Campaign[];
}

/** A purchase that is ready to be evaluated: its conditions have been run. */
export interface ReadyPurchase {
  readonly memberId: string;
  /** Rules in force that have a cap per member: what they gave the member so far has to be known. */
  readonly capped: readonly RuleRef[];
  /** Evaluates and freezes, given what the capped rules gave the member so far, in their order. */
  freeze(given: readonly bigint[]): Purchase;
}

type BareLine = Omit<PurchaseLine, 'points' | 'returnedQuantity' | 'pointsReturned'>;

function bareLines(input: RecordPurchase): BareLine[] {
  const ids = lineIds(input.lines);
  return input.lines.map(({ sku, description, category, quantity, amountMinor }, i) => ({
    id: ids[i]!,
    sku,
    description: description ?? null,
    category: category ?? null,
    quantity,
    amountMinor,
  }));
}

const conditionFacts = (facts: PurchaseFacts, lines: readonly BareLine[], total: bigint) => ({
  purchase: {
    total,
    currency: facts.input.currency,
    merchantId: facts.merchantId,
    at: facts.at,
    lines: lines.map(({ id, sku, category, quantity, amountMinor }) => ({
      id,
      sku,
      category: category ?? '',
      quantity: BigInt(quantity),
      amount: amountMinor,
    })),
  },
  member: facts.member,
  now: facts.now,
});

/** Which versions of which campaigns gave points, short enough for a lot to carry; a hash of it if there are many. */
function versionsOf(campaigns: readonly Campaign[], giving: ReadonlySet<string>): string {
  const versions = campaigns
    .filter(({ id }) => giving.has(id))
    .map(({ id, version }) => `${id}@${version}`)
    .join(' ');
  return versions.length <= 100 ? versions : `sha256:${sha256(versions)}`;
}

function frozen(
  facts: PurchaseFacts,
  lines: readonly BareLine[],
  total: bigint,
  result: Evaluation,
): Purchase {
  const { input, campaigns } = facts;
  const withCap = new Set(
    campaigns.flatMap(({ id, rules }) =>
      rules.filter(({ capPerMember }) => capPerMember !== null).map(({ code }) => `${id} ${code}`),
    ),
  );
  const giving = new Set(
    result.outcomes.filter(({ granted }) => granted > 0n).map(({ campaignId }) => campaignId),
  );
  return {
    id: facts.id,
    merchantId: facts.merchantId,
    memberId: facts.member.id,
    externalRef: input.externalRef,
    programme: input.programme ?? 'SHARED',
    currency: input.currency,
    at: facts.at,
    recordedAt: facts.now,
    state: result.points === 0n ? 'RECORDED' : 'PENDING',
    totalMinor: total,
    lines: lines.map((line) => ({
      ...line,
      points: result.byLine.get(line.id)!,
      returnedQuantity: 0,
      pointsReturned: 0n,
    })),
    points: result.points,
    pointsReturned: 0n,
    outcomes: result.outcomes.map(({ shares, ...outcome }) => ({
      ...outcome,
      shares: withCap.has(`${outcome.campaignId} ${outcome.ruleCode}`)
        ? [...shares].filter(([, points]) => points > 0n).map(([lineId, points]) => ({ lineId, points }))
        : [],
    })),
    campaignId: giving.size === 1 ? [...giving][0]! : null,
    ruleVersion: versionsOf(campaigns, giving),
    postingId: null,
    revision: 0,
  };
}

/** Makes a purchase ready: runs every condition once; what is left depends only on the member's caps. */
export function evaluatePurchase(facts: PurchaseFacts): ReadyPurchase {
  const { campaigns } = facts;
  const lines = bareLines(facts.input);
  const total = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const conditionOf = runConditions(campaigns, conditionFacts(facts, lines, total));
  const capped = campaigns.flatMap(({ id, rules }) =>
    rules
      .filter(({ capPerMember }) => capPerMember !== null)
      .map(({ code }) => ({ campaignId: id, ruleCode: code })),
  );
  const freeze = (given: readonly bigint[]): Purchase => {
    const known = new Map(
      capped.map(({ campaignId, ruleCode }, i) => [`${campaignId} ${ruleCode}`, given[i]!]),
    );
    const givenTo = (campaignId: string, ruleCode: string) => known.get(`${campaignId} ${ruleCode}`) ?? 0n;
    return frozen(facts, lines, total, evaluate({ lines, campaigns, conditionOf, givenTo }));
  };
  return { memberId: facts.member.id, capped, freeze };
}
