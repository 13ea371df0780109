import type { Document } from 'bson';
import { TYPE_NUMBERS } from '../bson/type-alias.ts';
import { isNumber, toDouble } from '../bson/value.ts';
import { encodeValue } from './key-encoding.ts';
import { type FilterShape, type Predicate, shapeOf } from './predicates.ts';

/** Whether every document that satisfies the query also satisfies a partial index's filter; false when not sure. */
export function isImplied(partialFilter: Document, query: FilterShape): boolean {
  if (Object.keys(partialFilter).some((key) => key.startsWith('$') && key !== '$and')) return false;
  const needed = shapeOf([partialFilter]);
  if (needed.alternatives.length > 0) return false;
  return [...needed.byPath].every(([path, conditions]) => {
    const given = query.byPath.get(path) ?? [];
    return conditions.every((condition) => given.some((predicate) => implies(predicate, condition)));
  });
}

function implies(given: Predicate, needed: Predicate): boolean {
  if (needed.operator === '$exists') return Boolean(needed.value?.valueOf()) && provesPresence(given);
  // As in MongoDB no value implies its type: a symbol, too, equals a string.
  if (needed.operator === '$type')
    return given.operator === '$type' && isTypeAmong(given.value, needed.value);
  const values = valuesOf(given);
  if (values !== undefined) return values.length > 0 && values.every((value) => satisfies(value, needed));
  if (!isOrder(given.operator) || !isOrder(needed.operator)) return false;
  return isNarrower(given, needed);
}

function isTypeAmong(given: unknown, needed: unknown): boolean {
  const [narrow, wide] = [aliasesOf(given), new Set(aliasesOf(needed))];
  return narrow.length > 0 && narrow.every((alias) => alias !== undefined && wide.has(alias));
}

function aliasesOf(names: unknown): unknown[] {
  return (Array.isArray(names) ? names : [names]).map((name: unknown) =>
    isNumber(name) ? TYPE_NUMBERS[toDouble(name)] : name,
  );
}

function valuesOf(predicate: Predicate): unknown[] | undefined {
  if (predicate.operator === '$eq') return isScalar(predicate.value) ? [predicate.value] : undefined;
  if (predicate.operator !== '$in' || !Array.isArray(predicate.value)) return undefined;
  return predicate.value.every(isScalar) ? predicate.value : undefined;
}

function satisfies(value: unknown, needed: Predicate): boolean {
  const needs = needed.operator === '$in' ? (needed.value as unknown[]) : [needed.value];
  if (!Array.isArray(needs) || !needs.every(isScalar)) return false;
  const key = encodeValue(value);
  if (needed.operator === '$eq' || needed.operator === '$in')
    return needs.some((need) => encodeValue(need) === key);
  const limit = encodeValue(needed.value);
  if (limit[0] !== key[0]) return false;
  if (needed.operator === '$gt') return key > limit;
  if (needed.operator === '$gte') return key >= limit;
  if (needed.operator === '$lt') return key < limit;
  return needed.operator === '$lte' && key <= limit;
}

function isNarrower(given: Predicate, needed: Predicate): boolean {
  if (given.operator[1] !== needed.operator[1] || !isScalar(given.value) || !isScalar(needed.value))
    return false;
  const key = encodeValue(given.value);
  const limit = encodeValue(needed.value);
  if (key[0] !== limit[0]) return false;
  if (key === limit) return given.operator === needed.operator || needed.operator.endsWith('e');
  return given.operator.startsWith('$g') ? key > limit : key < limit;
}

function isOrder(operator: string): boolean {
  return operator === '$gt' || operator === '$gte' || operator === '$lt' || operator === '$lte';
}

function isScalar(value: unknown): boolean {
  if (value === undefined || Array.isArray(value) || value instanceof RegExp) return false;
  return (value as Document | null)?.['_bsontype'] !== 'BSONRegExp';
}

function provesPresence(given: Predicate): boolean {
  if (given.operator === '$exists') return Boolean(given.value?.valueOf());
  const values = valuesOf(given);
  if (values !== undefined) return values.length > 0 && values.every((value) => value !== null);
  return isOrder(given.operator) && isScalar(given.value) && given.value !== null;
}
