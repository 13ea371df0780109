import { answerNotInHousehold } from '../../shared/pool-answers.ts';
import { maskedCard } from '../membership/card-number.ts';
import type { Resolvers } from '../resolver-types.ts';
import { acceptInvitation } from './accept-invitation.ts';
import { answerChanged, callingMember } from './answer-changed.ts';
import { declineInvitation } from './decline-invitation.ts';
import { currentMembers, openInvitations, stateOf } from './household.ts';
import {
  answerAlreadyIn,
  answerAlreadyInvited,
  answerClosed,
  answerFull,
  answerMemberRefusal,
} from './household-answers.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { HouseholdReadPorts } from './household-read-resolvers.ts';
import type { InvitationView } from './household-view.ts';
import { inviteMember } from './invite-member.ts';
import { withdrawInvitation } from './withdraw-invitation.ts';

const mostInvitations = 20;

const mutations = (ports: HouseholdPorts) =>
  ({
    inviteToHousehold: async (_, { input }, { caller }) => {
      const memberId = callingMember(caller);
      const outcome = await inviteMember(memberId, { ...input, role: input.role ?? 'ADULT' }, ports);
      switch (outcome.kind) {
        case 'HouseholdChanged':
          return answerChanged(outcome, caller);
        case 'AlreadyInHousehold':
          return answerAlreadyIn();
        case 'AlreadyInvited': {
          const household = await ports.householdOf(memberId);
          return household ? answerAlreadyInvited(outcome, household) : answerNotInHousehold();
        }
        case 'HouseholdFull':
          return answerFull(outcome);
        case 'InvalidInput':
        case 'IdempotencyConflict':
        case 'NotFound':
        case 'NotInHousehold':
        case 'NotHead':
          return answerMemberRefusal(outcome);
      }
    },
    acceptHouseholdInvitation: async (_, { input }, { caller }) => {
      const outcome = await acceptInvitation(callingMember(caller), input, ports);
      if (outcome.kind === 'HouseholdChanged') return answerChanged(outcome, caller);
      if (outcome.kind === 'InvitationClosed') return answerClosed(outcome);
      if (outcome.kind === 'HouseholdFull') return answerFull(outcome);
      return outcome.kind === 'AlreadyInHousehold' ? answerAlreadyIn() : answerMemberRefusal(outcome);
    },
    declineHouseholdInvitation: async (_, { input }, { caller }) => {
      const outcome = await declineInvitation(callingMember(caller), input, ports);
      if (outcome.kind === 'InvitationClosed') return answerClosed(outcome);
      if (outcome.kind !== 'HouseholdChanged') return answerMemberRefusal(outcome);
      const { household, replayed } = outcome;
      const invitation = household.invitations.find(({ id }) => id === input.invitationId);
      return {
        __typename: 'HouseholdInvitationDeclined',
        invitation: invitation ? { household, invitation } : null,
        replayed,
      };
    },
    withdrawHouseholdInvitation: async (_, { input }, { caller }) => {
      const outcome = await withdrawInvitation(callingMember(caller), input, ports);
      if (outcome.kind === 'HouseholdChanged') return answerChanged(outcome, caller);
      return outcome.kind === 'InvitationClosed' ? answerClosed(outcome) : answerMemberRefusal(outcome);
    },
  }) satisfies Resolvers['Mutation'];

const headOf = ({ household }: InvitationView): string | undefined =>
  currentMembers(household).find(({ role }) => role === 'HEAD')?.memberId;

/** Resolvers of invitations to households. */
export const invitationResolvers = (ports: HouseholdPorts & HouseholdReadPorts) =>
  ({
    Mutation: mutations(ports),
    Member: {
      householdInvitations: async ({ id }, _, { clock }) => {
        const now = clock.now();
        const awaiting = await ports.householdsAwaiting(id, now, mostInvitations);
        const views = awaiting.flatMap((household) =>
          openInvitations(household, now).map((invitation) => ({ household, invitation })),
        );
        return views.filter(({ invitation }) => invitation.memberId === id);
      },
    },
    HouseholdInvitation: {
      id: ({ invitation }) => invitation.id,
      state: ({ invitation }, _, { clock }) => stateOf(invitation, clock.now()),
      role: ({ invitation }) => invitation.role,
      householdName: ({ household }) => household.name,
      maskedCard: async ({ invitation }, _, { directory }) => {
        const member = await directory.member(invitation.memberId);
        return member && maskedCard(member.cardNumber);
      },
      headDisplayName: async (view, _, { profiles }) => {
        const head = headOf(view);
        return head === undefined ? null : ((await profiles.load(head))?.displayName ?? null);
      },
      headMaskedCard: async (view, _, { directory }) => {
        const head = headOf(view);
        const member = head === undefined ? null : await directory.member(head);
        return member && maskedCard(member.cardNumber);
      },
      invitedAt: ({ invitation }) => invitation.invitedAt,
      expiresAt: ({ invitation }) => invitation.expiresAt,
    },
  }) satisfies Resolvers;
