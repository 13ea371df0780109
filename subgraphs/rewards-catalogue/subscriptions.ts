import type { Subscriptions } from '../shared/events/subscriber.ts';
import {
  redemptionCancelled,
  redemptionConfirmed,
  redemptionFailed,
  rewardPublished,
  voucherConsumed,
  voucherIssued,
} from './event-types.ts';

/** Which other subgraphs are told of what this one tells: accounts, which tells merchants by webhook. */
export const catalogueSubscriptions: Subscriptions = {
  accounts: [
    redemptionConfirmed,
    redemptionFailed,
    redemptionCancelled,
    voucherIssued,
    voucherConsumed,
    rewardPublished,
  ],
};
