import { answerNotFound, notFound } from '../../shared/refusal.ts';
import type { Directory } from '../directory.ts';
import { answerNotForChildren } from '../ledger/pool-answers.ts';
import { mergeResolvers } from '../merge-resolvers.ts';
import type { Resolvers } from '../resolver-types.ts';
import { answerChanged, callingMember } from './answer-changed.ts';
import type { HouseholdChanged } from './change-household.ts';
import { createHousehold } from './create-household.ts';
import { dissolveHousehold } from './dissolve-household.ts';
import { handOver } from './hand-over.ts';
import {
  answerAlreadyIn,
  answerIsHead,
  answerJoinedAsAdult,
  answerMemberRefusal,
  answerNotAnAdult,
} from './household-answers.ts';
import type { HouseholdPorts } from './household-ports.ts';
import { type HouseholdReadPorts, householdReadResolvers } from './household-read-resolvers.ts';
import { invitationResolvers } from './invitation-resolvers.ts';
import { leaveHousehold } from './leave-household.ts';
import { poolResolvers } from './pool-resolvers.ts';
import { removeMember } from './remove-member.ts';
import { setLimits } from './set-limits.ts';
import { setRole } from './set-role.ts';

/** What was left; a member that was erased since is not there to be shown. */
async function answerLeft(memberId: string, { replayed }: HouseholdChanged, directory: Directory) {
  const member = await directory.member(memberId);
  return member
    ? { __typename: 'HouseholdLeft' as const, member, replayed }
    : answerNotFound(notFound('MEMBER', memberId));
}

const ends = (ports: HouseholdPorts) =>
  ({
    leaveHousehold: async (_, { input }, { caller, directory }) => {
      const memberId = callingMember(caller);
      const outcome = await leaveHousehold(memberId, input, ports);
      if (outcome.kind === 'IsHead') return answerIsHead();
      if (outcome.kind === 'NotForChildren') return answerNotForChildren('LEAVE');
      if (outcome.kind !== 'HouseholdChanged') return answerMemberRefusal(outcome);
      return answerLeft(memberId, outcome, directory);
    },
    dissolveHousehold: async (_, { input }, { caller, directory }) => {
      const memberId = callingMember(caller);
      const outcome = await dissolveHousehold(memberId, input, ports);
      if (outcome.kind !== 'HouseholdChanged') return answerMemberRefusal(outcome);
      return answerLeft(memberId, outcome, directory);
    },
  }) satisfies Resolvers['Mutation'];

const changes = (ports: HouseholdPorts) =>
  ({
    createHousehold: async (_, { input }, { caller }) => {
      const outcome = await createHousehold(callingMember(caller), input, ports);
      if (outcome.kind === 'HouseholdChanged') return answerChanged(outcome, caller);
      return outcome.kind === 'AlreadyInHousehold' ? answerAlreadyIn() : answerMemberRefusal(outcome);
    },
    setHouseholdRole: async (_, { input }, { caller }) => {
      const outcome = await setRole(callingMember(caller), input, ports);
      if (outcome.kind === 'HouseholdChanged') return answerChanged(outcome, caller);
      if (outcome.kind === 'IsHead') return answerIsHead();
      return outcome.kind === 'JoinedAsAdult' ? answerJoinedAsAdult() : answerMemberRefusal(outcome);
    },
    setHouseholdLimits: async (_, { input }, { caller }) => {
      const outcome = await setLimits(callingMember(caller), input, ports);
      return outcome.kind === 'HouseholdChanged'
        ? answerChanged(outcome, caller)
        : answerMemberRefusal(outcome);
    },
    handOverHousehold: async (_, { input }, { caller }) => {
      const outcome = await handOver(callingMember(caller), input, ports);
      if (outcome.kind === 'HouseholdChanged') return answerChanged(outcome, caller);
      if (outcome.kind === 'IsHead') return answerIsHead();
      return outcome.kind === 'NotAnAdult' ? answerNotAnAdult() : answerMemberRefusal(outcome);
    },
    removeFromHousehold: async (_, { input }, { caller }) => {
      const outcome = await removeMember(callingMember(caller), input, ports);
      if (outcome.kind === 'HouseholdChanged') return answerChanged(outcome, caller);
      return outcome.kind === 'IsHead' ? answerIsHead() : answerMemberRefusal(outcome);
    },
  }) satisfies Resolvers['Mutation'];

/** Resolvers of households. */
export const householdResolvers = (ports: HouseholdPorts & HouseholdReadPorts) =>
  mergeResolvers([
    { Mutation: { ...changes(ports), ...ends(ports) } },
    invitationResolvers(ports),
    householdReadResolvers(ports),
    poolResolvers(ports),
  ]);
