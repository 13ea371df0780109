import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import { campaignsSource, purchaseRecorded } from '../event-types.ts';
import type { Purchase } from './purchase.ts';

/** What a purchase's events and its returns' are ordered by. */
export const purchasePartition = (purchaseId: string): string => `purchase:${purchaseId}`;

/** The event of a purchase whose points are posted, told to its merchant. It comes before all returns of it. */
export const purchaseRecordedEvent = (id: string, purchase: Purchase): DomainEvent => ({
  id,
  type: purchaseRecorded,
  source: campaignsSource,
  subject: purchase.id,
  time: purchase.recordedAt,
  partition: purchasePartition(purchase.id),
  sequence: sequenceAt(0, 0),
  audience: [purchase.merchantId],
  data: {
    purchaseId: purchase.id,
    externalRef: purchase.externalRef,
    merchantId: purchase.merchantId,
    memberId: purchase.memberId,
    programme: purchase.programme,
    total: { amountMinor: Number(purchase.totalMinor), currency: purchase.currency },
    points: Number(purchase.points),
    campaignId: purchase.campaignId,
    postingId: purchase.postingId,
    at: purchase.at.toISOString(),
    recordedAt: purchase.recordedAt.toISOString(),
  },
});
