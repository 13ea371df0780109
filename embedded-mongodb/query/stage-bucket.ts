import type { Document } from 'bson';
import { compareWith } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { isObject, rankOf, toInteger } from '../bson/value.ts';
import type { Evaluate } from './expression-scope.ts';
import { sortWithPauses } from './sort-in-runs.ts';
import { batchesOf, type StageCompiler, type StageContext, wholeStage } from './stage.ts';
import {
  addToGroup,
  compileFields,
  type Fields,
  groupAccounts,
  groupFinder,
  newGroup,
  resultOf,
  resultsOf,
} from './stage-group.ts';

const COUNT: Document = { count: { $sum: 1 } };

/** `$bucket`: documents by the half-open range of boundaries that their value lies in. */
export const bucket: StageCompiler = (spec, context) => {
  const {
    groupBy,
    boundaries,
    default: fallback,
    output,
  } = bucketSpec(spec, ['groupBy', 'boundaries'], ['default', 'output'], '$bucket');
  const { scope } = context;
  const evaluate = scope.compile(groupBy, scope);
  const limits = (Array.isArray(boundaries) ? boundaries : []).map((limit) =>
    scope.compile(limit, scope)({}),
  );
  if (!isExpression(groupBy))
    throw new ServerError(
      40202,
      `The $bucket 'groupBy' field must be defined as a $-prefixed path or an expression`,
    );
  if (limits.length < 2)
    throw new ServerError(40192, `The $bucket 'boundaries' field must have at least 2 values`);
  for (let i = 1; i < limits.length; i++) {
    if (compareWith(limits[i - 1], limits[i], scope.collator) >= 0) {
      throw new ServerError(40194, `The 'boundaries' option to $bucket must be sorted in ascending order`);
    }
  }
  if (new Set(limits.map(rankOf)).size > 1)
    throw new ServerError(40193, `All values in the 'boundaries' option to $bucket must have the same type`);
  const other = fallback === undefined ? undefined : scope.compile(fallback, scope)({});
  if (other !== undefined && bucketOf(other, [limits[0], limits.at(-1)], scope.collator) !== undefined) {
    throw new ServerError(
      40199,
      `The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary`,
    );
  }
  const fields = compileFields((output as Document | undefined) ?? COUNT, scope);
  const bucketFor = (document: Document): unknown => {
    const id = bucketOf(evaluate(document), limits, scope.collator) ?? other;
    if (id !== undefined) return id;
    throw new ServerError(
      40066,
      '$switch could not find a matching branch for an input, and no default was specified.',
    );
  };
  return async function* run(source) {
    const groups = groupFinder(undefined, fields, groupAccounts(context.run));
    for await (const batch of source) for (const document of batch) groups.add(bucketFor(document), document);
    const sorted = groups.all().sort((a, b) => compareWith(a.id, b.id, scope.collator));
    yield* batchesOf(resultsOf(sorted, fields), context.run.yieldEvery);
  };
};

function isExpression(value: unknown): boolean {
  return (typeof value === 'string' && value.startsWith('$')) || isObject(value);
}

function bucketOf(value: unknown, limits: unknown[], collator: Intl.Collator | undefined): unknown {
  for (let i = 0; i < limits.length - 1; i++) {
    const within =
      compareWith(value, limits[i], collator) >= 0 && compareWith(value, limits[i + 1], collator) < 0;
    if (within) return limits[i];
  }
  return undefined;
}

function bucketSpec(spec: unknown, required: string[], optional: string[], name: string): Document {
  if (!isObject(spec)) throw new ServerError(40201, `Argument to ${name} stage must be an object`);
  for (const key of Object.keys(spec)) {
    if (!required.includes(key) && !optional.includes(key))
      throw new ServerError(40197, `Unrecognized option to ${name}: ${key}.`);
  }
  if (required.some((key) => spec[key] === undefined)) {
    throw new ServerError(
      40198,
      `${name} requires ${required.map((key) => `'${key}'`).join(' and ')} to be specified.`,
    );
  }
  return spec;
}

/** `$bucketAuto`: a number of buckets with about as many documents each; equal values stay together. */
export const bucketAuto: StageCompiler = (spec, context, name) => {
  const { groupBy, buckets, output, granularity } = bucketSpec(
    spec,
    ['groupBy', 'buckets'],
    ['output', 'granularity'],
    '$bucketAuto',
  );
  if (granularity !== undefined)
    throw new ServerError(40257, `$bucketAuto 'granularity' is not supported by this server`);
  const wanted = toInteger(buckets);
  if (wanted === undefined || wanted <= 0)
    throw new ServerError(40243, `The $bucketAuto 'buckets' field must be greater than 0`);
  const { scope } = context;
  const evaluate = scope.compile(groupBy, scope);
  const fields = compileFields((output as Document | undefined) ?? COUNT, scope);
  return wholeStage((documents) => autoBuckets(documents, evaluate, wanted, fields, context), context, name);
};

async function autoBuckets(
  documents: Document[],
  evaluate: Evaluate,
  wanted: number,
  fields: Fields,
  { scope: { collator }, run }: StageContext,
): Promise<Document[]> {
  const valued = documents.map((document) => ({ document, value: evaluate(document) ?? null }));
  const rows = await sortWithPauses(
    valued,
    (a, b) => compareWith(a.value, b.value, collator),
    run.yieldEvery,
  );
  const size = Math.max(1, Math.round(rows.length / wanted));
  const accounts = groupAccounts(run);
  const results: Document[] = [];
  let start = 0;
  while (start < rows.length) {
    let end = results.length === wanted - 1 ? rows.length : Math.min(start + size, rows.length);
    while (end < rows.length && compareWith(rows[end]?.value, rows[end - 1]?.value, collator) === 0) end++;
    const found = newGroup(
      { min: rows[start]?.value, max: (rows[end] ?? rows[rows.length - 1])?.value },
      fields,
    );
    for (const row of rows.slice(start, end)) addToGroup(found, fields, row.document, accounts);
    results.push(resultOf(found, fields));
    start = end;
  }
  return results;
}
