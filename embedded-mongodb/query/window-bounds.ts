import type { Document } from 'bson';
import { compareNumbers } from '../bson/compare.ts';
import { failedToParse, ServerError } from '../bson/errors.ts';
import { addNumbers } from '../bson/numeric.ts';
import { int, isNumber, isObject, toDouble, toInteger } from '../bson/value.ts';
import { expressionScope } from './expression.ts';
import { OPERATORS } from './expression-operators.ts';
import { parsePath, valueAt } from './path.ts';

/** The half-open range of rows that make the window of row i. */
export type Bounds = (rows: readonly Document[]) => (i: number) => [low: number, high: number];

/** Compiles the `window` of an output field; without one it is the whole partition. */
export function compileBounds(window: unknown, sortBy: Document | undefined): Bounds {
  if (window === undefined) return (rows) => () => [0, rows.length];
  if (!isObject(window)) throw failedToParse(`'window' field must be an object`);
  const { documents, range, unit } = window;
  for (const key of Object.keys(window)) {
    if (!['documents', 'range', 'unit'].includes(key))
      throw failedToParse(`'window' field can only contain 'documents', 'range' and 'unit'`);
  }
  if (unit !== undefined && range === undefined)
    throw failedToParse(`Window bounds can only specify 'unit' with range-based bounds.`);
  if (documents !== undefined && range === undefined) return documentBounds(documents, sortBy);
  if (range !== undefined && documents === undefined) return rangeBounds(range, unit, sortBy);
  if (documents === undefined) return (rows) => () => [0, rows.length];
  throw failedToParse(`Window bounds can specify either 'documents' or 'range', not both.`);
}

function pair(value: unknown): [unknown, unknown] {
  if (Array.isArray(value) && value.length === 2) return [value[0], value[1]];
  throw failedToParse('Window bounds must be an array of exactly two elements');
}

function documentBounds(value: unknown, sortBy: Document | undefined): Bounds {
  const [low, high] = pair(value).map((bound) => {
    if (bound === 'current') return 0;
    if (bound === 'unbounded') return undefined;
    const offset = toInteger(bound);
    if (offset === undefined) throw failedToParse('Numeric document-based bounds must be an integer');
    return offset;
  });
  if ((low !== undefined || high !== undefined) && !sortBy) {
    throw new ServerError(5339901, 'Document-based bounds require a sortBy');
  }
  if (low !== undefined && high !== undefined && low > high) {
    throw new ServerError(5339900, 'Lower bound must not exceed upper bound');
  }
  return (rows) => (i) => {
    const clamp = (at: number) => Math.min(Math.max(at, 0), rows.length);
    const from = low === undefined ? 0 : clamp(i + low);
    return [from, high === undefined ? rows.length : Math.max(from, clamp(i + high + 1))];
  };
}

/** The value at a distance from another: numbers are added, dates moved by the unit. */
function shifter(unit: unknown): (value: unknown, offset: unknown) => unknown {
  if (unit === undefined) {
    return (value, offset) => {
      if (!isNumber(value))
        throw new ServerError(5429414, `Invalid range: Expected the sortBy field to be a number`);
      return addNumbers(value, offset);
    };
  }
  const move = OPERATORS.get('$dateAdd')?.(
    { startDate: '$date', unit, amount: '$amount' },
    expressionScope(),
    '$dateAdd',
  );
  return (date, amount) => {
    if (!(date instanceof Date))
      throw new ServerError(5429513, `Invalid range: Expected the sortBy field to be a date`);
    return move?.({ date, amount });
  };
}

function rangeBounds(value: unknown, unit: unknown, sortBy: Document | undefined): Bounds {
  const [path, direction] = Object.entries(sortBy ?? {})[0] ?? [];
  if (path === undefined || Object.keys(sortBy ?? {}).length !== 1 || toDouble(direction) !== 1) {
    throw new ServerError(5339902, 'Range-based bounds require sortBy a single field, ascending');
  }
  const [low, high] = pair(value);
  if ([low, high].some((bound) => bound !== 'current' && bound !== 'unbounded' && !isNumber(bound)))
    throw failedToParse('Range-based bounds expression must be a number');
  const parts = parsePath(path);
  const shift = shifter(unit);
  const edge = (bound: unknown, own: unknown) =>
    bound === 'unbounded' ? undefined : shift(own, bound === 'current' ? int(0) : bound);
  return (rows) => {
    const keys = rows.map((row) => valueAt(row, parts));
    const order = (a: unknown, b: unknown) =>
      a instanceof Date && b instanceof Date ? a.getTime() - b.getTime() : compareNumbers(a, b);
    return (i) => {
      const [least, most] = [edge(low, keys[i]), edge(high, keys[i])];
      const from = low === 'unbounded' ? 0 : firstIndex(keys, (key) => order(key, least) >= 0);
      const to = high === 'unbounded' ? keys.length : firstIndex(keys, (key) => order(key, most) > 0);
      return [from, Math.max(from, to)];
    };
  };
}

/** The first index at which a monotonous condition holds. */
function firstIndex(keys: readonly unknown[], holds: (key: unknown) => boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(keys[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
