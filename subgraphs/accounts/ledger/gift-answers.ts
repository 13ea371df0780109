import type {
  AlreadyDeclined,
  GiftLimitExceeded,
  GiftUsed,
  NotABeneficiary,
  TooLateToDecline,
} from './gift-refusal.ts';

/** The GraphQL answer of a NotABeneficiary. */
export const answerNotBeneficiary = ({ effectiveFrom }: NotABeneficiary) => ({
  __typename: 'NotABeneficiary' as const,
  code: 'NOT_A_BENEFICIARY',
  message: effectiveFrom
    ? `The receiver can be given points from ${effectiveFrom.toISOString()} on.`
    : 'The receiver is no beneficiary of yours: add it first.',
  effectiveFrom,
});

/** The GraphQL answer of a GiftLimitExceeded. */
export const answerLimitExceeded = ({ per, limit, left, leftFrom }: GiftLimitExceeded) => ({
  __typename: 'GiftLimitExceeded' as const,
  code: 'GIFT_LIMIT_EXCEEDED',
  message: `${limit} points are the most of ${per === 'DAY' ? 'a day' : 'one gift'}; ${left} can be given now.`,
  per,
  limit,
  left,
  leftFrom,
});

/** The GraphQL answer of an AlreadyDeclined. */
export const answerAlreadyDeclined = ({ declinedAt }: AlreadyDeclined) => ({
  __typename: 'AlreadyDeclined' as const,
  code: 'ALREADY_DECLINED',
  message: 'The gift was declined before.',
  declinedAt,
});

/** The GraphQL answer of a TooLateToDecline. */
export const answerTooLate = ({ until }: TooLateToDecline) => ({
  __typename: 'TooLateToDecline' as const,
  code: 'TOO_LATE_TO_DECLINE',
  message: `The gift could be declined until ${until.toISOString()}.`,
  until,
});

/** The GraphQL answer of a GiftUsed. */
export const answerGiftUsed = ({ points, untouched }: GiftUsed) => ({
  __typename: 'GiftUsed' as const,
  code: 'GIFT_USED',
  message: `Of the ${points} points ${untouched} are untouched; only a whole gift can be declined.`,
  points,
  untouched,
});
