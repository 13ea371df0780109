import type { Document } from 'bson';
import type { Collation } from '../bson/compare.ts';
import { badValue } from '../bson/errors.ts';
import { arePoints, type Interval, intersect, intervalsOf, type StringRules } from './bounds.ts';
import type { IndexTree, Trees } from './collection.ts';
import { isImplied } from './implied.ts';
import type { IndexDefinition, IndexField } from './index-definition.ts';
import { encodeValue, type IndexKey, invertKey, KEY_END } from './key-encoding.ts';
import { type FilterShape, type Predicate, shapeOf } from './predicates.ts';

/** What is asked of a collection. */
export interface SearchRequest {
  readonly filter: Document;
  readonly sort?: Document | undefined;
  readonly collation?: Collation | undefined;
  /** An index name, a key pattern, or `{ $natural: ±1 }`. */
  readonly hint?: string | Document | undefined;
}

/** How the candidates are found. A plan may find too many, never too few; the filter decides. */
export type Plan =
  | { readonly kind: 'collection'; readonly reverse: boolean }
  | IndexPlan
  | { readonly kind: 'union'; readonly branches: readonly IndexPlan[] };

/** Stretches of one index, in key order. */
export interface IndexPlan {
  readonly kind: 'index';
  readonly index: IndexTree;
  readonly intervals: readonly Interval[];
  readonly reverse: boolean;
  /** The scan yields the documents in the order asked for. */
  readonly sorted: boolean;
  readonly score: number;
}

const MAX_INTERVALS = 1000;
/** What a plan scores for fixing every field of a unique index. */
const IDENTIFIES = 1000;
const WHOLE: readonly Interval[] = [{ low: '', high: KEY_END }];

/** Chooses the index with the longest equality prefix, then one range, then the order; else the whole collection. */
export function planSearch(trees: Trees, request: SearchRequest): Plan {
  if (request.hint !== undefined) return hintedPlan(trees, request, request.hint);
  const shape = shapeOf([request.filter]);
  const best = bestIndex(trees, shape, request);
  if (best !== undefined) return best;
  return unionPlan(trees, shape, request) ?? { kind: 'collection', reverse: false };
}

function bestIndex(trees: Trees, shape: FilterShape, request: SearchRequest): IndexPlan | undefined {
  let best: IndexPlan | undefined;
  for (const index of trees.indexes) {
    if (index.definition.hidden) continue;
    const plan = indexPlan(index, shape, request);
    if (plan !== undefined && plan.score > (best?.score ?? 0)) best = plan;
    // At most one document can be found: nothing is better.
    if (best !== undefined && best.score > IDENTIFIES / 2) return best;
  }
  return best;
}

function unionPlan(trees: Trees, shape: FilterShape, request: SearchRequest): Plan | undefined {
  for (const branches of shape.alternatives) {
    const plans = branches.map((branch) =>
      bestIndex(trees, shapeOf([withoutOr(request.filter), branch]), { ...request, sort: undefined }),
    );
    if (plans.length > 0 && plans.every((plan) => plan !== undefined))
      return { kind: 'union', branches: plans };
  }
  return undefined;
}

function withoutOr({ $or: _or, ...rest }: Document): Document {
  return rest;
}

function hintedPlan(trees: Trees, request: SearchRequest, hint: string | Document): Plan {
  if (typeof hint === 'object' && '$natural' in hint) {
    return { kind: 'collection', reverse: Number(hint['$natural']) < 0 };
  }
  const index = trees.indexes.find((tree) => matchesHint(tree.definition, hint));
  if (index === undefined) throw badValue('hint provided does not correspond to an existing index');
  const plan = indexPlan(index, shapeOf([request.filter]), request);
  return plan ?? { kind: 'index', index, intervals: WHOLE, reverse: false, sorted: false, score: 0 };
}

/** Whether an index is the one that a hint names. */
export function matchesHint(definition: IndexDefinition, hint: string | Document): boolean {
  if (typeof hint === 'string') return definition.name === hint;
  const fields = Object.entries(hint);
  return (
    fields.length === definition.fields.length &&
    fields.every(([path, dir], i) => {
      const field = definition.fields[i]!;
      return field.path === path && Number(dir) < 0 === field.descending;
    })
  );
}

function indexPlan(index: IndexTree, shape: FilterShape, request: SearchRequest): IndexPlan | undefined {
  const { definition } = index;
  if (definition.partialFilter !== undefined && !isImplied(definition.partialFilter, shape)) return undefined;
  const strings = stringRules(definition, request.collation);
  const bounds = boundsOf(index, shape, strings);
  if (definition.sparse && !bounds.some((field) => excludesMissing(field))) return undefined;
  const single = bounds.findIndex((field) => field.length !== 1 || !arePoints(field));
  const constants = single < 0 ? bounds.length : single;
  const order = strings.order ? sortDirection(index, request.sort, constants) : undefined;
  const pointFields = bounds.filter(arePoints).length;
  const score = pointFields * 10 + (bounds.length - pointFields) * 5 + (order === undefined ? 0 : 6);
  if (score === 0) return undefined;
  const complete = definition.unique && pointFields === definition.fields.length ? IDENTIFIES : 0;
  return {
    kind: 'index',
    index,
    intervals: bounds.length === 0 ? WHOLE : combine(definition, bounds),
    reverse: order === 'reverse',
    sorted: order !== undefined,
    score: score + complete - definition.fields.length / 100,
  };
}

function stringRules(definition: IndexDefinition, collation: Collation | undefined): StringRules {
  const asked = collation?.locale === 'simple' ? undefined : collation;
  const same = JSON.stringify(definition.collation ?? null) === JSON.stringify(asked ?? null);
  return { equality: same, order: same && definition.fold === undefined, fold: definition.fold };
}

/** Bounds of the leading fields: equalities as long as they last, then at most one range. */
function boundsOf(index: IndexTree, shape: FilterShape, strings: StringRules): Interval[][] {
  const bounds: Interval[][] = [];
  let product = 1;
  let usedMultikey = false;
  for (const [i, field] of index.definition.fields.entries()) {
    const multikey = index.multikey[i] === true;
    // Conditions on two fields of one array may be met by different elements, which no single key shows.
    if (multikey && usedMultikey) break;
    const intervals = fieldBounds(shape.byPath.get(field.path) ?? [], multikey, strings);
    if (intervals === undefined || product * intervals.length > MAX_INTERVALS) break;
    if (field.positional && mayBeMissing(intervals)) break;
    product *= intervals.length;
    usedMultikey ||= multikey;
    bounds.push(field.descending ? intervals.map(invertInterval).reverse() : intervals);
    if (!arePoints(intervals)) break;
  }
  return bounds;
}

function fieldBounds(
  predicates: readonly Predicate[],
  multikey: boolean,
  strings: StringRules,
): Interval[] | undefined {
  const found = predicates.map((p) => intervalsOf(p, strings)).filter((intervals) => intervals !== undefined);
  if (found.length === 0) return undefined;
  // With arrays, each condition may be met by another element: only one of them can narrow the scan.
  if (multikey) return found.find(arePoints) ?? found[0];
  return found.reduce(intersect);
}

function invertInterval(interval: Interval): Interval {
  return { low: invertKey(interval.high), high: invertKey(interval.low) };
}

/** An array that is too short for a position has an entry of another kind than a missing field has. */
function mayBeMissing(intervals: readonly Interval[]): boolean {
  return intervals.some(({ low }) => low === encodeValue(null));
}

/** A sparse index holds only documents that have one of its fields; null stands for missing in its keys. */
function excludesMissing(intervals: readonly Interval[]): boolean {
  const missing: IndexKey = '\x0a';
  const inverted = invertKey(missing);
  return intervals.every(
    ({ low, high }) => !(low <= missing && missing <= high) && !(low <= inverted && inverted <= high),
  );
}

function combine(definition: IndexDefinition, bounds: readonly Interval[][]): Interval[] {
  let combined: Interval[] = [{ low: '', high: '' }];
  for (const field of bounds) {
    combined = combined.flatMap((prefix) =>
      field.map((interval) => ({ low: prefix.low + interval.low, high: prefix.high + interval.high })),
    );
  }
  const exact = definition.unique && bounds.length === definition.fields.length;
  return combined.map(({ low, high }) => ({ low, high: exact && low === high ? high : high + KEY_END }));
}

/** The direction in which the index has the order asked for, once its first `constants` fields are fixed. */
function sortDirection(
  index: IndexTree,
  sort: Document | undefined,
  constants: number,
): 'forward' | 'reverse' | undefined {
  if (sort === undefined || Object.keys(sort).length === 0) return undefined;
  const { fields: all } = index.definition;
  if (all.some((field, i) => field.positional || (i >= constants && index.multikey[i]))) return undefined;
  // An array that holds the value asked for is not sorted by it, but a document is found under it only once.
  const fixed = new Set(all.slice(0, constants).flatMap(({ path }, i) => (index.multikey[i] ? [] : [path])));
  const wanted = Object.entries(sort).filter(([path]) => !fixed.has(path));
  if (wanted.some(([, direction]) => !Number.isFinite(Number(direction)))) return undefined;
  const fields = all.slice(constants);
  if (wanted.length > fields.length) return undefined;
  const flips = wanted.map(([path, direction], i) => flip(fields[i]!, path, Number(direction)));
  if (flips.some((value) => value === undefined)) return undefined;
  return flips.every((value) => value === flips[0]) ? (flips[0] ? 'reverse' : 'forward') : undefined;
}

function flip(field: IndexField, path: string, direction: number): boolean | undefined {
  return field.path === path ? direction < 0 !== field.descending : undefined;
}
