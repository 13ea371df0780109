import { type Decimal128, Double, Int32, Long } from 'bson';
import {
  addDecimals,
  type Decimal,
  decimalOf,
  decimalOfDouble,
  exactDecimal,
  multiplyDecimals,
  negateDecimal,
  toDecimal128,
} from './decimal.ts';
import { bigOf, type NumberKind, numberKind, numericValue, toDouble } from './value.ts';

/** A BSON number. */
export type BsonNumber = Int32 | Long | Double | Decimal128;

const WIDTH: Readonly<Record<NumberKind, number>> = { int: 0, long: 1, double: 2, decimal: 3 };

/** The kind that arithmetic on two numbers gives: the wider of the two. */
export function widerKind(a: unknown, b: unknown): NumberKind {
  const x = numberKind(a) as NumberKind;
  const y = numberKind(b) as NumberKind;
  return WIDTH[x] >= WIDTH[y] ? x : y;
}

/** A number of any kind as a decimal; doubles are rounded to 15 digits, as the server converts them. */
export function numberToDecimal(value: unknown): Decimal {
  const exact = numericValue(value);
  if (exact === undefined) return decimalOf(value as Decimal128);
  return numberKind(value) === 'double' ? decimalOfDouble(exact as number) : exactDecimal(exact);
}

/** Whether an integer fits 64 bits. */
export function fitsLong(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** What happens when a 64-bit result does not fit: aggregation goes on with a double, updates fail. */
export type OnOverflow = (exact: bigint) => BsonNumber;

const toDoubleOnOverflow: OnOverflow = (exact) => new Double(Number(exact));

/** a + b in the wider kind of the two; ints that overflow become longs, longs what `onOverflow` says. */
export function addNumbers(a: unknown, b: unknown, onOverflow: OnOverflow = toDoubleOnOverflow): BsonNumber {
  switch (widerKind(a, b)) {
    case 'int':
      return narrow(toDouble(a) + toDouble(b));
    case 'long':
      return wide(bigOf(a) + bigOf(b), onOverflow);
    case 'double':
      return new Double(toDouble(a) + toDouble(b));
    case 'decimal':
      return toDecimal128(addDecimals(numberToDecimal(a), numberToDecimal(b)));
  }
}

/** a − b under the same rules. */
export function subtractNumbers(a: unknown, b: unknown): BsonNumber {
  switch (widerKind(a, b)) {
    case 'int':
      return narrow(toDouble(a) - toDouble(b));
    case 'long':
      return wide(bigOf(a) - bigOf(b), toDoubleOnOverflow);
    case 'double':
      return new Double(toDouble(a) - toDouble(b));
    case 'decimal':
      return toDecimal128(addDecimals(numberToDecimal(a), negateDecimal(numberToDecimal(b))));
  }
}

/** a × b under the same rules. */
export function multiplyNumbers(
  a: unknown,
  b: unknown,
  onOverflow: OnOverflow = toDoubleOnOverflow,
): BsonNumber {
  switch (widerKind(a, b)) {
    case 'int':
      return narrowBig(bigOf(a) * bigOf(b));
    case 'long':
      return wide(bigOf(a) * bigOf(b), onOverflow);
    case 'double':
      return new Double(toDouble(a) * toDouble(b));
    case 'decimal':
      return toDecimal128(multiplyDecimals(numberToDecimal(a), numberToDecimal(b)));
  }
}

function narrow(value: number): BsonNumber {
  return (value | 0) === value ? new Int32(value) : Long.fromNumber(value);
}

function narrowBig(value: bigint): BsonNumber {
  return BigInt.asIntN(32, value) === value ? new Int32(Number(value)) : Long.fromBigInt(value);
}

function wide(value: bigint, onOverflow: OnOverflow): BsonNumber {
  return fitsLong(value) ? Long.fromBigInt(value) : onOverflow(value);
}

/** A number in BSON form; plain JavaScript numbers become ints where they are integers of 32 bits, else doubles. */
export function asBsonNumber(value: unknown): BsonNumber {
  if (typeof value === 'bigint') return Long.fromBigInt(value);
  if (typeof value !== 'number') return value as BsonNumber;
  return numberKind(value) === 'int' ? new Int32(value) : new Double(value);
}
