import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import { accountsSource, memberRegistered } from '../event-types.ts';
import type { Registration } from './member.ts';

/**
 * The event of a member's registration, told to the merchant that registered it and to no other. `count` is how many
 * registrations the member then has: they are only ever added, so it grows.
 */
export const registrationEvent = (
  id: string,
  memberId: string,
  registration: Registration,
  count: number,
): DomainEvent => ({
  id,
  type: memberRegistered,
  source: accountsSource,
  subject: memberId,
  time: registration.at,
  partition: `member:${memberId}`,
  sequence: sequenceAt(count, 0),
  audience: [registration.merchantId],
  data: { memberId, merchantId: registration.merchantId, at: registration.at.toISOString() },
});
