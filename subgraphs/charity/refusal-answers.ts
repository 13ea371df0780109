import type * as Refused from './refusals.ts';
import type { NotEnoughPoints } from './resolver-types.ts';

/** NotEnoughPoints as the schema answers it. */
export const answerNotEnoughPoints = (refused: Refused.NotEnoughPoints): NotEnoughPoints => ({
  __typename: 'NotEnoughPoints',
  code: 'NOT_ENOUGH_POINTS',
  message: `The wallet is short by ${refused.shortBy} points.`,
  available: refused.available,
  shortBy: refused.shortBy,
  availableFrom: refused.availableFrom,
});
