import type { Document } from 'bson';
import { compareWith } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { valueKey } from '../bson/key.ts';
import { bsonType, isObject, setField, toInteger } from '../bson/value.ts';
import { type Accumulator, type CompiledAccumulator, compileAccumulator } from './accumulators.ts';
import type { Evaluate, Scope } from './expression-scope.ts';
import { batchesOf, type StageCompiler, wholeStage } from './stage.ts';

type Fields = readonly (readonly [name: string, accumulator: CompiledAccumulator])[];

interface Group {
  readonly id: unknown;
  readonly totals: Accumulator[];
}

/** Compiles the output fields of `$group`, `$bucket` and `$bucketAuto`. */
export function compileFields(spec: Document, scope: Scope): Fields {
  return Object.entries(spec).map(([name, value]) => {
    if (name.includes('.')) throw new ServerError(40235, `The field name '${name}' cannot contain '.'`);
    if (name.startsWith('$'))
      throw new ServerError(40236, `The field name '${name}' cannot be an operator name`);
    return [name, compileAccumulator(value, scope, name)] as const;
  });
}

function newGroup(id: unknown, fields: Fields): Group {
  return { id, totals: fields.map(([, accumulator]) => accumulator.start()) };
}

function addToGroup(group: Group, fields: Fields, document: Document): void {
  for (let i = 0; i < fields.length; i++) group.totals[i]?.add(fields[i]?.[1].evaluate(document));
}

function resultOf(group: Group, fields: Fields): Document {
  const result: Document = { _id: group.id };
  fields.forEach(([name], i) => {
    setField(result, name, group.totals[i]?.result());
  });
  return result;
}

/** Finds the group of a key: by a hash, or with a collation by comparison. */
function groupFinder(
  collator: Intl.Collator | undefined,
  fields: Fields,
): { of: (id: unknown) => Group; all: () => Group[] } {
  const byKey = new Map<string, Group>();
  const list: Group[] = [];
  const add = (id: unknown): Group => {
    const group = newGroup(id, fields);
    list.push(group);
    return group;
  };
  const of = (id: unknown): Group => {
    const key = valueKey(id);
    let group = byKey.get(key);
    if (!group && collator) group = list.find((other) => compareWith(other.id, id, collator) === 0);
    group ??= add(id);
    byKey.set(key, group);
    return group;
  };
  return { of, all: () => list };
}

/** `$group`: one document per value of `_id`, in the order in which the values first appear. */
export const group: StageCompiler = (spec, context) => {
  if (!isObject(spec) || bsonType(spec) !== undefined) {
    throw new ServerError(15947, "a group's fields must be specified in an object");
  }
  if (!('_id' in spec)) throw new ServerError(15955, 'a group specification must include an _id');
  const { _id, ...outputs } = spec;
  const id = context.scope.compile(_id, context.scope);
  const fields = compileFields(outputs, context.scope);
  return async function* run(source) {
    const groups = groupFinder(context.scope.collator, fields);
    for await (const batch of source) {
      for (const document of batch) addToGroup(groups.of(id(document) ?? null), fields, document);
    }
    const results = groups.all().map((found) => resultOf(found, fields));
    yield* batchesOf(results, context.run.yieldEvery);
  };
};

/** `$sortByCount`: groups by an expression and sorts by the number of documents, largest first. */
export const sortByCount: StageCompiler = (spec, context, name) => {
  if (!(typeof spec === 'string' && spec.startsWith('$')) && !isObject(spec)) {
    throw new ServerError(40149, `the sortByCount field must be specified as a string or as an object`);
  }
  return context.compile(
    [{ $group: { _id: spec, count: { $sum: 1 } } }, { $sort: { count: -1 } }],
    context,
    name,
  );
};

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
  if (limits.length < 2)
    throw new ServerError(40192, `The $bucket 'boundaries' field must have at least 2 values`);
  for (let i = 1; i < limits.length; i++) {
    if (compareWith(limits[i - 1], limits[i], scope.collator) >= 0) {
      throw new ServerError(40194, `The 'boundaries' option to $bucket must be sorted in ascending order`);
    }
  }
  const other = fallback === undefined ? undefined : scope.compile(fallback, scope)({});
  const fields = compileFields((output as Document | undefined) ?? COUNT, scope);
  return wholeStage((documents) => {
    const groups = groupFinder(undefined, fields);
    for (const document of documents) {
      const id = bucketOf(evaluate(document), limits, scope.collator) ?? other;
      if (id === undefined) {
        throw new ServerError(
          40066,
          '$switch could not find a matching branch for an input, and no default was specified.',
        );
      }
      addToGroup(groups.of(id), fields, document);
    }
    const sorted = groups.all().sort((a, b) => compareWith(a.id, b.id, scope.collator));
    return sorted.map((found) => resultOf(found, fields));
  }, context);
};

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
export const bucketAuto: StageCompiler = (spec, context) => {
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
  return wholeStage((documents) => autoBuckets(documents, evaluate, wanted, fields, scope.collator), context);
};

function autoBuckets(
  documents: Document[],
  evaluate: Evaluate,
  wanted: number,
  fields: Fields,
  collator: Intl.Collator | undefined,
): Document[] {
  const rows = documents.map((document) => ({ document, value: evaluate(document) ?? null }));
  rows.sort((a, b) => compareWith(a.value, b.value, collator));
  const size = Math.max(1, Math.round(rows.length / wanted));
  const results: Document[] = [];
  let start = 0;
  while (start < rows.length) {
    let end = results.length === wanted - 1 ? rows.length : Math.min(start + size, rows.length);
    while (end < rows.length && compareWith(rows[end]?.value, rows[end - 1]?.value, collator) === 0) end++;
    const found = newGroup(
      { min: rows[start]?.value, max: (rows[end] ?? rows[rows.length - 1])?.value },
      fields,
    );
    for (const row of rows.slice(start, end)) addToGroup(found, fields, row.document);
    results.push(resultOf(found, fields));
    start = end;
  }
  return results;
}
