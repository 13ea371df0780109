import type { Document } from 'bson';
import { badValue, failedToParse, ServerError } from '../bson/errors.ts';
import { show } from '../bson/show.ts';
import { isObject } from '../bson/value.ts';
import { compileFilter } from './filter.ts';
import type { QueryOptions } from './options.ts';
import { arrayIndex, valueAt } from './path.ts';

/** Tests of array elements by the identifier that `$[identifier]` names. */
export type ArrayFilters = ReadonlyMap<string, (element: unknown) => boolean>;

/** Compiles `arrayFilters`; each speaks of one identifier, and no identifier has two. */
export function compileArrayFilters(filters: readonly Document[], options: QueryOptions): ArrayFilters {
  const compiled = new Map<string, (element: unknown) => boolean>();
  for (const filter of filters) {
    const [identifier, ...others] = new Set(identifiersOf(filter));
    if (identifier === undefined) {
      throw failedToParse('Cannot use an expression without a top-level field name in arrayFilters');
    }
    if (others.length > 0) {
      throw failedToParse(
        `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${identifier}' and '${others[0]}'`,
      );
    }
    if (!/^[a-z][A-Za-z0-9]*$/.test(identifier)) {
      throw badValue(
        `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`,
      );
    }
    if (compiled.has(identifier)) {
      throw failedToParse(`Found multiple array filters with the same top-level field name ${identifier}`);
    }
    const matches = compileFilter(filter, options);
    compiled.set(identifier, (element) => matches({ [identifier]: element }));
  }
  return compiled;
}

function identifiersOf(filter: Document): string[] {
  return Object.entries(filter).flatMap(([key, value]) => {
    if (!key.startsWith('$')) return [key.split('.')[0] as string];
    return Array.isArray(value) ? value.filter(isObject).flatMap(identifiersOf) : [];
  });
}

/** Refuses array filters that no path of the update uses, and identifiers that have no filter. */
export function checkIdentifiers(paths: readonly string[], filters: ArrayFilters, update: Document): void {
  if (filters.size === 0 && !paths.some((path) => path.includes('$['))) return;
  const used = new Set<string>();
  for (const path of paths) {
    for (const [, identifier = ''] of path.matchAll(/\$\[([^\]]+)\]/g)) {
      if (!filters.has(identifier)) {
        throw badValue(`No array filter found for identifier '${identifier}' in path '${path}'`);
      }
      used.add(identifier);
    }
  }
  for (const identifier of filters.keys()) {
    if (!used.has(identifier)) {
      throw failedToParse(
        `The array filter for identifier '${identifier}' was not used in the update ${show(update)}`,
      );
    }
  }
}

/** A field of an existing document whose name begins with `$` cannot be changed by an operator; one within it can. */
export function refuseDollarField([field = '']: readonly string[]): void {
  if (field.startsWith('$'))
    throw new ServerError(
      52,
      `The dollar ($) prefixed field '${field}' in '${field}' is not valid for storage.`,
    );
}

const MOST_REMEMBERED = 1_000;
const parsed = new Map<string, readonly string[]>();

/** Splits an update path and refuses empty names. Updates name the same few paths again and again: they are remembered. */
export function parseUpdatePath(path: string): readonly string[] {
  let parts = parsed.get(path);
  if (parts === undefined) {
    parts = splitPath(path);
    if (parsed.size >= MOST_REMEMBERED) parsed.clear();
    parsed.set(path, parts);
  }
  return parts;
}

function splitPath(path: string): string[] {
  if (path === '') throw new ServerError(56, 'An empty update path is not valid.');
  const parts = path.split('.');
  for (const [i, part] of parts.entries()) {
    if (part === '') {
      throw new ServerError(
        56,
        `The update path '${path}' contains an empty field name, which is not allowed.`,
      );
    }
    if (!part.startsWith('$')) continue;
    const positional = part === '$' || /^\$\[[^\]]*\]$/.test(part);
    if (positional && i === 0) {
      throw badValue(`Cannot have positional (i.e. '$') element in the first position in path '${path}'`);
    }
  }
  if (parts.filter((part) => part === '$').length > 1) {
    throw badValue(`Too many positional (i.e. '$') elements found in path '${path}'`);
  }
  return parts;
}

/** Finds the index that the positional `$` stands for in the array at a path. */
export type PositionOf = (document: Document, arrayPath: string) => number | undefined;

/** The concrete paths that an update path stands for in a document. */
export function expandPath(
  document: Document,
  path: readonly string[],
  filters: ArrayFilters,
  positionOf: PositionOf,
): string[][] {
  let expanded: string[][] = [[]];
  for (const part of path) {
    if (part === '$')
      expanded = expanded.map((prefix) => [...prefix, positionIn(document, prefix, positionOf)]);
    else if (part.startsWith('$['))
      expanded = expanded.flatMap((prefix) => elementsOf(document, prefix, part, filters));
    else for (const prefix of expanded) prefix.push(part);
  }
  return expanded;
}

function positionIn(document: Document, prefix: readonly string[], positionOf: PositionOf): string {
  const index = positionOf(document, prefix.join('.'));
  if (index === undefined) {
    throw badValue('The positional operator did not find the match needed from the query.');
  }
  return String(index);
}

function elementsOf(document: Document, prefix: string[], part: string, filters: ArrayFilters): string[][] {
  const array = valueAt(document, prefix);
  const name = prefix.join('.');
  if (array === undefined) {
    throw badValue(`The path '${name}' must exist in the document in order to apply array updates.`);
  }
  if (!Array.isArray(array)) {
    throw badValue(`Cannot apply array updates to non-array element ${prefix.at(-1)}: ${show(array)}`);
  }
  const test = part === '$[]' ? () => true : filters.get(part.slice(2, -1));
  return array.flatMap((element, index) => (test?.(element) ? [[...prefix, String(index)]] : []));
}

/** Orders update paths: names by their bytes, array indexes as numbers, as the server applies them. */
export function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i] as string, b[i] as string];
    if (x === y) continue;
    const [m, n] = [arrayIndex(x), arrayIndex(y)];
    return m >= 0 && n >= 0 ? m - n : x < y ? -1 : 1;
  }
  return a.length - b.length;
}

/** Refuses updates of which two touch the same path or one touches what lies within another (code 40). */
export function checkConflicts(paths: readonly string[]): void {
  const seen = new Set<string>();
  const prefixes = new Map<string, string>();
  for (const path of paths) {
    const inside = prefixes.get(path);
    if (seen.has(path) || inside !== undefined) throw conflict(inside ?? path, path);
    for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      const prefix = path.slice(0, dot);
      if (seen.has(prefix)) throw conflict(path, prefix);
      prefixes.set(prefix, path);
    }
    seen.add(path);
  }
}

function conflict(path: string, at: string): ServerError {
  return new ServerError(40, `Updating the path '${path}' would create a conflict at '${at}'`);
}
