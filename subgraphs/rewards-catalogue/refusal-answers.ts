import type { NotEnoughPoints } from './refusal.ts';

/** The GraphQL answer of a NotEnoughPoints. */
export const answerNotEnoughPoints = ({ available, shortBy, availableFrom }: NotEnoughPoints) => ({
  __typename: 'NotEnoughPoints' as const,
  code: 'NOT_ENOUGH_POINTS',
  message: `${shortBy} points are missing.`,
  available,
  shortBy,
  availableFrom,
});
