import { notFound } from '../../shared/refusal.ts';
import { breakageAccount } from './account.ts';
import { expiryWith } from './activity.ts';
import type { CommonRefusal, DeclineCommand } from './command.ts';
import { type Draft, lotIn, walletIn } from './draft.ts';
import { advance, expireReleased } from './due.ts';
import { allocate, closeEvent, credit, type Event, move, openEvent } from './event.ts';
import { forfeitIfClosed } from './forfeiting.ts';
import { declinableUntilOf } from './gift.ts';
import type { AlreadyDeclined, GiftUsed, TooLateToDecline } from './gift-refusal.ts';
import { freeOf, type Lot } from './lot.ts';
import type { Posting } from './posting.ts';
import { untold } from './reminder.ts';
import { settle } from './spending.ts';

/** The lots that a gift made in the receiver's wallet. */
const giftLots = (draft: Draft, gift: Posting): Lot[] =>
  gift.allocations
    .filter((allocation) => allocation.remaining > 0n)
    .map((allocation) => lotIn(draft, gift.walletIds[1]!, allocation.lotId));

/** Points of a lot that nobody took or reserved: what is free, and what expired by itself. */
const untouchedOf = (lot: Lot): bigint => freeOf(lot) + lot.expired;

const sum = (lots: readonly Lot[], of: (lot: Lot) => bigint): bigint =>
  lots.reduce((total, lot) => total + of(lot), 0n);

/**
 * The date of points that go back to a lot: the lot's own, slid by what the giver did meanwhile even where the gift had
 * emptied it, or, if that has passed, the one that they had meanwhile. What expired with the receiver was told of there, and
 * that counts; what is still good is to be told of anew.
 */
function dateBack(draft: Draft, origin: Lot, lot: Lot): Pick<Lot, 'expiresAt' | 'dueSince' | 'told'> {
  const own = expiryWith(origin, walletIn(draft, origin.walletId).activeOn);
  const expiresAt = own > draft.now ? own : lot.expiresAt;
  return {
    expiresAt,
    ...(expiresAt > draft.now ? untold(draft.now) : { dueSince: lot.dueSince, told: lot.told }),
  };
}

/** Empties the receiver's lot into the giver's lot that it came from. What of it had expired breakage pays back. */
function giveBack(event: Event, from: string, lot: Lot): void {
  const origin = lotIn(event.draft, from, lot.originLotId!);
  const free = freeOf(lot);
  allocate(event, lot, { points: -lot.points, remaining: -free, set: { expired: 0n } });
  move(event, lot.walletId, 'available', -free);
  credit(event, breakageAccount, -lot.expired);
  const set = { ...dateBack(event.draft, origin, lot), restoredAt: origin.restoredAt ?? lot.restoredAt };
  allocate(event, origin, { points: lot.points, remaining: lot.points, set });
  move(event, from, 'available', lot.points);
}

/** The reversal of a gift: each lot's points go back to the lot they were taken from, then pay what the giver owes. */
function returnGift(draft: Draft, gift: Posting, lots: readonly Lot[]): Posting {
  const [from, to] = gift.walletIds as [string, string];
  const event = openEvent(draft, from, to);
  const expired = sum(lots, (lot) => lot.expired);
  for (const lot of lots) giveBack(event, from, lot);
  settle(event, from);
  const posting = closeEvent(event, {
    kind: 'REVERSE',
    at: draft.now,
    points: gift.points,
    reason: 'declined',
    reverses: gift.id,
    effect: expired > 0n ? { expired: -expired } : {},
  });
  const origins = lots.map((lot) => lot.originLotId!);
  expireReleased(draft, from, draft.now, [...new Set(origins)]);
  forfeitIfClosed(draft, from);
  return posting;
}

/**
 * Gives a gift back to its giver as long as its terms let the receiver decline and nothing of it was used. Points whose
 * time ran out meanwhile go back too and expire with the giver, by their own date: declining lengthens nothing.
 */
export function decline(
  draft: Draft,
  command: DeclineCommand,
): Posting | CommonRefusal | AlreadyDeclined | TooLateToDecline | GiftUsed {
  const { postingId, memberId } = command;
  const gift = draft.view.posting(postingId);
  if (gift?.kind !== 'TRANSFER' || gift.memberIds[1] !== memberId) return notFound('POSTING', postingId);
  // Whoever is erased gives nothing back any more, even with a session that is still good: all it had was forfeited.
  if (walletIn(draft, gift.walletIds[1]!).closedAt !== null) return notFound('POSTING', postingId);
  const earlier = draft.view.reversalsOf(postingId)[0];
  if (earlier) return { kind: 'AlreadyDeclined', declinedAt: earlier.at };
  const until = declinableUntilOf(gift);
  if (draft.now >= until) return { kind: 'TooLateToDecline', until };
  for (const walletId of gift.walletIds) advance(draft, walletId);
  const lots = giftLots(draft, gift);
  const untouched = sum(lots, untouchedOf);
  if (untouched < gift.points) return { kind: 'GiftUsed', points: gift.points, untouched };
  return returnGift(draft, gift, lots);
}
