/** How a head's limit was passed, of one redemption or of a month; with the most there is and what is left of it. */
interface LimitExceeded {
  readonly per: 'REDEMPTION' | 'MONTH';
  readonly limit: bigint;
  readonly left: bigint;
  readonly leftFrom: Date | null;
}

/** The GraphQL answer of a NotInHousehold. */
export const answerNotInHousehold = () => ({
  __typename: 'NotInHousehold' as const,
  code: 'NOT_IN_HOUSEHOLD',
  message: 'The member belongs to no household.',
});

/** The GraphQL answer of a HouseholdLimitExceeded. */
export const answerHouseholdLimit = ({ per, limit, left, leftFrom }: LimitExceeded) => ({
  __typename: 'HouseholdLimitExceeded' as const,
  code: 'HOUSEHOLD_LIMIT_EXCEEDED',
  message: `${limit} points are the most of ${per === 'MONTH' ? 'a month' : 'one redemption'}; ${left} can be spent now.`,
  per,
  limit,
  left,
  leftFrom,
});

/** The same to a merchant, which is not told what a head allows. */
export const answerLimitAtTill = ({ per, leftFrom }: LimitExceeded) => ({
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
