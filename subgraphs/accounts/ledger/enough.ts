import type { NotEnoughPoints } from './command.ts';
import { type Draft, loaded, lotsIn, walletIn } from './draft.ts';
import { freeOf, type Lot } from './lot.ts';
import { NeedsLots, type Wallet } from './wallet.ts';

/** What can be spent of a wallet at an instant at which points unlock. */
export interface Unlocking {
  readonly at: Date;
  readonly available: bigint;
}

/** Whether a lot unlocks by itself some day. */
const waits = (lot: Lot): boolean => !lot.unlocked && !lot.lapses;

/** Points of lots that can be spent at an instant if nothing is spent until then. */
function freeAt(lots: readonly Lot[], at: Date): bigint {
  const usable = lots.filter(
    (lot) => (lot.unlocked || (waits(lot) && lot.unlocksAt <= at)) && lot.expiresAt > at,
  );
  return usable.reduce((sum, lot) => sum + freeOf(lot), 0n);
}

/**
 * What will be available at each instant at which lots of a wallet unlock by themselves, if nothing is spent until then,
 * soonest first. `lots` are all its open ones, with what fell due applied to them and to the wallet.
 */
export function unlockingOf({ arrears }: Pick<Wallet, 'arrears'>, lots: readonly Lot[]): Unlocking[] {
  const times = lots.filter((lot) => waits(lot) && lot.remaining > 0n).map((lot) => lot.unlocksAt.getTime());
  const instants = [...new Set(times)].sort((a, b) => a - b).map((time) => new Date(time));
  return instants.map((at) => {
    const points = freeAt(lots, at) - arrears;
    return { at, available: points > 0n ? points : 0n };
  });
}

/** When so many points will be available if nothing is spent until then, counting pending lots; null if never. */
function availableFrom(draft: Draft, walletId: string, points: bigint): Date | null {
  const wallet = walletIn(draft, walletId);
  if (wallet.pending === 0n) return null;
  if (loaded(draft, walletId).coverage !== 'ALL') throw new NeedsLots(walletId);
  const unlocking = unlockingOf(wallet, lotsIn(draft, walletId));
  return unlocking.find(({ available }) => available >= points)?.at ?? null;
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
