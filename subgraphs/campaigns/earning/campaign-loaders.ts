import DataLoader from 'dataloader';
import type { Campaign } from './campaign.ts';
import type { CampaignStore } from './campaign-store.ts';

/** Campaigns by id, for one request. */
export const campaignLoader = (store: Pick<CampaignStore, 'byIds'>): DataLoader<string, Campaign | null> =>
  new DataLoader(async (ids) => {
    const found = new Map((await store.byIds(ids)).map((campaign) => [campaign.id, campaign]));
    return ids.map((id) => found.get(id) ?? null);
  });
