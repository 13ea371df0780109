import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import {
  catalogueSource,
  redemptionCancelled,
  redemptionConfirmed,
  redemptionFailed,
} from '../event-types.ts';
import type { Redemption } from './redemption.ts';

/** What a redemption's events and its voucher's are ordered by. */
export const redemptionPartition = (redemptionId: string): string => `redemption:${redemptionId}`;

/** The stages of a redemption and its voucher, in the only order in which they can come. */
export const redemptionStage = { ended: 1, consumed: 2, cancelled: 3 } as const;

type Told = Pick<DomainEvent, 'type' | 'time' | 'sequence' | 'data'>;

function tellOf(redemption: Redemption, at: Date): Told | null {
  const { status, capturePostingId, cancellation, failure } = redemption;
  switch (status) {
    case 'CONFIRMED': {
      const sequence = sequenceAt(redemptionStage.ended, 0);
      const time = redemption.confirmedAt ?? at;
      return { type: redemptionConfirmed, time, sequence, data: { postingId: capturePostingId } };
    }
    case 'FAILED': {
      const sequence = sequenceAt(redemptionStage.ended, 0);
      return { type: redemptionFailed, time: at, sequence, data: { failure: failure?.kind ?? null } };
    }
    case 'CANCELLED': {
      const sequence = sequenceAt(redemptionStage.cancelled, 0);
      const time = redemption.cancelledAt ?? at;
      return { type: redemptionCancelled, time, sequence, data: { reason: cancellation?.reason ?? null } };
    }
    case 'PENDING':
    case 'CANCELLING':
      return null;
  }
}

/**
 * The event of a redemption that has come to rest, told to the reward's merchant and to the one that redeemed for the
 * member; null while it is at work.
 */
export function redemptionEvent(id: string, redemption: Redemption, at: Date): DomainEvent | null {
  const told = tellOf(redemption, at);
  if (!told) return null;
  const { memberId, rewardId, merchantId, programme, points, seenBy } = redemption;
  return {
    ...told,
    id,
    source: catalogueSource,
    subject: redemption.id,
    partition: redemptionPartition(redemption.id),
    audience: seenBy,
    data: {
      redemptionId: redemption.id,
      ...{ rewardId, merchantId, programme, memberId },
      points: Number(points),
      at: told.time.toISOString(),
      ...told.data,
    },
  };
}
