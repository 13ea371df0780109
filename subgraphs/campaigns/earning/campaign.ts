import { hasWords } from '../../shared/words.ts';

/** How a rule gives points; see the schema. */
export type EarningRuleKind = 'PER_AMOUNT' | 'MULTIPLIER' | 'FIXED';

/** One earning rule, as data. Fields that its kind does not use are null. */
export interface EarningRule {
  readonly code: string;
  readonly description: string;
  readonly kind: EarningRuleKind;
  readonly points: bigint | null;
  readonly perAmountMinor: bigint | null;
  readonly multiplierPercent: number | null;
  readonly categories: readonly string[];
  readonly minimumSpendMinor: bigint | null;
  readonly capPerPurchase: bigint | null;
  readonly capPerMember: bigint | null;
  readonly condition: string | null;
}

/** What a campaign says in public; empty where a draft does not say it yet. */
export interface CampaignTerms {
  readonly earning: string;
  readonly accrualBase: string;
  readonly exclusions: string;
  readonly contact: string;
}

/** A set of earning rules with a window. Rules and terms never change once it is published. */
export interface Campaign {
  readonly id: string;
  readonly name: string;
  /** Null for all merchants of the coalition. */
  readonly merchantId: string | null;
  readonly programme: string;
  readonly startsAt: Date;
  /** Exclusive; null for no end. */
  readonly endsAt: Date | null;
  readonly rules: readonly EarningRule[];
  readonly terms: CampaignTerms;
  readonly version: number;
  /** Null for a draft. */
  readonly publishedAt: Date | null;
}

/** Where a campaign stands at an instant. */
export type CampaignStatus = 'DRAFT' | 'SCHEDULED' | 'RUNNING' | 'ENDED';

/** True if the instant is within the campaign's window: from `startsAt` up to but not at `endsAt`. */
export const covers = (campaign: Pick<Campaign, 'startsAt' | 'endsAt'>, at: Date): boolean =>
  campaign.startsAt <= at && (campaign.endsAt === null || at < campaign.endsAt);

/** The campaign's status at an instant. */
export function statusOf(campaign: Campaign, now: Date): CampaignStatus {
  if (campaign.publishedAt === null) return 'DRAFT';
  if (now < campaign.startsAt) return 'SCHEDULED';
  return covers(campaign, now) ? 'RUNNING' : 'ENDED';
}

/** The terms that a campaign lacks, as `terms.<field>`. */
export const missingTerms = (terms: CampaignTerms): string[] =>
  (['earning', 'accrualBase', 'exclusions', 'contact'] as const)
    .filter((field) => !hasWords(terms[field]))
    .map((field) => `terms.${field}`);
