import type { Document } from 'bson';
import { isEmptyDocument, isInt32 } from '../bson/value.ts';
import type { Trees } from './collection.ts';
import { encodeValue, type IndexKey } from './key-encoding.ts';
import type { IndexPlan, SearchRequest } from './planner.ts';

/** A search by `_id`: its plan, and what of the filter the plan does not settle. */
export interface IdSearch {
  readonly plan: IndexPlan;
  readonly rest: Document;
}

/**
 * Recognises a filter that names documents by `_id`, as most reads and writes do, and spares it the general planning.
 * Texts, ObjectIds and small integers alone: their keys are equal exactly when they are, so the index settles that part of the filter.
 */
export function searchById(trees: Trees, request: SearchRequest): IdSearch | undefined {
  if (request.hint !== undefined || request.collation !== undefined || !isEmptyDocument(request.sort))
    return undefined;
  const index = trees.indexes[0];
  if (index?.definition.name !== '_id_' || index.definition.collation !== undefined) return undefined;
  const { _id, ...rest } = request.filter;
  const keys = keysOf(_id);
  if (keys === undefined) return undefined;
  const intervals = keys.map((key) => ({ low: key, high: key }));
  return { plan: { kind: 'index', index, intervals, reverse: false, sorted: false, score: 0 }, rest };
}

/** The keys of a condition on `_id`, sorted and each once; undefined if it is of another kind. */
function keysOf(condition: unknown): IndexKey[] | undefined {
  const own = keyOf(condition);
  if (own !== undefined) return [own];
  if (typeof condition !== 'object' || condition === null) return undefined;
  const { $in: values, ...others } = condition as Document;
  if (!Array.isArray(values) || Object.keys(others).length > 0) return undefined;
  const keys = new Set<IndexKey>();
  for (const value of values) {
    const key = keyOf(value);
    if (key === undefined) return undefined;
    keys.add(key);
  }
  return [...keys].sort();
}

function keyOf(value: unknown): IndexKey | undefined {
  if (typeof value === 'string' || (typeof value === 'number' && isInt32(value))) return encodeValue(value);
  const type = (value as Document | null | undefined)?.['_bsontype'];
  return type === 'ObjectId' || type === 'Int32' ? encodeValue(value) : undefined;
}
