import { Decimal128 } from 'bson';

/** A decimal as a sign-carrying coefficient and a power of ten, or one of the values that are not finite. */
export type Decimal =
  | { readonly coefficient: bigint; readonly exponent: number }
  | 'NaN'
  | 'Infinity'
  | '-Infinity';

const DIGITS = 34;
const MAX_EXPONENT = 6111;
const MIN_EXPONENT = -6176;

/** Ten to the power of a non-negative integer. */
export function pow10(power: number): bigint {
  return 10n ** BigInt(power);
}

/** Reads a decimal number written as text, as Decimal128 prints it; undefined when it is not one. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(?:(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?|(inf(?:inity)?)|(nan))$/i.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent, infinite, nan] = match;
  if (nan) return 'NaN';
  if (infinite) return sign === '-' ? '-Infinity' : 'Infinity';
  if (whole === '' && fraction === '') return undefined;
  const magnitude = BigInt(whole + fraction);
  return {
    coefficient: sign === '-' ? -magnitude : magnitude,
    exponent: Number(exponent ?? 0) - fraction.length,
  };
}

/** The value of a Decimal128. */
export function decimalOf(value: Decimal128): Decimal {
  return parseDecimal(value.toString()) as Decimal;
}

/** The exact value of a bigint or of a double. */
export function exactDecimal(value: number | bigint): Decimal {
  if (typeof value === 'bigint') return { coefficient: value, exponent: 0 };
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Number.isSafeInteger(value)) return { coefficient: BigInt(value), exponent: 0 };
  let mantissa = value;
  let halvings = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    halvings++;
  }
  // m / 2^k = m * 5^k / 10^k, so every double has an exact decimal form.
  return { coefficient: BigInt(mantissa) * 5n ** BigInt(halvings), exponent: -halvings };
}

/** A double as arithmetic with decimals takes it: rounded to 15 significant digits, as the server does. */
export function decimalOfDouble(value: number): Decimal {
  return Number.isFinite(value) ? (parseDecimal(value.toPrecision(15)) as Decimal) : exactDecimal(value);
}

function digitCount(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}

/** Integer division that rounds half to even, the rounding of Decimal128. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  const size = denominator < 0n ? -denominator : denominator;
  if (twice < size || (twice === size && quotient % 2n === 0n)) return quotient;
  return numerator < 0n === denominator < 0n ? quotient + 1n : quotient - 1n;
}

/** Rounds to 34 digits and gives the Decimal128; too large a value becomes infinite. */
export function toDecimal128(value: Decimal): Decimal128 {
  if (typeof value === 'string') return Decimal128.fromString(value);
  let { coefficient, exponent } = value;
  const drop = Math.max(digitCount(coefficient) - DIGITS, MIN_EXPONENT - exponent, 0);
  if (drop > 0) {
    coefficient = divideHalfEven(coefficient, pow10(drop));
    exponent += drop;
  }
  if (coefficient === 0n) exponent = Math.min(Math.max(exponent, MIN_EXPONENT), MAX_EXPONENT);
  while (exponent > MAX_EXPONENT && digitCount(coefficient) < DIGITS) {
    coefficient *= 10n;
    exponent--;
  }
  if (exponent > MAX_EXPONENT) return Decimal128.fromString(coefficient < 0n ? '-Infinity' : 'Infinity');
  return Decimal128.fromString(`${coefficient}E${exponent}`);
}

/** A decimal as a JavaScript number. */
export function decimalToNumber(value: Decimal): number {
  return typeof value === 'string' ? Number(value) : Number(`${value.coefficient}E${value.exponent}`);
}

function signOf(value: Exclude<Decimal, string>): number {
  return value.coefficient > 0n ? 1 : value.coefficient < 0n ? -1 : 0;
}

/** Orders two decimals exactly; NaN is below everything and equal to itself. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (typeof a === 'string' || typeof b === 'string') return compareNumbers(special(a), special(b));
  if (signOf(a) !== signOf(b)) return signOf(a) - signOf(b);
  // The position of the leading digit decides unless it is the same; so 1E6000 costs no long multiplication.
  const lead = digitCount(a.coefficient) + a.exponent - digitCount(b.coefficient) - b.exponent;
  if (lead !== 0 && a.coefficient !== 0n) return lead > 0 ? signOf(a) : -signOf(a);
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function special(value: Decimal): number {
  return typeof value === 'string' ? Number(value) : 0;
}

function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a < b ? -1 : a > b ? 1 : 0;
}

type Finite = Exclude<Decimal, string>;

/** The coefficients of two decimals brought to one exponent. */
function aligned(a: Finite, b: Finite): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent);
  return [
    a.coefficient * pow10(a.exponent - exponent),
    b.coefficient * pow10(b.exponent - exponent),
    exponent,
  ];
}

function fromNumber(value: number): Decimal {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** a + b. */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (typeof a === 'string' || typeof b === 'string') return fromNumber(special(a) + special(b));
  // Beyond 34 digits of distance the smaller one cannot change a rounded sum; this also bounds the work.
  if (a.coefficient !== 0n && b.coefficient !== 0n) {
    const distance = digitCount(a.coefficient) + a.exponent - digitCount(b.coefficient) - b.exponent;
    if (Math.abs(distance) > 2 * DIGITS) return distance > 0 ? a : b;
  } else if (a.coefficient === 0n && b.exponent <= a.exponent) return b;
  else if (b.coefficient === 0n && a.exponent <= b.exponent) return a;
  const [left, right, exponent] = aligned(a, b);
  return { coefficient: left + right, exponent };
}

/** −a. */
export function negateDecimal(a: Decimal): Decimal {
  if (a === 'NaN') return a;
  if (typeof a === 'string') return a === 'Infinity' ? '-Infinity' : 'Infinity';
  return { coefficient: -a.coefficient, exponent: a.exponent };
}

function signNumber(value: Decimal): number {
  return typeof value === 'string' ? Number(value) : signOf(value);
}

/** a × b. */
export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  if (typeof a === 'string' || typeof b === 'string') return fromNumber(signNumber(a) * signNumber(b));
  return { coefficient: a.coefficient * b.coefficient, exponent: a.exponent + b.exponent };
}

/** a ÷ b to 34 digits; b is not zero. An exact quotient keeps the shortest form that division gives. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (typeof b === 'string')
    return typeof a === 'string' || b === 'NaN' ? 'NaN' : { coefficient: 0n, exponent: 0 };
  if (typeof a === 'string') return fromNumber(Number(a) * (signOf(b) || 1));
  const shift = Math.max(0, DIGITS + 2 + digitCount(b.coefficient) - digitCount(a.coefficient));
  const numerator = a.coefficient * pow10(shift);
  const ideal = a.exponent - b.exponent;
  let exponent = ideal - shift;
  if (numerator % b.coefficient !== 0n) {
    // A sticky digit keeps the later rounding to 34 digits right.
    const quotient = (numerator * 10n) / b.coefficient;
    return {
      coefficient: quotient % 10n === 0n ? quotient + (quotient < 0n ? -1n : 1n) : quotient,
      exponent: exponent - 1,
    };
  }
  let coefficient = numerator / b.coefficient;
  while (exponent < ideal && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return { coefficient, exponent };
}

/** The remainder of a ÷ b with the sign of a; b is finite and not zero. */
export function remainderDecimals(a: Decimal, b: Decimal): Decimal {
  if (typeof a === 'string' || b === 'NaN') return 'NaN';
  if (typeof b === 'string') return a;
  const [left, right, exponent] = aligned(a, b);
  return { coefficient: left % right, exponent };
}

/** How a value between two neighbours is settled. */
export type Rounding = 'halfEven' | 'truncate' | 'floor' | 'ceil';

/** Rounds to a number of places after the point (negative: before it). */
export function roundDecimal(value: Decimal, places: number, rounding: Rounding): Decimal {
  if (typeof value === 'string' || value.exponent >= -places) return value;
  const unit = pow10(-places - value.exponent);
  const { coefficient } = value;
  const truncated = coefficient / unit;
  const inexact = coefficient % unit !== 0n;
  if (rounding === 'halfEven') return { coefficient: divideHalfEven(coefficient, unit), exponent: -places };
  if (rounding === 'floor' && inexact && coefficient < 0n)
    return { coefficient: truncated - 1n, exponent: -places };
  if (rounding === 'ceil' && inexact && coefficient > 0n)
    return { coefficient: truncated + 1n, exponent: -places };
  return { coefficient: truncated, exponent: -places };
}

/** The square root of a decimal that is not negative, to 34 digits. */
export function decimalRoot(value: Exclude<Decimal, string>): Decimal {
  if (value.coefficient === 0n) return { coefficient: 0n, exponent: Math.trunc(value.exponent / 2) };
  // Two digits more than are kept, so that rounding sees what follows; an odd exponent takes one digit along.
  const shift = Math.max(0, 2 * (DIGITS + 2) - digitCount(value.coefficient));
  const places = shift + Math.abs((value.exponent - shift) % 2);
  const scaled = value.coefficient * pow10(places);
  let root = BigInt(Math.floor(Math.sqrt(Number(scaled))));
  // Newton's method doubles the digits that are right: a double's 15 become 34 and more in two steps.
  for (let step = 0; step < 4; step++) root = (root + scaled / root) / 2n;
  while (root * root > scaled) root--;
  while ((root + 1n) ** 2n <= scaled) root++;
  const exponent = (value.exponent - places) / 2;
  if (root * root === scaled) return withoutZeros(root, exponent, Math.trunc(value.exponent / 2));
  // An inexact root ends in a digit that keeps a tie from looking exact.
  return { coefficient: root * 10n + 1n, exponent: exponent - 1 };
}

function withoutZeros(coefficient: bigint, exponent: number, most: number): Decimal {
  let [digits, power] = [coefficient, exponent];
  while (power < most && digits % 10n === 0n) {
    digits /= 10n;
    power++;
  }
  return { coefficient: digits, exponent: power };
}
