import type { Caller } from '../../shared/caller.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import { forgetLoaded } from '../context.ts';
import type { Resolvers } from '../resolver-types.ts';
import { pledgeMatching } from './pledge-matching.ts';

/** Resolves pledges and what they match. */
export const pledgeResolvers = {
  Mutation: {
    pledgeMatching: async (_, { input }, context) => {
      // The schema lets in no other kind of caller.
      const merchant = context.caller as Caller & { kind: 'MERCHANT' };
      const outcome = await pledgeMatching(context.ports, merchant, input);
      forgetLoaded(context);
      switch (outcome.kind) {
        case 'MatchingPledged':
          return { __typename: 'MatchingPledged' as const, pledge: outcome.pledge };
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'IdempotencyConflict':
          return answerIdempotencyConflict(outcome);
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
  },
  Merchant: {
    pledges: ({ id }, _, { pledges }) => pledges.byMerchant.load(id),
  },
  Pledge: {
    __resolveReference: ({ id }, { pledges }) => pledges.byId.load(id),
    cause: async ({ causeId }, _, { causes }) => (await causes.load(causeId))!,
    merchant: ({ merchantId }) => ({ id: merchantId }),
    reservedQuantity: ({ limitQuantity, remainingQuantity }) => limitQuantity - remainingQuantity,
  },
  DonationMatch: {
    pledge: async ({ pledgeId }, _, { pledges }) => (await pledges.byId.load(pledgeId))!,
  },
} satisfies Resolvers;
