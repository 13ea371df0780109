import { honourerAccount } from './account.ts';
import { expiryWith } from './activity.ts';
import type { ReverseCommand } from './command.ts';
import { type Draft, lotIn, walletIn } from './draft.ts';
import { advance } from './due.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import { least } from './least.ts';
import { byExpiry, type Lot } from './lot.ts';
import { honouredEffect } from './payment.ts';
import { subtractSpent } from './pool-limit.ts';
import type { Posting } from './posting.ts';
import { untold } from './reminder.ts';
import { returnReleased } from './returning.ts';
import { reversalHeader } from './reversal-header.ts';
import { settle } from './spending.ts';
import { reinstatedExpiry } from './terms.ts';

/** Points of one lot that a spend took. */
export interface Part {
  readonly lotId: string;
  readonly points: bigint;
}

/** What a spend took from each lot and no reversal has given back yet. Arrears that it happened to pay stay paid. */
export function unreturned(spend: Posting, reversals: readonly Posting[]): Part[] {
  const left = new Map<string, bigint>();
  for (const { allocations } of [spend, ...reversals])
    for (const { lotId, remaining, settles } of allocations)
      if (!settles && remaining !== 0n) left.set(lotId, (left.get(lotId) ?? 0n) - remaining);
  return [...left].map(([lotId, points]) => ({ lotId, points }));
}

/**
 * When points given back to a lot expire. Where its validity slides, the member's activity meanwhile counts, as it would
 * have had the points not been spent; what has expired all the same is good again for as long as its terms say.
 */
function expiryOfReturned(draft: Draft, lot: Lot): Date {
  const expiresAt = expiryWith(lot, walletIn(draft, lot.walletId).activeOn);
  return expiresAt <= draft.now ? reinstatedExpiry(draft.now, lot.reinstatementDays) : expiresAt;
}

/** The redemption price that a spend was honoured at, in minor units for 1,000 points. */
const priceOf = ({ effect, points }: Posting): bigint =>
  ((effect.dueOnUsMilli ?? 0n) + (effect.dueOffUsMilli ?? 0n)) / points;

/** Which lots get how many of the points back: the one that will be spent first is made whole first. */
export function returnsOf(draft: Draft, walletId: string, parts: readonly Part[], points: bigint) {
  const lots = parts
    .map((part) => {
      const lot = lotIn(draft, walletId, part.lotId);
      return { lot, expiresAt: expiryOfReturned(draft, lot), points: part.points };
    })
    .sort((a, b) => byExpiry({ ...a.lot, expiresAt: a.expiresAt }, { ...b.lot, expiresAt: b.expiresAt }));
  let rest = points;
  return lots.flatMap((part) => {
    const share = least(part.points, rest);
    rest -= share;
    return share > 0n ? [{ ...part, points: share }] : [];
  });
}

/** What is given back of a pool's points no longer counts as spent in the month in which they were spent or reserved. */
function uncount(draft: Draft, spend: Posting, points: bigint): void {
  const walletId = spend.walletIds[0]!;
  const hold = spend.holdId === null ? null : draft.view.hold(spend.holdId);
  const spentAt = hold?.openedAt ?? spend.at;
  const pool = walletIn(draft, walletId);
  draft.wallets.set(walletId, subtractSpent(pool, spend.memberIds[0]!, points, spentAt));
}

/**
 * Gives a redemption's points back to the very lots they came from, in the order in which they will be spent. So the
 * points that pay arrears are the same whether they come back at once or in parts, and all parts together are the exact
 * inverse, in whatever order they come. Of a pool, what a member who has left or owes had paid goes on to that member.
 */
export function reverseSpend(draft: Draft, spend: Posting, points: bigint, command: ReverseCommand): Posting {
  const walletId = spend.walletIds[0]!;
  const merchantId = spend.merchantId!;
  const left = unreturned(spend, draft.view.reversalsOf(spend.id));
  const event = openEvent(draft, walletId);
  const returns = returnsOf(draft, walletId, left, points);
  for (const { lot, expiresAt, points: part } of returns)
    allocate(event, lot, { points: part, remaining: part, set: { expiresAt, ...untold(draft.now) } });
  move(event, walletId, 'available', points);
  credit(event, honourerAccount(merchantId), -points);
  settle(event, walletId);
  const header = {
    ...reversalHeader(draft, spend, command),
    points,
    effect: honouredEffect(merchantId, priceOf(spend), event.allocations),
  };
  if (spend.householdId === undefined) return closeEvent(event, header);
  uncount(draft, spend, points);
  const posting = closeEvent(event, header, spend.memberIds[0]);
  const lotIds = returns.map(({ lot }) => lot.id);
  returnReleased(draft, walletId, advance, lotIds);
  return posting;
}
