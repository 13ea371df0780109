import { GraphQLError } from 'graphql';
import { actorOf, type Caller } from '../../shared/caller.ts';
import { answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import type { Context } from '../context.ts';
import type { Resolvers } from '../resolver-types.ts';
import { defaultLocale, type Member, referenceAt } from './member.ts';
import { type RegisterMemberPorts, registerMember } from './register-member.ts';
import type { SelectorInput } from './selector.ts';

function selectMember(selector: SelectorInput, context: Context): Promise<Member | null> {
  if (context.directory.selectorFault(selector))
    throw new GraphQLError('member: give exactly one of id, reference and cardNumber', {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  return context.directory.findMember(selector, actorOf(context.caller));
}

/** The calling merchant; `@access` lets nobody else in. */
function callingMerchant(caller: Caller): string {
  if (caller.kind !== 'MERCHANT') throw new Error(`a ${caller.kind} got past @access`);
  return caller.merchantId;
}

/** The name as a caller may know it: a merchant if it was given to it, or if the member lets it. */
async function nameFor(
  { id, registrations }: Member,
  { caller, profiles, mayLearn }: Context,
): Promise<string | null> {
  if (caller.kind === 'AUDITOR') return null;
  const profile = await profiles.load(id);
  if (!profile?.displayName) return null;
  const givenBy = profile.givenBy ?? registrations[0]?.merchantId;
  const known = caller.kind !== 'MERCHANT' || caller.merchantId === givenBy;
  return known || (await mayLearn(id, 'SHARE_PROFILE')) ? profile.displayName : null;
}

const answerReferenceTaken = (reference: string) => ({
  __typename: 'ReferenceTaken' as const,
  code: 'REFERENCE_TAKEN',
  message: 'The reference stands for another member, or the member has another reference here.',
  reference,
});

/** Resolvers of members and of the viewer. */
export const memberResolvers = (ports: RegisterMemberPorts) =>
  ({
    Query: {
      viewer: (_, __, { caller }) => caller,
      member: (_, selector, context) => selectMember(selector, context),
      resolveMember: (_, { member }, context) => selectMember(member, context),
    },
    Mutation: {
      registerMember: async (_, { input }, { caller, forgetMember }) => {
        const outcome = await registerMember(callingMerchant(caller), input, ports);
        switch (outcome.kind) {
          case 'MemberRegistered':
            forgetMember(outcome.member.id);
            return { __typename: outcome.kind, member: outcome.member, created: outcome.created };
          case 'InvalidInput':
            return answerInvalidInput(outcome);
          case 'NotFound':
            return answerNotFound(outcome);
          case 'ReferenceTaken':
            return answerReferenceTaken(outcome.reference);
        }
      },
    },
    Member: {
      __resolveReference: ({ id }, { directory }) => directory.member(id),
      reference: (member, _, { caller }) =>
        caller.kind === 'MERCHANT' ? referenceAt(member, caller.merchantId) : null,
      cardNumber: (member, _, { caller }) => (caller.kind === 'AUDITOR' ? null : member.cardNumber),
      displayName: (member, _, context) => nameFor(member, context),
      registeredAt: ({ registeredAt, registrations }, _, { caller }) =>
        caller.kind === 'MERCHANT'
          ? (registrations.find(({ merchantId }) => merchantId === caller.merchantId)?.at ?? registeredAt)
          : registeredAt,
      locale: async ({ id }, _, { profiles }) => (await profiles.load(id))?.locale ?? defaultLocale,
    },
    Viewer: {
      member: (caller, _, { directory }) =>
        caller.kind === 'MEMBER' ? directory.member(caller.memberId) : null,
      merchant: (caller, _, { directory }) =>
        (caller.kind === 'MERCHANT' || caller.kind === 'MEMBER') && caller.merchantId
          ? directory.merchant(caller.merchantId)
          : null,
      scopes: (caller) => (caller.kind === 'MERCHANT' ? caller.scopes : []),
    },
  }) satisfies Resolvers;
