import { actorOf, type Caller } from '../../shared/caller.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import { maskedCard } from '../membership/card-number.ts';
import type { Resolvers } from '../resolver-types.ts';
import { type AddBeneficiaryPorts, addBeneficiary } from './add-beneficiary.ts';
import {
  type AlreadyBeneficiary,
  currentOf,
  statusOf,
  type TooManyBeneficiaries,
  type TooManyChanges,
} from './beneficiary.ts';
import { removeBeneficiary } from './remove-beneficiary.ts';

/** The calling member; `@access` lets nobody else in. */
function callingMember(caller: Caller): string {
  const actor = actorOf(caller);
  if (actor.kind !== 'MEMBER') throw new Error(`a ${caller.kind} got past @access`);
  return actor.memberId;
}

const answerAlready = ({ beneficiary }: AlreadyBeneficiary) => ({
  __typename: 'AlreadyBeneficiary' as const,
  code: 'ALREADY_BENEFICIARY',
  message: 'The member is a beneficiary of yours already.',
  beneficiary,
});

const answerTooMany = ({ most }: TooManyBeneficiaries) => ({
  __typename: 'TooManyBeneficiaries' as const,
  code: 'TOO_MANY_BENEFICIARIES',
  message: `You have ${most} beneficiaries, and more are not possible: remove one first.`,
  most,
});

const answerTooManyChanges = ({ most, availableFrom }: TooManyChanges) => ({
  __typename: 'TooManyChanges' as const,
  code: 'TOO_MANY_CHANGES',
  message: `You added ${most} beneficiaries within a year, and more are not possible.`,
  most,
  availableFrom,
});

const mutations = (ports: AddBeneficiaryPorts) =>
  ({
    addBeneficiary: async (_, { input }, { caller }) => {
      const outcome = await addBeneficiary(callingMember(caller), input, ports);
      switch (outcome.kind) {
        case 'BeneficiaryAdded':
          return { ...outcome, __typename: outcome.kind };
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'IdempotencyConflict':
          return answerIdempotencyConflict(outcome);
        case 'NotFound':
          return answerNotFound(outcome);
        case 'AlreadyBeneficiary':
          return answerAlready(outcome);
        case 'TooManyBeneficiaries':
          return answerTooMany(outcome);
        case 'TooManyChanges':
          return answerTooManyChanges(outcome);
      }
    },
    removeBeneficiary: async (_, { input }, { caller }) => {
      const outcome = await removeBeneficiary(callingMember(caller), input, ports);
      switch (outcome.kind) {
        case 'BeneficiaryRemoved':
          return { ...outcome, __typename: outcome.kind };
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'IdempotencyConflict':
          return answerIdempotencyConflict(outcome);
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
  }) satisfies Resolvers['Mutation'];

/** Resolvers of the members that a member may give points to. */
export const beneficiaryResolvers = (ports: AddBeneficiaryPorts) =>
  ({
    Mutation: mutations(ports),
    Member: {
      beneficiaries: async ({ id }) => currentOf(await ports.beneficiariesOf(id)),
    },
    Beneficiary: {
      status: (beneficiary, _, { clock }) => statusOf(beneficiary, clock.now()),
      maskedCard: async ({ memberId }, _, { directory }) => {
        const member = await directory.member(memberId);
        return member && maskedCard(member.cardNumber);
      },
    },
  }) satisfies Resolvers;
