import { notFound } from '../../shared/refusal.ts';
import { charityAccount, honourerAccount, walletIdOf } from './account.ts';
import { beginSliding, noteActivity } from './activity.ts';
import type {
  CommonRefusal,
  DonateCommand,
  NotEnoughPoints,
  RedeemCommand,
  TransferCommand,
} from './command.ts';
import { type Draft, walletIn } from './draft.ts';
import { advance } from './due.ts';
import { checkEnough } from './enough.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import { addGift, checkGift } from './gift.ts';
import type { GiftLimitExceeded, NotABeneficiary } from './gift-refusal.ts';
import { noteOf } from './note.ts';
import { alreadyPosted } from './once.ts';
import type { TransferNotAllowed } from './policy-refusal.ts';
import type { HouseholdLimitExceeded, NotForChildren, NotInHousehold } from './pool-refusal.ts';
import type { Allocation, PositionTotals, Posting } from './posting.ts';
import { checkPurse, countSpent, openPurse } from './purse.ts';
import type { AlreadyPosted } from './refusal.ts';
import { settle, take } from './spending.ts';
import { addDays } from './terms.ts';
import { checkTransferable, isTransferable } from './transferable.ts';

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

/**
 * Takes points as payment, of the member or of its household's pool: the merchant honours them at its redemption price of
 * now.
 */
export function redeem(
  draft: Draft,
  command: RedeemCommand,
): Posting | CommonRefusal | AlreadyPosted | NotInHousehold | HouseholdLimitExceeded | NotEnoughPoints {
  const { merchantId, programme, points } = command;
  const prices = draft.view.prices(merchantId, programme);
  if (!draft.view.terms(programme) || !prices) return notFound('PROGRAMME', programme);
  const earlier = alreadyPosted(draft.view, 'REDEEM', merchantId, command.externalRef);
  if (earlier) return earlier;
  const purse = openPurse(draft, command);
  if ('kind' in purse) return purse;
  const refused = checkPurse(draft, purse, points);
  if (refused) return refused;
  const { walletId, usable, spender } = purse;
  noteActivity(draft, walletId);
  countSpent(draft, purse, points);
  const event = openEvent(draft, walletId);
  take(event, walletId, points, { usable });
  credit(event, honourerAccount(merchantId), points);
  const header = {
    kind: 'REDEEM' as const,
    at: draft.now,
    points,
    merchantId,
    externalRef: command.externalRef ?? null,
    reason: command.reason ?? null,
    effect: honouredEffect(merchantId, prices.redemptionPricePerThousand, event.allocations),
  };
  return closeEvent(event, header, spender?.memberId);
}

/** Takes points for a cause. */
export function donate(draft: Draft, command: DonateCommand): Posting | CommonRefusal | NotEnoughPoints {
  const { memberId, causeId, programme, points } = command;
  if (!draft.view.terms(programme)) return notFound('PROGRAMME', programme);
  const walletId = walletIdOf(memberId, programme);
  advance(draft, walletId);
  const short = checkEnough(draft, walletId, points);
  if (short) return short;
  noteActivity(draft, walletId);
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
export function transfer(
  draft: Draft,
  command: TransferCommand,
):
  | Posting
  | CommonRefusal
  | NotForChildren
  | TransferNotAllowed
  | NotABeneficiary
  | GiftLimitExceeded
  | NotEnoughPoints {
  const { memberId, toMemberId, programme, points, beneficiaryFrom } = command;
  const terms = draft.view.terms(programme);
  if (!terms) return notFound('PROGRAMME', programme);
  if (command.byChild) return { kind: 'NotForChildren' };
  const rules = terms.transfers;
  const from = walletIdOf(memberId, programme);
  const to = walletIdOf(toMemberId, programme);
  advance(draft, from);
  advance(draft, to);
  const at = draft.now;
  const forbidden = () => checkTransferable(draft, from, points);
  const refused =
    (rules.allowed ? null : forbidden()) ??
    checkGift(walletIn(draft, from), { points, beneficiaryFrom, at }, rules) ??
    checkEnough(draft, from, points) ??
    forbidden();
  if (refused) return refused;
  noteActivity(draft, from);
  const event = openEvent(draft, from, to);
  for (const { lot, points: part } of take(event, from, points, { usable: isTransferable })) {
    const origin = { id: draft.newId('lot'), walletId: to, originLotId: lot.id, points: part };
    const child = { ...lot, ...origin, remaining: 0n, held: 0n, expired: 0n };
    move(event, to, 'available', part);
    allocate(event, child, { points: part, remaining: part });
    if (child.slideMonths !== null) beginSliding(draft, to);
  }
  settle(event, to);
  const giver = walletIn(draft, from);
  draft.wallets.set(from, { ...giver, gifted: addGift(giver, points, at) });
  const declinableUntil = addDays(at, rules.declineWithinDays);
  return closeEvent(event, { kind: 'TRANSFER', at, points, declinableUntil, reason: command.reason ?? null });
}
