import type { Binary, Decimal128, ObjectId, Timestamp } from 'bson';
import { compareDecimals, type Decimal, decimalOf, exactDecimal } from './decimal.ts';
import { bsonType, numericValue, RANK, rankOf } from './value.ts';

/** The collation of a command, as the client wrote it; `locale` is the only field it must have. */
export interface Collation {
  readonly locale: string;
  readonly strength?: unknown;
  readonly caseLevel?: unknown;
  readonly caseFirst?: unknown;
  readonly numericOrdering?: unknown;
  readonly alternate?: unknown;
  readonly [option: string]: unknown;
}

const collators = new Map<string, Intl.Collator>();

/** A collator for the collation; undefined for the simple one, which compares bytes. */
export function collatorOf(collation: Collation | undefined): Intl.Collator | undefined {
  if (collation === undefined || collation.locale === 'simple') return undefined;
  const strength = Number(numericValue(collation.strength ?? 3));
  const key = JSON.stringify([
    collation.locale,
    strength,
    collation.caseLevel,
    collation.caseFirst,
    collation.numericOrdering,
    collation.alternate,
  ]);
  let collator = collators.get(key);
  if (collator === undefined) {
    const caseFirst =
      collation.caseFirst === 'upper' || collation.caseFirst === 'lower' ? collation.caseFirst : 'false';
    collator = new Intl.Collator(collation.locale.replaceAll('_', '-'), {
      sensitivity: sensitivityOf(strength, collation.caseLevel === true),
      numeric: collation.numericOrdering === true,
      ignorePunctuation: collation.alternate === 'shifted',
      caseFirst,
    });
    collators.set(key, collator);
  }
  return collator;
}

function sensitivityOf(strength: number, caseLevel: boolean): 'base' | 'case' | 'accent' | 'variant' {
  if (strength === 1) return caseLevel ? 'case' : 'base';
  return strength === 2 && !caseLevel ? 'accent' : 'variant';
}

/** Orders strings by their UTF-8 bytes, as a comparison without collation does. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codeUnitWeight(x) - codeUnitWeight(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above U+FFFF, so they sort after U+E000–U+FFFF. */
function codeUnitWeight(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Orders two numbers of any kinds by their exact value; NaN is below all and equal to itself, −0 equals 0. */
export function compareNumbers(a: unknown, b: unknown): number {
  const x = numericValue(a);
  const y = numericValue(b);
  if (x === undefined || y === undefined) return compareDecimals(asDecimal(a, x), asDecimal(b, y));
  // JavaScript compares a bigint with a number by exact value.
  if (x < y) return -1;
  if (x > y) return 1;
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1 is the mathematical equality that is meant here.
  if (x == y) return 0;
  return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
}

function asDecimal(value: unknown, exact: number | bigint | undefined): Decimal {
  return exact === undefined ? decimalOf(value as Decimal128) : exactDecimal(exact);
}

/**
 * Orders any two BSON values as the server sorts them: by the rank of their types, then by value. `undefined` is
 * "missing" and comes before null. Objects compare field by field in order: type, then name, then value.
 */
export function compareValues(a: unknown, b: unknown, collation?: Collation): number {
  return compareWith(a, b, collatorOf(collation));
}

/** compareValues with the collator made beforehand. */
export function compareWith(a: unknown, b: unknown, collator: Intl.Collator | undefined): number {
  if (a === b) return 0;
  const rank = rankOf(a);
  const other = rankOf(b);
  return rank === other ? compareSameRank(a, b, rank, collator) : rank - other;
}

function compareSameRank(a: unknown, b: unknown, rank: number, collator: Intl.Collator | undefined): number {
  switch (rank) {
    case RANK.number:
      return compareNumbers(a, b);
    case RANK.string:
      return collator ? collator.compare(text(a), text(b)) : compareStrings(text(a), text(b));
    case RANK.object:
      return compareObjects(plain(a), plain(b), collator);
    case RANK.array:
      return compareArrays(a as unknown[], b as unknown[], collator);
    case RANK.binary:
      return compareBinaries(a, b);
    case RANK.objectId:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id);
    case RANK.boolean:
      return Number(a) - Number(b);
    case RANK.date:
      return (a as Date).getTime() - (b as Date).getTime();
    case RANK.timestamp:
      return (a as Timestamp).compare(b as Timestamp);
    case RANK.regex:
      return compareRegexes(a, b);
    case RANK.code:
    case RANK.codeWithScope:
      return compareStrings(String((a as { code: unknown }).code), String((b as { code: unknown }).code));
    default:
      return 0;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}

/** A DBRef is stored as an ordinary document; bson makes it an instance when decoding. */
function plain(value: unknown): Record<string, unknown> {
  if (bsonType(value) !== 'DBRef') return value as Record<string, unknown>;
  const ref = value as { collection: string; oid: unknown; db?: string; fields?: Record<string, unknown> };
  return { $ref: ref.collection, $id: ref.oid, ...(ref.db ? { $db: ref.db } : {}), ...ref.fields };
}

function compareObjects(
  a: Record<string, unknown>,
  b: Record<string, unknown>,
  collator: Intl.Collator | undefined,
): number {
  const keys = Object.keys(a);
  const others = Object.keys(b);
  const length = Math.min(keys.length, others.length);
  for (let i = 0; i < length; i++) {
    const key = keys[i] as string;
    const other = others[i] as string;
    const left = a[key];
    const right = b[other];
    const byType = rankOf(left) - rankOf(right);
    if (byType !== 0) return byType;
    const byName = compareStrings(key, other);
    if (byName !== 0) return byName;
    const byValue = compareWith(left, right, collator);
    if (byValue !== 0) return byValue;
  }
  return keys.length - others.length;
}

function compareArrays(a: unknown[], b: unknown[], collator: Intl.Collator | undefined): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareWith(a[i], b[i], collator);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Binary data: by length, then subtype, then bytes. */
function compareBinaries(a: unknown, b: unknown): number {
  const [x, left] = bytesOf(a);
  const [y, right] = bytesOf(b);
  return left.length - right.length || x - y || Buffer.compare(left, right);
}

function bytesOf(value: unknown): [number, Uint8Array] {
  if (value instanceof Uint8Array) return [0, value];
  const binary = value as Binary;
  return [binary.sub_type, binary.buffer.subarray(0, binary.position)];
}

function compareRegexes(a: unknown, b: unknown): number {
  const [pattern, options] = regexParts(a);
  const [other, otherOptions] = regexParts(b);
  return compareStrings(pattern, other) || compareStrings(options, otherOptions);
}

/** Pattern and options of a regular expression, whichever of the two classes holds it. */
export function regexParts(value: unknown): [pattern: string, options: string] {
  if (value instanceof RegExp) return [value.source, value.flags.replace(/[^imsx]/g, '')];
  const regex = value as { pattern: string; options: string };
  return [regex.pattern, regex.options];
}

/** Whether two values are equal: numbers by value whatever their kind, documents with the same order of fields. */
export function equalValues(a: unknown, b: unknown, collation?: Collation): boolean {
  return compareWith(a, b, collatorOf(collation)) === 0;
}
