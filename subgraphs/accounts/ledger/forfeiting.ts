import { breakageAccount } from './account.ts';
import { type Draft, lotsIn, walletIn } from './draft.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import { freeOf } from './lot.ts';

/** Takes all that is free in a wallet, for nobody will ever spend it: as expired points are, it is breakage. */
export function forfeit(draft: Draft, walletId: string): void {
  const open = lotsIn(draft, walletId).filter((lot) => freeOf(lot) > 0n);
  if (open.length === 0) return;
  const event = openEvent(draft, walletId);
  let total = 0n;
  for (const lot of open) {
    const points = freeOf(lot);
    allocate(event, lot, { points: -points, remaining: -points, set: { expired: lot.expired + points } });
    move(event, walletId, lot.unlocked ? 'available' : 'pending', -points);
    credit(event, breakageAccount, points);
    total += points;
  }
  closeEvent(event, { kind: 'FORFEIT', at: draft.now, points: total, effect: { expired: total } });
}

/** What comes back into a wallet that was closed is forfeited at once. */
export function forfeitIfClosed(draft: Draft, walletId: string): void {
  if (walletIn(draft, walletId).closedAt !== null) forfeit(draft, walletId);
}
