import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import { catalogueSource, voucherConsumed, voucherIssued } from '../event-types.ts';
import { redemptionPartition, redemptionStage } from '../redemption/redemption-event.ts';
import type { Voucher } from './voucher.ts';

const common = ({ id, redemptionId, rewardId, merchantId, memberId, value }: Voucher) => ({
  voucherId: id,
  ...{ redemptionId, rewardId, merchantId, memberId },
  value: value && { amountMinor: Number(value.amountMinor), currency: value.currency },
});

/** The event of a voucher that can be used from now on, told to those who may see it. Its code is worth money and not told. */
export const voucherIssuedEvent = (id: string, voucher: Voucher): DomainEvent => ({
  id,
  type: voucherIssued,
  source: catalogueSource,
  subject: voucher.id,
  time: voucher.issuedAt,
  partition: redemptionPartition(voucher.redemptionId),
  sequence: sequenceAt(redemptionStage.ended, 1),
  audience: voucher.seenBy,
  data: {
    ...common(voucher),
    issuedAt: voucher.issuedAt.toISOString(),
    expiresAt: voucher.expiresAt.toISOString(),
  },
});

/** The event of a voucher that was taken at the till, told to its merchant alone: the sale is its own business. */
export const voucherConsumedEvent = (id: string, voucher: Voucher): DomainEvent => ({
  id,
  type: voucherConsumed,
  source: catalogueSource,
  subject: voucher.id,
  time: voucher.consumption!.at,
  partition: redemptionPartition(voucher.redemptionId),
  sequence: sequenceAt(redemptionStage.consumed, 0),
  audience: [voucher.merchantId],
  data: {
    ...common(voucher),
    externalRef: voucher.consumption!.ref,
    at: voucher.consumption!.at.toISOString(),
  },
});
