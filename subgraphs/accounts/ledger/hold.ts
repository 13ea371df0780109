/** How a hold stands. It leaves OPEN once. */
export type HoldStatus = 'OPEN' | 'CAPTURED' | 'VOIDED' | 'TIMED_OUT';

/** Points of one lot that a hold reserved. */
export interface HeldPart {
  readonly lotId: string;
  readonly issuerId: string;
  readonly points: bigint;
}

/** A reservation of points in a wallet for a merchant that would honour them. */
export interface Hold {
  readonly id: string;
  readonly walletId: string;
  /** Whose points they are; of a pool's, who spends. */
  readonly memberId: string;
  /** The household of whose pool they are; left out of a member's own. */
  readonly householdId?: string;
  readonly merchantId: string;
  readonly programme: string;
  readonly points: bigint;
  /** Points taken; null unless captured. */
  readonly captured: bigint | null;
  readonly status: HoldStatus;
  readonly parts: readonly HeldPart[];
  readonly openedAt: Date;
  readonly timesOutAt: Date;
  readonly resolvedAt: Date | null;
  readonly capturePostingId: string | null;
}

/** Who spends from a pool by a hold; null for one of a member's own points. */
export const spenderOf = ({ memberId, householdId }: Hold): string | null =>
  householdId === undefined ? null : memberId;
