import { type ChangeMemberInput, type ChangeMemberOutcome, changeMember } from './change-member.ts';
import { firstLimits, type Invitation, withMember } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { IsHead } from './household-refusal.ts';

/** What the head sends to change a member's role. */
export interface SetRoleInput extends ChangeMemberInput {
  readonly role: Invitation['role'];
}

/**
 * Makes a member an adult or a child. One that becomes a child begins with a child's limits; one that grows up keeps its
 * limits until the head sets others.
 */
export const setRole = (
  memberId: string,
  input: SetRoleInput,
  ports: HouseholdPorts,
): Promise<ChangeMemberOutcome<IsHead>> =>
  changeMember<IsHead>(memberId, input, 'role', ports, (household, member) => {
    if (member.role === 'HEAD') return { kind: 'IsHead' };
    const becomesChild = input.role === 'CHILD' && member.role !== 'CHILD';
    const limits = becomesChild ? firstLimits('CHILD') : member.limits;
    return withMember(household, member.id, { role: input.role, limits });
  });
