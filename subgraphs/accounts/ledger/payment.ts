import { notFound } from '../../shared/refusal.ts';
import { charityAccount, honourerAccount, walletIdOf } from './account.ts';
import type {
  AlreadyPosted,
  CommonRefusal,
  DonateCommand,
  NotEnoughPoints,
  RedeemCommand,
  TransferCommand,
} from './command.ts';
import { type Draft, loaded, lotsIn, walletIn } from './draft.ts';
import { advance } from './due.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import { freeOf } from './lot.ts';
import { noteOf } from './note.ts';
import { alreadyPosted } from './once.ts';
import type { Allocation, PositionTotals, Posting } from './posting.ts';
import { settle, take } from './spending.ts';
import { NeedsLots } from './wallet.ts';

/** When so many points will be available if nothing is spent until then, counting pending lots; null if never. */
function availableFrom(draft: Draft, walletId: string, points: bigint): Date | null {
  const wallet = walletIn(draft, walletId);
  if (wallet.pending === 0n) return null;
  if (loaded(draft, walletId).coverage !== 'ALL') throw new NeedsLots(walletId);
  const lots = lotsIn(draft, walletId);
  const times = lots.filter((lot) => !lot.unlocked && lot.remaining > 0n).map((lot) => lot.unlocksAt);
  for (const at of times.sort((a, b) => a.getTime() - b.getTime())) {
    const usable = lots.filter((lot) => (lot.unlocked || lot.unlocksAt <= at) && lot.expiresAt > at);
    if (usable.reduce((sum, lot) => sum + freeOf(lot), 0n) - wallet.arrears >= points) return at;
  }
  return null;
}

/** Refuses if a wallet, with what fell due applied, does not have the points. */
export function checkEnough(draft: Draft, walletId: string, points: bigint): NotEnoughPoints | null {
  const { available } = walletIn(draft, walletId);
  if (available >= points) return null;
  return {
    kind: 'NotEnoughPoints',
    available,
    shortBy: points - available,
    availableFrom: availableFrom(draft, walletId, points),
  };
}

/** What points honoured by a merchant add to its position; on-us are those that it had issued itself. */
export function honouredEffect(
  merchantId: string,
  pricePerThousand: bigint,
  allocations: readonly Allocation[],
): Partial<PositionTotals> {
  const spent = allocations.filter((allocation) => !allocation.settles);
  const total = (parts: readonly Allocation[]) => parts.reduce((sum, part) => sum - part.remaining, 0n);
  const onUs = total(spent.filter((allocation) => allocation.issuerId === merchantId));
  const offUs = total(spent) - onUs;
  return {
    honouredOnUs: onUs,
    honouredOffUs: offUs,
    dueOnUsMilli: onUs * pricePerThousand,
    dueOffUsMilli: offUs * pricePerThousand,
  };
}

/** Takes points as payment: the merchant honours them at its redemption price of now. */
export function redeem(
  draft: Draft,
  command: RedeemCommand,
): Posting | CommonRefusal | AlreadyPosted | NotEnoughPoints {
  const { memberId, merchantId, programme, points } = command;
  const prices = draft.view.prices(merchantId, programme);
  if (!draft.view.terms(programme) || !prices) return notFound('PROGRAMME', programme);
  const earlier = alreadyPosted(draft.view, 'REDEEM', merchantId, command.externalRef);
  if (earlier) return earlier;
  const walletId = walletIdOf(memberId, programme);
  advance(draft, walletId);
  const short = checkEnough(draft, walletId, points);
  if (short) return short;
  const event = openEvent(draft, walletId);
  take(event, walletId, points);
  credit(event, honourerAccount(merchantId), points);
  return closeEvent(event, {
    kind: 'REDEEM',
    at: draft.now,
    points,
    merchantId,
    externalRef: command.externalRef ?? null,
    reason: command.reason ?? null,
    effect: honouredEffect(merchantId, prices.redemptionPricePerThousand, event.allocations),
  });
}

/** Takes points for a cause. */
export function donate(draft: Draft, command: DonateCommand): Posting | CommonRefusal | NotEnoughPoints {
  const { memberId, causeId, programme, points } = command;
  if (!draft.view.terms(programme)) return notFound('PROGRAMME', programme);
  const walletId = walletIdOf(memberId, programme);
  advance(draft, walletId);
  const short = checkEnough(draft, walletId, points);
  if (short) return short;
  const event = openEvent(draft, walletId);
  take(event, walletId, points);
  credit(event, charityAccount(causeId), points);
  return closeEvent(event, {
    kind: 'DONATE',
    at: draft.now,
    points,
    causeId,
    reason: command.reason ?? null,
    note: noteOf(command.note),
    effect: { donated: points },
  });
}

/**
 * Gives points to another member: for each lot taken from, the receiver gets a lot of the same issuer, price, terms and
 * expiry. What the receiver owes is paid first.
 */
export function transfer(draft: Draft, command: TransferCommand): Posting | CommonRefusal | NotEnoughPoints {
  const { memberId, toMemberId, programme, points } = command;
  if (!draft.view.terms(programme)) return notFound('PROGRAMME', programme);
  const from = walletIdOf(memberId, programme);
  const to = walletIdOf(toMemberId, programme);
  advance(draft, from);
  advance(draft, to);
  const short = checkEnough(draft, from, points);
  if (short) return short;
  const event = openEvent(draft, from, to);
  for (const { lot, points: part } of take(event, from, points)) {
    const origin = { id: draft.newId('lot'), walletId: to, originLotId: lot.id, points: part };
    const child = { ...lot, ...origin, remaining: 0n, held: 0n, expired: 0n };
    move(event, to, 'available', part);
    allocate(event, child, { points: part, remaining: part });
  }
  settle(event, to);
  return closeEvent(event, { kind: 'TRANSFER', at: draft.now, points, reason: command.reason ?? null });
}
