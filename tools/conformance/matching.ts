import { type Document, EJSON } from 'bson';
import { Mismatch } from './outcome.ts';

/** What special operators may refer to. */
export interface MatchScope {
  /** The `lsid` of a session of the test. */
  lsidOf(session: string): Document;
  /** A value that an earlier step saved. */
  valueOf(name: string): unknown;
}

/**
 * Where a value stands decides whether it may have fields that are not expected: a `root` document may, an `iterated`
 * array's documents may, anything deeper may not.
 */
export type Level = 'root' | 'iterated' | 'nested';

/** Fails with `Mismatch` unless the value is as expected. */
export function assertMatch(
  expected: unknown,
  actual: unknown,
  scope: MatchScope,
  level: Level,
  path = '',
): void {
  const operator = operatorOf(expected);
  if (operator !== undefined) assertOperator(operator, actual, scope, level, path);
  else if (Array.isArray(expected)) assertArray(expected, actual, scope, level, path);
  else if (isPlainDocument(expected)) assertDocument(expected, actual, scope, level, path);
  else if (!sameValue(expected, actual)) throw different(expected, actual, path);
}

function assertArray(
  expected: readonly unknown[],
  actual: unknown,
  scope: MatchScope,
  level: Level,
  path: string,
): void {
  if (!Array.isArray(actual)) throw different(expected, actual, path);
  if (actual.length !== expected.length)
    throw new Mismatch(`${at(path)}: ${expected.length} elements expected, ${actual.length} seen`);
  const inner = level === 'iterated' ? 'root' : 'nested';
  for (const [i, item] of expected.entries()) assertMatch(item, actual[i], scope, inner, `${path}[${i}]`);
}

function assertDocument(
  expected: Document,
  actual: unknown,
  scope: MatchScope,
  level: Level,
  path: string,
): void {
  if (!isObject(actual)) throw different(expected, actual, path);
  for (const [key, value] of Object.entries(expected)) {
    assertMatch(value, actual[key], scope, 'nested', path === '' ? key : `${path}.${key}`);
  }
  if (level === 'root') return;
  for (const [key, value] of Object.entries(actual)) {
    if (value !== undefined && !(key in expected))
      throw new Mismatch(`${at(path)}: '${key}' is not expected`);
  }
}

function assertOperator(
  [operator, argument]: [string, unknown],
  actual: unknown,
  scope: MatchScope,
  level: Level,
  path: string,
): void {
  switch (operator) {
    case '$$exists':
      if ((actual !== undefined) !== argument)
        throw new Mismatch(`${at(path)}: should ${argument ? '' : 'not '}exist, is ${show(actual)}`);
      return;
    case '$$unsetOrMatches':
      if (actual !== undefined && actual !== null) assertMatch(argument, actual, scope, level, path);
      return;
    case '$$type':
      if (![argument].flat().some((type) => hasType(actual, type as string)))
        throw new Mismatch(`${at(path)}: type ${show(argument)} expected, ${show(actual)} seen`);
      return;
    case '$$matchesEntity':
      assertMatch(scope.valueOf(argument as string), actual, scope, level, path);
      return;
    case '$$sessionLsid':
      assertMatch(scope.lsidOf(argument as string), actual, scope, level, path);
      return;
    case '$$matchesHexBytes':
      if (!(actual instanceof Uint8Array) || Buffer.from(actual).toString('hex') !== argument)
        throw different(argument, actual, path);
      return;
    case '$$lte':
      if (!(Number(actual) <= Number(argument)))
        throw new Mismatch(`${at(path)}: at most ${show(argument)} expected, ${show(actual)} seen`);
      return;
    case '$$matchAsRoot':
      assertMatch(argument, actual, scope, 'root', path);
      return;
    default:
      throw new Mismatch(`${at(path)}: the runner does not know ${operator}`);
  }
}

function operatorOf(expected: unknown): [string, unknown] | undefined {
  if (!isPlainDocument(expected)) return undefined;
  const entries = Object.entries(expected);
  return entries.length === 1 && entries[0]![0].startsWith('$$') ? entries[0] : undefined;
}

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isPlainDocument(value: unknown): value is Document {
  return isObject(value) && !('_bsontype' in value) && !(value instanceof Uint8Array);
}

/** Numbers are equal whatever their width; anything else must be the same value of the same type. */
function sameValue(expected: unknown, actual: unknown): boolean {
  if (isNumber(expected) && isNumber(actual)) return Number(expected) === Number(actual);
  if (expected === null || actual === null || typeof expected !== typeof actual) return expected === actual;
  return show(expected) === show(actual);
}

function isNumber(value: unknown): boolean {
  return hasType(value, 'number') && !hasType(value, 'decimal');
}

const BSON_TYPES: Readonly<Record<string, string>> = {
  Binary: 'binData',
  ObjectId: 'objectId',
  Timestamp: 'timestamp',
  Decimal128: 'decimal',
  BSONRegExp: 'regex',
  Code: 'javascript',
  MinKey: 'minKey',
  MaxKey: 'maxKey',
  Int32: 'int',
  Double: 'double',
  Long: 'long',
};

/** Whether a value is of a BSON type. A JavaScript number may stand for any of the binary number types. */
function hasType(value: unknown, type: string): boolean {
  if (type === 'number') return ['int', 'long', 'double', 'decimal'].some((one) => hasType(value, one));
  if (value === null) return type === 'null';
  if (typeof value === 'number')
    return type === 'double' || (type === 'int' || type === 'long' ? Number.isInteger(value) : false);
  if (typeof value === 'bigint') return type === 'long';
  if (typeof value === 'string') return type === 'string';
  if (typeof value === 'boolean') return type === 'bool';
  if (Array.isArray(value)) return type === 'array';
  if (value instanceof Date) return type === 'date';
  if (value instanceof RegExp) return type === 'regex';
  if (typeof value !== 'object') return false;
  const bsonType = (value as { _bsontype?: string })._bsontype;
  return bsonType === undefined ? type === 'object' : BSON_TYPES[bsonType] === type;
}

function different(expected: unknown, actual: unknown, path: string): Mismatch {
  return new Mismatch(`${at(path)}: ${show(expected)} expected, ${show(actual)} seen`);
}

const at = (path: string): string => path || 'the value';

/** A value as text, its types included. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  try {
    return EJSON.stringify(value, { relaxed: false });
  } catch {
    return String(value);
  }
}
