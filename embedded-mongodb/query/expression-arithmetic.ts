import { Decimal128 } from 'bson';
import {
  type Decimal,
  decimalOf,
  divideDecimals,
  exactDecimal,
  type Rounding,
  remainderDecimals,
  roundDecimal,
  toDecimal128,
} from '../bson/decimal.ts';
import { badValue, ServerError } from '../bson/errors.ts';
import { addNumbers, multiplyNumbers, numberToDecimal, subtractNumbers, widerKind } from '../bson/numeric.ts';
import {
  double,
  int,
  integer,
  isNullish,
  isNumber,
  long,
  numberKind,
  numericValue,
  toDouble,
  toInteger,
  typeAlias,
} from '../bson/value.ts';
import { compileArguments, type Evaluate, type OperatorCompiler } from './expression-scope.ts';

function requireNumber(operator: string, value: unknown, code = 28765): void {
  if (!isNumber(value))
    throw new ServerError(code, `${operator} only supports numeric types, not ${typeAlias(value)}`);
}

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

/** An operator of two arguments that gives null when either is null or missing. */
export function binary(compute: (a: unknown, b: unknown, operator: string) => unknown): OperatorCompiler {
  return (operand, scope, operator) => {
    const [left, right] = compileArguments(operand, scope, operator, 2) as [Evaluate, Evaluate];
    return (root) => {
      const a = left(root);
      const b = right(root);
      return isNullish(a) || isNullish(b) ? null : compute(a, b, operator);
    };
  };
}

/** An operator of one argument that gives null when it is null or missing. */
export function unary(compute: (value: unknown, operator: string) => unknown): OperatorCompiler {
  return (operand, scope, operator) => {
    const [argument] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => {
      const value = argument(root);
      return isNullish(value) ? null : compute(value, operator);
    };
  };
}

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

function bigOf(value: unknown): bigint {
  return BigInt(numericValue(value) as number | bigint);
}

function abs(value: unknown, operator: string): unknown {
  requireNumber(operator, value);
  if (toDouble(value) >= 0) return value;
  return multiplyNumbers(value, int(-1));
}

const NATIVE: Readonly<Record<Rounding, (value: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  truncate: Math.trunc,
  halfEven: (value) => {
    const rounded = Math.round(value);
    return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
  },
};

/** Rounds to a number of places; integers stay of their kind. */
function roundTo(value: unknown, places: number, rounding: Rounding): unknown {
  switch (numberKind(value)) {
    case 'decimal':
      return toDecimal128(roundDecimal(decimalOf(value as Decimal128), places, rounding));
    case 'double': {
      const number = toDouble(value);
      if (places === 0 || !Number.isFinite(number)) return double(NATIVE[rounding](number));
      const exact = roundDecimal(exactDecimal(number), places, rounding) as Exclude<Decimal, string>;
      return double(Number(`${exact.coefficient}E${exact.exponent}`));
    }
    default: {
      if (places >= 0) return value;
      const exact = roundDecimal(exactDecimal(bigOf(value)), places, rounding) as Exclude<Decimal, string>;
      const rounded = exact.coefficient * 10n ** BigInt(exact.exponent);
      return numberKind(value) === 'long' ? long(rounded) : integer(rounded);
    }
  }
}

function rounding(mode: Rounding): OperatorCompiler {
  return (operand, scope, operator) => {
    const [argument, places] = compileArguments(operand, scope, operator, 1, 2) as [Evaluate, Evaluate?];
    return (root) => {
      const value = argument(root);
      const digits = places ? places(root) : int(0);
      if (isNullish(value) || isNullish(digits)) return null;
      requireNumber(operator, value, 51081);
      const wanted = toInteger(digits);
      if (wanted === undefined)
        throw new ServerError(51082, 'precision argument to $round and $trunc must be a integral value');
      if (wanted < -20 || wanted > 100)
        throw new ServerError(
          51083,
          `cannot apply ${operator} with precision value ${wanted} value must be in [-20, 100]`,
        );
      return roundTo(value, wanted, mode);
    };
  };
}

function floorOrCeil(mode: Rounding): OperatorCompiler {
  return unary((value, operator) => {
    requireNumber(operator, value);
    return roundTo(value, 0, mode);
  });
}

/** A function of a real number; decimals are computed as doubles, which the README says. */
function real(
  compute: (value: number) => number,
  inDomain: (value: number) => boolean,
  code: number,
  rule: string,
): OperatorCompiler {
  return unary((value, operator) => {
    requireNumber(operator, value);
    const number = toDouble(value);
    if (!Number.isNaN(number) && !inDomain(number)) {
      throw new ServerError(code, `${operator}'s argument must be ${rule}, but is ${number}`);
    }
    return likeDecimal(compute(number), value);
  });
}

function likeDecimal(result: number, ...operands: unknown[]): unknown {
  return operands.some((operand) => numberKind(operand) === 'decimal')
    ? Decimal128.fromString(String(result))
    : double(result);
}

function pow(a: unknown, b: unknown): unknown {
  requireNumber('$pow', a, 28762);
  requireNumber('$pow', b, 28763);
  const [base, exponent] = [toDouble(a), toDouble(b)];
  if (base === 0 && exponent < 0)
    throw new ServerError(28764, '$pow cannot take a base of 0 and a negative exponent');
  const kind = widerKind(a, b);
  if ((kind === 'int' || kind === 'long') && exponent >= 0 && Math.abs(base) ** exponent < 2 ** 63) {
    const exact = bigOf(a) ** bigOf(b);
    return kind === 'long' ? long(exact) : integer(exact);
  }
  return likeDecimal(base ** exponent, a, b);
}

function log(a: unknown, b: unknown): unknown {
  requireNumber('$log', a, 28756);
  requireNumber('$log', b, 28757);
  const [value, base] = [toDouble(a), toDouble(b)];
  if (value <= 0) throw new ServerError(28758, `$log's argument must be a positive number, but is ${value}`);
  if (base <= 0 || base === 1)
    throw new ServerError(28759, `$log's base must be a positive number not equal to 1, but is ${base}`);
  return likeDecimal(
    base === 10 ? Math.log10(value) : base === 2 ? Math.log2(value) : Math.log(value) / Math.log(base),
    a,
    b,
  );
}

function bitwise(combine: (a: bigint, b: bigint) => bigint, start: bigint): OperatorCompiler {
  return (operand, scope, operator) => {
    const parts = compileArguments(operand, scope, operator, 0, Number.POSITIVE_INFINITY);
    return (root) => {
      let result = start;
      let isLong = false;
      for (const part of parts) {
        const value = part(root);
        if (isNullish(value)) return null;
        isLong ||= requireInteger(operator, value) === 'long';
        result = combine(result, bigOf(value));
      }
      return isLong ? long(result) : int(Number(result));
    };
  };
}

function requireInteger(operator: string, value: unknown): 'int' | 'long' {
  const kind = numberKind(value);
  if (kind === 'int' || kind === 'long') return kind;
  throw new ServerError(14, `${operator} only supports int and long operands, not ${typeAlias(value)}`);
}

const anywhere = () => true;
const finite = (value: number) => Number.isFinite(value);
const unit = (value: number) => Math.abs(value) <= 1;
const ANGLE = 50989;

/** Arithmetic, rounding, trigonometry and bits. */
export const ARITHMETIC_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $add: add,
  $multiply: multiply,
  $subtract: binary(subtract),
  $divide: binary(divide),
  $mod: binary(mod),
  $pow: binary(pow),
  $log: binary(log),
  $abs: unary(abs),
  $round: rounding('halfEven'),
  $trunc: rounding('truncate'),
  $floor: floorOrCeil('floor'),
  $ceil: floorOrCeil('ceil'),
  $sqrt: real(Math.sqrt, (value) => value >= 0, 28714, 'greater than or equal to 0'),
  $exp: real(Math.exp, anywhere, 0, ''),
  $ln: real(Math.log, (value) => value > 0, 28766, 'a positive number'),
  $log10: real(Math.log10, (value) => value > 0, 28761, 'a positive number'),
  $sin: real(Math.sin, finite, ANGLE, 'finite'),
  $cos: real(Math.cos, finite, ANGLE, 'finite'),
  $tan: real(Math.tan, finite, ANGLE, 'finite'),
  $asin: real(Math.asin, unit, ANGLE, 'in [-1, 1]'),
  $acos: real(Math.acos, unit, ANGLE, 'in [-1, 1]'),
  $atan: real(Math.atan, anywhere, 0, ''),
  $atan2: binary((a, b) => likeDecimal(Math.atan2(toDouble(a), toDouble(b)), a, b)),
  $sinh: real(Math.sinh, anywhere, 0, ''),
  $cosh: real(Math.cosh, anywhere, 0, ''),
  $tanh: real(Math.tanh, anywhere, 0, ''),
  $asinh: real(Math.asinh, anywhere, 0, ''),
  $acosh: real(Math.acosh, (value) => value >= 1, ANGLE, 'in [1, inf]'),
  $atanh: real(Math.atanh, unit, ANGLE, 'in [-1, 1]'),
  $degreesToRadians: real((value) => (value * Math.PI) / 180, anywhere, 0, ''),
  $radiansToDegrees: real((value) => (value * 180) / Math.PI, anywhere, 0, ''),
  $rand: () => () => double(Math.random()),
  $bitAnd: bitwise((a, b) => a & b, -1n),
  $bitOr: bitwise((a, b) => a | b, 0n),
  $bitXor: bitwise((a, b) => a ^ b, 0n),
  $bitNot: unary((value, operator) =>
    requireInteger(operator, value) === 'long' ? long(~bigOf(value)) : int(~toDouble(value)),
  ),
};
