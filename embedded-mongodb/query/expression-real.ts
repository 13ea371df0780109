import { Decimal128 } from 'bson';
import { decimalOf, decimalRoot, toDecimal128 } from '../bson/decimal.ts';
import { ServerError } from '../bson/errors.ts';
import { type BsonNumber, fitsLong, multiplyNumbers, widerKind } from '../bson/numeric.ts';
import { bigOf, double, integer, long, numberKind, toDouble } from '../bson/value.ts';
import { requireNumber } from './expression-rounding.ts';
import type { OperatorCompiler } from './expression-scope.ts';
import { binary, unary } from './expression-shapes.ts';

/** A function of a real number. A double would give half the digits of a decimal, so decimals are refused. */
function real(
  compute: (value: number) => number,
  inDomain: (value: number) => boolean,
  code: number,
  rule: string,
): OperatorCompiler {
  return unary((value, operator) => {
    requireNumber(operator, value);
    refuseDecimals(operator, value);
    const number = toDouble(value);
    if (!Number.isNaN(number) && !inDomain(number)) {
      throw new ServerError(code, `${operator}'s argument must be ${rule}, but is ${number}`);
    }
    return double(compute(number));
  });
}

function refuseDecimals(operator: string, ...operands: unknown[]): void {
  if (operands.some((operand) => numberKind(operand) === 'decimal'))
    throw new ServerError(238, `${operator} of a decimal is not implemented by this server`);
}

/** The root of a decimal to its 34 digits: twice as many digits below the root as above it. */
function sqrt(value: unknown, operator: string): unknown {
  requireNumber(operator, value);
  if (toDouble(value) < 0)
    throw new ServerError(28714, `$sqrt's argument must be greater than or equal to 0`);
  if (numberKind(value) !== 'decimal') return double(Math.sqrt(toDouble(value)));
  const decimal = decimalOf(value as Decimal128);
  return typeof decimal === 'string' ? value : toDecimal128(decimalRoot(decimal));
}

function atan2(a: unknown, b: unknown, operator: string): unknown {
  requireNumber(operator, a, 51044);
  requireNumber(operator, b, 51045);
  refuseDecimals(operator, a, b);
  return double(Math.atan2(toDouble(a), toDouble(b)));
}

function pow(a: unknown, b: unknown): unknown {
  requireNumber('$pow', a, 28762);
  requireNumber('$pow', b, 28763);
  const [base, exponent] = [toDouble(a), toDouble(b)];
  if (base === 0 && exponent < 0)
    throw new ServerError(28764, '$pow cannot take a base of 0 and a negative exponent');
  const kind = widerKind(a, b);
  if ((kind === 'int' || kind === 'long') && exponent >= 0 && Math.abs(base) ** exponent <= 2 ** 63) {
    const exact = bigOf(a) ** bigOf(b);
    if (fitsLong(exact)) return kind === 'long' ? long(exact) : integer(exact);
  }
  if (kind === 'decimal') return decimalPower(a, exponent);
  return double(base ** exponent);
}

/** A whole power of a decimal, each product rounded to 34 digits. */
function decimalPower(base: unknown, exponent: number): unknown {
  if (!Number.isInteger(exponent) || exponent < 0 || exponent > 1000)
    refuseDecimals('$pow', Decimal128.fromString('1'));
  let power: BsonNumber = Decimal128.fromString('1');
  for (let i = 0; i < exponent; i++) power = multiplyNumbers(power, base);
  return power;
}

function log(a: unknown, b: unknown): unknown {
  requireNumber('$log', a, 28756);
  requireNumber('$log', b, 28757);
  const [value, base] = [toDouble(a), toDouble(b)];
  if (value <= 0) throw new ServerError(28758, `$log's argument must be a positive number, but is ${value}`);
  if (base <= 0 || base === 1)
    throw new ServerError(28759, `$log's base must be a positive number not equal to 1, but is ${base}`);
  refuseDecimals('$log', a, b);
  return double(
    base === 10 ? Math.log10(value) : base === 2 ? Math.log2(value) : Math.log(value) / Math.log(base),
  );
}

const anywhere = () => true;
const finite = (value: number) => Number.isFinite(value);
const unit = (value: number) => Math.abs(value) <= 1;
const ANGLE = 50989;

/** Powers, roots, logarithms and angles. */
export const REAL_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $pow: binary(pow),
  $log: binary(log),
  $sqrt: unary(sqrt),
  $exp: real(Math.exp, anywhere, 0, ''),
  $ln: real(Math.log, (value) => value > 0, 28766, 'a positive number'),
  $log10: real(Math.log10, (value) => value > 0, 28761, 'a positive number'),
  $sin: real(Math.sin, finite, ANGLE, 'finite'),
  $cos: real(Math.cos, finite, ANGLE, 'finite'),
  $tan: real(Math.tan, finite, ANGLE, 'finite'),
  $asin: real(Math.asin, unit, ANGLE, 'in [-1, 1]'),
  $acos: real(Math.acos, unit, ANGLE, 'in [-1, 1]'),
  $atan: real(Math.atan, anywhere, 0, ''),
  $atan2: binary(atan2),
  $sinh: real(Math.sinh, anywhere, 0, ''),
  $cosh: real(Math.cosh, anywhere, 0, ''),
  $tanh: real(Math.tanh, anywhere, 0, ''),
  $asinh: real(Math.asinh, anywhere, 0, ''),
  $acosh: real(Math.acosh, (value) => value >= 1, ANGLE, 'in [1, inf]'),
  $atanh: real(Math.atanh, unit, ANGLE, 'in [-1, 1]'),
  $degreesToRadians: real((value) => (value * Math.PI) / 180, anywhere, 0, ''),
  $radiansToDegrees: real((value) => (value * 180) / Math.PI, anywhere, 0, ''),
  $rand: () => () => double(Math.random()),
};
