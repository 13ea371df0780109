import { type IdempotencyConflict, type InvalidInput, notFound } from '../../shared/refusal.ts';
import type { NotInHousehold } from '../ledger/pool-refusal.ts';
import type { NotFound } from '../refusal.ts';
import { changeHousehold, type HouseholdChanged } from './change-household.ts';
import { findHeadSeat } from './find-seat.ts';
import { currentMembers, type Household, type HouseholdMember } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { NotHead } from './household-refusal.ts';

/** What the head sends to change one of the household's members. */
export interface ChangeMemberInput {
  readonly idempotencyKey: string;
  /** The member's place in the household, not the member. */
  readonly householdMemberId: string;
}

/** What any such change may be refused with, in this order, before the refusals of its own. */
export type ChangeMemberOutcome<R> =
  | HouseholdChanged
  | InvalidInput
  | IdempotencyConflict
  | NotInHousehold
  | NotHead
  | NotFound
  | R;

/** Changes one of the members of the household whose head asks for it. */
export function changeMember<R extends { readonly kind: string }>(
  memberId: string,
  input: ChangeMemberInput,
  operation: string,
  ports: HouseholdPorts,
  decide: (household: Household, member: HouseholdMember, at: Date) => Household | R,
): Promise<ChangeMemberOutcome<R>> {
  return changeHousehold<NotInHousehold | NotHead | NotFound | R>(
    memberId,
    input,
    operation,
    ports,
    async (at) => {
      const seat = await findHeadSeat(memberId, ports.householdOf);
      if ('kind' in seat) return seat;
      const { household } = seat;
      const member = currentMembers(household).find(({ id }) => id === input.householdMemberId);
      if (!member) return notFound('HOUSEHOLD_MEMBER' as const, input.householdMemberId);
      const after = decide(household, member, at);
      return 'kind' in after ? after : { before: household, after, subjectId: member.id };
    },
  );
}
