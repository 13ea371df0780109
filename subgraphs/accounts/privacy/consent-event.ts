import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import { accountsSource, consentChanged } from '../event-types.ts';
import type { ConsentChange } from './consent.ts';

/** The event of a consent that was given or taken back, told to the partner that it concerns and to no other. */
export const consentEvent = (id: string, change: ConsentChange): DomainEvent => ({
  id,
  type: consentChanged,
  source: accountsSource,
  subject: change.memberId,
  time: change.at,
  partition: `consent:${change.memberId}:${change.partnerId}`,
  sequence: sequenceAt(change.version, 0),
  audience: [change.partnerId],
  data: {
    memberId: change.memberId,
    partnerId: change.partnerId,
    purpose: change.purpose,
    granted: change.granted,
    textVersion: change.textVersion,
    at: change.at.toISOString(),
  },
});
