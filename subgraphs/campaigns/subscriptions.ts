import type { Subscriptions } from '../shared/events/subscriber.ts';
import { campaignPublished, purchaseRecorded, returnRecorded } from './event-types.ts';

/** Which other subgraphs are told of what this one tells: accounts, which tells merchants by webhook. */
export const campaignsSubscriptions: Subscriptions = {
  accounts: [purchaseRecorded, returnRecorded, campaignPublished],
};
