import type { Document } from 'bson';
import { compareWith } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { valueKey } from '../bson/key.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { bsonType, double, integer, isNullish, isNumber, isObject, toDouble } from '../bson/value.ts';
import { manyAccumulators } from './accumulator-many.ts';
import { percentileAccumulators } from './accumulator-percentile.ts';
import { averageOf, sumOf } from './accumulator-sum.ts';
import type { Evaluate, Scope } from './expression-scope.ts';

/** A running total of one group. */
export interface Accumulator {
  /** Takes a value; true when it is held in a list that only grows. */
  readonly add: (value: unknown) => unknown;
  readonly result: () => unknown;
}

/** A compiled accumulator: what it takes from each document, and how a group's total starts. */
export interface CompiledAccumulator {
  readonly evaluate: Evaluate;
  readonly start: () => Accumulator;
}

export type AccumulatorCompiler = (operand: unknown, scope: Scope, operator: string) => CompiledAccumulator;

/** An accumulator whose operand is the expression that it takes from each document. */
export function simple(start: (scope: Scope) => Accumulator): AccumulatorCompiler {
  return (operand, scope, operator) => {
    if (Array.isArray(operand))
      throw new ServerError(40237, `The ${operator} accumulator is a unary operator`);
    return { evaluate: scope.compile(operand, scope), start: () => start(scope) };
  };
}

function count(operand: unknown): CompiledAccumulator {
  if (!isObject(operand) || Object.keys(operand).length > 0) {
    throw new ServerError(9, '$count takes no arguments, i.e. $count:{}');
  }
  const start = (): Accumulator => {
    let total = 0;
    return { add: () => void total++, result: () => integer(total) };
  };
  return { evaluate: () => true, start };
}

function extremeOf(sign: 1 | -1): (scope: Scope) => Accumulator {
  return ({ collator }) => {
    let best: unknown;
    return {
      add: (value) => {
        if (isNullish(value)) return;
        if (best === undefined || compareWith(value, best, collator) * sign > 0) best = value;
      },
      result: () => best ?? null,
    };
  };
}

function first(): Accumulator {
  let value: unknown;
  let seen = false;
  return {
    add: (next) => {
      if (!seen) value = next;
      seen = true;
    },
    result: () => value ?? null,
  };
}

function last(): Accumulator {
  let value: unknown;
  return {
    add: (next) => {
      value = next;
    },
    result: () => value ?? null,
  };
}

function push(): Accumulator {
  const values: unknown[] = [];
  return {
    add: (value) => {
      if (value !== undefined) values.push(value);
      return value !== undefined;
    },
    result: () => [...values],
  };
}

function addToSet({ collator }: Scope): Accumulator {
  const values = new Map<string, unknown>();
  const list: unknown[] = [];
  return {
    add: (value) => {
      if (value === undefined) return false;
      if (collator) {
        const isNew = !list.some((item) => compareWith(item, value, collator) === 0);
        if (isNew) list.push(value);
        return isNew;
      }
      const key = valueKey(value);
      const isNew = !values.has(key);
      if (isNew) values.set(key, value);
      return isNew;
    },
    result: () => (collator ? [...list] : [...values.values()]),
  };
}

function mergeObjects(): Accumulator {
  let merged: Document = {};
  return {
    add: (value) => {
      if (isNullish(value)) return;
      if (!isObject(value) || bsonType(value) !== undefined) {
        throw new ServerError(
          40400,
          `$mergeObjects requires object inputs, but input is of type ${typeAlias(value)}`,
        );
      }
      merged = { ...merged, ...value };
    },
    result: () => merged,
  };
}

/** Standard deviation of the numbers (Welford), of the population or of a sample. */
function standardDeviation(sample: boolean): () => Accumulator {
  return () => {
    let n = 0;
    let mean = 0;
    let squares = 0;
    return {
      add: (value) => {
        if (!isNumber(value)) return;
        const x = toDouble(value);
        n++;
        const delta = x - mean;
        mean += delta / n;
        squares += delta * (x - mean);
      },
      result: () => {
        const divisor = sample ? n - 1 : n;
        return divisor <= 0 ? null : double(Math.sqrt(squares / divisor));
      },
    };
  };
}

/** Every accumulator of `$group`, by name. */
export const ACCUMULATORS: ReadonlyMap<string, AccumulatorCompiler> = new Map<string, AccumulatorCompiler>([
  ['$sum', simple(sumOf)],
  ['$avg', simple(averageOf)],
  ['$min', simple(extremeOf(-1))],
  ['$max', simple(extremeOf(1))],
  ['$first', simple(first)],
  ['$last', simple(last)],
  ['$push', simple(push)],
  ['$addToSet', simple(addToSet)],
  ['$mergeObjects', simple(mergeObjects)],
  ['$stdDevPop', simple(standardDeviation(false))],
  ['$stdDevSamp', simple(standardDeviation(true))],
  ['$count', count],
  ...manyAccumulators,
  ...percentileAccumulators,
]);

/** Compiles `{ $operator: operand }`; throws 15952 on an unknown accumulator and 40238 when there is not just one. */
export function compileAccumulator(spec: unknown, scope: Scope, field: string): CompiledAccumulator {
  const entries = isObject(spec) && bsonType(spec) === undefined ? Object.entries(spec) : [];
  const [entry] = entries;
  if (!entry) throw new ServerError(40234, `The field '${field}' must be an accumulator object`);
  if (entries.length > 1) throw new ServerError(40238, `The field '${field}' must specify one accumulator`);
  const compile = ACCUMULATORS.get(entry[0]);
  if (!compile) throw new ServerError(15952, `unknown group operator '${entry[0]}'`);
  return compile(entry[1], scope, entry[0]);
}
