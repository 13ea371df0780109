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
