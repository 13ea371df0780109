import type { Binary, Decimal128, ObjectId } from 'bson';
import { regexParts } from './compare.ts';
import { decimalOf, exactDecimal, pow10 } from './decimal.ts';
import { bsonType, numericValue, RANK, rankOf } from './value.ts';

/**
 * A string that two values share exactly when they are equal without collation: numbers by value whatever their kind,
 * missing apart from null. It serves grouping and sets, not ordering.
 */
export function valueKey(value: unknown): string {
  switch (rankOf(value)) {
    case RANK.missing:
      return 'm';
    case RANK.null:
      return 'n';
    case RANK.number:
      return `#${numberKey(value)}`;
    case RANK.string:
      return textKey(String(value));
    case RANK.boolean:
      return value === true ? 't' : 'f';
    case RANK.objectId:
      return `o${(value as ObjectId).toHexString()}`;
    case RANK.date:
      return `d${(value as Date).getTime()}`;
    case RANK.array:
      return `[${(value as unknown[]).map(valueKey).join(',')}]`;
    case RANK.object:
      return objectKey(value as object);
    default:
      return otherKey(value);
  }
}

function objectKey(value: object): string {
  let result = '{';
  for (const [key, field] of Object.entries(value)) result += `${textKey(key)}:${valueKey(field)},`;
  return `${result}}`;
}

/** A text with its length in front: nothing within it can be taken for what follows it. */
function textKey(text: string): string {
  return `s${text.length}:${text}`;
}

function otherKey(value: unknown): string {
  if (rankOf(value) === RANK.regex) return `r${JSON.stringify(regexParts(value))}`;
  if (value instanceof Uint8Array) return `b0:${Buffer.from(value).toString('base64')}`;
  if (bsonType(value) !== 'Binary')
    return `${bsonType(value)}${String((value as { code?: unknown }).code ?? value)}`;
  const binary = value as Binary;
  return `b${binary.sub_type}:${binary.toString('base64')}`;
}

function numberKey(value: unknown): string {
  const exact = numericValue(value);
  if (exact === undefined) return decimalKey(value as Decimal128);
  if (typeof exact === 'bigint') return String(exact);
  if (Object.is(exact, -0)) return '0';
  return Number.isInteger(exact) && Math.abs(exact) >= 2 ** 53 ? String(BigInt(exact)) : String(exact);
}

function decimalKey(value: Decimal128): string {
  const decimal = decimalOf(value);
  if (typeof decimal === 'string') return decimal;
  const number = Number(value.toString());
  const exact = exactDecimal(number);
  let { coefficient, exponent } = decimal;
  while (coefficient !== 0n && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  if (coefficient === 0n) return '0';
  if (exponent >= 0 && exponent < 40) return String(coefficient * pow10(exponent));
  // A decimal fraction that a double holds exactly, such as 0.5, has the key of that double.
  if (typeof exact !== 'string' && exponent < 0 && sameDecimal(exact, { coefficient, exponent }))
    return String(number);
  return `D${coefficient}E${exponent}`;
}

interface Parts {
  readonly coefficient: bigint;
  readonly exponent: number;
}

function sameDecimal(a: Parts, b: Parts): boolean {
  const exponent = Math.min(a.exponent, b.exponent);
  if (Math.max(a.exponent, b.exponent) - exponent > 400) return false;
  return a.coefficient * pow10(a.exponent - exponent) === b.coefficient * pow10(b.exponent - exponent);
}
