import type { ArrearsPolicy } from '../programme/policy.ts';

/**
 * What a lot keeps of the version of the programme that it was earned under, whatever later versions say; a lot that was
 * transferred keeps what its origin had.
 */
export interface LotTerms {
  readonly termsVersion: number;
  readonly reinstatementDays: number;
  /** The event that unlocks it before `unlocksAt`; null if time alone does. */
  readonly unlockEvent: string | null;
  /** True if it lapses at `unlocksAt`, should the event not have been reported, instead of unlocking. */
  readonly lapses: boolean;
  /** Of a sliding validity, the months that each activity of the member gives it; else null. */
  readonly slideMonths: number | null;
  /** What becomes of a reversal of its earn whose points were spent. */
  readonly ifSpent: ArrearsPolicy;
  /** Whether its points may be given to another member. */
  readonly transferable: boolean;
  /** Whether its points may be put into a household's pool. */
  readonly poolable: boolean;
}

/** One credit with its provenance. Immutable here; a change is a new value under the same id. */
export interface Lot extends LotTerms {
  readonly id: string;
  readonly walletId: string;
  readonly programme: string;
  readonly issuerId: string;
  /** Points granted. */
  readonly points: bigint;
  /** Points left, held ones included. */
  readonly remaining: bigint;
  /** Of `remaining`, reserved by holds. */
  readonly held: bigint;
  /** Points that expired and that no reversal took back from breakage. */
  readonly expired: bigint;
  /** False while its points are pending. */
  readonly unlocked: boolean;
  readonly earnedAt: Date;
  /** When it unlocks by itself; of one that lapses, when it does so while it waits for its event. */
  readonly unlocksAt: Date;
  /** The first instant at which it can no longer be spent. */
  readonly expiresAt: Date;
  readonly campaignId: string | null;
  readonly ruleVersion: string | null;
  /** Minor units for 1,000 points, of the day it was earned. */
  readonly issuePricePerThousand: bigint;
  /** The lot it was transferred from, put into a pool from or taken back from; else null. */
  readonly originLotId: string | null;
  /** Of a lot in a pool, the member who put it there and whose it stays; null in a member's own wallet. */
  readonly contributorId: string | null;
}

/** What the spending order compares. */
export type LotOrder = Pick<Lot, 'expiresAt' | 'earnedAt' | 'id'>;

/** First-expiring first; then the one earned first; then by id, so that the order is total. */
export function byExpiry(a: LotOrder, b: LotOrder): number {
  const time = a.expiresAt.getTime() - b.expiresAt.getTime() || a.earnedAt.getTime() - b.earnedAt.getTime();
  return time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Points of a lot that no hold reserves. */
export const freeOf = (lot: Lot): bigint => lot.remaining - lot.held;

/** When it ends by itself, as things stand: at its expiry, or before if it lapses. */
export const endOf = (lot: Lot): Date =>
  !lot.unlocked && lot.lapses && lot.unlocksAt < lot.expiresAt ? lot.unlocksAt : lot.expiresAt;

/** When something of the lot next falls due by itself; null if nothing will: held points wait for their hold. */
export function lotDueAt(lot: Lot): Date | null {
  if (freeOf(lot) === 0n) return null;
  return lot.unlocked || lot.expiresAt < lot.unlocksAt ? lot.expiresAt : lot.unlocksAt;
}
