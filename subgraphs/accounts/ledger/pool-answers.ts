import type { HouseholdLimitExceeded, PoolingNotAllowed } from './pool-refusal.ts';

/** The GraphQL answer of a NotInHousehold. */
export const answerNotInHousehold = () => ({
  __typename: 'NotInHousehold' as const,
  code: 'NOT_IN_HOUSEHOLD',
  message: 'The member belongs to no household.',
});

/** The GraphQL answer of a HouseholdLimitExceeded, to services, which tell the member itself. */
export const answerHouseholdLimit = ({ per, limit, left, leftFrom }: HouseholdLimitExceeded) => ({
  __typename: 'HouseholdLimitExceeded' as const,
  code: 'HOUSEHOLD_LIMIT_EXCEEDED',
  message: `${limit} points are the most of ${per === 'MONTH' ? 'a month' : 'one redemption'}; ${left} can be spent now.`,
  per,
  limit,
  left,
  leftFrom,
});

/** The same to a merchant, which is not told what a head allows. */
export const answerLimitAtTill = ({ per, leftFrom }: HouseholdLimitExceeded) => ({
  __typename: 'HouseholdLimitExceeded' as const,
  code: 'HOUSEHOLD_LIMIT_EXCEEDED',
  message: `It is more than the member may spend of the pool ${per === 'MONTH' ? 'in what is left of the month' : 'at once'}.`,
  per,
  limit: null,
  left: null,
  leftFrom,
});

/**
 * The GraphQL answer of a NotEnoughPoints of a pool to a merchant: two members whose pools hold the same would be known to
 * share one.
 */
export const answerPoolShort = () => ({
  __typename: 'NotEnoughPoints' as const,
  code: 'NOT_ENOUGH_POINTS',
  message: 'The pool does not have the points.',
  available: null,
  shortBy: null,
  availableFrom: null,
});

/** The GraphQL answer of a PoolingNotAllowed. */
export const answerPoolingNotAllowed = ({ poolable }: PoolingNotAllowed) => ({
  __typename: 'PoolingNotAllowed' as const,
  code: 'POOLING_NOT_ALLOWED',
  message:
    poolable === 0n
      ? 'The terms of these points do not let them be pooled.'
      : `The terms let ${poolable} of these points be pooled.`,
  poolable,
});

/** What a child of a household does not do. */
const notForChildren = {
  GIVE: 'A child of a household gives no points away.',
  LEAVE: 'A child of a household does not leave by itself: its head removes it or makes it an adult.',
} as const;

/** The GraphQL answer of a NotForChildren. */
export const answerNotForChildren = (what: keyof typeof notForChildren) => ({
  __typename: 'NotForChildren' as const,
  code: 'NOT_FOR_CHILDREN',
  message: notForChildren[what],
});
