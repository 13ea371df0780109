import { type AnnouncePorts, announce, together } from '../shared/events/announce.ts';
import type { Clock, NewId } from '../shared/ids.ts';
import { campaignPublishedEvent } from './earning/campaign-event.ts';
import type { CampaignStore } from './earning/campaign-store.ts';
import { purchaseRecordedEvent } from './purchase/purchase-event.ts';
import type { PurchaseStore } from './purchase/purchase-store.ts';
import { returnRecordedEvent } from './purchase/return-event.ts';
import type { ReturnStore } from './purchase/return-store.ts';

interface Stores {
  readonly campaigns: CampaignStore;
  readonly purchases: PurchaseStore;
  readonly returns: ReturnStore;
}

/** What telling of writes needs. */
export interface CampaignsAnnouncing extends AnnouncePorts {
  readonly clock: Clock;
  readonly newId: NewId;
}

/**
 * The stores, telling of what they write in the transaction of the write, so that no use case can write one and forget the
 * other. Purchases and returns are told once they are recorded: at once where there is nothing to post.
 */
export function announcingStores(stores: Stores, ports: CampaignsAnnouncing): Stores {
  const { campaigns, purchases, returns } = stores;
  const { addEvents, clock, newId } = ports;
  return {
    campaigns: {
      ...campaigns,
      publish: (id, at) =>
        announce(
          ports,
          () => campaigns.publish(id, at),
          (campaign) => [campaignPublishedEvent(newId('evt'), campaign, at)],
        ),
    },
    purchases: {
      ...purchases,
      insert: (purchase, identity) => {
        if (purchase.state === 'PENDING') return purchases.insert(purchase, identity);
        return together(ports, async () => {
          await purchases.insert(purchase, identity);
          await addEvents([purchaseRecordedEvent(newId('evt'), purchase)]);
        });
      },
      settle: (id, postingId) =>
        announce(
          ports,
          () => purchases.settle(id, postingId),
          (purchase) => [purchaseRecordedEvent(newId('evt'), purchase)],
        ),
    },
    returns: {
      ...returns,
      insert: (record, identity, now) => {
        if (record.state === 'PENDING') return returns.insert(record, identity, now);
        return together(ports, async () => {
          await returns.insert(record, identity, now);
          await addEvents([returnRecordedEvent(newId('evt'), record, now)]);
        });
      },
      settle: (id, postingId) =>
        announce(
          ports,
          () => returns.settle(id, postingId),
          (record) => [returnRecordedEvent(newId('evt'), record, clock.now())],
        ),
    },
  };
}
