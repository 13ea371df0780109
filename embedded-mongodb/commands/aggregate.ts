import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { mostBytesOf } from '../query/memory.ts';
import { type PipelinePrefix, runPipeline, splitPrefix } from '../query/pipeline.ts';
import { documentOf, encodeDocument, type StoredRecord } from '../storage/record.ts';
import { checkSearch, type Search, startSearch } from '../storage/search.ts';
import type { ReadView } from '../transactions/read-view.ts';
import { collationOf, documentField, documentsOf, flagOf, hintOf } from './arguments.ts';
import type { CommandContext, CommandDefinition } from './context.ts';
import { cursorArgument, openCursor } from './cursors.ts';
import { localSessions } from './local-sessions.ts';
import { pacer } from './pacer.ts';
import { pipelineContext } from './pipeline-context.ts';
import { viewFor } from './snapshot-reads.ts';

/** `aggregate`. */
export const aggregate: CommandDefinition = {
  fields: [
    'pipeline',
    'cursor',
    'explain',
    'allowDiskUse',
    'bypassDocumentValidation',
    'hint',
    'collation',
    'let',
  ],
  inTransaction: true,
  run: async (context) => {
    const { command, db } = context;
    const pipeline = documentsOf(command['pipeline'], 'pipeline');
    refuseChangeStream(pipeline);
    refuseLinearizableWrite(command, pipeline);
    if (command['cursor'] === undefined)
      throw new ServerError(
        9,
        "The 'cursor' option is required, except for aggregate with the explain argument",
      );
    const ns = sourceNamespace(db, command);
    const { view, time } = viewFor(context);
    try {
      const results = startAggregate(context, view, ns, pipeline);
      return await openCursor(context, encodedResults(results), {
        ns: ns ?? `${db}.$cmd.aggregate`,
        more: time,
        batchSize: cursorArgument(command),
        release: view.release,
      });
    } catch (error) {
      view.release();
      throw error;
    }
  },
};

function refuseChangeStream(pipeline: readonly Document[]): void {
  if (pipeline[0]?.['$changeStream'] === undefined) return;
  throw new ServerError(40573, 'The $changeStream stage is only supported on replica sets');
}

/** What a linearizable read saw may be gone before the last of it is written. */
function refuseLinearizableWrite(command: Document, pipeline: readonly Document[]): void {
  if (command['readConcern']?.['level'] !== 'linearizable') return;
  const stage = ['$out', '$merge'].find((name) => pipeline.at(-1)?.[name] !== undefined);
  if (stage === undefined) return;
  throw new ServerError(72, `${stage} cannot be used with a 'linearizable' read concern level`);
}

/** The collection an aggregate reads; undefined for `aggregate: 1`, which starts from a stage of its own. */
function sourceNamespace(db: string, command: Document): string | undefined {
  const target = command['aggregate'];
  if (typeof target === 'string') return `${db}.${target}`;
  if (Number(target?.valueOf()) === 1) return undefined;
  throw new ServerError(
    73,
    "Invalid command format: the 'aggregate' field must specify a collection name or 1",
  );
}

function startAggregate(
  context: CommandContext,
  view: ReadView,
  ns: string | undefined,
  pipeline: readonly Document[],
): AsyncIterable<Document> {
  const sessions = localSessions(context, ns, pipeline);
  if (sessions) return runPipeline(sessions, pipeline.slice(1), pipelineContext(context, view));
  const prefix = splitPrefix(pipeline);
  const trees = ns === undefined ? undefined : view.trees(ns);
  const search = prefixSearch(context, prefix);
  if (trees === undefined) checkSearch(search);
  const records = trees && startSearch(trees, search).records;
  return runPipeline(records ? drawn(context, records) : [], prefix.rest, pipelineContext(context, view));
}

/** The leading $match, $sort, $skip and $limit stages as one search, which can use indexes. */
export function prefixSearch({ command, now }: CommandContext, prefix: PipelinePrefix): Search {
  const collation = collationOf(command);
  return {
    filter: prefix.filter,
    sort: prefix.sort,
    skip: prefix.skip ?? 0,
    limit: prefix.limit ?? 0,
    hint: hintOf(command),
    collation,
    options: { collation, now, let: documentField(command, 'let') },
    mostBytes: mostBytesOf(flagOf(command, 'allowDiskUse')),
  };
}

async function* drawn(
  context: CommandContext,
  records: Iterable<StoredRecord | undefined>,
): AsyncGenerator<Document> {
  const pause = pacer(context);
  for (const record of records) {
    if (record) yield documentOf(record);
    const turn = pause(record === undefined);
    if (turn) await turn;
  }
}

async function* encodedResults(results: AsyncIterable<Document>): AsyncGenerator<Uint8Array> {
  for await (const doc of results) yield encodeDocument(doc);
}
