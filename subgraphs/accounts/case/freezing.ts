import { caseAccount } from '../ledger/account.ts';
import { expiryWith } from '../ledger/activity.ts';
import { type Draft, lotIn, walletIn } from '../ledger/draft.ts';
import { allocate, closeEvent, credit, type Event, move, openEvent } from '../ledger/event.ts';
import type { HeldPart } from '../ledger/hold.ts';
import { least } from '../ledger/least.ts';
import { byExpiry, type Lot } from '../ledger/lot.ts';
import type { Posting } from '../ledger/posting.ts';
import { choose, settle } from '../ledger/spending.ts';
import { reinstatedExpiry } from '../ledger/terms.ts';
import { type Case, frozenNow } from './case.ts';

function addFrozen(draft: Draft, walletId: string, points: bigint): void {
  const wallet = walletIn(draft, walletId);
  draft.wallets.set(walletId, { ...wallet, frozen: wallet.frozen + points });
}

/** Reserves available points for a case in the lots that a payment would take now. */
export function freeze(draft: Draft, one: Case, points: bigint): HeldPart[] {
  const { walletId, id: caseId } = one;
  const event = openEvent(draft, walletId);
  const taken = choose(draft, walletId, points);
  for (const part of taken) allocate(event, part.lot, { points: -part.points, held: part.points });
  move(event, walletId, 'available', -points);
  move(event, walletId, 'held', points);
  addFrozen(draft, walletId, points);
  closeEvent(event, { kind: 'FREEZE', at: draft.now, points, caseId });
  return taken.map(({ lot, points }) => ({ lotId: lot.id, issuerId: lot.issuerId, points }));
}

/**
 * When points that were frozen expire once they are released: as if they had been there all the time, and for as long as
 * a refund would be good if their time ran out meanwhile. A freeze must not cost what nobody decided to take.
 */
function expiryOfReleased(draft: Draft, lot: Lot, at: Date): Date {
  const expiresAt = expiryWith(lot, walletIn(draft, lot.walletId).activeOn);
  return expiresAt <= at ? reinstatedExpiry(at, lot.reinstatementDays) : expiresAt;
}

/** Ends a freeze: so many points are taken, first-expiring first, the rest goes back to its lots and pays arrears. */
function unfreeze(event: Event, one: Case, at: Date, taken: bigint): void {
  const { draft } = event;
  const lots = one.parts
    .map(({ lotId, points }) => ({ lot: lotIn(draft, one.walletId, lotId), points }))
    .sort((a, b) => byExpiry(a.lot, b.lot));
  let rest = taken;
  for (const { lot, points } of lots) {
    const part = least(points, rest);
    rest -= part;
    const back = part < points ? { set: { expiresAt: expiryOfReleased(draft, lot, at) } } : {};
    const shown = taken > 0n ? -part : points;
    allocate(event, lot, { points: shown, remaining: -part, held: -points, ...back });
  }
  const frozen = frozenNow(one);
  move(event, one.walletId, 'held', -frozen);
  move(event, one.walletId, 'available', frozen - taken);
  addFrozen(draft, one.walletId, -frozen);
  settle(event, one.walletId);
}

/** Releases all that a case froze; at the instant given, which for a lapse may have been long ago. */
export function release(draft: Draft, one: Case, at: Date): void {
  if (one.parts.length === 0) return;
  const event = openEvent(draft, one.walletId);
  unfreeze(event, one, at, 0n);
  closeEvent(event, { kind: 'UNFREEZE', at, points: frozenNow(one), caseId: one.id });
}

/** What of a freeze can be deducted: not what the member owes, for that the released points have to pay. */
export function deductibleOf(draft: Draft, one: Case): bigint {
  const { arrears } = walletIn(draft, one.walletId);
  const frozen = frozenNow(one);
  return frozen > arrears ? frozen - arrears : 0n;
}

/** Takes so many of the frozen points and releases the rest. */
export function deduct(draft: Draft, one: Case, points: bigint): Posting {
  const event = openEvent(draft, one.walletId);
  unfreeze(event, one, draft.now, points);
  credit(event, caseAccount(one.id), points);
  const effect = { deducted: points };
  return closeEvent(event, { kind: 'DEDUCT', at: draft.now, points, caseId: one.id, effect });
}
