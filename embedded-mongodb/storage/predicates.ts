import type { Document } from 'bson';

/** One condition of a filter on one path, as far as the planner understands it. */
export interface Predicate {
  readonly operator: string;
  readonly value: unknown;
}

/** The conditions that all must hold, by path, and the top-level alternatives. */
export interface FilterShape {
  readonly byPath: ReadonlyMap<string, readonly Predicate[]>;
  readonly alternatives: readonly (readonly Document[])[];
}

/** Reads a filter for planning. What it does not understand it leaves out, which only widens the search. */
export function shapeOf(filters: readonly Document[]): FilterShape {
  const byPath = new Map<string, Predicate[]>();
  const alternatives: (readonly Document[])[] = [];
  for (const filter of filters) collect(filter, byPath, alternatives);
  return { byPath, alternatives };
}

function collect(
  filter: Document,
  byPath: Map<string, Predicate[]>,
  alternatives: (readonly Document[])[],
): void {
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and' && Array.isArray(condition)) {
      for (const part of condition as Document[]) collect(part, byPath, alternatives);
    } else if (path === '$or' && Array.isArray(condition)) {
      alternatives.push(condition as Document[]);
    } else if (!path.startsWith('$')) {
      const known = byPath.get(path);
      const found = predicatesOf(condition);
      if (known) known.push(...found);
      else byPath.set(path, found);
    }
  }
}

function predicatesOf(condition: unknown): Predicate[] {
  if (!isOperators(condition)) return [{ operator: '$eq', value: condition }];
  return Object.entries(condition as Document).map(([operator, value]) => ({ operator, value }));
}

function isOperators(condition: unknown): boolean {
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) return false;
  if ('_bsontype' in condition || condition instanceof Date) return false;
  const [first] = Object.keys(condition);
  return first?.startsWith('$') ?? false;
}
