import { Decimal128, type Document, Timestamp } from 'bson';
import { compareWith } from '../bson/compare.ts';
import { badValue, ServerError, typeMismatch } from '../bson/errors.ts';
import { addNumbers, asBsonNumber, fitsLong, multiplyNumbers, type OnOverflow } from '../bson/numeric.ts';
import { show } from '../bson/show.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { double, int, isNumber, isObject, long, numberKind, numericValue } from '../bson/value.ts';

/** What a modifier may read besides the present value. */
export interface ModifierContext {
  readonly document: Document;
  readonly path: readonly string[];
}

/** Gives a field's new value from its present one (`undefined`: missing); `undefined` leaves it as it is. */
export type Modifier = (current: unknown, context: ModifierContext) => unknown;

/** What modifiers are compiled with. */
export interface ModifierOptions {
  readonly now: Date;
  readonly collator: Intl.Collator | undefined;
}

function numericOperand(verb: string, operand: unknown, path: string): unknown {
  if (isNumber(operand)) return asBsonNumber(operand);
  throw typeMismatch(`Cannot ${verb} with non-numeric argument: {${path}: ${show(operand)}}`);
}

function checkNumeric(operator: string, current: unknown, { document, path }: ModifierContext): void {
  if (isNumber(current)) return;
  throw typeMismatch(
    `Cannot apply ${operator} to a value of non-numeric type. {_id: ${show(document['_id'])}} has the field '${path.at(-1)}' of non-numeric type ${typeAlias(current)}`,
  );
}

function failOverflow(operator: string, current: unknown, document: Document): OnOverflow {
  return () => {
    throw badValue(
      `Failed to apply ${operator} operations to current value (${show(current)}) for document {_id: ${show(document['_id'])}}`,
    );
  };
}

/** `$inc`: adds in the wider kind of the two; a missing field becomes the amount. */
export function increment(operand: unknown, path: string): Modifier {
  const amount = numericOperand('increment', operand, path);
  return (current, context) => {
    if (current === undefined) return amount;
    checkNumeric('$inc', current, context);
    return addNumbers(current, amount, failOverflow('$inc', current, context.document));
  };
}

/** `$mul`: multiplies in the wider kind of the two; a missing field becomes zero of the factor's kind. */
export function multiply(operand: unknown, path: string): Modifier {
  const factor = numericOperand('multiply', operand, path);
  return (current, context) => {
    if (current === undefined) return zeroLike(factor);
    checkNumeric('$mul', current, context);
    return multiplyNumbers(current, factor, failOverflow('$mul', current, context.document));
  };
}

function zeroLike(value: unknown): unknown {
  switch (numberKind(value)) {
    case 'long':
      return long(0n);
    case 'double':
      return double(0);
    case 'decimal':
      return Decimal128.fromString('0');
    case 'int':
    case undefined:
      return int(0);
  }
}

/** `$min` and `$max`: the smaller or larger by BSON's order; a missing field becomes the operand. */
export function extreme(operand: unknown, sign: 1 | -1, options: ModifierOptions): Modifier {
  return (current) => {
    if (current === undefined) return operand;
    return compareWith(operand, current, options.collator) * sign > 0 ? operand : undefined;
  };
}

/** `$currentDate`: `true` or `{ $type: 'date' }` for a date, `{ $type: 'timestamp' }` for a timestamp. */
export function currentDate(operand: unknown, options: ModifierOptions): Modifier {
  const type = isObject(operand) ? operand['$type'] : typeof operand === 'boolean' ? 'date' : undefined;
  if (isObject(operand)) {
    const other = Object.keys(operand).find((key) => key !== '$type');
    if (other !== undefined) throw badValue(`Unrecognized $currentDate option: ${other}`);
  } else if (type === undefined) {
    throw badValue(
      `${typeAlias(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
    );
  }
  if (type === 'date') return () => options.now;
  if (type !== 'timestamp') {
    throw badValue(
      `The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}`,
    );
  }
  return () => new Timestamp({ t: Math.floor(options.now.getTime() / 1000), i: 1 });
}

const BIT_OPERATIONS: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

/** `$bit`: and, or, xor on 32- and 64-bit integers. */
export function bit(operand: unknown): Modifier {
  if (!isObject(operand) || Object.keys(operand).length === 0) {
    throw badValue(
      'The $bit modifier is not compatible with this type. You must pass in an embedded document',
    );
  }
  const steps = Object.entries(operand).map(([name, mask]: [string, unknown]) => {
    const operation = BIT_OPERATIONS[name];
    if (!operation) {
      throw badValue(
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator`,
      );
    }
    if (!isIntegral(mask)) {
      throw badValue(
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeAlias(mask)}' is not supported here: {${name}: ${show(mask)}}`,
      );
    }
    return { operation, mask };
  });
  return (current, { document }) => {
    let value: unknown = current ?? int(0);
    if (!isIntegral(value)) {
      throw badValue(
        `Cannot apply $bit to a value of non-integral type.{_id: ${show(document['_id'])}} has the field of non-integer type ${typeAlias(value)}`,
      );
    }
    for (const { operation, mask } of steps) value = combineBits(value, mask, operation);
    return value;
  };
}

function isIntegral(value: unknown): boolean {
  const kind = numberKind(value);
  return kind === 'int' || kind === 'long';
}

function combineBits(value: unknown, mask: unknown, operation: (a: bigint, b: bigint) => bigint): unknown {
  const result = operation(bigOf(value), bigOf(mask));
  if (numberKind(value) === 'int' && numberKind(mask) === 'int') return int(Number(result));
  if (!fitsLong(result)) throw new ServerError(2, '$bit result does not fit 64 bits');
  return long(result);
}

function bigOf(value: unknown): bigint {
  return BigInt(numericValue(value) as number | bigint);
}
