import { type Draft, loaded, lotsIn, walletIn } from './draft.ts';
import type { Lot } from './lot.ts';
import { untold } from './reminder.ts';
import { later, slidExpiry } from './terms.ts';
import { NeedsLots, type Wallet } from './wallet.ts';

/** The first instant of a date's day in UTC: activities of one day give the same expiry. */
const dayOf = (date: Date): Date =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));

/**
 * Whether an activity now would move expiries: the first of a day does, where the wallet ever had a sliding lot, and the
 * first after a lot came in whose date is an earlier one.
 */
export const wouldSlide = ({ activeOn, slidesAgain }: Wallet, now: Date): boolean =>
  activeOn !== null && (slidesAgain || activeOn < dayOf(now));

/** When a lot expires, given on which day its member was last active. Never earlier than it did. */
export const expiryWith = (lot: Lot, activeOn: Date | null): Date =>
  lot.slideMonths === null || activeOn === null
    ? lot.expiresAt
    : later(lot.expiresAt, slidExpiry(activeOn, lot.slideMonths));

/**
 * Notes that the member earned or spent: the open lots of a sliding validity get a new expiry, each by the months of its
 * own terms. What fell due has been applied before; a lot past its time that only a hold keeps open is not revived.
 * Throws NeedsLots if not all lots are at hand.
 */
export function noteActivity(draft: Draft, walletId: string): void {
  const wallet = walletIn(draft, walletId);
  if (!wouldSlide(wallet, draft.now)) return;
  if (loaded(draft, walletId).coverage !== 'ALL') throw new NeedsLots(walletId);
  const activeOn = later(wallet.activeOn!, dayOf(draft.now));
  for (const lot of lotsIn(draft, walletId)) {
    const expiresAt = expiryWith(lot, activeOn);
    const alive = lot.remaining > 0n && lot.expiresAt > draft.now;
    if (alive && expiresAt > lot.expiresAt)
      draft.lots.set(lot.id, { ...lot, expiresAt, ...untold(draft.now) });
  }
  draft.wallets.set(walletId, { ...wallet, activeOn, slidesAgain: false });
}

/** Notes that a wallet gets a sliding lot: from then on, which is now unless told, its activities are remembered. */
export function beginSliding(draft: Draft, walletId: string, at: Date = draft.now): void {
  const wallet = walletIn(draft, walletId);
  if (wallet.activeOn === null) draft.wallets.set(walletId, { ...wallet, activeOn: dayOf(at) });
}
