import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import {
  bsonType,
  integer,
  isNullish,
  isObject,
  long,
  setField,
  toDouble,
  toInteger,
  typeAlias,
} from '../bson/value.ts';
import { evaluatePath } from './expression-scope.ts';
import { compileFilterIn } from './filter.ts';
import { parsePath, valueAt } from './path.ts';
import { compileSort } from './sort.ts';
import { sortDocuments } from './sort-documents.ts';
import { type Batches, batchesOf, batchStage, collect, type StageCompiler, wholeStage } from './stage.ts';
import { draftOf, removeAt, writeAt } from './update-draft.ts';

/** `$match`. */
export const match: StageCompiler = (spec, { scope, run }) => {
  if (!isObject(spec) || bsonType(spec) !== undefined) {
    throw new ServerError(15959, 'the match filter must be an expression in an object');
  }
  const matches = compileFilterIn(spec, { collation: run.collation, now: run.now }, scope);
  return batchStage((batch) => batch.filter(matches));
};

/** `$limit`: reads no further than it must. */
export const limit: StageCompiler = (spec) => {
  const wanted = countOf('$limit', spec);
  if (wanted === 0) throw new ServerError(15958, 'the limit must be positive');
  return async function* run(source) {
    let left = wanted;
    for await (const batch of source) {
      if (batch.length >= left) {
        yield batch.slice(0, left);
        return;
      }
      left -= batch.length;
      yield batch;
    }
  };
};

/** `$skip`. */
export const skip: StageCompiler = (spec) => {
  const wanted = countOf('$skip', spec);
  return async function* run(source) {
    let left = wanted;
    for await (const batch of source) {
      const rest = left >= batch.length ? [] : batch.slice(left);
      left = Math.max(0, left - batch.length);
      if (rest.length > 0) yield rest;
    }
  };
};

function countOf(name: string, spec: unknown): number {
  const count = toInteger(spec);
  if (count === undefined || typeAlias(spec) === 'string') {
    throw new ServerError(
      5107201,
      `invalid argument to ${name} stage: Expected an integer: ${name}: ${String(spec)}`,
    );
  }
  if (count < 0) {
    throw new ServerError(
      5107200,
      `invalid argument to ${name} stage: Expected a non-negative number in: ${name}: ${count}`,
    );
  }
  return count;
}

/** `$sort`. */
export const sort: StageCompiler = (spec, context) => {
  if (!isObject(spec) || bsonType(spec) !== undefined) {
    throw new ServerError(15973, 'the $sort key specification must be an object');
  }
  if (Object.keys(spec).length === 0)
    throw new ServerError(15976, '$sort stage must have at least one sort key');
  const compare = compileSort(spec, context.run);
  return wholeStage((documents) => sortDocuments(documents, compare, context.run.yieldEvery), context);
};

/** `$count`: one document with the number of documents; none when there are none. */
export const count: StageCompiler = (spec) => {
  if (typeof spec !== 'string' || spec === '') {
    throw new ServerError(40156, 'the count field must be a non-empty string');
  }
  if (spec.startsWith('$') || spec.includes('.')) {
    throw new ServerError(40158, `the count field cannot be a $-prefixed path or contain '.'`);
  }
  return async function* run(source) {
    let total = 0;
    for await (const batch of source) total += batch.length;
    const result: Document = {};
    setField(result, spec, integer(total));
    if (total > 0) yield [result];
  };
};

/** `$sample`: that many documents at random. */
export const sample: StageCompiler = (spec, context) => {
  const size = isObject(spec) ? toDouble(spec['size']) : Number.NaN;
  if (!(size >= 0)) throw new ServerError(28746, 'size argument to $sample must be a non-negative number');
  return wholeStage((documents) => {
    const wanted = Math.min(Math.trunc(size), documents.length);
    for (let i = 0; i < wanted; i++) {
      const j = i + Math.floor(Math.random() * (documents.length - i));
      [documents[i], documents[j]] = [documents[j] as Document, documents[i] as Document];
    }
    return documents.slice(0, wanted);
  }, context);
};

interface UnwindOptions {
  readonly path: readonly string[];
  readonly indexPath: readonly string[] | undefined;
  readonly keepEmpty: boolean;
}

function unwindOptions(spec: unknown): UnwindOptions {
  const options = typeof spec === 'string' ? { path: spec } : spec;
  if (!isObject(options))
    throw new ServerError(15981, 'expected either a string or an object as specification for $unwind stage');
  for (const key of Object.keys(options)) {
    if (!['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'].includes(key)) {
      throw new ServerError(28811, `unrecognized option to $unwind stage: ${key}`);
    }
  }
  const { path, includeArrayIndex, preserveNullAndEmptyArrays } = options;
  if (typeof path !== 'string') throw new ServerError(28812, 'no path specified to $unwind stage');
  if (!path.startsWith('$'))
    throw new ServerError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  if (preserveNullAndEmptyArrays !== undefined && typeof preserveNullAndEmptyArrays !== 'boolean') {
    throw new ServerError(
      28809,
      'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage',
    );
  }
  if (
    includeArrayIndex !== undefined &&
    (typeof includeArrayIndex !== 'string' || includeArrayIndex === '')
  ) {
    throw new ServerError(
      28810,
      'expected a non-empty string for the includeArrayIndex option to $unwind stage',
    );
  }
  return {
    path: parsePath(path.slice(1)),
    indexPath: typeof includeArrayIndex === 'string' ? parsePath(includeArrayIndex) : undefined,
    keepEmpty: preserveNullAndEmptyArrays === true,
  };
}

/** `$unwind`: a document for each element of an array. */
export const unwind: StageCompiler = (spec, context) => {
  const options = unwindOptions(spec);
  return async function* run(source: Batches) {
    for await (const batch of source) {
      yield* batchesOf(unwound(batch, options), context.run.yieldEvery);
    }
  };
};

function* unwound(batch: Document[], options: UnwindOptions): Generator<Document> {
  const { path, keepEmpty } = options;
  for (const document of batch) {
    const value = valueAt(document, path);
    if (Array.isArray(value) && value.length > 0) {
      for (const [index, element] of value.entries()) yield withElement(document, options, element, index);
    } else if (Array.isArray(value) || isNullish(value)) {
      if (keepEmpty) yield withElement(document, options, value === null ? null : undefined, undefined);
    } else yield withElement(document, options, value, undefined);
  }
}

function withElement(
  document: Document,
  options: UnwindOptions,
  element: unknown,
  index: number | undefined,
): Document {
  const draft = draftOf(document);
  if (element !== undefined) writeAt(draft, options.path, element);
  else if (valueAt(document, options.path) !== undefined) removeAt(draft, options.path);
  if (options.indexPath) writeAt(draft, options.indexPath, index === undefined ? null : long(index));
  return draft.root;
}

/** `$facet`: several pipelines over the same documents, one array field each. */
export const facet: StageCompiler = (spec, context) => {
  if (!isObject(spec) || Object.keys(spec).length === 0) {
    throw new ServerError(40169, 'the $facet specification must be a non-empty object');
  }
  const facets = Object.entries(spec).map(
    ([name, pipeline]) => [name, context.compile(pipeline, context, '$facet')] as const,
  );
  return wholeStage(async (documents) => {
    const result: Document = {};
    for (const [name, stage] of facets)
      setField(result, name, await collect(stage(batchesOf(documents, context.run.yieldEvery))));
    return [result];
  }, context);
};

/** `$redact`: keeps, prunes or descends into each level as the expression says. */
export const redact: StageCompiler = (spec, { scope }) => {
  const current: { value: unknown } = { value: undefined };
  const actions = { DESCEND: '$$DESCEND', PRUNE: '$$PRUNE', KEEP: '$$KEEP' } as const;
  const cells = new Map([...scope.cells, ['CURRENT', current] as const]);
  for (const [name, value] of Object.entries(actions)) cells.set(name, { value });
  const evaluate = scope.compile(spec, { ...scope, cells });
  const redacted = (level: Document, root: Document): Document | undefined => {
    current.value = level;
    const action = evaluate(root);
    if (action === actions.KEEP) return level;
    if (action === actions.PRUNE) return undefined;
    if (action !== actions.DESCEND) {
      throw new ServerError(17053, '$redact must evaluate to $$DESCEND, $$PRUNE or $$KEEP');
    }
    const result: Document = {};
    for (const [key, value] of Object.entries(level)) {
      const kept = within(value, root);
      if (kept !== undefined) setField(result, key, kept);
    }
    return result;
  };
  const within = (value: unknown, root: Document): unknown => {
    if (Array.isArray(value))
      return value.map((item) => within(item, root)).filter((item) => item !== undefined);
    return isObject(value) && bsonType(value) === undefined ? redacted(value, root) : value;
  };
  return batchStage((batch) =>
    batch.map((document) => redacted(document, document)).filter((document) => document !== undefined),
  );
};

/** `$documents`: documents from an expression that gives an array. */
export const documents: StageCompiler = (spec, { scope, run: { yieldEvery } }) => {
  const evaluate = scope.compile(spec, scope);
  return async function* run() {
    const list = evaluate({});
    if (!Array.isArray(list) || !list.every((item) => isObject(item))) {
      throw new ServerError(5858203, 'an array of documents is expected');
    }
    yield* batchesOf(list, yieldEvery);
  };
};

/** The values at a local path, as `$lookup` and `$graphLookup` follow them. */
export function localValues(document: Document, path: readonly string[]): unknown[] {
  const value = evaluatePath(document, path, 0);
  if (!Array.isArray(value)) return [value ?? null];
  return value.flatMap((item) => (Array.isArray(item) && path.length > 1 ? item : [item]));
}
