import { type ChangeMemberInput, type ChangeMemberOutcome, changeMember } from './change-member.ts';
import { changed } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { IsHead, NotAnAdult } from './household-refusal.ts';

/** Makes an adult the head; the head that was becomes an adult for good, its limits as they were. */
export const handOver = (
  memberId: string,
  input: ChangeMemberInput,
  ports: HouseholdPorts,
): Promise<ChangeMemberOutcome<IsHead | NotAnAdult>> =>
  changeMember<IsHead | NotAnAdult>(memberId, input, 'hand-over', ports, (household, { id, role }) => {
    if (role === 'HEAD') return { kind: 'IsHead' };
    if (role === 'CHILD') return { kind: 'NotAnAdult' };
    const members = household.members.map((member) => {
      if (member.id === id) return { ...member, role: 'HEAD' as const };
      const wasHead = member.role === 'HEAD' && member.leftAt === null;
      return wasHead ? { ...member, role: 'ADULT' as const, joinedAs: 'ADULT' as const } : member;
    });
    return changed(household, { members });
  });
