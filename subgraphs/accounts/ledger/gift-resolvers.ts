import { type PageArguments, readTimedPage, toConnection } from '../../shared/connection.ts';
import { answerNotFound, notFound } from '../../shared/refusal.ts';
import type { Directory } from '../directory.ts';
import { isChild } from '../household/household.ts';
import { maskedCard } from '../membership/card-number.ts';
import type { GiftDirection, Resolvers } from '../resolver-types.ts';
import { declinableUntilOf } from './gift.ts';
import {
  answerAlreadyDeclined,
  answerGiftUsed,
  answerLimitExceeded,
  answerNotBeneficiary,
  answerTooLate,
} from './gift-answers.ts';
import type { Ledger } from './ledger.ts';
import { answerCommon, answerNotEnough, answerPosted } from './ledger-answers.ts';
import { callingMember, requestOf, selected } from './movement-resolvers.ts';
import { answerTransferNotAllowed } from './policy-answers.ts';
import { answerNotForChildren } from './pool-answers.ts';
import type { Posting } from './posting.ts';
import { type GiftConnection, type GiftView, viewPosting, viewWallet } from './views.ts';

const sides = { GIVEN: 'GIVER', RECEIVED: 'RECEIVER' } as const;

async function viewGifts(ledger: Ledger, gifts: readonly Posting[], memberId: string): Promise<GiftView[]> {
  const declined = await ledger.reversals(gifts.map((gift) => gift.id));
  return gifts.map((gift) => ({
    posting: viewPosting(gift, memberId),
    declined: declined.get(gift.id) ?? null,
  }));
}

/** A page of a member's gifts, newest first. */
async function giftPage(
  ledger: Ledger,
  memberId: string,
  direction: GiftDirection | null | undefined,
  args: PageArguments,
): Promise<GiftConnection> {
  const page = readTimedPage(args, 1);
  const side = direction ? sides[direction] : null;
  const gifts = await ledger.postings({ memberId, side, kinds: ['TRANSFER'] }, page);
  const views = await viewGifts(ledger, gifts, memberId);
  return toConnection(views, page.first, ({ posting }) => [posting.at.toISOString(), posting.id]);
}

/** What was declined, now or before; a receiver that was erased since is not there to be told of its wallet. */
async function answerDeclined(ledger: Ledger, directory: Directory, reversal: Posting, replayed: boolean) {
  const memberId = reversal.memberIds[1]!;
  const [gift, member] = await Promise.all([ledger.posting(reversal.reverses!), directory.member(memberId)]);
  if (!member) return answerNotFound(notFound('MEMBER', memberId));
  const [view] = await viewGifts(ledger, [gift!], memberId);
  const wallet = viewWallet(await ledger.wallet(memberId, reversal.programme), member);
  return { __typename: 'GiftDeclined' as const, gift: view!, wallet, replayed };
}

const giving = (ledger: Ledger) =>
  ({
    transferPoints: async (_, { input }, { caller, directory }) => {
      const memberId = callingMember(caller);
      const receiver = await directory.memberByCard(input.toCardNumber);
      const household = await directory.householdOf(memberId);
      const outcome = await ledger.execute({
        kind: 'TRANSFER',
        ...requestOf(caller, input),
        missing: selected(receiver?.id, { cardNumber: input.toCardNumber }).missing,
        memberId,
        toMemberId: receiver?.id ?? '',
        programme: input.programme ?? 'SHARED',
        points: input.points,
        reason: input.reason,
        byChild: household !== null && isChild(household, memberId),
        beneficiaryFrom: receiver && (await directory.beneficiaryFrom(memberId, receiver.id)),
      });
      switch (outcome.kind) {
        case 'PointsPosted':
          return answerPosted(outcome, directory);
        case 'NotForChildren':
          return answerNotForChildren('GIVE');
        case 'TransferNotAllowed':
          return answerTransferNotAllowed(outcome);
        case 'NotABeneficiary':
          return answerNotBeneficiary(outcome);
        case 'GiftLimitExceeded':
          return answerLimitExceeded(outcome);
        case 'NotEnoughPoints':
          return answerNotEnough(outcome);
        case 'InvalidInput':
        case 'IdempotencyConflict':
        case 'NotFound':
          return answerCommon(outcome);
      }
    },
  }) satisfies Resolvers['Mutation'];

const declining = (ledger: Ledger) =>
  ({
    declineGift: async (_, { input }, { caller, directory }) => {
      const { postingId } = input;
      const memberId = callingMember(caller);
      const request = requestOf(caller, input);
      const outcome = await ledger.execute({ kind: 'DECLINE', ...request, postingId, memberId });
      switch (outcome.kind) {
        case 'PointsPosted':
          return answerDeclined(ledger, directory, outcome.posting, outcome.replayed);
        case 'AlreadyDeclined':
          return answerAlreadyDeclined(outcome);
        case 'TooLateToDecline':
          return answerTooLate(outcome);
        case 'GiftUsed':
          return answerGiftUsed(outcome);
        case 'InvalidInput':
        case 'IdempotencyConflict':
        case 'NotFound':
          return answerCommon(outcome);
      }
    },
  }) satisfies Resolvers['Mutation'];

/** Resolvers of gifts between members. */
export const giftResolvers = (ledger: Ledger) =>
  ({
    Mutation: { ...giving(ledger), ...declining(ledger) },
    Member: {
      gifts: ({ id }, { direction, ...page }) => giftPage(ledger, id, direction, page),
    },
    Gift: {
      id: ({ posting }) => posting.id,
      direction: ({ posting }) => (posting.perspective === posting.memberIds[0] ? 'GIVEN' : 'RECEIVED'),
      state: ({ declined }) => (declined ? 'DECLINED' : 'GIVEN'),
      points: ({ posting }) => posting.points,
      at: ({ posting }) => posting.at,
      reason: ({ posting }) => posting.reason,
      programme: async ({ posting }, _, { directory }) => (await directory.programme(posting.programme))!,
      otherMaskedCard: async ({ posting }, _, { directory }) => {
        const other = await directory.member(posting.memberIds.find((id) => id !== posting.perspective)!);
        return other && maskedCard(other.cardNumber);
      },
      declinableUntil: ({ posting }) => declinableUntilOf(posting),
      declinedAt: ({ declined }) => declined?.at ?? null,
    },
  }) satisfies Resolvers;
