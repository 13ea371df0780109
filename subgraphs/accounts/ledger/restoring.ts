import { breakageAccount, walletIdOf } from './account.ts';
import { beginSliding } from './activity.ts';
import type { CommonRefusal, RestoreCommand } from './command.ts';
import { type Draft, lotIn } from './draft.ts';
import { advance } from './due.ts';
import { allocate, closeEvent, credit, type Event, move, openEvent } from './event.ts';
import type { Lot } from './lot.ts';
import type { NotRestorable } from './policy-refusal.ts';
import type { Posting } from './posting.ts';
import { untold } from './reminder.ts';
import { settle } from './spending.ts';
import { addDays, later, reinstatedExpiry } from './terms.ts';

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

/** Puts what of a lot expired into it again. */
function refill(event: Event, lot: Lot, goodUntil: Date): void {
  const { now } = event.draft;
  const set = { expired: 0n, expiresAt: goodUntil, restoredAt: now, ...untold(now) };
  allocate(event, lot, { points: lot.expired, remaining: lot.expired, set });
}

/** Makes a lot of the member's own of what of its lot in a pool expired. */
function takeHome(event: Event, lot: Lot, own: string, goodUntil: Date): void {
  const { draft } = event;
  const points = lot.expired;
  const restoredAt = draft.now;
  allocate(event, lot, { points: -points, set: { expired: 0n, restoredAt } });
  const origin = { id: draft.newId('lot'), walletId: own, originLotId: lot.id, contributorId: null };
  const emptied = { remaining: 0n, held: 0n, expired: 0n, expiredAt: null };
  const dates = { expiresAt: goodUntil, restoredAt, ...untold(draft.now) };
  allocate(event, { ...lot, ...origin, points, ...emptied, ...dates }, { points, remaining: points });
  if (lot.slideMonths !== null) beginSliding(draft, own);
}

/**
 * Gives back what of a lot expired, within its grace and once: breakage pays it back, and it is good again for as long as
 * points that return to an expired lot are, or as what is in the lot if that is longer. Like any event that makes points available it pays arrears first. What expired in
 * a pool comes back into its member's own wallet, also of one who left.
 */
export function restore(draft: Draft, command: RestoreCommand): Posting | CommonRefusal | NotRestorable {
  const { walletId, lotId, memberId, programme, merchantId } = command;
  const own = walletIdOf(memberId, programme);
  advance(draft, own);
  if (walletId !== own) advance(draft, walletId);
  const lot = lotIn(draft, walletId, lotId);
  const refusal = whyNot(lot, draft.now);
  if (refusal) return refusal;
  const points = lot.expired;
  const reinstated = reinstatedExpiry(draft.now, lot.reinstatementDays);
  // What came back to the lot since then may be good for longer; it keeps that.
  const goodUntil = walletId === own ? later(lot.expiresAt, reinstated) : reinstated;
  const event = walletId === own ? openEvent(draft, own) : openEvent(draft, own, walletId);
  if (walletId === own) refill(event, lot, goodUntil);
  else takeHome(event, lot, own, goodUntil);
  credit(event, breakageAccount, -points);
  move(event, own, 'available', points);
  settle(event, own);
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
