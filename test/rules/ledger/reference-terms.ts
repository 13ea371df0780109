import type { ProgrammePolicy, Unlock } from '../../../subgraphs/accounts/programme/policy.ts';
import { afterDays, forMonths } from '../../support/policy.ts';
import type { ModelTerms } from './reference-model.ts';

/** What the model's lots wait for, when they wait for an event. */
export const awaitedEvent = 'delivered';

function unlockOf({ unlockAfterDays: days, event }: ModelTerms): Unlock {
  if (days === 0 || event === 'NONE') return afterDays(days);
  return { kind: 'ON_EVENT', event: awaitedEvent, withinDays: days, otherwise: event };
}

/** The model's terms as a policy has them. */
export const policyOf = (
  terms: ModelTerms,
): Pick<ProgrammePolicy, 'unlock' | 'validity' | 'arrears' | 'reminders'> => ({
  unlock: unlockOf(terms),
  validity: terms.slides
    ? { kind: 'SLIDING', months: terms.validityMonths }
    : forMonths(terms.validityMonths),
  arrears: terms.refuses ? 'REFUSE' : 'OWE',
  reminders: { daysBefore: terms.remindDays, graceDays: terms.graceDays, restoreOnce: terms.restorable },
});
