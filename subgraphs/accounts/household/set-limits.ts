import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import { mostPoints } from '../ledger/command.ts';
import { type ChangeMemberInput, type ChangeMemberOutcome, changeMember } from './change-member.ts';
import { withMember } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';

/** What the head sends to say how much of the pools a member may spend. */
export interface SetLimitsInput extends ChangeMemberInput {
  readonly perRedemption?: bigint | null | undefined;
  readonly perMonth?: bigint | null | undefined;
}

function checkLimit(
  name: 'perRedemption' | 'perMonth',
  limit: bigint | null | undefined,
): InvalidInput | null {
  if (typeof limit !== 'bigint' || (limit >= 0n && limit <= mostPoints)) return null;
  return invalidInput(`input.${name}`, '0 to 100,000,000, or left out for no limit');
}

/** Sets both limits of a member; one that is left out is none. The head may limit itself. */
export async function setLimits(
  memberId: string,
  input: SetLimitsInput,
  ports: HouseholdPorts,
): Promise<ChangeMemberOutcome<never>> {
  const { perRedemption = null, perMonth = null } = input;
  const fault = checkLimit('perRedemption', perRedemption) ?? checkLimit('perMonth', perMonth);
  if (fault) return fault;
  return changeMember<never>(memberId, input, 'limits', ports, (household, { id }) =>
    withMember(household, id, { limits: { perRedemption, perMonth } }),
  );
}
