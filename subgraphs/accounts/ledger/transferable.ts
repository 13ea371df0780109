import { type Draft, loaded } from './draft.ts';
import { freeOf, type Lot } from './lot.ts';
import type { TransferNotAllowed } from './policy-refusal.ts';
import { spendable } from './spending.ts';
import { NeedsLots } from './wallet.ts';

/** Whether a lot's own terms let it be given away. */
export const isTransferable = (lot: Lot): boolean => lot.transferable;

/**
 * Refuses to give away more than the lots' own terms allow. A lot keeps what it was earned under, so points may be given
 * away after a version that forbids it, and those of an earlier one may not be after a version that allows it.
 */
export function checkTransferable(draft: Draft, walletId: string, points: bigint): TransferNotAllowed | null {
  const lots = spendable(draft, walletId).filter(isTransferable);
  const transferable = lots.reduce((sum, lot) => sum + freeOf(lot), 0n);
  if (transferable >= points) return null;
  if (loaded(draft, walletId).coverage !== 'ALL') throw new NeedsLots(walletId);
  return { kind: 'TransferNotAllowed', transferable };
}
