import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import { campaignsSource, returnRecorded } from '../event-types.ts';
import { purchasePartition } from './purchase-event.ts';
import type { ReturnRecord } from './return-store.ts';

/**
 * The event of a return that is settled, told to the purchase's merchant. Returns are told after their purchase, and among
 * themselves by the revision of the purchase that they made, or as they are settled where a later one was settled first.
 */
export const returnRecordedEvent = (id: string, record: ReturnRecord, recordedAt: Date): DomainEvent => ({
  id,
  type: returnRecorded,
  source: campaignsSource,
  subject: record.id,
  time: recordedAt,
  partition: purchasePartition(record.purchaseId),
  sequence: sequenceAt(record.revision, 0),
  audience: [record.merchantId],
  data: {
    returnId: record.id,
    purchaseId: record.purchaseId,
    externalRef: record.externalRef,
    merchantId: record.merchantId,
    memberId: record.memberId,
    units: record.lines.reduce((sum, { quantity }) => sum + quantity, 0),
    points: Number(record.points),
    postingId: record.postingId,
    at: record.at.toISOString(),
    recordedAt: recordedAt.toISOString(),
  },
});
