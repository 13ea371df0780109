import type { Document } from 'bson';
import { collatorOf, compareWith } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { getField, isObject, toDouble } from '../bson/value.ts';
import type { QueryOptions } from './options.ts';
import { anyAtPath, parsePath } from './path.ts';

/** Orders two documents. */
export type Comparator = (a: Document, b: Document) => number;

interface SortKey {
  readonly direction: 1 | -1;
  readonly sortValueOf: (document: Document) => unknown;
}

/**
 * Compiles a sort specification. An array sorts by its smallest element when ascending and by its largest when
 * descending; a missing field sorts as null. Throws on a direction other than 1 or −1 (15975) and on an empty path.
 */
export function compileSort(spec: Document, options: QueryOptions = {}): Comparator {
  return compileSortWith(spec, collatorOf(options.collation));
}

/** compileSort with a collator that is already made. */
export function compileSortWith(spec: Document, collator: Intl.Collator | undefined): Comparator {
  const keys = Object.entries(spec).map(([path, direction]) => sortKey(path, direction, collator));
  const [only] = keys;
  if (keys.length === 1 && only) {
    return (a, b) => compareWith(only.sortValueOf(a), only.sortValueOf(b), collator) * only.direction;
  }
  return (a, b) => {
    for (const { sortValueOf, direction } of keys) {
      const order = compareWith(sortValueOf(a), sortValueOf(b), collator);
      if (order !== 0) return order * direction;
    }
    return 0;
  };
}

function sortKey(path: string, direction: unknown, collator: Intl.Collator | undefined): SortKey {
  if (path === '' || path.split('.').includes('')) {
    throw new ServerError(15998, 'FieldPath field names may not be empty strings.');
  }
  if (path.startsWith('$')) throw new ServerError(16410, "FieldPath field names may not start with '$'.");
  const sign = toDouble(direction);
  if (sign !== 1 && sign !== -1) {
    if (isObject(direction))
      throw new ServerError(17312, `$meta sort is not supported by this server: ${path}`);
    throw new ServerError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
  }
  return { direction: sign, sortValueOf: sortValue(path, sign, collator) };
}

/** The value by which a document sorts at a path. */
function sortValue(
  path: string,
  direction: 1 | -1,
  collator: Intl.Collator | undefined,
): (doc: Document) => unknown {
  if (!path.includes('.')) {
    return (document) => {
      const value = getField(document, path);
      return Array.isArray(value) ? extreme(value, direction, collator) : (value ?? null);
    };
  }
  const parts = parsePath(path);
  return (document) => {
    const values: unknown[] = [];
    anyAtPath(document, parts, 0, false, (value) => {
      if (Array.isArray(value)) values.push(extreme(value, direction, collator));
      else values.push(value ?? null);
      return false;
    });
    return values.length === 0 ? null : extreme(values, direction, collator);
  };
}

/** The smallest or largest element; an empty array sorts below null, as "undefined" does. */
function extreme(values: unknown[], direction: 1 | -1, collator: Intl.Collator | undefined): unknown {
  if (values.length === 0) return undefined;
  let best = values[0];
  for (const value of values) if (compareWith(value, best, collator) * direction < 0) best = value;
  return best;
}
