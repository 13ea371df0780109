import { Decimal128, ObjectId, type Timestamp } from 'bson';
import { decimalOf, decimalToNumber, parseDecimal, roundDecimal, toDecimal128 } from '../bson/decimal.ts';
import { ServerError } from '../bson/errors.ts';
import { fitsLong, numberToDecimal } from '../bson/numeric.ts';
import { TYPE_NUMBERS, typeAlias } from '../bson/type-alias.ts';
import {
  bsonType,
  double,
  int,
  isNullish,
  isNumber,
  isTruthy,
  long,
  numberKind,
  numericValue,
  toDouble,
} from '../bson/value.ts';
import { parseDate } from './date-text.ts';
import { compileArguments, compileNamed, type Evaluate, type OperatorCompiler } from './expression-scope.ts';

function failure(message: string): ServerError {
  return new ServerError(241, `${message} in $convert with no onError value`);
}

function unsupported(value: unknown, target: string): ServerError {
  return failure(`Unsupported conversion from ${typeAlias(value)} to ${target}`);
}

/** The integer nearest to zero; refuses what is not finite or does not fit. */
function toBig(value: unknown, target: string): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value instanceof Date && target === 'long') return BigInt(value.getTime());
  if (typeof value === 'string') {
    if (!/^[+-]?\d+$/.test(value)) throw failure(`Failed to parse number '${value}'`);
    return BigInt(value.replace(/^\+/, ''));
  }
  if (!isNumber(value)) throw unsupported(value, target);
  const kind = numberKind(value);
  if (kind === 'int' || kind === 'long') return BigInt(numericValue(value) as number | bigint);
  const number = toDouble(value);
  if (!Number.isFinite(number)) {
    throw failure(`Attempt to convert ${Number.isNaN(number) ? 'NaN' : 'infinity'} value to integer type`);
  }
  if (kind === 'double') return BigInt(Math.trunc(number));
  const { coefficient, exponent } = roundDecimal(decimalOf(value as Decimal128), 0, 'truncate') as {
    coefficient: bigint;
    exponent: number;
  };
  return coefficient * 10n ** BigInt(Math.max(0, exponent));
}

function toInt(value: unknown): unknown {
  const exact = toBig(value, 'int');
  if (BigInt.asIntN(32, exact) !== exact) throw failure(`Conversion would overflow target type`);
  return int(Number(exact));
}

function toLong(value: unknown): unknown {
  const exact = toBig(value, 'long');
  if (!fitsLong(exact)) throw failure(`Conversion would overflow target type`);
  return long(exact);
}

function toDoubleValue(value: unknown): unknown {
  if (typeof value === 'boolean') return double(value ? 1 : 0);
  if (value instanceof Date) return double(value.getTime());
  if (typeof value === 'string') return double(decimalToNumber(decimalFrom(value)));
  if (!isNumber(value)) throw unsupported(value, 'double');
  return double(toDouble(value));
}

function decimalFrom(text: string) {
  const decimal = parseDecimal(text);
  if (decimal === undefined) throw failure(`Failed to parse number '${text}'`);
  return decimal;
}

function toDecimal(value: unknown): unknown {
  if (typeof value === 'boolean') return Decimal128.fromString(value ? '1' : '0');
  if (value instanceof Date) return Decimal128.fromString(String(value.getTime()));
  if (typeof value === 'string') return toDecimal128(decimalFrom(value));
  if (!isNumber(value)) throw unsupported(value, 'decimal');
  return numberKind(value) === 'decimal' ? value : toDecimal128(numberToDecimal(value));
}

function toText(value: unknown): unknown {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || isNumber(value)) return String(value);
  if (value instanceof Date) return value.toISOString();
  if (bsonType(value) === 'ObjectId') return (value as ObjectId).toHexString();
  throw unsupported(value, 'string');
}

function toDate(value: unknown): unknown {
  if (value instanceof Date) return value;
  if (typeof value === 'string') return parseDate(value, undefined, undefined);
  if (bsonType(value) === 'ObjectId') return (value as ObjectId).getTimestamp();
  if (bsonType(value) === 'Timestamp') return new Date((value as Timestamp).getHighBitsUnsigned() * 1000);
  // Longs, doubles and decimals count milliseconds; an int is too narrow for that and is refused.
  if (!isNumber(value) || numberKind(value) === 'int') throw unsupported(value, 'date');
  return new Date(Math.trunc(toDouble(value)));
}

function toObjectId(value: unknown): unknown {
  if (bsonType(value) === 'ObjectId') return value;
  if (typeof value !== 'string') throw unsupported(value, 'objectId');
  if (!/^[0-9a-fA-F]{24}$/.test(value)) {
    throw failure(`Failed to parse objectId '${value}': invalid length or characters`);
  }
  return new ObjectId(value);
}

const toBool = (value: unknown) => (isNumber(value) || typeof value === 'boolean' ? isTruthy(value) : true);

const CONVERSIONS: Readonly<Record<string, (value: unknown) => unknown>> = {
  int: toInt,
  long: toLong,
  double: toDoubleValue,
  decimal: toDecimal,
  string: toText,
  date: toDate,
  objectId: toObjectId,
  bool: toBool,
};

const TYPE_NAMES: ReadonlySet<string> = new Set(Object.values(TYPE_NUMBERS));

const convert: OperatorCompiler = (operand, scope, operator) => {
  const named = compileNamed(operand, scope, operator, ['input', 'to'], ['onError', 'onNull']);
  return (root) => {
    const value = named['input']?.(root);
    const target = named['to']?.(root);
    if (isNullish(value)) return named['onNull'] ? named['onNull'](root) : null;
    if (isNullish(target)) return null;
    const name = isNumber(target) ? TYPE_NUMBERS[toDouble(target)] : target;
    if (!isNumber(target) && typeof target !== 'string')
      throw new ServerError(
        9,
        `$convert's 'to' argument must be a string or number, but is ${typeAlias(target)}`,
      );
    if (typeof name !== 'string' || !TYPE_NAMES.has(name))
      throw new ServerError(2, `Unknown type name: ${String(target)}`);
    const conversion = CONVERSIONS[name];
    try {
      if (!conversion) throw unsupported(value, name);
      return conversion(value);
    } catch (error) {
      if (named['onError'] && error instanceof ServerError && error.code === 241)
        return named['onError'](root);
      throw error;
    }
  };
};

function shorthand(target: string): OperatorCompiler {
  const conversion = CONVERSIONS[target] as (value: unknown) => unknown;
  return (operand, scope, operator) => {
    const [argument] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => {
      const value = argument(root);
      return isNullish(value) ? null : conversion(value);
    };
  };
}

function test(decide: (value: unknown) => unknown): OperatorCompiler {
  return (operand, scope, operator) => {
    const [argument] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => decide(argument(root));
  };
}

/** Types and conversions. */
export const TYPE_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $type: test(typeAlias),
  $isNumber: test(isNumber),
  $convert: convert,
  $toInt: shorthand('int'),
  $toLong: shorthand('long'),
  $toDouble: shorthand('double'),
  $toDecimal: shorthand('decimal'),
  $toString: shorthand('string'),
  $toDate: shorthand('date'),
  $toObjectId: shorthand('objectId'),
  $toBool: shorthand('bool'),
};
