import { type Draft, loaded, lotsIn, walletIn } from './draft.ts';
import { advance } from './due.ts';
import type { Lot } from './lot.ts';
import { isToldAtOnce, partsOfLots, stageDue, sumOfLots } from './reminder.ts';
import { memberOf, NeedsLots } from './wallet.ts';

/**
 * Tells once of lots of a wallet that expire together and are due the same reminder: marks them and adds it. Of a pool's
 * lots the member is told whose they are.
 */
function tell(draft: Draft, lots: readonly Lot[], days: number): void {
  const { walletId, expiresAt, contributorId } = lots[0]!;
  const wallet = walletIn(draft, walletId);
  const { programme } = wallet;
  const memberId = contributorId ?? memberOf(wallet);
  const id = draft.newId('evt');
  const mark = { days, at: draft.now, reminderId: id };
  for (const lot of lots) draft.lots.set(lot.id, { ...lot, told: [...lot.told, mark] });
  draft.wallets.set(walletId, walletIn(draft, walletId));
  draft.reminders.push({
    ...{ id, walletId, memberId, programme, days, expiresAt },
    at: draft.now,
    ...sumOfLots(lots),
    parts: partsOfLots(lots),
  });
}

/** Tells of lots that are due a reminder, those of one wallet, member, date and stage together. */
function tellAll(draft: Draft, lots: readonly Lot[]): void {
  const groups = new Map<string, { lots: Lot[]; days: number }>();
  for (const lot of lots) {
    const days = stageDue(lot, draft.now)!.days;
    const key = `${lot.walletId}|${lot.contributorId}|${lot.expiresAt.getTime()}|${days}`;
    const group = groups.get(key);
    if (group) group.lots.push(lot);
    else groups.set(key, { lots: [lot], days });
  }
  for (const group of groups.values()) tell(draft, group.lots, group.days);
}

/**
 * Sends the reminders that are due in a wallet, after what fell due. Throws NeedsLots if not all of its lots are at hand.
 */
export function remind(draft: Draft, walletId: string): void {
  advance(draft, walletId);
  if (loaded(draft, walletId).coverage !== 'ALL') throw new NeedsLots(walletId);
  tellAll(
    draft,
    lotsIn(draft, walletId).filter((lot) => stageDue(lot, draft.now) !== null),
  );
  // Even if there was nothing to tell the wallet is written, for its nextReminderAt was too early.
  draft.wallets.set(walletId, walletIn(draft, walletId));
}

/**
 * Tells of points that a command gives a date so near that all their days have begun: a gift on the last day, points
 * that come back. In the transaction of the command itself, so that they are never untold. What fell due is left to the
 * sweeper, so that it does not matter which command finds it.
 */
export const tellAtOnce = (draft: Draft): void =>
  tellAll(
    draft,
    [...draft.lots.values()].filter((lot) => !draft.fallenDue.has(lot.told) && isToldAtOnce(lot, draft.now)),
  );
