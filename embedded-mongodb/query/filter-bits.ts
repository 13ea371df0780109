import type { Binary } from 'bson';
import { badValue } from '../bson/errors.ts';
import { bsonType, isNumber, numericValue, toDouble, toInteger } from '../bson/value.ts';

const BIT_OPERATORS: ReadonlySet<string> = new Set([
  '$bitsAllSet',
  '$bitsAllClear',
  '$bitsAnySet',
  '$bitsAnyClear',
]);

/** Whether an operator tests bits. */
export function isBitOperator(operator: string): boolean {
  return BIT_OPERATORS.has(operator);
}

/** A test of bit positions in integers (sign extended without end) and in binary data (little-endian). */
export function bitTest(operator: string, operand: unknown): (value: unknown) => boolean {
  const positions = positionsOf(operator, operand);
  const wanted = operator.endsWith('Set');
  const any = operator.startsWith('$bitsAny');
  return (value) => {
    const bitAt = bitReader(value);
    if (!bitAt) return false;
    const matches = (position: number) => bitAt(position) === wanted;
    return any ? positions.some(matches) : positions.every(matches);
  };
}

function positionsOf(operator: string, operand: unknown): number[] {
  if (Array.isArray(operand)) {
    return operand.map((position) => {
      const index = toInteger(position);
      if (index === undefined || index < 0) {
        throw badValue(`bit positions must be >= 0 but got: ${String(position)}`);
      }
      return index;
    });
  }
  const bytes = bytesOf(operand);
  if (bytes)
    return setBits(
      (position) => bytes[position >> 3] !== undefined && bit(bytes, position),
      bytes.length * 8,
    );
  const mask = integerOf(operand);
  if (mask === undefined)
    throw badValue(`${operator} takes an Array, a number, or a BinData but received: ${String(operand)}`);
  if (mask < 0n) throw badValue(`Expected a non-negative number in: ${operator}: ${mask}`);
  return setBits((position) => ((mask >> BigInt(position)) & 1n) === 1n, 64);
}

function setBits(isSet: (position: number) => boolean, length: number): number[] {
  return Array.from({ length }, (_, position) => position).filter(isSet);
}

function bitReader(value: unknown): ((position: number) => boolean) | undefined {
  const bytes = bytesOf(value);
  if (bytes) return (position) => bit(bytes, position);
  const number = integerOf(value);
  return number === undefined ? undefined : (position) => ((number >> BigInt(position)) & 1n) === 1n;
}

function bit(bytes: Uint8Array, position: number): boolean {
  return (((bytes[position >> 3] ?? 0) >> (position & 7)) & 1) === 1;
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (bsonType(value) !== 'Binary') return undefined;
  const binary = value as Binary;
  return binary.buffer.subarray(0, binary.position);
}

/** The value as a 64-bit integer; undefined when it is no integral number or does not fit. */
function integerOf(value: unknown): bigint | undefined {
  if (!isNumber(value)) return undefined;
  const exact = numericValue(value) ?? toDouble(value);
  if (typeof exact === 'bigint') return exact;
  return Number.isInteger(exact) && Math.abs(exact) < 2 ** 63 ? BigInt(exact) : undefined;
}
