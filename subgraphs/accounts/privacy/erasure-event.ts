import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import { accountsSource, memberErased } from '../event-types.ts';
import type { Member } from '../membership/member.ts';

/**
 * The event of a member that was erased, for the other subgraphs; merchants are told under the references that are deleted
 * with it, so theirs are made in the same transaction. It comes after all registrations, which are only ever added.
 */
export const erasureEvent = (id: string, { id: memberId, registrations }: Member, at: Date): DomainEvent => ({
  id,
  type: memberErased,
  source: accountsSource,
  subject: memberId,
  time: at,
  partition: `member:${memberId}`,
  sequence: sequenceAt(registrations.length + 1, 0),
  audience: [],
  data: { memberId, at: at.toISOString() },
});
