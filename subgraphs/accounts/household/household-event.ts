import { type DomainEvent, type Json, sequenceAt } from '../../shared/events/event.ts';
import type { NewId } from '../../shared/ids.ts';
import { accountsSource, householdEvents } from '../event-types.ts';
import type { Household, HouseholdMember } from './household.ts';

interface Told {
  readonly type: string;
  readonly data: { readonly [field: string]: Json };
}

const ofMember = (type: string, { memberId, role }: HouseholdMember): Told => ({
  type,
  data: { memberId, role },
});

/** What a change of a household means to others, told to no merchant: whose family is whose is not theirs to know. */
export function householdEventsOf(
  before: Household | null,
  after: Household,
  at: Date,
  newId: NewId,
): DomainEvent[] {
  const known = new Map(before?.members.map((member) => [member.id, member]));
  const told: Told[] = before ? [] : [{ type: householdEvents.created, data: { name: after.name } }];
  for (const member of after.members) {
    const was = known.get(member.id);
    if (!was) told.push(ofMember(householdEvents.joined, member));
    else if (was.leftAt === null && member.leftAt !== null) told.push(ofMember(householdEvents.left, member));
  }
  if (before?.dissolvedAt === null && after.dissolvedAt !== null)
    told.push({ type: householdEvents.dissolved, data: {} });
  return told.map(({ type, data }, index) => ({
    id: newId('evt'),
    type,
    source: accountsSource,
    subject: after.id,
    time: at,
    partition: `household:${after.id}`,
    sequence: sequenceAt(after.version, index),
    audience: [],
    data: { householdId: after.id, at: at.toISOString(), ...data },
  }));
}
