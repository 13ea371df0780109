import { readTimedPage, toConnection } from '../../shared/connection.ts';
import { answerIdempotencyConflict, answerInvalidInput } from '../../shared/refusal.ts';
import { confirmedGoods } from '../matching/pledge.ts';
import type { Resolvers } from '../resolver-types.ts';
import { openCause } from './open-cause.ts';

/** Resolves causes. */
export const causeResolvers = {
  Query: {
    causes: async (_, args, { ports }) => {
      const page = readTimedPage(args, 1);
      const rows = await ports.causes.page(page);
      return toConnection(rows, page.first, (cause) => [cause.openedAt.toISOString(), cause.id]);
    },
    cause: (_, { id }, { causes }) => causes.load(id),
  },
  Mutation: {
    openCause: async (_, { input }, { caller, ports }) => {
      const outcome = await openCause(ports, caller, input);
      switch (outcome.kind) {
        case 'CauseOpened':
          return { __typename: 'CauseOpened' as const, cause: outcome.cause };
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'IdempotencyConflict':
          return answerIdempotencyConflict(outcome);
      }
    },
  },
  Cause: {
    __resolveReference: ({ id }, { causes }) => causes.load(id),
    pledges: ({ id }, _, { pledges }) => pledges.byCause.load(id),
    matched: async ({ id }, _, { pledges }) => confirmedGoods(await pledges.byCause.load(id)),
  },
} satisfies Resolvers;
