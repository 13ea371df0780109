import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { bsonType, isNumber, isObject, toInteger } from '../bson/value.ts';
import { DOCUMENT_STAGES } from './document-stages.ts';
import { expressionScope } from './expression.ts';
import {
  type Batches,
  batchesOf,
  batchStage,
  type PipelineContext,
  type Stage,
  type StageCompiler,
  type StageContext,
} from './stage.ts';
import { count, documents, limit, match, sample, skip, sort } from './stage-basic.ts';
import { bucket, bucketAuto } from './stage-bucket.ts';
import { graphLookup } from './stage-graph-lookup.ts';
import { group, sortByCount } from './stage-group.ts';
import { lookup, unionWith } from './stage-lookup.ts';
import { facet, redact } from './stage-nested.ts';
import { unwind } from './stage-unwind.ts';
import { setWindowFields } from './stage-window.ts';
import { merge, out } from './stage-write.ts';

const documentStages = [...DOCUMENT_STAGES].map(([name, compile]): [string, StageCompiler] => [
  name,
  (spec, { scope }) => {
    const change = compile(spec, scope);
    return batchStage((batch) => batch.map(change));
  },
]);

/** Every pipeline stage there is, by name. */
export const STAGES: ReadonlyMap<string, StageCompiler> = new Map<string, StageCompiler>([
  ...documentStages,
  ['$match', match],
  ['$sort', sort],
  ['$limit', limit],
  ['$skip', skip],
  ['$count', count],
  ['$sample', sample],
  ['$unwind', unwind],
  ['$facet', facet],
  ['$redact', redact],
  ['$documents', documents],
  ['$group', group],
  ['$sortByCount', sortByCount],
  ['$bucket', bucket],
  ['$bucketAuto', bucketAuto],
  ['$lookup', lookup],
  ['$graphLookup', graphLookup],
  ['$unionWith', unionWith],
  ['$setWindowFields', setWindowFields],
  ['$out', out],
  ['$merge', merge],
]);

function stageEntry(stage: unknown): [name: string, spec: unknown] {
  if (!isObject(stage) || bsonType(stage) !== undefined) {
    throw new ServerError(14, `Each element of the 'pipeline' array must be an object`);
  }
  const [entry, other] = Object.entries(stage);
  if (!entry || other) {
    throw new ServerError(40323, 'A pipeline stage specification object must contain exactly one field.');
  }
  return entry;
}

const ONLY_LAST: ReadonlySet<string> = new Set(['$out', '$merge']);

/** With which code a nested pipeline refuses to write; `$lookup` has its own. */
const NO_WRITING: Readonly<Record<string, number>> = { $facet: 40600, $unionWith: 31441 };

function compilePipeline(pipeline: unknown, context: StageContext, where: string): Stage {
  if (!Array.isArray(pipeline)) {
    throw new ServerError(14, `'pipeline' must be an array, but found ${typeAlias(pipeline)}`);
  }
  const stages = pipeline.map((stage, i) => {
    const [name, spec] = stageEntry(stage);
    const compile = STAGES.get(name);
    if (!compile) throw new ServerError(40324, `Unrecognized pipeline stage name: '${name}'`);
    if (ONLY_LAST.has(name)) {
      if (where !== '')
        throw new ServerError(
          NO_WRITING[where] ?? 51047,
          `${name} is not allowed within a ${where}'s pipeline`,
        );
      if (i < pipeline.length - 1)
        throw new ServerError(40601, `${name} can only be the final stage in the pipeline`);
    }
    if (where === '$facet' && (name === '$facet' || name === '$documents')) {
      throw new ServerError(40600, `${name} is not allowed to be used within a $facet stage`);
    }
    if (name === '$documents' && i > 0)
      throw new ServerError(40602, '$documents is only valid as the first stage in a pipeline');
    return compile(spec, context, name);
  });
  return (source) => stages.reduce<Batches>((current, stage) => stage(current), source);
}

/**
 * Runs a pipeline over a source of documents. It is compiled, and so checked as a whole, before the first document is
 * asked for: an unknown stage is 40324, an unknown expression operator 168.
 */
export function runPipeline(
  source: Iterable<Document> | AsyncIterable<Document>,
  pipeline: readonly Document[],
  context: PipelineContext,
): AsyncIterable<Document> {
  const { collation, now, vars } = context;
  const scope = expressionScope({ collation, now, let: vars });
  const stage = compilePipeline(pipeline, { run: context, scope, compile: compilePipeline }, '');
  return flatten(stage(batchesOf(source, context.yieldEvery)));
}

async function* flatten(batches: Batches): AsyncGenerator<Document> {
  for await (const batch of batches) yield* batch;
}

/** The leading stages that a collection scan can answer from an index, and what is left for `runPipeline`. */
export interface PipelinePrefix {
  readonly filter: Document;
  readonly sort: Document | undefined;
  readonly skip: number | undefined;
  readonly limit: number | undefined;
  readonly rest: Document[];
}

/**
 * Splits off leading `$match` stages (joined by `$and`), then one `$sort`, one `$skip` and one `$limit` in this order.
 * What is malformed stays in the rest, where it is refused.
 */
export function splitPrefix(pipeline: readonly Document[]): PipelinePrefix {
  const rest = [...pipeline];
  const take = (name: string, accepts: (spec: unknown) => boolean): unknown => {
    const [stage] = rest;
    if (!isObject(stage) || Object.keys(stage).length !== 1 || !accepts(stage[name])) return undefined;
    rest.shift();
    return stage[name];
  };
  const filters: Document[] = [];
  for (let filter = take('$match', isObject); filter !== undefined; filter = take('$match', isObject)) {
    filters.push(filter as Document);
  }
  const isSort = (spec: unknown) => isObject(spec) && Object.keys(spec).length > 0;
  const sortSpec = take('$sort', isSort) as Document | undefined;
  const isCount = (least: number) => (spec: unknown) => isNumber(spec) && (toInteger(spec) ?? -1) >= least;
  const skipped = toInteger(take('$skip', isCount(0)));
  const limited = toInteger(take('$limit', isCount(1)));
  const filter = filters.length > 1 ? { $and: filters } : (filters[0] ?? {});
  return { filter, sort: sortSpec, skip: skipped, limit: limited, rest };
}
