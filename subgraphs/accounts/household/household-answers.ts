import { answerNotInHousehold } from '../../shared/pool-answers.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import type { NotInHousehold } from '../ledger/pool-refusal.ts';
import type { ChangeMemberOutcome } from './change-member.ts';
import type { Household } from './household.ts';
import type { AlreadyInvited, HouseholdFull, InvitationClosed } from './household-refusal.ts';

/** The GraphQL answer of an AlreadyInHousehold. */
export const answerAlreadyIn = () => ({
  __typename: 'AlreadyInHousehold' as const,
  code: 'ALREADY_IN_HOUSEHOLD',
  message: 'The member belongs to a household already.',
});

/** The GraphQL answer of an AlreadyInvited. */
export const answerAlreadyInvited = ({ invitation }: AlreadyInvited, household: Household) => ({
  __typename: 'AlreadyInvited' as const,
  code: 'ALREADY_INVITED',
  message: 'The member is invited already.',
  invitation: { household, invitation },
});

/** The GraphQL answer of a HouseholdFull. */
export const answerFull = ({ most }: HouseholdFull) => ({
  __typename: 'HouseholdFull' as const,
  code: 'HOUSEHOLD_FULL',
  message: `A household has at most ${most} members, invited ones included.`,
  most,
});

/** The GraphQL answer of an InvitationClosed. */
export const answerClosed = ({ state }: InvitationClosed) => ({
  __typename: 'InvitationClosed' as const,
  code: 'INVITATION_CLOSED',
  message: `The invitation is ${state}.`,
  state,
});

/** The GraphQL answer of a NotHead. */
export const answerNotHead = () => ({
  __typename: 'NotHead' as const,
  code: 'NOT_HEAD',
  message: 'Only the head of the household may do this.',
});

/** The GraphQL answer of an IsHead. */
export const answerIsHead = () => ({
  __typename: 'IsHead' as const,
  code: 'IS_HEAD',
  message: 'The head hands over first or dissolves the household.',
});

/** The GraphQL answer of a JoinedAsAdult. */
export const answerJoinedAsAdult = () => ({
  __typename: 'JoinedAsAdult' as const,
  code: 'JOINED_AS_ADULT',
  message: 'The member did not join as a child, so it cannot be made one.',
});

/** The GraphQL answer of a NotAnAdult. */
export const answerNotAnAdult = () => ({
  __typename: 'NotAnAdult' as const,
  code: 'NOT_AN_ADULT',
  message: 'A child cannot be the head.',
});

type MemberRefusal = Exclude<ChangeMemberOutcome<never>, { kind: 'HouseholdChanged' }> | NotInHousehold;

function answerAny(refusal: MemberRefusal) {
  switch (refusal.kind) {
    case 'InvalidInput':
      return answerInvalidInput(refusal);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(refusal);
    case 'NotFound':
      return answerNotFound(refusal);
    case 'NotInHousehold':
      return answerNotInHousehold();
    case 'NotHead':
      return answerNotHead();
  }
}

/** The GraphQL answer of what changes of a household have in common to be refused with; refusals and answers share names. */
export const answerMemberRefusal = <R extends MemberRefusal>(refusal: R) =>
  answerAny(refusal) as Extract<ReturnType<typeof answerAny>, { __typename: R['kind'] }>;
