import { type Decimal128, type Document, Double, Int32, Long } from 'bson';

/** Where each type stands in BSON's cross-type order; values of one rank are comparable with one another. */
export const RANK = {
  minKey: -1,
  missing: 0,
  null: 5,
  number: 10,
  string: 15,
  object: 20,
  array: 25,
  binary: 30,
  objectId: 35,
  boolean: 40,
  date: 45,
  timestamp: 47,
  regex: 50,
  dbPointer: 55,
  code: 60,
  codeWithScope: 65,
  maxKey: 127,
} as const;

const RANK_OF_BSON_TYPE: Readonly<Record<string, number>> = {
  Int32: RANK.number,
  Double: RANK.number,
  Long: RANK.number,
  Decimal128: RANK.number,
  ObjectId: RANK.objectId,
  Timestamp: RANK.timestamp,
  Binary: RANK.binary,
  BSONRegExp: RANK.regex,
  BSONSymbol: RANK.string,
  MinKey: RANK.minKey,
  MaxKey: RANK.maxKey,
  Code: RANK.code,
  DBRef: RANK.object,
};

/** The class name that bson gives to a value it does not decode to a JavaScript one; undefined for all others. */
export function bsonType(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const type = (value as { _bsontype?: unknown })._bsontype;
  return typeof type === 'string' ? type : undefined;
}

/** The place of a value's type in BSON's cross-type order (`undefined` is "missing"). */
export function rankOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return RANK.string;
    case 'number':
    case 'bigint':
      return RANK.number;
    case 'boolean':
      return RANK.boolean;
    case 'undefined':
      return RANK.missing;
    case 'object':
    case 'function':
    case 'symbol':
      return value === null ? RANK.null : rankOfObject(value as object);
  }
}

function rankOfObject(value: object): number {
  const type = (value as { _bsontype?: unknown })._bsontype;
  if (typeof type === 'string') {
    if (type === 'Code' && (value as { scope?: unknown }).scope) return RANK.codeWithScope;
    return RANK_OF_BSON_TYPE[type] ?? RANK.object;
  }
  if (Array.isArray(value)) return RANK.array;
  if (value instanceof Date) return RANK.date;
  if (value instanceof RegExp) return RANK.regex;
  if (value instanceof Uint8Array) return RANK.binary;
  return RANK.object;
}

/** Whether a plain JavaScript number stands for an int rather than a double. */
export function isInt32(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0);
}

/** Whether a value is a number of any of the four kinds. */
export function isNumber(value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'bigint') return true;
  if (typeof value !== 'object' || value === null) return false;
  return RANK_OF_BSON_TYPE[(value as { _bsontype?: string })._bsontype ?? ''] === RANK.number;
}

/** Whether a value is an embedded document (not an array, not one of BSON's own value types). */
export function isObject(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return rankOfObject(value) === RANK.object;
}

/** Whether a value is null or missing, which most expressions treat alike. */
export function isNullish(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** The kinds of number, in the order in which arithmetic widens them. */
export type NumberKind = 'int' | 'long' | 'double' | 'decimal';

/** The kind of a number; undefined when the value is not a number. A plain integer within 32 bits counts as `int`. */
export function numberKind(value: unknown): NumberKind | undefined {
  if (typeof value === 'number') return isInt32(value) ? 'int' : 'double';
  if (typeof value === 'bigint') return 'long';
  const type = bsonType(value);
  if (type === undefined) return undefined;
  switch (type) {
    case 'Int32':
      return 'int';
    case 'Long':
      return 'long';
    case 'Double':
      return 'double';
    case 'Decimal128':
      return 'decimal';
    default:
      return undefined;
  }
}

const MAX_SAFE = 2 ** 53;

/** The exact value of an int, long or double: a JavaScript number where that is exact, else a bigint. Undefined for decimals and for what is no number. */
export function numericValue(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  const type = bsonType(value);
  if (type === undefined) return undefined;
  switch (type) {
    case 'Int32':
    case 'Double':
      return (value as Int32 | Double).value;
    case 'Long': {
      const long = value as Long;
      const approximate = long.high * 4294967296 + (long.low >>> 0);
      return approximate < MAX_SAFE && approximate > -MAX_SAFE ? approximate : long.toBigInt();
    }
    default:
      return undefined;
  }
}

/** The exact value of an int or a long. */
export function bigOf(value: unknown): bigint {
  return BigInt(numericValue(value) as number | bigint);
}

/** A number of any kind as a JavaScript number, rounded where it must be; NaN for what is no number. */
export function toDouble(value: unknown): number {
  const exact = numericValue(value);
  if (exact !== undefined) return Number(exact);
  return bsonType(value) === 'Decimal128' ? Number((value as Decimal128).toString()) : Number.NaN;
}

/** The value as a JavaScript integer; undefined when it is no number or not integral (3.0 is integral) or beyond 2^53. */
export function toInteger(value: unknown): number | undefined {
  const number = toDouble(value);
  return Number.isSafeInteger(number) ? number + 0 : undefined;
}

/** Truth as the aggregation language and command options see it: false, null, missing and zero are false. */
export function isTruthy(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (value === null || value === undefined) return false;
  return isNumber(value) ? toDouble(value) !== 0 : true;
}

export const int = (value: number): Int32 => new Int32(value);
export const double = (value: number): Double => new Double(value);
export const long = (value: bigint | number): Long =>
  typeof value === 'bigint' ? Long.fromBigInt(value) : Long.fromNumber(value);

/** An integer in the narrowest kind that holds it: int, then long. */
export function integer(value: number | bigint): Int32 | Long {
  if (typeof value === 'number' && (value | 0) === value) return new Int32(value);
  const big = BigInt(value);
  return big >= -2147483648n && big <= 2147483647n ? new Int32(Number(big)) : Long.fromBigInt(big);
}

/** The own field of a document; undefined when missing. Inherited names such as `constructor` are not fields. */
export function getField(document: object, key: string): unknown {
  const value = (document as Record<string, unknown>)[key];
  if (typeof value === 'function' || key === '__proto__') {
    return Object.hasOwn(document, key) ? value : undefined;
  }
  return value;
}

/** Sets a field in place, also one that is called `__proto__`. */
export function setField(document: Document, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(document, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    document[key] = value;
  }
}

/** Whether a document has no fields; one that is not given has none. */
export function isEmptyDocument(document: Document | null | undefined): boolean {
  for (const _ in document) return false;
  return true;
}
