import { type DomainEvent, everyone, sequenceAt } from '../../shared/events/event.ts';
import { campaignPublished, campaignsSource } from '../event-types.ts';
import type { Campaign } from './campaign.ts';

/** The event of a published campaign, told to everyone as the campaign itself is. */
export const campaignPublishedEvent = (id: string, campaign: Campaign, at: Date): DomainEvent => ({
  id,
  type: campaignPublished,
  source: campaignsSource,
  subject: campaign.id,
  time: at,
  partition: `campaign:${campaign.id}`,
  sequence: sequenceAt(campaign.version, 0),
  audience: [everyone],
  data: {
    campaignId: campaign.id,
    merchantId: campaign.merchantId,
    programme: campaign.programme,
    name: campaign.name,
    version: campaign.version,
    startsAt: campaign.startsAt.toISOString(),
    endsAt: campaign.endsAt?.toISOString() ?? null,
    publishedAt: at.toISOString(),
  },
});
