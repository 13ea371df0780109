import type { Subscriptions } from '../shared/events/subscriber.ts';
import { memberErased } from './event-types.ts';
import { webhookEventTypes } from './webhook/webhook.ts';

/** The subscriber that hands events to merchants' webhooks. */
export const webhookSubscriber = 'webhooks';

/** Who is told of what accounts tells: by the name of a subgraph, or this subgraph's own webhooks. */
export const accountsSubscriptions: Subscriptions = {
  [webhookSubscriber]: webhookEventTypes,
  'rewards-catalogue': [],
  campaigns: [memberErased],
  charity: [memberErased],
};
