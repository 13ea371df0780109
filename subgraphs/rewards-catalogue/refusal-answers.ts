import type { HouseholdLimitExceeded, NotEnoughPoints } from './refusal.ts';

/** The GraphQL answer of a NotEnoughPoints. */
export const answerNotEnoughPoints = ({ available, shortBy, availableFrom }: NotEnoughPoints) => ({
  __typename: 'NotEnoughPoints' as const,
  code: 'NOT_ENOUGH_POINTS',
  message: `${shortBy} points are missing.`,
  available,
  shortBy,
  availableFrom,
});

/** The GraphQL answer of a NotInHousehold. */
export const answerNotInHousehold = () => ({
  __typename: 'NotInHousehold' as const,
  code: 'NOT_IN_HOUSEHOLD',
  message: 'The member belongs to no household.',
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

/** The GraphQL answer of a HouseholdLimitExceeded. */
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
