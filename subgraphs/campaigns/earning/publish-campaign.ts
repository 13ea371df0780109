import type { Caller } from '../../shared/caller.ts';
import type { Clock } from '../../shared/ids.ts';
import { type NotFound, notFound } from '../refusals.ts';
import { type Campaign, missingTerms, statusOf } from './campaign.ts';
import type { CampaignStore } from './campaign-store.ts';
import type { RulesInForce } from './rules-in-force.ts';

/** What publishing a campaign needs. */
export interface PublishCampaignPorts {
  readonly campaigns: Pick<CampaignStore, 'byIds' | 'publish'>;
  readonly rules: Pick<RulesInForce, 'refresh'>;
  readonly clock: Clock;
}

/** What came of it. */
export type CampaignPublication =
  | { readonly kind: 'PUBLISHED'; readonly campaign: Campaign }
  | NotFound
  | { readonly kind: 'DISCLOSURE_INCOMPLETE'; readonly missing: readonly string[] }
  | { readonly kind: 'NOT_PUBLISHABLE'; readonly endedAt: Date };

const mayPublish = (caller: Caller, campaign: Campaign): boolean =>
  caller.kind === 'OPERATOR' || (caller.kind === 'MERCHANT' && caller.merchantId === campaign.merchantId);

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
  if (campaign.endsAt !== null && statusOf({ ...campaign, publishedAt: now }, now) === 'ENDED')
    return { kind: 'NOT_PUBLISHABLE', endedAt: campaign.endsAt };
  await ports.campaigns.publish(campaignId, now);
  ports.rules.refresh();
  return { kind: 'PUBLISHED', campaign: (await read()) ?? campaign };
}
