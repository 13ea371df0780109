import type { NotEnoughPoints } from './command.ts';
import { type Draft, loaded, lotsIn, walletIn } from './draft.ts';
import { freeOf, type Lot } from './lot.ts';
import { NeedsLots } from './wallet.ts';

/** Whether a lot unlocks by itself some day. */
const waits = (lot: Lot): boolean => !lot.unlocked && !lot.lapses;

/** When so many points will be available if nothing is spent until then, counting pending lots; null if never. */
function availableFrom(draft: Draft, walletId: string, points: bigint): Date | null {
  const wallet = walletIn(draft, walletId);
  if (wallet.pending === 0n) return null;
  if (loaded(draft, walletId).coverage !== 'ALL') throw new NeedsLots(walletId);
  const lots = lotsIn(draft, walletId);
  const times = lots.filter((lot) => waits(lot) && lot.remaining > 0n).map((lot) => lot.unlocksAt);
  for (const at of times.sort((a, b) => a.getTime() - b.getTime())) {
    const usable = lots.filter(
      (lot) => (lot.unlocked || (waits(lot) && lot.unlocksAt <= at)) && lot.expiresAt > at,
    );
    if (usable.reduce((sum, lot) => sum + freeOf(lot), 0n) - wallet.arrears >= points) return at;
  }
  return null;
}

/** Refuses if a wallet, with what fell due applied, does not have the points. */
export function checkEnough(draft: Draft, walletId: string, points: bigint): NotEnoughPoints | null {
  const { available } = walletIn(draft, walletId);
  if (available >= points) return null;
  return {
    kind: 'NotEnoughPoints',
    available,
    shortBy: points - available,
    availableFrom: availableFrom(draft, walletId, points),
  };
}
