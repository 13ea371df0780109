import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { bsonType, isNumber, isObject, toDouble } from '../bson/value.ts';

/** What a projection does with one path. */
export type ProjectionEntry =
  | { readonly kind: 'include' | 'exclude' | 'positional'; readonly path: string }
  | { readonly kind: 'slice' | 'elemMatch' | 'computed'; readonly path: string; readonly operand: unknown };

/** A projection taken apart: either the named paths stay, or all but the named paths. */
export interface ProjectionSpec {
  readonly mode: 'inclusion' | 'exclusion';
  readonly entries: readonly ProjectionEntry[];
  readonly excludesId: boolean;
}

/** Reads a projection; `find` allows `$slice`, `$elemMatch` and the positional `$`, an aggregation stage does not. */
export function parseProjection(spec: Document, language: 'find' | 'aggregate'): ProjectionSpec {
  const entries = entriesOf(spec, '', language);
  const named = entries.filter((entry) => entry.path !== '_id');
  const id = entries.find((entry) => entry.path === '_id');
  const mode = modeOf(named, id);
  for (const entry of named) checkMode(entry, mode, language);
  checkCollisions(entries.map((entry) => entry.path));
  const excludesId = id?.kind === 'exclude';
  return {
    mode,
    entries: mode === 'inclusion' ? entries.filter((entry) => entry.kind !== 'exclude') : entries,
    excludesId,
  };
}

function entriesOf(spec: Document, prefix: string, language: 'find' | 'aggregate'): ProjectionEntry[] {
  return Object.entries(spec).flatMap(([key, value]) => {
    checkPath(key);
    return entryOf(`${prefix}${key}`, value, language);
  });
}

function checkPath(key: string): void {
  if (key === '') throw new ServerError(40352, 'FieldPath cannot be constructed with empty string');
  if (key.endsWith('.') || key.startsWith('.') || key.includes('..')) {
    throw new ServerError(15998, 'FieldPath field names may not be empty strings.');
  }
  if (key.startsWith('$')) throw new ServerError(16410, "FieldPath field names may not start with '$'.");
}

function entryOf(path: string, value: unknown, language: 'find' | 'aggregate'): ProjectionEntry[] {
  if (typeof value === 'boolean' || isNumber(value)) {
    const wanted = typeof value === 'boolean' ? value : toDouble(value) !== 0;
    if (!path.endsWith('.$')) return [{ kind: wanted ? 'include' : 'exclude', path }];
    if (language === 'aggregate' || !wanted)
      throw new ServerError(31324, 'Cannot use positional operator here');
    return [{ kind: 'positional', path: path.slice(0, -2) }];
  }
  if (!isObject(value) || bsonType(value) !== undefined) return [{ kind: 'computed', path, operand: value }];
  const keys = Object.keys(value);
  if (keys.length === 0) {
    throw new ServerError(51270, `An empty sub-projection is not a valid value. Found empty object at path`);
  }
  if (!keys[0]?.startsWith('$')) return entriesOf(value, `${path}.`, language);
  if (language === 'find' && keys[0] === '$slice' && isFindSlice(value['$slice'])) {
    return [{ kind: 'slice', path, operand: value['$slice'] }];
  }
  if (language === 'find' && keys[0] === '$elemMatch') return elemMatchEntry(path, value['$elemMatch']);
  return [{ kind: 'computed', path, operand: value }];
}

/** A number or [skip, limit]; any other operand makes `$slice` the aggregation operator. */
function isFindSlice(operand: unknown): boolean {
  if (isNumber(operand)) return true;
  return Array.isArray(operand) && operand.length === 2 && operand.every(isNumber);
}

function elemMatchEntry(path: string, operand: unknown): ProjectionEntry[] {
  if (!isObject(operand)) throw new ServerError(31274, `elemMatch: Invalid argument, object required`);
  if (path.includes('.')) throw new ServerError(31275, 'Cannot use $elemMatch projection on a nested field');
  return [{ kind: 'elemMatch', path, operand }];
}

function modeOf(named: ProjectionEntry[], id: ProjectionEntry | undefined): 'inclusion' | 'exclusion' {
  const decisive = named.find((entry) => entry.kind === 'include' || entry.kind === 'exclude');
  if (decisive) return decisive.kind === 'include' ? 'inclusion' : 'exclusion';
  if (named.some((entry) => entry.kind !== 'slice')) return 'inclusion';
  return id !== undefined && id.kind !== 'exclude' ? 'inclusion' : 'exclusion';
}

function checkMode(
  entry: ProjectionEntry,
  mode: 'inclusion' | 'exclusion',
  language: 'find' | 'aggregate',
): void {
  if (mode === 'inclusion' && entry.kind === 'exclude') {
    throw new ServerError(31254, `Cannot do exclusion on field ${entry.path} in inclusion projection`);
  }
  if (mode === 'inclusion') return;
  if (entry.kind === 'include' || entry.kind === 'positional') {
    throw new ServerError(31253, `Cannot do inclusion on field ${entry.path} in exclusion projection`);
  }
  if (entry.kind === 'computed' || (entry.kind === 'elemMatch' && language === 'aggregate')) {
    throw new ServerError(31252, 'Cannot use an expression other than $meta in exclusion projection');
  }
}

/** Refuses a path that is named twice or lies inside another one. */
export function checkCollisions(paths: readonly string[]): void {
  const sorted = [...paths].sort();
  const seen = new Set(paths);
  for (const [i, path] of sorted.entries()) {
    if (path === sorted[i + 1]) throw new ServerError(31250, `Path collision at ${path}`);
    for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      if (seen.has(path.slice(0, dot))) {
        throw new ServerError(31249, `Path collision at ${path} remaining portion ${path.slice(dot + 1)}`);
      }
    }
  }
}
