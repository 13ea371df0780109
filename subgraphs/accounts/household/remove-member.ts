import { type ChangeMemberInput, type ChangeMemberOutcome, changeMember } from './change-member.ts';
import { withLeft } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { IsHead } from './household-refusal.ts';

/** Removes a member at once; what it has in the pools goes back to it. */
export const removeMember = (
  memberId: string,
  input: ChangeMemberInput,
  ports: HouseholdPorts,
): Promise<ChangeMemberOutcome<IsHead>> =>
  changeMember<IsHead>(memberId, input, 'remove', ports, (household, { id, role }, at) =>
    role === 'HEAD' ? { kind: 'IsHead' } : withLeft(household, [id], at),
  );
