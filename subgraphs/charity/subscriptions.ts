import type { Subscriptions } from '../shared/events/subscriber.ts';
import { causeOpened, donationMade, donationMatched, pledgeMade } from './event-types.ts';

/** Which other subgraphs are told of what this one tells: accounts, which tells merchants by webhook. */
export const charitySubscriptions: Subscriptions = {
  accounts: [donationMade, donationMatched, causeOpened, pledgeMade],
};
