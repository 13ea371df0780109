import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { getField, isObject, setField, toInteger } from '../bson/value.ts';
import { compileExpression, expressionScope } from './expression.ts';
import type { Scope } from './expression-scope.ts';
import { filterContext } from './filter.ts';
import { elementTest } from './filter-operators.ts';
import type { QueryOptions } from './options.ts';
import { parsePath, valueAt } from './path.ts';
import { compilePositional } from './positional.ts';
import { type ProjectionEntry, type ProjectionSpec, parseProjection } from './projection-spec.ts';
import { addComputed, excludePaths, hasComputed, includePaths, pathTree } from './projection-tree.ts';

/** Makes the projected document; the stored one is never changed. */
export type Projector = (document: Document) => Document;

/** What a projection needs besides its specification: the filter decides what the positional `$` stands for. */
export interface ProjectionOptions extends QueryOptions {
  readonly filter?: Document | undefined;
}

type Step = (projected: Document, original: Document) => Document;

/**
 * Compiles the projection of a find: inclusion, exclusion, `$slice`, `$elemMatch`, positional `$` and computed
 * fields. Throws 31253 and 31254 when inclusion and exclusion are mixed, 31249 when paths collide.
 */
export function compileProjection(spec: Document, options: ProjectionOptions = {}): Projector {
  if (Object.keys(spec).length === 0) return (document) => document;
  const parsed = parseProjection(spec, 'find');
  const base = compileBase(parsed, expressionScope(options));
  const steps = parsed.entries.flatMap((entry) => stepOf(entry, options));
  if (steps.length === 0) return base;
  return (document) => steps.reduce((projected, step) => step(projected, document), base(document));
}

/** Compiles the `$project` stage, whose operators are expressions all. */
export function compileProjectStage(spec: Document, scope: Scope): Projector {
  if (Object.keys(spec).length === 0) {
    throw new ServerError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  }
  return compileBase(parseProjection(spec, 'aggregate'), scope);
}

/** Inclusion or exclusion, and the computed fields. */
function compileBase(spec: ProjectionSpec, scope: Scope): Projector {
  if (spec.mode === 'exclusion') {
    const excluded = spec.entries
      .filter((entry) => entry.kind === 'exclude')
      .map((entry) => [entry.path] as const);
    const tree = pathTree(excluded);
    return (document) => excludePaths(document, tree);
  }
  const paths = spec.entries
    .filter((entry) => entry.kind !== 'elemMatch')
    .map((entry) =>
      entry.kind === 'computed'
        ? ([entry.path, compileExpression(entry.operand, scope)] as const)
        : ([entry.path] as const),
    );
  const names = spec.entries.map((entry) => entry.path);
  const tree = pathTree(
    spec.excludesId || names.some((name) => /^_id(\.|$)/.test(name)) ? paths : [['_id'], ...paths],
  );
  if (!hasComputed(tree)) return (document) => includePaths(document, tree);
  return (document) => addComputed(includePaths(document, tree), tree, document);
}

function stepOf(entry: ProjectionEntry, options: ProjectionOptions): Step[] {
  if (entry.kind === 'slice') return [sliceStep(entry.path, entry.operand)];
  if (entry.kind === 'elemMatch') return [elemMatchStep(entry.path, entry.operand as Document, options)];
  return entry.kind === 'positional' ? [positionalStep(entry.path, options)] : [];
}

function elemMatchStep(field: string, condition: Document, options: QueryOptions): Step {
  const test = elementTest(condition, filterContext(options));
  return (projected, original) => {
    const result: Document = { ...projected };
    delete result[field];
    const array = getField(original, field);
    const found = Array.isArray(array) ? array.find(test) : undefined;
    if (found !== undefined) setField(result, field, [found]);
    return result;
  };
}

function positionalStep(path: string, options: ProjectionOptions): Step {
  const positionOf = compilePositional(options.filter ?? {}, options);
  const parts = parsePath(path);
  return (projected, original) => {
    const array = valueAt(original, parts);
    if (!Array.isArray(array)) return projected;
    const index = positionOf(original, path);
    if (index === undefined || index >= array.length) {
      throw new ServerError(51246, "positional operator '.$' couldn't find a matching element in the array");
    }
    return mapAt(projected, parts, 0, () => [array[index]]) as Document;
  };
}

function sliceStep(path: string, operand: unknown): Step {
  const slice = slicer(operand);
  const parts = parsePath(path);
  return (projected) =>
    mapAt(projected, parts, 0, (value) => (Array.isArray(value) ? slice(value) : value)) as Document;
}

function slicer(operand: unknown): (array: unknown[]) => unknown[] {
  if (!Array.isArray(operand)) {
    const count = toInteger(operand) ?? 0;
    return (array) => (count >= 0 ? array.slice(0, count) : array.slice(count));
  }
  const skip = toInteger(operand[0]) ?? 0;
  const limit = toInteger(operand[1]) ?? 0;
  if (limit <= 0) throw new ServerError(28724, `First argument to $slice must be positive but is: ${limit}`);
  return (array) => {
    const start = skip >= 0 ? skip : Math.max(0, array.length + skip);
    return array.slice(start, start + limit);
  };
}

/** A copy with the value at a path replaced, in every element where the path goes through an array. */
function mapAt(
  value: unknown,
  path: readonly string[],
  from: number,
  change: (value: unknown) => unknown,
): unknown {
  const part = path[from];
  if (part === undefined) return change(value);
  if (Array.isArray(value)) return value.map((item) => mapAt(item, path, from, change));
  if (!isObject(value) || getField(value, part) === undefined) return value;
  const result: Document = { ...value };
  setField(result, part, mapAt(getField(value, part), path, from + 1, change));
  return result;
}
