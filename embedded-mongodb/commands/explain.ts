import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { splitPrefix } from '../query/pipeline.ts';
import type { IndexPlan, Plan } from '../storage/planner.ts';
import type { Search } from '../storage/search.ts';
import { startSearch } from '../storage/search.ts';
import { readView } from '../transactions/read-view.ts';
import type { Reply } from '../wire/reply.ts';
import { prefixSearch } from './aggregate.ts';
import { isDocument, namespaceOf } from './arguments.ts';
import { answer, type CommandContext, type CommandDefinition } from './context.ts';
import { searchOf } from './find.ts';
import { statementSearch } from './update.ts';

/** `explain` of find, count, distinct, aggregate, update, delete and findAndModify: how the documents are found. */
export const explain: CommandDefinition = {
  fields: ['verbosity'],
  run: (context) => {
    const inner = context.command['explain'];
    if (!isDocument(inner)) throw new ServerError(14, "BSON field 'explain' must be an object");
    const name = Object.keys(inner)[0] ?? '';
    return explained(
      { ...context, command: inner, name },
      context.command['verbosity'] ?? 'allPlansExecution',
    );
  },
};

function explained(context: CommandContext, verbosity: unknown): Reply {
  const { engine, db, command, name } = context;
  const ns = namespaceOf(db, command, name);
  const search = searchOfCommand(context);
  const view = readView(engine.store, undefined);
  try {
    const trees = view.trees(ns);
    const running = trees && startSearch(trees, search);
    const winningPlan = running ? planDocument(running.plan, search) : { stage: 'EOF' };
    const queryPlanner = {
      namespace: ns,
      indexFilterSet: false,
      parsedQuery: search.filter,
      winningPlan,
      rejectedPlans: [],
    };
    if (verbosity === 'queryPlanner') return answer({ explainVersion: '1', queryPlanner, ok: 1 });
    const startedAt = performance.now();
    let nReturned = 0;
    for (const record of running?.records ?? []) if (record) nReturned++;
    const executionStats = {
      executionSuccess: true,
      nReturned,
      executionTimeMillis: Math.round(performance.now() - startedAt),
      totalKeysExamined: running?.statistics.keysExamined ?? 0,
      totalDocsExamined: running?.statistics.docsExamined ?? 0,
    };
    return answer({ explainVersion: '1', queryPlanner, executionStats, ok: 1 });
  } finally {
    view.release();
  }
}

function searchOfCommand(context: CommandContext): Search {
  const { command, name, now } = context;
  switch (name) {
    case 'find':
      return searchOf(command, now);
    case 'count':
    case 'distinct':
    case 'findAndModify':
      return searchOf(command, now, 'query');
    case 'aggregate':
      return prefixSearch(context, splitPrefix(command['pipeline'] as Document[]));
    case 'update':
      return statementSearch(context, (command['updates'] as Document[])[0] ?? {});
    case 'delete':
      return statementSearch(context, (command['deletes'] as Document[])[0] ?? {});
    default:
      throw new ServerError(59, `Explain failed due to unknown command: ${name}`);
  }
}

function planDocument(plan: Plan, search: Search): Document {
  const access = accessDocument(plan);
  const ordered = plan.kind === 'index' && plan.sorted;
  const sorts =
    search.sort && Object.keys(search.sort).length > 0 && !('$natural' in search.sort) && !ordered;
  return sorts ? { stage: 'SORT', sortPattern: search.sort, inputStage: access } : access;
}

function accessDocument(plan: Plan): Document {
  if (plan.kind === 'collection')
    return { stage: 'COLLSCAN', direction: plan.reverse ? 'backward' : 'forward' };
  if (plan.kind === 'index') return { stage: 'FETCH', inputStage: indexDocument(plan) };
  return { stage: 'FETCH', inputStage: { stage: 'OR', inputStages: plan.branches.map(indexDocument) } };
}

function indexDocument({ index, intervals, reverse }: IndexPlan): Document {
  const { definition } = index;
  return {
    stage: 'IXSCAN',
    keyPattern: definition.spec['key'],
    indexName: definition.name,
    isMultiKey: index.multikey.includes(true),
    isUnique: definition.unique,
    isSparse: definition.sparse,
    isPartial: definition.partialFilter !== undefined,
    direction: reverse ? 'backward' : 'forward',
    intervals: intervals.length,
  };
}
