import { type Draft, loaded, lotsIn, walletIn } from './draft.ts';
import { allocate, type Event, move } from './event.ts';
import { least } from './least.ts';
import { byExpiry, freeOf, type Lot } from './lot.ts';
import { NeedsLots } from './wallet.ts';

const every = (): boolean => true;

/** Points taken from one lot. */
export interface Taken {
  readonly lot: Lot;
  readonly points: bigint;
}

/** Unlocked lots with free points, first-expiring first. */
export const spendable = (draft: Draft, walletId: string): Lot[] =>
  lotsIn(draft, walletId)
    .filter((lot) => lot.unlocked && freeOf(lot) > 0n)
    .sort(byExpiry);

/**
 * Chooses which lots give so many points: first-expiring first, as far as all lots of that order are at hand. Expired
 * lots need no test, for what fell due was applied before; only usable ones give. Throws NeedsLots when the lots at hand do
 * not reach.
 */
export function choose(
  draft: Draft,
  walletId: string,
  points: bigint,
  usable: (lot: Lot) => boolean = every,
): Taken[] {
  const { coverage } = loaded(draft, walletId);
  const taken: Taken[] = [];
  let rest = points;
  for (const lot of rest > 0n ? spendable(draft, walletId).filter(usable) : []) {
    const known = coverage === 'ALL' || (coverage !== 'NONE' && byExpiry(lot, coverage.upTo) <= 0);
    if (!known) throw new NeedsLots(walletId, 'MORE');
    const part = least(freeOf(lot), rest);
    taken.push({ lot, points: part });
    rest -= part;
    if (rest === 0n) return taken;
  }
  if (rest > 0n && coverage !== 'ALL') throw new NeedsLots(walletId, 'MORE');
  if (rest > 0n) throw new Error(`lots of ${walletId} hold less than its available points`);
  return taken;
}

/** Takes available points out of a wallet, from its lots first-expiring first. */
export function take(
  event: Event,
  walletId: string,
  points: bigint,
  { settles = false, usable = every }: { settles?: boolean; usable?: (lot: Lot) => boolean } = {},
): Taken[] {
  const taken = choose(event.draft, walletId, points, usable);
  for (const part of taken)
    allocate(event, part.lot, { points: -part.points, remaining: -part.points, settles });
  move(event, walletId, 'available', -points);
  return taken;
}

/** Pays arrears with what is available, so that no wallet has both. Part of every event that makes points available. */
export function settle(event: Event, walletId: string): void {
  const { arrears, available } = walletIn(event.draft, walletId);
  const paid = least(arrears, available);
  if (paid === 0n) return;
  take(event, walletId, paid, { settles: true });
  move(event, walletId, 'arrears', paid);
}
