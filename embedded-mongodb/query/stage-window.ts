import type { Document } from 'bson';
import { compareWith } from '../bson/compare.ts';
import { failedToParse, ServerError, typeMismatch } from '../bson/errors.ts';
import { valueKey } from '../bson/key.ts';
import { bsonType, isObject } from '../bson/value.ts';
import { ACCUMULATORS, compileAccumulator } from './accumulators.ts';
import type { Evaluate } from './expression-scope.ts';
import { addComputed, pathTree } from './projection-tree.ts';
import { compileSort } from './sort.ts';
import { sortWithPauses } from './sort-in-runs.ts';
import {
  BATCH_SIZE,
  type PipelineContext,
  type StageCompiler,
  type StageContext,
  wholeStage,
} from './stage.ts';
import { type Bounds, compileBounds } from './window-bounds.ts';
import { RANKINGS } from './window-functions.ts';

/** One output field: its values for the sorted documents of a partition. */
interface Output {
  readonly path: string;
  readonly valuesOf: (rows: readonly Document[]) => unknown[] | Promise<unknown[]>;
}

/** After so many steps of a window other work gets its turn. */
const PAUSE_AFTER = 256;

const KEYS: ReadonlySet<string> = new Set(['partitionBy', 'sortBy', 'output']);

/** `$setWindowFields`: fields computed over the neighbours of a document in its partition. */
export const setWindowFields: StageCompiler = (spec, context, name) => {
  if (!isObject(spec) || bsonType(spec) !== undefined)
    throw failedToParse('the $setWindowFields specification must be an object');
  const unknown = Object.keys(spec).find((key) => !KEYS.has(key));
  if (unknown !== undefined)
    throw new ServerError(40415, `BSON field '$setWindowFields.${unknown}' is an unknown field.`);
  const { scope, run } = context;
  if (!isObject(spec['output']))
    throw new ServerError(40414, `BSON field '$setWindowFields.output' is missing but a required field`);
  if (spec['sortBy'] !== undefined && !isObject(spec['sortBy']))
    throw typeMismatch(`BSON field '$setWindowFields.sortBy' is the wrong type, expected type 'object'`);
  const partition: Evaluate =
    spec['partitionBy'] === undefined ? () => null : scope.compile(spec['partitionBy'], scope);
  const sortBy = spec['sortBy'] as Document | undefined;
  const compare = sortBy === undefined ? undefined : compileSort(sortBy, run);
  const outputs = Object.entries(spec['output']).map(([path, value]) =>
    compileOutput(path, value, sortBy, context),
  );
  return wholeStage(
    async (documents) => {
      const result: Document[] = [];
      for (const rows of await partitionsOf(documents, partition, scope.collator, run.yieldEvery)) {
        const sorted = compare ? await sortWithPauses(rows, compare, run.yieldEvery) : rows;
        for (const row of await withOutputs(sorted, outputs, run.yieldEvery)) result.push(row);
      }
      return result;
    },
    context,
    name,
  );
};

/** The documents of each partition, the partitions in their BSON order. */
async function partitionsOf(
  documents: Document[],
  partition: Evaluate,
  collator: Intl.Collator | undefined,
  pause: PipelineContext['yieldEvery'],
): Promise<Document[][]> {
  const partitions = new Map<string, { value: unknown; rows: Document[] }>();
  for (const [i, document] of documents.entries()) {
    if (i % BATCH_SIZE === 0) await pause?.();
    const value = partition(document) ?? null;
    if (Array.isArray(value))
      throw new ServerError(14, 'An expression used to partition cannot evaluate to value of type array');
    const key = valueKey(value);
    const rows = partitions.get(key)?.rows;
    if (rows) rows.push(document);
    else partitions.set(key, { value, rows: [document] });
  }
  return [...partitions.values()]
    .sort((a, b) => compareWith(a.value, b.value, collator))
    .map(({ rows }) => rows);
}

async function withOutputs(
  rows: Document[],
  outputs: readonly Output[],
  pause: PipelineContext['yieldEvery'],
): Promise<Document[]> {
  let current = 0;
  const columns: (readonly [path: string, value: Evaluate])[] = [];
  for (const { path, valuesOf } of outputs) {
    const values = await valuesOf(rows);
    columns.push([path, () => values[current]]);
  }
  const tree = pathTree(columns);
  const results: Document[] = [];
  for (const row of rows) {
    results.push(addComputed(row, tree, row));
    if (++current % BATCH_SIZE === 0) await pause?.();
  }
  return results;
}

function compileOutput(
  path: string,
  spec: unknown,
  sortBy: Document | undefined,
  context: StageContext,
): Output {
  if (!isObject(spec)) throw failedToParse(`The field '${path}' must be an object`);
  const { window, ...functions } = spec;
  const [entry, other] = Object.entries(functions);
  if (!entry || other) throw failedToParse(`The field '${path}' must name one window function`);
  const [name, operand] = entry;
  const ranking = RANKINGS.get(name);
  if (ranking) {
    if (window !== undefined)
      throw new ServerError(5371601, `Rank style window functions take no other arguments: ${name}`);
    return { path, valuesOf: ranking(operand, sortBy, context.scope) };
  }
  if (!ACCUMULATORS.has(name) || name === '$mergeObjects')
    throw failedToParse(`Unrecognized window function, ${name}`);
  const bounds = compileBounds(window, sortBy);
  return { path, valuesOf: accumulated(name, operand, path, bounds, context) };
}

/** An accumulator over the window of each document. */
function accumulated(
  name: string,
  operand: unknown,
  path: string,
  bounds: Bounds,
  { scope, run: { yieldEvery } }: StageContext,
): Output['valuesOf'] {
  const { evaluate, start } = compileAccumulator({ [name]: operand }, scope, path);
  return async (rows) => {
    const inputs = rows.map((row) => evaluate(row));
    const limits = bounds(rows);
    const values: unknown[] = [];
    let running = start();
    let from = 0;
    let to = 0;
    let work = 0;
    for (let i = 0; i < rows.length; i++) {
      const [low, high] = limits(i);
      // The same window has the same result, which may be costly to ask for again.
      if (i > 0 && low === from && high === to) {
        values.push(values[i - 1]);
        continue;
      }
      // A window that only grows at its end goes on with the running total; any other is computed afresh.
      if (low !== from || high < to) {
        running = start();
        from = low;
        to = low;
      }
      for (; to < high; to++) {
        running.add(inputs[to]);
        if (++work % PAUSE_AFTER === 0) await yieldEvery?.();
      }
      values.push(running.result());
      if (++work % PAUSE_AFTER === 0) await yieldEvery?.();
    }
    return values;
  };
}
