import type { Subscriptions } from '../shared/events/subscriber.ts';

/** Which other subgraphs are told of what this one tells. */
export const campaignsSubscriptions: Subscriptions = { accounts: [] };
