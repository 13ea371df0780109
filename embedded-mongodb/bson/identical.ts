import { compareWith } from './compare.ts';
import { typeAlias } from './type-alias.ts';
import { bsonType, isNumber, isObject } from './value.ts';

/** Whether two values are the same bytes in BSON: equal, of the same type, numbers of the same kind, fields in order. */
export function identicalValues(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => identicalValues(item, b[i]));
  }
  if (isObject(a) && isObject(b) && bsonType(a) === undefined && bsonType(b) === undefined) {
    const keys = Object.keys(a);
    const others = Object.keys(b);
    return (
      keys.length === others.length &&
      keys.every((key, i) => key === others[i] && identicalValues(a[key], b[key]))
    );
  }
  if (typeAlias(a) !== typeAlias(b) || compareWith(a, b, undefined) !== 0) return false;
  // 1.0 and 1.00 are equal decimals, and −0 equals 0, yet they are stored differently.
  return !isNumber(a) || String(a) === String(b);
}
