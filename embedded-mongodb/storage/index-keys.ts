import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { show } from '../bson/show.ts';
import type { IndexDefinition, IndexField } from './index-definition.ts';
import { EMPTY_ARRAY, encodeValue, type IndexKey, invertKey } from './key-encoding.ts';

/** The entries one document has in one index. */
export interface DocumentKeys {
  readonly keys: readonly IndexKey[];
  /** For each field of the index, whether an array was spread out to make the keys. */
  readonly multikey: readonly boolean[];
}

/** How far the path of one index field has been followed into the document. */
interface Cursor {
  readonly value: unknown;
  readonly rest: readonly string[];
  readonly spread: boolean;
}

const NONE: DocumentKeys = { keys: [], multikey: [] };

/** The keys under which an index holds a document; none when the index is sparse or partial and leaves it out. */
export function keysOf(index: IndexDefinition, doc: Document): DocumentKeys {
  if (index.partial !== undefined && !index.partial(doc)) return NONE;
  if (index.sparse && index.fields.every((field) => doc[field.parts[0]!] === undefined)) return NONE;
  const plain = plainKey(index, doc);
  if (plain !== undefined) return plain;
  const tuples: Cursor[][] = [];
  spreadArrays(
    index.fields.map((field) => ({ value: doc, rest: field.parts, spread: false })),
    tuples,
  );
  const present = index.sparse ? tuples.filter((tuple) => tuple.some((c) => c.value !== undefined)) : tuples;
  const keys = present.map((tuple) => joinKey(index, tuple));
  const multikey = index.fields.map((_, i) => tuples.some((tuple) => tuple[i]!.spread));
  return { keys: keys.length > 1 ? [...new Set(keys)] : keys, multikey };
}

/** The one key of a document that has no array on any path of the index, which is nearly every document. */
function plainKey(index: IndexDefinition, doc: Document): DocumentKeys | undefined {
  let key = '';
  let present = false;
  for (const field of index.fields) {
    let value: unknown = doc;
    for (const part of field.parts) {
      value = isPlainObject(value) ? (value as Document)[part] : undefined;
      if (Array.isArray(value)) return undefined;
    }
    if (value !== undefined) present = true;
    key += fieldKey(index, field, value);
  }
  return index.sparse && !present ? NONE : { keys: [key], multikey: NONE.multikey };
}

/** The key of given values, one for each leading field of the index. */
export function keyOfValues(index: IndexDefinition, values: readonly unknown[]): IndexKey {
  return values.map((value, i) => fieldKey(index, index.fields[i]!, value)).join('');
}

/** The values, field by field, that a duplicate-key error reports for a key of the document. */
export function valuesOfKey(index: IndexDefinition, doc: Document, key: IndexKey): unknown[] {
  const tuples: Cursor[][] = [];
  spreadArrays(
    index.fields.map((field) => ({ value: doc, rest: field.parts, spread: false })),
    tuples,
  );
  const found = tuples.find((tuple) => joinKey(index, tuple) === key) ?? tuples[0]!;
  return found.map((cursor) =>
    cursor.value === undefined || cursor.value === EMPTY_ARRAY ? null : cursor.value,
  );
}

function joinKey(index: IndexDefinition, tuple: readonly Cursor[]): IndexKey {
  return keyOfValues(
    index,
    tuple.map((cursor) => cursor.value),
  );
}

function fieldKey(index: IndexDefinition, field: IndexField, value: unknown): IndexKey {
  const key = encodeValue(value, index.fold);
  return field.descending ? invertKey(key) : key;
}

/** Follows every path until all have ended; where paths meet an array, once for each of its elements. */
function spreadArrays(start: readonly Cursor[], out: Cursor[][]): void {
  const cursors = start.map(walkToArray);
  const arrays = new Set(cursors.filter(isAtArray).map((cursor) => cursor.value));
  if (arrays.size === 0) {
    out.push(cursors);
    return;
  }
  if (arrays.size > 1) throw new ServerError(171, 'cannot index parallel arrays');
  const [array] = arrays as Set<unknown[]>;
  const elements = array!.length === 0 ? [EMPTY_ARRAY] : array!;
  for (const element of elements) {
    spreadArrays(
      cursors.map((cursor) => (isAtArray(cursor) ? intoElement(cursor, element) : cursor)),
      out,
    );
  }
}

function isAtArray(cursor: Cursor): boolean {
  return Array.isArray(cursor.value) && (cursor.rest.length > 0 || !cursor.spread);
}

/** An element that ends the path is a value of its own, even when it is an array. */
function intoElement(cursor: Cursor, element: unknown): Cursor {
  if (cursor.rest.length === 0) return { value: element, rest: ENDED, spread: true };
  const value = isPlainObject(element) ? element : undefined;
  return { value, rest: value === undefined ? ENDED : cursor.rest, spread: true };
}

const ENDED: readonly string[] = [];

function walkToArray(cursor: Cursor): Cursor {
  if (cursor.rest === ENDED) return cursor;
  let { value, rest } = cursor;
  while (rest.length > 0) {
    const [part, ...after] = rest as [string, ...string[]];
    if (Array.isArray(value)) {
      if (!/^\d+$/.test(part) || value[Number(part)] === undefined) break;
      refuseAmbiguous(value, part);
      value = value[Number(part)];
    } else {
      value = isPlainObject(value) ? (value as Document)[part] : undefined;
    }
    rest = after;
  }
  const spread = Array.isArray(value) && rest.length === 0 ? false : cursor.spread;
  return { value, rest, spread };
}

/** As a real server does: a number that is both a position and a field of elements would need two entries. */
function refuseAmbiguous(array: readonly unknown[], part: string): void {
  if (!array.some((element) => isPlainObject(element) && Object.hasOwn(element as object, part))) return;
  const message = `Ambiguous field name found in array (do not use numeric field names in embedded elements in an array), field: '${part}' for array: ${show(array)}`;
  throw new ServerError(16746, message);
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('_bsontype' in value);
}
