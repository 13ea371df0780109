import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { isObject, RANK, rankOf } from '../bson/value.ts';
import { isOperatorDocument } from './filter.ts';
import { draftOf, writeAt } from './update-draft.ts';
import { checkConflicts } from './update-path.ts';

/**
 * What an upsert starts from: the equalities that the filter demands, also within `$and`, in an `$or` or `$in` of one,
 * and as `$eq` or `$all` of one. Throws 54 when two of them speak of the same path.
 */
export function seedOf(filter: Document): Document {
  const equalities = equalitiesOf(filter);
  const paths = equalities.map(([path]) => path);
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice !== undefined) {
    throw new ServerError(54, `cannot infer query fields to set, path '${twice}' is matched twice`);
  }
  checkConflicts(paths);
  const draft = draftOf({});
  for (const [path, value] of equalities) writeAt(draft, path.split('.'), value);
  return draft.root;
}

function equalitiesOf(filter: Document): [path: string, value: unknown][] {
  return Object.entries(filter).flatMap(([key, value]) => {
    if (key === '$and' || (key === '$or' && Array.isArray(value) && value.length === 1)) {
      return Array.isArray(value) ? value.filter(isObject).flatMap(equalitiesOf) : [];
    }
    return key.startsWith('$') ? [] : fieldEqualities(key, value);
  });
}

function fieldEqualities(path: string, value: unknown): [path: string, value: unknown][] {
  if (!isOperatorDocument(value)) return rankOf(value) === RANK.regex ? [] : [[path, value]];
  return Object.entries(value).flatMap(([operator, operand]): [string, unknown][] => {
    if (operator === '$eq') return [[path, operand]];
    if ((operator === '$in' || operator === '$all') && Array.isArray(operand) && operand.length === 1) {
      return rankOf(operand[0]) === RANK.regex || isOperatorDocument(operand[0]) ? [] : [[path, operand[0]]];
    }
    return [];
  });
}
