import type { Member } from '../membership/member.ts';
import type { ChangeHouseholdPorts } from './change-household.ts';
import type { Household } from './household.ts';

/** What the use cases of households need. */
export interface HouseholdPorts extends ChangeHouseholdPorts {
  /** The household that a member belongs to now, or null. */
  readonly householdOf: (memberId: string) => Promise<Household | null>;
  readonly householdByInvitation: (invitationId: string) => Promise<Household | null>;
  /** Whether all of these members are still there. */
  readonly areThere: (memberIds: readonly string[]) => Promise<boolean>;
  readonly memberByCardNumber: (cardNumber: string) => Promise<Member | null>;
}
