import type { Caller } from '../../shared/caller.ts';
import type { Clock } from '../../shared/ids.ts';
import { notFound } from '../../shared/refusal.ts';
import type { NotFound } from '../refusals.ts';
import { type Campaign, missingTerms, statusOf } from './campaign.ts';
import type { CampaignStore } from './campaign-store.ts';
import type { RulesInForce } from './rules-in-force.ts';

/** What publishing a campaign needs. */
export interface PublishCampaignPorts {
  readonly campaigns: Pick<CampaignStore, 'byIds' | 'publish' | 'countRules'>;
  readonly rules: Pick<RulesInForce, 'refresh'>;
  readonly clock: Clock;
}

/** What came of it. */
export type CampaignPublication =
  | { readonly kind: 'PUBLISHED'; readonly campaign: Campaign }
  | NotFound
  | { readonly kind: 'DISCLOSURE_INCOMPLETE'; readonly missing: readonly string[] }
  | { readonly kind: 'NOT_PUBLISHABLE'; readonly message: string };

const mayPublish = (caller: Caller, campaign: Campaign): boolean =>
  caller.kind === 'OPERATOR' || (caller.kind === 'MERCHANT' && caller.merchantId === campaign.merchantId);

/**
 * Most rules that one owner may have in force at once: a purchase is evaluated on all of them and nobody else is served
 * meanwhile. Two publications at the same instant may pass it by one campaign.
 */
const rulesMax = 500;
const forEver = new Date('9999-12-31T23:59:59Z');

/** Why a complete draft cannot be published, or null. */
async function obstacle(ports: PublishCampaignPorts, campaign: Campaign, now: Date): Promise<string | null> {
  const { merchantId, programme, startsAt, endsAt, rules } = campaign;
  if (endsAt !== null && statusOf({ ...campaign, publishedAt: now }, now) === 'ENDED')
    return `The campaign's window ended at ${endsAt.toISOString()}.`;
  const others = await ports.campaigns.countRules(merchantId, programme, {
    from: startsAt,
    to: endsAt ?? forEver,
  });
  return others + rules.length <= rulesMax
    ? null
    : `At most ${rulesMax} rules may be in force at once; ${others} are published for this window.`;
}

/** Publishes a draft of the caller's own, or any for the operator. One that was published before stays as it is. */
export async function publishCampaign(
  ports: PublishCampaignPorts,
  caller: Caller,
  campaignId: string,
): Promise<CampaignPublication> {
  const read = async () => (await ports.campaigns.byIds([campaignId])).at(0);
  const campaign = await read();
  if (!campaign || !mayPublish(caller, campaign)) return notFound('CAMPAIGN', campaignId);
  if (campaign.publishedAt !== null) return { kind: 'PUBLISHED', campaign };
  const missing = missingTerms(campaign.terms);
  if (missing.length > 0) return { kind: 'DISCLOSURE_INCOMPLETE', missing };
  const now = ports.clock.now();
  const message = await obstacle(ports, campaign, now);
  if (message !== null) return { kind: 'NOT_PUBLISHABLE', message };
  await ports.campaigns.publish(campaignId, now);
  ports.rules.refresh();
  return { kind: 'PUBLISHED', campaign: (await read()) ?? campaign };
}
