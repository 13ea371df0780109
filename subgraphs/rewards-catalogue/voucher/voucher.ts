import type { RequestIdentity } from '../../shared/request.ts';
import type { Money } from '../reward/reward.ts';

/** How a voucher was taken at the till. */
export interface Consumption extends RequestIdentity {
  /** The merchant's own reference of the sale. */
  readonly ref: string;
  readonly at: Date;
}

/**
 * Where a voucher stands. RESERVED: made, but its redemption is not confirmed, so nobody sees it. WITHDRAWN: its
 * redemption failed; kept so that a late step of that redemption cannot make another.
 */
export type VoucherState = 'RESERVED' | 'ACTIVE' | 'CONSUMED' | 'VOID' | 'WITHDRAWN';

/** A code worth a reward at its merchant, once. */
export interface Voucher {
  readonly id: string;
  /** Without hyphens. */
  readonly code: string;
  readonly redemptionId: string;
  readonly rewardId: string;
  readonly memberId: string;
  /** The merchant that takes it. */
  readonly merchantId: string;
  /** The merchant that takes it and the one that redeemed for the member: both may see it. */
  readonly seenBy: readonly string[];
  readonly value: Money | null;
  readonly state: VoucherState;
  readonly issuedAt: Date;
  /** Exclusive. */
  readonly expiresAt: Date;
  readonly consumption: Consumption | null;
}

/** What a voucher is to those who may see it. */
export type VoucherStatus = 'ACTIVE' | 'CONSUMED' | 'VOID' | 'EXPIRED';

/** The status at an instant, or null for a voucher that nobody may see. */
export function voucherStatus(
  voucher: Pick<Voucher, 'state' | 'expiresAt'>,
  now: Date,
): VoucherStatus | null {
  switch (voucher.state) {
    case 'RESERVED':
    case 'WITHDRAWN':
      return null;
    case 'ACTIVE':
      return voucher.expiresAt <= now ? 'EXPIRED' : 'ACTIVE';
    case 'CONSUMED':
    case 'VOID':
      return voucher.state;
  }
}

const dayMs = 86_400_000;

/** When a voucher issued now stops being usable, days being 24 hours. */
export const expiryAfter = (issuedAt: Date, days: number): Date =>
  new Date(issuedAt.getTime() + days * dayMs);
