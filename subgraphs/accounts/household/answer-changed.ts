import type { Caller } from '../../shared/caller.ts';
import type { HouseholdChanged } from './change-household.ts';
import { memberIn } from './household.ts';
import { viewHousehold } from './household-view.ts';

/** The calling member; `@access` lets nobody else in. */
export function callingMember(caller: Caller): string {
  if (caller.kind !== 'MEMBER') throw new Error(`a ${caller.kind} got past @access`);
  return caller.memberId;
}

/** The GraphQL answer of a change, to one who may not belong to the household any more. */
export function answerChanged({ household, subjectId, replayed }: HouseholdChanged, caller: Caller) {
  const invitation = household.invitations.find(({ id }) => id === subjectId);
  return {
    __typename: 'HouseholdChanged' as const,
    household: memberIn(household, callingMember(caller)) ? viewHousehold(household) : null,
    invitation: invitation ? { household, invitation } : null,
    replayed,
  };
}
