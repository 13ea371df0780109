import { type ExportPart, readExport, timedPart } from '../../shared/export.ts';
import type { CataloguePorts } from '../ports.ts';
import type { Resolvers } from '../resolver-types.ts';
import type { Voucher } from '../voucher/voucher.ts';
import type { Redemption } from './redemption.ts';

function redemptionRecord(redemption: Redemption) {
  const { id, rewardId, merchantId, seenBy, programme, points, voucherValue, status } = redemption;
  const { requestedAt, confirmedAt, cancelledAt, capturePostingId, cancellation } = redemption;
  const { fromHousehold, failure } = redemption;
  return {
    type: 'redemption',
    ...{ id, rewardId, merchantId, seenBy, programme, points, voucherValue, status },
    ...{ requestedAt, confirmedAt, cancelledAt, capturePostingId, fromHousehold, failure },
    cancellationReason: cancellation?.reason ?? null,
  };
}

function voucherRecord(voucher: Voucher) {
  const { id, code, redemptionId, rewardId, merchantId, seenBy, value, state, issuedAt, expiresAt } = voucher;
  return {
    type: 'voucher',
    ...{ id, code, redemptionId, rewardId, merchantId, seenBy, value, state, issuedAt, expiresAt },
    consumedAt: voucher.consumption?.at ?? null,
    consumedAs: voucher.consumption?.ref ?? null,
  };
}

const parts = (memberId: string, { redemptions, vouchers }: CataloguePorts): ExportPart[] => [
  timedPart(
    'redemptions',
    (page) => redemptions.listOfMember(memberId, null, page),
    redemptionRecord,
    ({ requestedAt }) => requestedAt,
  ),
  timedPart(
    'vouchers',
    (page) => vouchers.listOfMember(memberId, page),
    voucherRecord,
    ({ issuedAt }) => issuedAt,
  ),
];

/** Resolves the catalogue's part of a member's export. */
export const exportResolvers = {
  MemberExport: {
    __resolveReference: ({ memberId }) => ({ memberId }),
    rewards: ({ memberId }, args, { ports }) => readExport(parts(memberId, ports), args),
  },
} satisfies Resolvers;
