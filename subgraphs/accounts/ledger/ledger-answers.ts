import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import type { Directory } from '../directory.ts';
import type { CommonRefusal, NotEnoughPoints, PointsPosted } from './command.ts';
import type { AlreadyPosted, HoldAlreadyResolved, NotReversible } from './refusal.ts';
import { viewPosting, viewWallet } from './views.ts';

/** The GraphQL answer of a posting. */
export async function answerPosted(posted: PointsPosted, directory: Directory) {
  const { posting, wallet, replayed } = posted;
  // A member that was erased is not there: who may see the posting may see its wallet.
  const member = (await directory.member(wallet.memberId ?? '')) ?? { registeredBy: posting.merchantIds };
  return {
    __typename: 'PointsPosted' as const,
    posting: viewPosting(posting),
    wallet: viewWallet(wallet, member),
    replayed,
  };
}

/** The GraphQL answer of a refusal that any command may meet. */
export function answerCommon(refusal: CommonRefusal) {
  switch (refusal.kind) {
    case 'InvalidInput':
      return answerInvalidInput(refusal);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(refusal);
    case 'NotFound':
      return answerNotFound(refusal);
  }
}

/** The GraphQL answer of an AlreadyPosted. */
export const answerAlreadyPosted = ({ externalRef, posting }: AlreadyPosted) => ({
  __typename: 'AlreadyPosted' as const,
  code: 'ALREADY_POSTED',
  message: 'This external reference was posted before.',
  externalRef,
  posting: viewPosting(posting),
});

/** The GraphQL answer of a NotEnoughPoints. */
export const answerNotEnough = ({ available, shortBy, availableFrom }: NotEnoughPoints) => ({
  __typename: 'NotEnoughPoints' as const,
  code: 'NOT_ENOUGH_POINTS',
  message: `${available} points are available, ${shortBy} too few.`,
  available,
  shortBy,
  availableFrom,
});

function whyNotReversible({ remaining, keeper, final }: NotReversible): string {
  if (final)
    return `A posting of the kind ${final} is not reversed: only an earn, a redemption or a capture is.`;
  return keeper
    ? 'The posting is part of a purchase or a redemption: record a return or cancel the redemption instead.'
    : `${remaining} points of the posting are left to reverse.`;
}

/** The GraphQL answer of a NotReversible. */
export const answerNotReversible = (refusal: NotReversible) => ({
  __typename: 'NotReversible' as const,
  code: 'NOT_REVERSIBLE',
  message: whyNotReversible(refusal),
  remaining: refusal.remaining,
});

/** The GraphQL answer of a HoldAlreadyResolved. */
export const answerAlreadyResolved = ({ hold }: HoldAlreadyResolved) => ({
  __typename: 'HoldAlreadyResolved' as const,
  code: 'HOLD_ALREADY_RESOLVED',
  message: `The hold is ${hold.status}.`,
  hold,
});
