import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { valueKey } from '../bson/key.ts';
import { bsonType, isObject, long, RANK, rankOf, toInteger } from '../bson/value.ts';
import { checkVariableName } from './expression-basic.ts';
import { type Cell, type Evaluate, evaluatePath, withCells } from './expression-scope.ts';
import { compileFilterIn } from './filter.ts';
import { parsePath } from './path.ts';
import { batchesOf, collect, type Stage, type StageCompiler, type StageContext } from './stage.ts';
import { localValues } from './stage-basic.ts';
import { draftOf, writeAt } from './update-draft.ts';

function optionsOf(
  name: string,
  spec: unknown,
  required: readonly string[],
  optional: readonly string[],
): Document {
  if (!isObject(spec) || bsonType(spec) !== undefined) {
    throw new ServerError(9, `the ${name} specification must be an Object`);
  }
  for (const key of Object.keys(spec)) {
    if (!required.includes(key) && !optional.includes(key))
      throw new ServerError(9, `unknown argument to ${name}: ${key}`);
  }
  for (const key of required) {
    if (spec[key] === undefined)
      throw new ServerError(9, `missing '${key}' option to ${name} stage specification`);
  }
  return spec;
}

function nameOf(name: string, option: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new ServerError(9, `${name} argument '${option}' must be a string`);
}

function setAt(document: Document, path: readonly string[], value: unknown): Document {
  const draft = draftOf(document);
  writeAt(draft, path, value);
  return draft.root;
}

/** A stage that looks documents up one by one. */
function perDocument(change: (document: Document) => Promise<Document>, context: StageContext): Stage {
  return async function* run(source) {
    for await (const batch of source) {
      const result: Document[] = [];
      for (const document of batch) result.push(await change(document));
      yield result;
      await context.run.yieldEvery?.();
    }
  };
}

/** The filter for foreign documents that equal a local value: each element of an array, null for a missing field. */
export function equalityFilter(field: string, values: readonly unknown[]): Document {
  const [only] = values;
  if (values.length === 1) return { [field]: { $eq: only } };
  // A regular expression within $in would match by pattern, so it is compared on its own.
  const regexes = values.filter((value) => rankOf(value) === RANK.regex);
  if (regexes.length === 0) return { [field]: { $in: values } };
  const others = values.filter((value) => rankOf(value) !== RANK.regex);
  return { $or: [{ [field]: { $in: others } }, ...regexes.map((value) => ({ [field]: { $eq: value } }))] };
}

/** `$lookup`, by equality of two fields (which uses the foreign index), by a pipeline with `let`, or both. */
export const lookup: StageCompiler = (spec, context) => {
  const options = optionsOf(
    '$lookup',
    spec,
    ['as'],
    ['from', 'localField', 'foreignField', 'let', 'pipeline'],
  );
  const as = parsePath(nameOf('$lookup', 'as', options['as']));
  const { localField, foreignField, pipeline } = options;
  const byEquality = localField !== undefined && foreignField !== undefined;
  if (!byEquality && (pipeline === undefined || localField !== undefined || foreignField !== undefined)) {
    throw new ServerError(
      9,
      '$lookup requires both or neither of "localField" and "foreignField" to be specified',
    );
  }
  const variables = letCells(options['let'], context);
  const inner: StageContext = { ...context, scope: withCells(context.scope, variables.cells) };
  const steps = pipeline === undefined ? undefined : foreignPipeline(pipeline, inner);
  const from = options['from'];
  if (from === undefined && !steps?.ownSource)
    throw new ServerError(9, `must specify 'from' field for a $lookup`);
  const foreign = from === undefined ? undefined : context.run.collection(nameOf('$lookup', 'from', from));
  const local = byEquality ? parsePath(nameOf('$lookup', 'localField', localField)) : undefined;
  const find = (document: Document): Promise<Document[]> => {
    const equal = local
      ? equalityFilter(nameOf('$lookup', 'foreignField', foreignField), localValues(document, local))
      : {};
    const narrowing = steps?.narrow() ?? {};
    const filter = Object.keys(narrowing).length === 0 ? equal : { $and: [equal, narrowing] };
    const found = foreign?.find(filter, { collation: context.run.collation }) ?? [];
    const batches = batchesOf(found, context.run.yieldEvery);
    return collect(steps ? steps.stage(batches) : batches);
  };
  const remembered = remembering(find, variables.isEmpty ? local : undefined);
  return perDocument(async (document) => {
    variables.set(document);
    return setAt(document, as, await remembered(document));
  }, context);
};

const MEMORY = 200;

/** Documents with the same local value get the same result, as long as it depends on nothing else. */
function remembering(
  find: (document: Document) => Promise<Document[]>,
  local: readonly string[] | undefined,
): (document: Document) => Promise<Document[]> {
  if (!local) return find;
  const results = new Map<string, Document[]>();
  return async (document) => {
    const key = valueKey(localValues(document, local));
    const known = results.get(key);
    if (known) return known;
    const found = await find(document);
    if (results.size >= MEMORY) results.clear();
    results.set(key, found);
    return found;
  };
}

interface Variables {
  readonly cells: Record<string, Cell>;
  readonly isEmpty: boolean;
  readonly set: (document: Document) => void;
}

function letCells(spec: unknown, { scope }: StageContext): Variables {
  if (spec !== undefined && !isObject(spec))
    throw new ServerError(9, `$lookup argument 'let' must be an object`);
  const cells: Record<string, Cell> = {};
  const assignments = Object.entries(spec ?? {}).map(([name, expression]): [Cell, Evaluate] => {
    checkVariableName(name);
    const cell: Cell = { value: undefined };
    cells[name] = cell;
    return [cell, scope.compile(expression, scope)];
  });
  const set = (document: Document) => {
    for (const [cell, evaluate] of assignments) cell.value = evaluate(document);
  };
  return { cells, isEmpty: assignments.length === 0, set };
}

interface ForeignPipeline {
  readonly stage: Stage;
  readonly ownSource: boolean;
  /** A filter that every document of the leading `$match` satisfies, for the foreign index; the stage matches again. */
  readonly narrow: () => Document;
}

function foreignPipeline(pipeline: unknown, context: StageContext): ForeignPipeline {
  const stage = context.compile(pipeline, context, '$lookup');
  const first = (pipeline as Document[])[0];
  const filter = isObject(first?.['$match']) ? first['$match'] : {};
  const { $expr, ...plain } = filter;
  const usable = Object.keys(plain).every((key) => !key.startsWith('$')) ? plain : {};
  const equalities = expressionEqualities($expr, context);
  return {
    stage,
    ownSource: first !== undefined && '$documents' in first,
    narrow: () => {
      const bounds: Document[] = Object.keys(usable).length > 0 ? [usable] : [];
      for (const [field, value] of equalities) {
        const known = value({});
        // Null and missing compare differently in an expression, and an array matches its elements in a filter.
        if (known !== undefined && known !== null && !Array.isArray(known))
          bounds.push({ [field]: { $eq: known } });
      }
      return bounds.length === 0 ? {} : { $and: bounds };
    },
  };
}

/** `$eq` of a field and a variable within `$expr`, alone or in an `$and`: such conditions can use an index. */
function expressionEqualities(
  expression: unknown,
  { scope }: StageContext,
): [field: string, value: Evaluate][] {
  if (!isObject(expression)) return [];
  if (Array.isArray(expression['$and'])) {
    return expression['$and'].flatMap((part) => expressionEqualities(part, { scope } as StageContext));
  }
  const sides = expression['$eq'];
  if (!Array.isArray(sides) || sides.length !== 2) return [];
  const isField = (side: unknown): side is string => typeof side === 'string' && /^\$[^$]/.test(side);
  const isVariable = (side: unknown) =>
    typeof side === 'string' && side.startsWith('$$') && !/^\$\$(ROOT|CURRENT)/.test(side);
  const [left, right] = sides;
  if (isField(left) && isVariable(right)) return [[left.slice(1), scope.compile(right, scope)]];
  return isField(right) && isVariable(left) ? [[right.slice(1), scope.compile(left, scope)]] : [];
}

/** `$unionWith`: the documents of another collection, through a pipeline if one is given, after those of the input. */
export const unionWith: StageCompiler = (spec, context) => {
  const options =
    typeof spec === 'string' ? { coll: spec } : optionsOf('$unionWith', spec, [], ['coll', 'pipeline']);
  const stage = context.compile(options['pipeline'] ?? [], context, '$unionWith');
  const coll = options['coll'];
  return async function* run(source) {
    yield* source;
    const found =
      coll === undefined ? [] : context.run.collection(nameOf('$unionWith', 'coll', coll)).find({});
    yield* stage(batchesOf(found, context.run.yieldEvery));
  };
};

/** `$graphLookup`: follows a connection from document to document, each one once. */
export const graphLookup: StageCompiler = (spec, context) => {
  const required = ['from', 'startWith', 'connectFromField', 'connectToField', 'as'];
  const options = optionsOf('$graphLookup', spec, required, [
    'maxDepth',
    'depthField',
    'restrictSearchWithMatch',
  ]);
  const text = (option: string) => nameOf('$graphLookup', option, options[option]);
  const { scope, run } = context;
  const start = scope.compile(options['startWith'], scope);
  const connectFrom = parsePath(text('connectFromField'));
  const connectTo = text('connectToField');
  const as = parsePath(text('as'));
  const maxDepth =
    options['maxDepth'] === undefined ? Number.POSITIVE_INFINITY : toInteger(options['maxDepth']);
  if (maxDepth === undefined || maxDepth < 0)
    throw new ServerError(40100, 'maxDepth requires a nonnegative argument');
  const depthPath = options['depthField'] === undefined ? undefined : parsePath(text('depthField'));
  const restrict = (options['restrictSearchWithMatch'] ?? {}) as Document;
  compileFilterIn(restrict, { collation: run.collation, now: run.now }, scope);
  const foreign = run.collection(text('from'));
  return perDocument(async (document) => {
    const first = start(document);
    let frontier: unknown[] = Array.isArray(first) ? first : [first ?? null];
    const visited = new Set<string>();
    const found: Document[] = [];
    for (let depth = 0; depth <= maxDepth && frontier.length > 0; depth++) {
      const next: unknown[] = [];
      const filter = { $and: [equalityFilter(connectTo, frontier), restrict] };
      for await (const reached of foreign.find(filter, { collation: run.collation })) {
        const key = valueKey(reached['_id']);
        if (visited.has(key)) continue;
        visited.add(key);
        found.push(depthPath ? setAt(reached, depthPath, long(depth)) : reached);
        const onward = evaluatePath(reached, connectFrom, 0);
        if (onward !== undefined) next.push(...(Array.isArray(onward) ? onward : [onward]));
      }
      frontier = next;
    }
    return setAt(document, as, found);
  }, context);
};
