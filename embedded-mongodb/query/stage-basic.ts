import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { bsonType, integer, isNumber, isObject, setField, toDouble, toInteger } from '../bson/value.ts';
import { compileFilterIn } from './filter.ts';
import { compileSort } from './sort.ts';
import { sortWithPauses } from './sort-in-runs.ts';
import { batchesOf, batchStage, type StageCompiler, wholeStage } from './stage.ts';

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
  return wholeStage(
    (documents) => sortWithPauses(documents, compare, context.run.yieldEvery),
    context,
    'Sort',
  );
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
export const sample: StageCompiler = (spec, context, name) => {
  if (!isObject(spec)) throw new ServerError(28745, 'the $sample stage specification must be an object');
  const other = Object.keys(spec).find((key) => key !== 'size');
  if (other !== undefined) throw new ServerError(28748, `unrecognized option to $sample: ${other}`);
  if (spec['size'] === undefined) throw new ServerError(28749, '$sample stage must specify a size');
  if (!isNumber(spec['size'])) throw new ServerError(28746, 'size argument to $sample must be a number');
  const size = toDouble(spec['size']);
  if (!(size > 0)) throw new ServerError(28747, 'size argument to $sample must be a positive number');
  return wholeStage(
    (documents) => {
      const wanted = Math.min(Math.trunc(size), documents.length);
      for (let i = 0; i < wanted; i++) {
        const j = i + Math.floor(Math.random() * (documents.length - i));
        [documents[i], documents[j]] = [documents[j] as Document, documents[i] as Document];
      }
      return documents.slice(0, wanted);
    },
    context,
    name,
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
