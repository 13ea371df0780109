import type { GraphQLResolveInfo } from 'graphql';
import { askedArguments } from '../../shared/asked-arguments.ts';
import { badUserInput } from '../../shared/errors.ts';
import { answerInvalidInput } from '../../shared/refusal.ts';
import type { Resolvers } from '../resolver-types.ts';
import { checkBatch, mostItems } from './issue-batch.ts';
import type { Ledger } from './ledger.ts';
import { issue, select } from './movement-resolvers.ts';

/** How many results are asked for; refuses what is no number of them. */
function readFirst(first: unknown): number {
  const most = typeof first === 'number' ? first : mostItems;
  if (most < 1 || most > mostItems) throw badUserInput(`first: must be 1 to ${mostItems}, got ${most}`);
  return most;
}

/** Refuses an answer that could not be given, before anything is posted. */
function checkAsked(info: GraphQLResolveInfo): void {
  for (const { first } of askedArguments(info, 'PointsBatchIssued', 'results')) readFirst(first);
}

/** Resolvers of many earns in one request. */
export const batchResolvers = (ledger: Ledger) =>
  ({
    Mutation: {
      issuePointsBatch: async (_, { input: { items } }, context, info) => {
        checkAsked(info);
        const fault = checkBatch(items);
        if (fault) return answerInvalidInput(fault);
        // All are looked up before the first is sent, so that they go to the committer in their order and together.
        const members = await Promise.all(items.map((item) => select(item.member, context)));
        const results = await Promise.all(items.map((item, i) => issue(ledger, item, members[i]!, context)));
        return { __typename: 'PointsBatchIssued', results };
      },
    },
    PointsBatchIssued: {
      results: ({ results }, { first }) => results.slice(0, readFirst(first)),
    },
  }) satisfies Resolvers;
