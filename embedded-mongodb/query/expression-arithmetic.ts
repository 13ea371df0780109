import { divideDecimals, remainderDecimals, toDecimal128 } from '../bson/decimal.ts';
import { badValue, ServerError } from '../bson/errors.ts';
import { addNumbers, multiplyNumbers, numberToDecimal, subtractNumbers, widerKind } from '../bson/numeric.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { bigOf, double, int, isNullish, isNumber, long, toDouble } from '../bson/value.ts';
import { compileArguments, type OperatorCompiler } from './expression-scope.ts';
import { binary } from './expression-shapes.ts';

const isDate = (value: unknown): value is Date => value instanceof Date;

const add: OperatorCompiler = (operand, scope) => {
  const parts = compileArguments(operand, scope, '$add', 0, Number.POSITIVE_INFINITY);
  return (root) => {
    let sum: unknown = int(0);
    let date: Date | undefined;
    for (const part of parts) {
      const value = part(root);
      if (isNullish(value)) return null;
      if (isDate(value)) {
        if (date) throw new ServerError(16612, 'only one date allowed in an $add expression');
        date = value;
      } else if (isNumber(value)) sum = addNumbers(sum, value);
      else throw typeError('$add', value);
    }
    return date ? new Date(date.getTime() + Math.round(toDouble(sum))) : sum;
  };
};

function typeError(operator: string, value: unknown): ServerError {
  return new ServerError(14, `${operator} only supports numeric or date types, not ${typeAlias(value)}`);
}

const multiply: OperatorCompiler = (operand, scope) => {
  const parts = compileArguments(operand, scope, '$multiply', 0, Number.POSITIVE_INFINITY);
  return (root) => {
    let product: unknown = int(1);
    for (const part of parts) {
      const value = part(root);
      if (isNullish(value)) return null;
      if (!isNumber(value))
        throw new ServerError(14, `$multiply only supports numeric types, not ${typeAlias(value)}`);
      product = multiplyNumbers(product, value);
    }
    return product;
  };
};

function subtract(a: unknown, b: unknown): unknown {
  if (isDate(a)) {
    if (isDate(b)) return long(a.getTime() - b.getTime());
    if (isNumber(b)) return new Date(a.getTime() - Math.round(toDouble(b)));
  }
  if (isNumber(a) && isNumber(b)) return subtractNumbers(a, b);
  throw new ServerError(14, `can't $subtract ${typeAlias(b)} from ${typeAlias(a)}`);
}

function divide(a: unknown, b: unknown): unknown {
  if (!isNumber(a) || !isNumber(b)) {
    throw new ServerError(14, `$divide only supports numeric types, not ${typeAlias(a)} and ${typeAlias(b)}`);
  }
  if (toDouble(b) === 0) throw badValue("can't $divide by zero");
  if (widerKind(a, b) !== 'decimal') return double(toDouble(a) / toDouble(b));
  return toDecimal128(divideDecimals(numberToDecimal(a), numberToDecimal(b)));
}

function mod(a: unknown, b: unknown): unknown {
  if (!isNumber(a) || !isNumber(b)) {
    throw new ServerError(16611, `$mod only supports numeric types, not ${typeAlias(a)} and ${typeAlias(b)}`);
  }
  if (toDouble(b) === 0) throw new ServerError(16610, "can't $mod by zero");
  switch (widerKind(a, b)) {
    case 'int':
      return int((toDouble(a) % toDouble(b)) + 0);
    case 'long':
      return long(bigOf(a) % bigOf(b));
    case 'double':
      return double(toDouble(a) % toDouble(b));
    case 'decimal':
      return toDecimal128(remainderDecimals(numberToDecimal(a), numberToDecimal(b)));
  }
}

/** Sums, products and quotients. */
export const ARITHMETIC_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $add: add,
  $multiply: multiply,
  $subtract: binary(subtract),
  $divide: binary(divide),
  $mod: binary(mod),
};
