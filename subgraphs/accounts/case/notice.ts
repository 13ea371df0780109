import type { DomainEvent } from '../../shared/events/event.ts';
import { memberNotice } from '../event-types.ts';
import type { Member } from '../membership/member.ts';

/** Addresses notices to members to all merchants that know the member: it is there that a member can be reached. */
export async function addressNotices(
  events: readonly DomainEvent[],
  membersByIds: (ids: readonly string[]) => Promise<readonly Member[]>,
): Promise<readonly DomainEvent[]> {
  const ids = new Set(events.flatMap(({ type, subject }) => (type === memberNotice ? [subject] : [])));
  if (ids.size === 0) return events;
  const knownAt = new Map((await membersByIds([...ids])).map((member) => [member.id, member.registeredBy]));
  return events.map((event) =>
    event.type === memberNotice ? { ...event, audience: knownAt.get(event.subject) ?? [] } : event,
  );
}
