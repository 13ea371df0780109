import type { Document } from 'bson';
import { badValue } from '../bson/errors.ts';
import { isNumber, isObject, toDouble } from '../bson/value.ts';
import type { QueryOptions } from './options.ts';
import { compileSort } from './sort.ts';

/** The order of array elements: 1 or −1 for the elements themselves, a document for fields within them. */
export function elementOrder(spec: unknown, options: QueryOptions): (a: unknown, b: unknown) => number {
  if (isNumber(spec)) {
    const direction = toDouble(spec);
    if (direction !== 1 && direction !== -1) throw badValue('The $sort element value must be either 1 or -1');
    const compare = compileSort({ value: spec }, options);
    return (a, b) => compare({ value: wrapped(a) }, { value: wrapped(b) });
  }
  if (!isObject(spec) || Object.keys(spec).length === 0) {
    throw badValue(
      'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
    );
  }
  const compare = compileSort(spec, options);
  const documentOf = (value: unknown): Document => (isObject(value) ? value : {});
  return (a, b) => compare(documentOf(a), documentOf(b));
}

/** Keeps an array element from being sorted by its own elements. */
function wrapped(value: unknown): unknown {
  return Array.isArray(value) ? [value] : value;
}
