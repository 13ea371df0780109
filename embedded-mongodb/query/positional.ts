import type { Document } from 'bson';
import { isObject } from '../bson/value.ts';
import { compileFilter, filterContext, leavesOf } from './filter.ts';
import type { FilterContext, Leaf } from './filter-operators.ts';
import type { QueryOptions } from './options.ts';
import { anyAtPath, arrayIndex, fieldOf, type Path, parsePath } from './path.ts';

/** An array that a filter's condition met, and the first of its elements that satisfied it. */
interface Match {
  readonly arrayPath: string;
  readonly index: number;
}

type Finder = (document: Document) => Match[];

/**
 * Finds what the positional operator `$` stands for: the index of the first element that the filter matched in the
 * array at `arrayPath`. Where only another array was matched, its index is used, as the server does.
 */
export function compilePositional(
  filter: Document,
  options: QueryOptions = {},
): (document: Document, arrayPath: string) => number | undefined {
  const find = compileFinder(filter, options, filterContext(options));
  return (document, arrayPath) => {
    const matches = find(document);
    return (matches.find((match) => match.arrayPath === arrayPath) ?? matches.at(-1))?.index;
  };
}

function compileFinder(filter: Document, options: QueryOptions, context: FilterContext): Finder {
  const finders = Object.entries(filter).flatMap(([key, value]) => {
    if (key === '$and' && Array.isArray(value)) {
      return value.filter(isObject).map((clause) => compileFinder(clause, options, context));
    }
    if (key === '$or' && Array.isArray(value))
      return [alternativeFinder(value.filter(isObject), options, context)];
    if (key.startsWith('$')) return [];
    const path = parsePath(key);
    return leavesOf(value, context).map((leaf) => leafFinder(path, leaf));
  });
  return (document) => finders.flatMap((find) => find(document));
}

/** Of alternatives, the first one that holds says which elements matched. */
function alternativeFinder(clauses: Document[], options: QueryOptions, context: FilterContext): Finder {
  const compiled = clauses.map((clause) => ({
    matches: compileFilter(clause, options),
    find: compileFinder(clause, options, context),
  }));
  return (document) => {
    for (const { matches, find } of compiled) if (matches(document)) return find(document);
    return [];
  };
}

function leafFinder(path: Path, leaf: Leaf): Finder {
  if (leaf.kind === 'not' || leaf.negate) return () => [];
  const { test, expand, element } = leaf;
  return (document) => {
    const [array, depth] = firstArray(document, path);
    if (!array) return [];
    const atEnd = depth === path.length;
    if (atEnd && !expand && !element) return [];
    const index = array.findIndex((item) =>
      atEnd ? (element ?? test)(item) : isObject(item) && anyAtPath(item, path, depth, expand, test),
    );
    return index < 0 ? [] : [{ arrayPath: path.slice(0, depth).join('.'), index }];
  };
}

/** The first array on a path that is not entered by an index, and how many parts lead to it. */
function firstArray(document: Document, path: Path): [array: unknown[] | undefined, depth: number] {
  let current: unknown = document;
  for (let depth = 0; depth <= path.length; depth++) {
    const part = path[depth];
    if (Array.isArray(current)) {
      const index = part === undefined ? -1 : arrayIndex(part);
      if (index < 0) return [current, depth];
      current = current[index];
    } else if (part === undefined) break;
    else current = fieldOf(current, part);
  }
  return [undefined, 0];
}
