import { notFound } from '../../shared/refusal.ts';
import { honourerAccount } from './account.ts';
import { noteActivity } from './activity.ts';
import type { CaptureCommand, CommonRefusal, HoldCommand, NotEnoughPoints, VoidCommand } from './command.ts';
import { type Draft, walletIn } from './draft.ts';
import { advance, expireReleased } from './due.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import { type Hold, spenderOf } from './hold.ts';
import { noteOf } from './note.ts';
import { honouredEffect } from './payment.ts';
import type { HouseholdLimitExceeded, NotInHousehold } from './pool-refusal.ts';
import { keeperOf } from './posting.ts';
import { checkPurse, countSpent, openPurse } from './purse.ts';
import type { HoldAlreadyResolved } from './refusal.ts';
import { release } from './release.ts';
import { returnReleased } from './returning.ts';
import { choose } from './spending.ts';

/** Reserves points in the lots that a payment would take now; of a pool they count as spent until they come back. */
export function hold(
  draft: Draft,
  command: HoldCommand,
): Hold | CommonRefusal | NotInHousehold | HouseholdLimitExceeded | NotEnoughPoints {
  const { memberId, merchantId, programme, points } = command;
  const terms = draft.view.terms(programme);
  if (!terms || !draft.view.prices(merchantId, programme)) return notFound('PROGRAMME', programme);
  const purse = openPurse(draft, command);
  if ('kind' in purse) return purse;
  const refused = checkPurse(draft, purse, points);
  if (refused) return refused;
  const { walletId, usable } = purse;
  countSpent(draft, purse, points);
  const { householdId } = walletIn(draft, walletId);
  const event = openEvent(draft, walletId);
  const taken = choose(draft, walletId, points, usable);
  for (const part of taken) allocate(event, part.lot, { points: -part.points, held: part.points });
  move(event, walletId, 'available', -points);
  move(event, walletId, 'held', points);
  const opened: Hold = {
    id: draft.newId('hold'),
    walletId,
    memberId,
    ...(householdId === null ? {} : { householdId }),
    merchantId,
    programme,
    points,
    captured: null,
    status: 'OPEN',
    parts: taken.map(({ lot, points }) => ({ lotId: lot.id, issuerId: lot.issuerId, points })),
    openedAt: draft.now,
    timesOutAt: new Date(draft.now.getTime() + terms.holdTimeoutSeconds * 1000),
    resolvedAt: null,
    capturePostingId: null,
  };
  draft.holds.set(opened.id, opened);
  const reason = command.reason ?? null;
  const header = { kind: 'HOLD' as const, at: draft.now, points, merchantId, holdId: opened.id, reason };
  closeEvent(event, header, spenderOf(opened));
  return opened;
}

/** The open hold that a command names, with what fell due applied to its wallet; or why there is none. */
function openHold(draft: Draft, holdId: string): Hold | CommonRefusal | HoldAlreadyResolved {
  const found = draft.view.hold(holdId);
  if (!found) return notFound('HOLD', holdId);
  advance(draft, found.walletId);
  const current = draft.holds.get(holdId) ?? found;
  return current.status === 'OPEN' ? current : { kind: 'HoldAlreadyResolved', hold: current };
}

/** What came back of a resolved hold: what has expired meanwhile expires, what a member who left or owes had put there goes back. */
function settleReleased(draft: Draft, walletId: string, lotIds: readonly string[]): void {
  expireReleased(draft, walletId, draft.now, lotIds);
  returnReleased(draft, walletId, advance, lotIds);
}

/** Takes points of a hold for its merchant, at the redemption price of now, and releases the rest. */
export function capture(draft: Draft, command: CaptureCommand): Hold | CommonRefusal | HoldAlreadyResolved {
  const open = openHold(draft, command.holdId);
  if ('kind' in open) return open;
  const { walletId, merchantId, programme } = open;
  const prices = draft.view.prices(merchantId, programme);
  if (!prices)
    throw new Error(`no price of ${merchantId} in ${programme}, which it had when ${open.id} opened`);
  noteActivity(draft, walletId);
  const captured = command.points ?? open.points;
  const event = openEvent(draft, walletId);
  const released = release(event, open, { status: 'CAPTURED', at: draft.now, captured });
  credit(event, honourerAccount(merchantId), captured);
  const header = {
    kind: 'CAPTURE' as const,
    at: draft.now,
    points: captured,
    merchantId,
    holdId: open.id,
    keeper: keeperOf(command.caller),
    note: noteOf(command.note),
    effect: honouredEffect(merchantId, prices.redemptionPricePerThousand, event.allocations),
  };
  const posting = closeEvent(event, header, spenderOf(open));
  const resolved = { ...draft.holds.get(open.id)!, capturePostingId: posting.id };
  draft.holds.set(open.id, resolved);
  settleReleased(draft, walletId, released);
  return resolved;
}

/** Releases a hold. */
export function voidHold(draft: Draft, command: VoidCommand): Hold | CommonRefusal | HoldAlreadyResolved {
  const open = openHold(draft, command.holdId);
  if ('kind' in open) return open;
  const { walletId, merchantId, points } = open;
  const event = openEvent(draft, walletId);
  const released = release(event, open, { status: 'VOIDED', at: draft.now });
  const reason = command.reason ?? null;
  const header = { kind: 'VOID' as const, at: draft.now, points, merchantId, holdId: open.id, reason };
  closeEvent(event, header, spenderOf(open));
  settleReleased(draft, walletId, released);
  return draft.holds.get(open.id)!;
}
