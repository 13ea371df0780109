import { notFound } from '../../shared/refusal.ts';
import type { CommonRefusal, UnlockCommand } from './command.ts';
import { type Draft, lotIn } from './draft.ts';
import { advance } from './due.ts';
import { allocate, closeEvent, move, openEvent } from './event.ts';
import { freeOf, type Lot } from './lot.ts';
import type { NotUnlockable } from './policy-refusal.ts';
import type { Posting } from './posting.ts';
import { untold } from './reminder.ts';
import { settle } from './spending.ts';
import { type LedgerView, referenceKeyId } from './view.ts';

/** The earn that a command names, if the issuer may know of it. */
function earnOf(view: LedgerView, { postingId, externalRef, merchantId }: UnlockCommand): Posting | null {
  const key =
    typeof externalRef === 'string' && merchantId !== null
      ? view.key(referenceKeyId('EARN', merchantId, externalRef))
      : null;
  const id = postingId ?? key?.postingId ?? null;
  const posting = id === null ? null : view.posting(id);
  if (posting?.kind !== 'EARN') return null;
  return merchantId === null || posting.merchantId === merchantId ? posting : null;
}

/** Why an event does not unlock a lot, or null if it does. */
function whyNot(lot: Lot, event: string): NotUnlockable | null {
  const refuse = (because: NotUnlockable['because'], awaits: string | null): NotUnlockable => ({
    kind: 'NotUnlockable',
    because,
    awaits,
  });
  if (lot.unlockEvent === null) return refuse('NO_EVENT', null);
  if (lot.unlocked) return refuse('ALREADY_UNLOCKED', null);
  if (freeOf(lot) === 0n) return refuse('NOTHING_LEFT', null);
  return lot.unlockEvent === event ? null : refuse('OTHER_EVENT', lot.unlockEvent);
}

/**
 * Unlocks what is left of an earn that waits for an event. Like any event that makes points available it pays arrears
 * first.
 */
export function unlockOnEvent(draft: Draft, command: UnlockCommand): Posting | CommonRefusal | NotUnlockable {
  const earn = earnOf(draft.view, command);
  if (!earn) return notFound('POSTING', command.postingId ?? command.externalRef ?? '');
  const walletId = earn.walletIds[0]!;
  advance(draft, walletId);
  const lot = lotIn(draft, walletId, earn.lotId!);
  const refusal = whyNot(lot, command.event);
  if (refusal) return refusal;
  const points = freeOf(lot);
  const event = openEvent(draft, walletId);
  allocate(event, lot, { points, set: { unlocked: true, ...untold(draft.now) } });
  move(event, walletId, 'pending', -points);
  move(event, walletId, 'available', points);
  settle(event, walletId);
  return closeEvent(event, {
    kind: 'UNLOCK',
    at: draft.now,
    points,
    merchantId: earn.merchantId,
    reason: command.event,
  });
}
