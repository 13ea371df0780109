import type { Directory } from '../directory.ts';
import type {
  IssuerNotEligible,
  NotRestorable,
  NotUnlockable,
  PointsSpent,
  TransferNotAllowed,
} from './policy-refusal.ts';

/** The GraphQL answer of an IssuerNotEligible. */
export async function answerIssuerNotEligible(refusal: IssuerNotEligible, directory: Directory) {
  const programme = await directory.programme(refusal.programme);
  if (!programme) throw new Error(`${refusal.programme} had terms and is not there`);
  const issuers = await Promise.all(refusal.eligibleIssuerIds.map((id) => directory.merchant(id)));
  return {
    __typename: 'IssuerNotEligible' as const,
    code: 'ISSUER_NOT_ELIGIBLE',
    message: `This merchant may not issue points of ${refusal.programme}.`,
    programme,
    eligibleIssuers: issuers.filter((issuer) => issuer !== null),
  };
}

/** The GraphQL answer of a TransferNotAllowed. */
export const answerTransferNotAllowed = ({ transferable }: TransferNotAllowed) => ({
  __typename: 'TransferNotAllowed' as const,
  code: 'TRANSFER_NOT_ALLOWED',
  message:
    transferable === 0n
      ? 'The terms of these points do not let them be given away.'
      : `The terms let ${transferable} of these points be given away.`,
  transferable,
});

/** The GraphQL answer of a PointsSpent. */
export const answerPointsSpent = ({ reversible, shortBy }: PointsSpent) => ({
  __typename: 'PointsSpent' as const,
  code: 'POINTS_SPENT',
  message: `${shortBy} of the points were spent; ${reversible} can be reversed.`,
  reversible,
  shortBy,
});

function whyNotUnlocked({ because, awaits }: NotUnlockable): string {
  switch (because) {
    case 'OTHER_EVENT':
      return `The points wait for ${awaits}.`;
    case 'NO_EVENT':
      return 'The points wait for no event.';
    case 'ALREADY_UNLOCKED':
      return 'The points are unlocked already.';
    case 'NOTHING_LEFT':
      return 'Nothing of the points is left to unlock.';
  }
}

/** The GraphQL answer of a NotUnlockable. */
export const answerNotUnlockable = (refusal: NotUnlockable) => ({
  __typename: 'NotUnlockable' as const,
  code: 'NOT_UNLOCKABLE',
  message: whyNotUnlocked(refusal),
  reason: refusal.because,
  awaits: refusal.awaits,
});

function whyNotRestored(because: NotRestorable['because']): string {
  switch (because) {
    case 'TERMS':
      return 'The terms of these points do not let them be restored.';
    case 'ALREADY_RESTORED':
      return 'The points were restored once already.';
    case 'NOT_EXPIRED':
      return 'Nothing of these points expired.';
    case 'TOO_LATE':
      return 'The time in which these points could be restored is over.';
  }
}

/** The GraphQL answer of a NotRestorable. */
export const answerNotRestorable = ({ because, until }: NotRestorable) => ({
  __typename: 'NotRestorable' as const,
  code: 'NOT_RESTORABLE',
  message: whyNotRestored(because),
  reason: because,
  until,
});
