import type { Document } from 'bson';
import { encodeValue, type Fold, type IndexKey, KEY_END, TAG } from './key-encoding.ts';
import type { Predicate } from './predicates.ts';

/** A stretch of ascending keys of one index field, both ends included. */
export interface Interval {
  readonly low: IndexKey;
  readonly high: IndexKey;
}

/** How far the collations of query and index allow strings to be looked up by key. */
export interface StringRules {
  /** Strings may be compared by key for equality, after this fold. */
  readonly equality: boolean;
  /** The order of keys is the order of the query. */
  readonly order: boolean;
  readonly fold?: Fold | undefined;
}

const RANGE_TAGS = new Set<number>([
  TAG.number,
  TAG.string,
  TAG.objectId,
  TAG.boolean,
  TAG.date,
  TAG.timestamp,
]);

/** The keys that can satisfy a predicate, sorted; undefined when it does not narrow the search. */
export function intervalsOf(predicate: Predicate, strings: StringRules): Interval[] | undefined {
  switch (predicate.operator) {
    case '$eq':
      return points([predicate.value], strings);
    case '$in':
      return Array.isArray(predicate.value) ? points(predicate.value, strings) : undefined;
    case '$gt':
    case '$gte':
      return range(predicate.value, 'low', strings);
    case '$lt':
    case '$lte':
      return range(predicate.value, 'high', strings);
    default:
      return undefined;
  }
}

/** Whether every interval is a single value. */
export function arePoints(intervals: readonly Interval[]): boolean {
  return intervals.every((interval) => interval.low === interval.high);
}

/** What lies in both of two sorted lists of intervals. */
export function intersect(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const out: Interval[] = [];
  for (const x of a) {
    for (const y of b) {
      const low = byText(x.low, y.low) > 0 ? x.low : y.low;
      const high = byText(x.high, y.high) < 0 ? x.high : y.high;
      if (low <= high) out.push({ low, high });
    }
  }
  return out;
}

function points(values: readonly unknown[], strings: StringRules): Interval[] | undefined {
  const keys = new Set<IndexKey>();
  for (const value of values) {
    if (!hasOwnKey(value) || (!strings.equality && mayHoldString(value))) return undefined;
    keys.add(encodeValue(value, strings.fold));
  }
  return [...keys].sort(byText).map((key) => ({ low: key, high: key }));
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function range(value: unknown, end: 'low' | 'high', strings: StringRules): Interval[] | undefined {
  if (value === undefined || !hasOwnKey(value)) return undefined;
  const key = encodeValue(value);
  const tag = key.charCodeAt(0);
  if (!RANGE_TAGS.has(tag) || (tag === TAG.string && !strings.order)) return undefined;
  const low = end === 'low' ? key : key[0]!;
  const high = end === 'low' ? key[0] + KEY_END : key;
  return [{ low, high }];
}

/** Arrays match by element as well as whole and patterns match many strings: neither has a key to look up. */
function hasOwnKey(value: unknown): boolean {
  if (Array.isArray(value) || value instanceof RegExp) return false;
  const type = (value as Document | null | undefined)?.['_bsontype'];
  return type !== 'BSONRegExp' && type !== 'DBRef';
}

function mayHoldString(value: unknown): boolean {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null || value instanceof Date) return false;
  const type = (value as Document)['_bsontype'];
  return type === undefined || type === 'BSONSymbol';
}
