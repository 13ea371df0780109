import { checkFirst } from '../../shared/connection.ts';
import { answerInvalidInput } from '../../shared/refusal.ts';
import type { Resolvers } from '../resolver-types.ts';
import { checkBatch, mostItems } from './issue-batch.ts';
import type { Ledger } from './ledger.ts';
import { issue, select } from './movement-resolvers.ts';

/** Resolvers of many earns in one request. */
export const batchResolvers = (ledger: Ledger) =>
  ({
    Mutation: {
      issuePointsBatch: async (_, { input: { items } }, context) => {
        const fault = checkBatch(items);
        if (fault) return answerInvalidInput(fault);
        // All are looked up before the first is sent, so that they go to the committer in their order and together.
        const members = await Promise.all(items.map((item) => select(item.member, context)));
        const results = await Promise.all(items.map((item, i) => issue(ledger, item, members[i]!, context)));
        return { __typename: 'PointsBatchIssued', results };
      },
    },
    PointsBatchIssued: {
      results: ({ results }, { first }) => {
        const most = first ?? mostItems;
        checkFirst(most, mostItems);
        return results.slice(0, most);
      },
    },
  }) satisfies Resolvers;
