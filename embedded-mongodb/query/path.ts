import { bsonType, getField, isObject } from '../bson/value.ts';

/** A dotted path taken apart once. */
export type Path = readonly string[];

/** Splits a dotted path. */
export function parsePath(path: string): Path {
  return path.split('.');
}

/** The index that a path part names, as `0` or `12`; −1 when it is a name. */
export function arrayIndex(part: string): number {
  return /^(0|[1-9]\d{0,8})$/.test(part) ? Number(part) : -1;
}

/** The field of an embedded document; undefined for what is no document. A DBRef has its `$ref`, `$id` and `$db`. */
export function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const type = bsonType(value);
  if (type === undefined) return value instanceof Date ? undefined : getField(value, key);
  if (type !== 'DBRef') return undefined;
  const ref = value as { collection: string; oid: unknown; db?: string; fields?: object };
  if (key === '$ref') return ref.collection;
  if (key === '$id') return ref.oid;
  return key === '$db' ? ref.db : getField(ref.fields ?? {}, key);
}

/**
 * Whether some value that a query path reaches passes the test. Arrays on the way are entered, both by index and
 * element by element; `undefined` stands for a path that ends in nothing. With `expand`, the elements of an array at
 * the end are tried as well as the array itself.
 */
export function anyAtPath(
  value: unknown,
  path: Path,
  from: number,
  expand: boolean,
  test: (value: unknown) => boolean,
): boolean {
  let current = value;
  for (let i = from; i < path.length; i++) {
    if (Array.isArray(current)) return anyInArray(current, path, i, expand, test);
    current = fieldOf(current, path[i] as string);
    if (current === undefined) return test(undefined);
  }
  if (expand && Array.isArray(current)) {
    for (const element of current) if (test(element)) return true;
  }
  return test(current);
}

function anyInArray(
  array: unknown[],
  path: Path,
  at: number,
  expand: boolean,
  test: (value: unknown) => boolean,
): boolean {
  const index = arrayIndex(path[at] as string);
  if (index >= 0 && index < array.length) {
    const element = array[index];
    // An array reached by its index at the end of the path stands for itself, not for its elements.
    const found = at + 1 === path.length ? test(element) : anyAtPath(element, path, at + 1, expand, test);
    if (found) return true;
  }
  for (const element of array) {
    if (!isObject(element)) continue;
    if (index >= 0 && fieldOf(element, path[at] as string) === undefined) continue;
    if (anyAtPath(element, path, at, expand, test)) return true;
  }
  return false;
}

/** The value at a path that enters documents only, and arrays by index; undefined when there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const part of path) {
    if (Array.isArray(current)) {
      const index = arrayIndex(part);
      current = index >= 0 ? current[index] : undefined;
    } else current = fieldOf(current, part);
    if (current === undefined) return undefined;
  }
  return current;
}
