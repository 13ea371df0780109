import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { valueKey } from '../bson/key.ts';
import { isObject } from '../bson/value.ts';
import { checkVariableName } from './expression-basic.ts';
import { type Cell, type Evaluate, withCells } from './expression-scope.ts';
import { equalityFilter, localValues, nameOf, optionsOf, perDocument, setAt } from './foreign.ts';
import { parsePath } from './path.ts';
import { batchesOf, collect, type Stage, type StageCompiler, type StageContext } from './stage.ts';

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
  const first = Array.isArray(options['pipeline']) ? (options['pipeline'] as unknown[])[0] : undefined;
  if (coll === undefined && !(isObject(first) && '$documents' in first))
    throw new ServerError(
      9,
      `$unionWith stage without explicit collection must have a pipeline with $documents as first stage`,
    );
  return async function* run(source) {
    yield* source;
    const found =
      coll === undefined ? [] : context.run.collection(nameOf('$unionWith', 'coll', coll)).find({});
    yield* stage(batchesOf(found, context.run.yieldEvery));
  };
};
