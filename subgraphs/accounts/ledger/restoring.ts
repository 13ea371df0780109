import { breakageAccount } from './account.ts';
import type { CommonRefusal, RestoreCommand } from './command.ts';
import { type Draft, lotIn } from './draft.ts';
import { advance } from './due.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import type { Lot } from './lot.ts';
import type { NotRestorable } from './policy-refusal.ts';
import type { Posting } from './posting.ts';
import { untold } from './reminder.ts';
import { settle } from './spending.ts';
import { addDays, reinstatedExpiry } from './terms.ts';

/** Until when a lot can be restored, whatever the time is; null if it cannot be at all. */
export function restorableUntil(lot: Lot): Date | null {
  const { restorable, restoredAt, expiredAt, expired, unlocked } = lot;
  if (!restorable || restoredAt !== null || expiredAt === null || expired === 0n || !unlocked) return null;
  return addDays(expiredAt, lot.graceDays);
}

/** Why the points of a lot are not given back, or null if they are. Points that never unlocked did not expire. */
function whyNot(lot: Lot, now: Date): NotRestorable | null {
  const refuse = (because: NotRestorable['because'], until: Date | null = null): NotRestorable => ({
    kind: 'NotRestorable',
    because,
    until,
  });
  if (!lot.restorable) return refuse('TERMS');
  if (lot.restoredAt !== null) return refuse('ALREADY_RESTORED');
  const until = restorableUntil(lot);
  if (until === null) return refuse('NOT_EXPIRED');
  return now < until ? null : refuse('TOO_LATE', until);
}

/**
 * Gives back what of a lot expired, within its grace and once: breakage pays it back, and it is good again for as long as
 * points that return to an expired lot are. Like any event that makes points available it pays arrears first.
 */
export function restore(draft: Draft, command: RestoreCommand): Posting | CommonRefusal | NotRestorable {
  const { walletId, lotId, merchantId } = command;
  advance(draft, walletId);
  const lot = lotIn(draft, walletId, lotId);
  const refusal = whyNot(lot, draft.now);
  if (refusal) return refusal;
  const points = lot.expired;
  const goodUntil = reinstatedExpiry(draft.now, lot.reinstatementDays);
  const event = openEvent(draft, walletId);
  allocate(event, lot, {
    points,
    remaining: points,
    set: { expired: 0n, expiresAt: goodUntil, restoredAt: draft.now, ...untold(draft.now) },
  });
  credit(event, breakageAccount, -points);
  move(event, walletId, 'available', points);
  settle(event, walletId);
  return closeEvent(event, {
    kind: 'RESTORE',
    at: draft.now,
    points,
    lotId,
    goodUntil,
    merchantIds: merchantId === null ? [] : [merchantId],
    effect: { expired: -points },
  });
}
