import { type ChangeMemberInput, type ChangeMemberOutcome, changeMember } from './change-member.ts';
import { firstLimits, type GivenRole, withMember } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { IsHead, JoinedAsAdult } from './household-refusal.ts';

/** What the head sends to change a member's role. */
export interface SetRoleInput extends ChangeMemberInput {
  readonly role: GivenRole;
}

/**
 * Makes a member an adult or a child. One that becomes a child begins with a child's limits; one that grows up keeps its
 * limits until the head sets others. Only who joined as a child can be made one: nobody else agreed not to leave by itself.
 */
export const setRole = (
  memberId: string,
  input: SetRoleInput,
  ports: HouseholdPorts,
): Promise<ChangeMemberOutcome<IsHead | JoinedAsAdult>> =>
  changeMember<IsHead | JoinedAsAdult>(memberId, input, 'role', ports, (household, member) => {
    if (member.role === 'HEAD') return { kind: 'IsHead' };
    const becomesChild = input.role === 'CHILD' && member.role !== 'CHILD';
    if (becomesChild && member.joinedAs === 'ADULT') return { kind: 'JoinedAsAdult' };
    const limits = becomesChild ? firstLimits('CHILD') : member.limits;
    return withMember(household, member.id, { role: input.role, limits });
  });
