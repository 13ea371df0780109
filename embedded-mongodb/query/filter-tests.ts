import type { ObjectId } from 'bson';
import { compareNumbers, compareWith, regexParts } from '../bson/compare.ts';
import { badValue } from '../bson/errors.ts';
import { TYPE_NUMBERS, typeAlias } from '../bson/type-alias.ts';
import { bsonType, isNumber, numericValue, RANK, rankOf, toDouble, toInteger } from '../bson/value.ts';
import { compileRegex } from './regex.ts';

/** A test of one value. */
export type ValueTest = (value: unknown) => boolean;

/** Whether a value equals the operand; null also equals what is missing. */
export function equalityTest(operand: unknown, collator: Intl.Collator | undefined): ValueTest {
  const rank = rankOf(operand);
  switch (rank) {
    case RANK.null:
    case RANK.missing:
      return (value) => value === null || value === undefined;
    case RANK.string:
      if (collator) break;
      return (value) =>
        value === operand || (bsonType(value) === 'BSONSymbol' && String(value) === String(operand));
    case RANK.boolean:
      return (value) => value === operand;
    case RANK.number:
      return numberEquality(operand);
    case RANK.objectId: {
      const bytes = Buffer.from((operand as ObjectId).id);
      return (value) => bsonType(value) === 'ObjectId' && bytes.equals((value as ObjectId).id);
    }
  }
  return (value) => rankOf(value) === rank && compareWith(value, operand, collator) === 0;
}

function numberEquality(operand: unknown): ValueTest {
  const exact = numericValue(operand);
  if (typeof exact !== 'number' || Number.isNaN(exact)) {
    return (value) => isNumber(value) && compareNumbers(value, operand) === 0;
  }
  return (value) => {
    if (typeof value !== 'object' || value === null) return value === exact;
    const other = numericValue(value);
    if (other !== undefined) return other === exact;
    return bsonType(value) === 'Decimal128' && compareNumbers(value, operand) === 0;
  };
}

/** An ordering test: only values of the operand's own type compare, except with MinKey and MaxKey. */
export function comparisonTest(
  operator: string,
  operand: unknown,
  collator: Intl.Collator | undefined,
): ValueTest {
  const rank = rankOf(operand);
  const orEqual = operator === '$gte' || operator === '$lte';
  const sign = operator === '$gt' || operator === '$gte' ? 1 : -1;
  if (rank === RANK.null || rank === RANK.missing) {
    return orEqual ? (value) => value === null || value === undefined : () => false;
  }
  const accepts = (order: number) => (order === 0 ? orEqual : order * sign > 0);
  if (rank === RANK.minKey || rank === RANK.maxKey)
    return (value) => accepts(compareWith(value, operand, undefined));
  if (rank === RANK.regex) throw badValue(`Can't have RegEx as arg to predicate over field`);
  if (rank !== RANK.number) {
    return (value) => rankOf(value) === rank && accepts(compareWith(value, operand, collator));
  }
  const isNaNOperand = Number.isNaN(toDouble(operand));
  // NaN equals itself and has no order with other numbers.
  return (value) =>
    isNumber(value) &&
    Number.isNaN(toDouble(value)) === isNaNOperand &&
    accepts(compareNumbers(value, operand));
}

/** Whether a string matches the expression, or a value is the same expression. */
export function regexTest(operand: unknown): ValueTest {
  const [pattern, options] = regexParts(operand);
  const regex = compileRegex(pattern, options);
  return (value) => {
    if (typeof value === 'string') return regex.test(value);
    if (bsonType(value) === 'BSONSymbol') return regex.test(String(value));
    return rankOf(value) === RANK.regex && compareWith(value, operand, undefined) === 0;
  };
}

const TYPE_ALIASES: ReadonlySet<string> = new Set([...Object.values(TYPE_NUMBERS), 'number']);

/** A test for the types that `$type` names by alias or number, one or several. */
export function typeTest(operand: unknown): ValueTest {
  const wanted = new Set((Array.isArray(operand) ? operand : [operand]).map(aliasOf));
  if (wanted.size === 0) throw badValue(`$type must match at least one type`);
  return (value) =>
    value !== undefined && (wanted.has(typeAlias(value)) || (wanted.has('number') && isNumber(value)));
}

function aliasOf(name: unknown): string {
  if (typeof name === 'string') {
    if (!TYPE_ALIASES.has(name)) throw badValue(`Unknown type name alias: ${name}`);
    return name;
  }
  if (!isNumber(name)) throw badValue('type must be represented as a number or a string');
  const alias = TYPE_NUMBERS[toDouble(name)];
  if (alias === undefined) throw badValue(`Invalid numerical type code: ${toDouble(name)}`);
  return alias;
}

/** The test of `$size`. */
export function sizeTest(operand: unknown): ValueTest {
  const size = toInteger(operand);
  if (size === undefined) {
    throw badValue(`Failed to parse $size. Expected an integer: $size: ${String(operand)}`);
  }
  if (size < 0) throw badValue(`Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
  return (value) => Array.isArray(value) && value.length === size;
}

/** The test of `$mod`; what is after the point is cut off. */
export function modTest(operand: unknown): ValueTest {
  if (!Array.isArray(operand)) throw badValue('malformed mod, needs to be an array');
  if (operand.length < 2) throw badValue('malformed mod, not enough elements');
  if (operand.length > 2) throw badValue('malformed mod, too many elements');
  const divisor = truncated(operand[0]);
  const remainder = truncated(operand[1]);
  if (divisor === undefined) throw badValue('malformed mod, divisor not a number');
  if (remainder === undefined) throw badValue('malformed mod, remainder not a number');
  if (divisor === 0n) throw badValue('divisor cannot be 0');
  return (value) => {
    const dividend = truncated(value);
    return dividend !== undefined && dividend % divisor === remainder;
  };
}

function truncated(value: unknown): bigint | undefined {
  if (!isNumber(value)) return undefined;
  const exact = numericValue(value);
  if (typeof exact === 'bigint') return exact;
  const number = exact ?? toDouble(value);
  return Number.isFinite(number) ? BigInt(Math.trunc(number)) : undefined;
}
