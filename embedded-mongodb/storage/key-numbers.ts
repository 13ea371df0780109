import type { Decimal128, Long } from 'bson';

/** A number split into the double nearest to it and the exact rest, as `rest = coefficient × 10^exponent`. */
interface SplitNumber {
  readonly double: number;
  readonly restSign: -1 | 0 | 1;
  readonly restDigits: string;
  readonly restExponent: number;
}

const EXACT: Omit<SplitNumber, 'double'> = { restSign: 0, restDigits: '', restExponent: 0 };
const scratch = Buffer.alloc(8);

/**
 * Eight bytes whose order is the order of doubles, then the exact rest beyond the double, so that
 * 2^53 and 2^53 + 1 have different keys. NaN sorts before every other number.
 */
export function encodeNumber(value: unknown): string {
  const double = exactDouble(value);
  if (double !== undefined) return `${encodeDouble(double)}\x80`;
  const split = splitNumber(value);
  if (split.restSign === 0) return `${encodeDouble(split.double)}\x80`;
  const rest = encodeRest(split);
  return encodeDouble(split.double) + (split.restSign > 0 ? rest : invert(rest)).toString('latin1');
}

/** The double that is the number exactly, where that is plain to see. */
function exactDouble(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const typed = value as { _bsontype?: string; value: number };
  return typed._bsontype === 'Int32' || typed._bsontype === 'Double' ? typed.value : undefined;
}

const view = new DataView(new ArrayBuffer(8));

function encodeDouble(value: number): string {
  view.setFloat64(0, value === 0 ? 0 : value);
  let high = view.getUint32(0);
  let low = view.getUint32(4);
  if (Number.isNaN(value)) {
    high = 0;
    low = 0;
  } else if (high & 0x80000000) {
    high = ~high;
    low = ~low;
  } else high ^= 0x80000000;
  return word(high) + word(low);
}

/** Four bytes of an integer, the most significant first. */
export function word(bits: number): string {
  return String.fromCharCode((bits >>> 24) & 0xff, (bits >>> 16) & 0xff, (bits >>> 8) & 0xff, bits & 0xff);
}

/** Sign, then the decimal magnitude, then the digits: orders positive rests by size. */
function encodeRest(split: SplitNumber): Buffer {
  const digits = split.restDigits.replace(/0+$/, '');
  const magnitude = split.restDigits.length + split.restExponent;
  const out = Buffer.alloc(3 + digits.length + 1);
  out[0] = 0x81;
  out.writeUInt16BE(magnitude + 0x8000, 1);
  out.write(digits, 3, 'latin1');
  return out;
}

function invert(bytes: Buffer): Buffer {
  for (let i = 0; i < bytes.length; i++) bytes[i]! ^= 0xff;
  return bytes;
}

function splitNumber(value: unknown): SplitNumber {
  if (typeof value === 'number') return { double: value, ...EXACT };
  if (typeof value === 'bigint') return splitInteger(value);
  const typed = value as { _bsontype: string; value: number };
  if (typed._bsontype === 'Int32' || typed._bsontype === 'Double') return { double: typed.value, ...EXACT };
  if (typed._bsontype === 'Long') return splitLong(value as Long);
  return splitDecimal((value as Decimal128).toString());
}

function splitLong(value: Long): SplitNumber {
  const double = value.toNumber();
  return Number.isSafeInteger(double) ? { double, ...EXACT } : splitInteger(value.toBigInt());
}

function splitInteger(value: bigint): SplitNumber {
  const double = Number(value);
  return withRest(double, value - BigInt(double), 0);
}

function splitDecimal(text: string): SplitNumber {
  const parts = /^([+-]?)(\d*)\.?(\d*)(?:E([+-]?\d+))?$/i.exec(text);
  if (parts === null) return { double: text === 'NaN' ? Number.NaN : Number(text), ...EXACT };
  const coefficient = BigInt(`${parts[2]}${parts[3]}` || '0') * (parts[1] === '-' ? -1n : 1n);
  const exponent = Number(parts[4] ?? 0) - (parts[3]?.length ?? 0);
  let double = Number(text);
  if (!Number.isFinite(double)) double = double > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE;
  const dyadic = exactDecimal(double);
  const low = Math.min(exponent, dyadic.exponent);
  const rest =
    coefficient * 10n ** BigInt(exponent - low) - dyadic.coefficient * 10n ** BigInt(dyadic.exponent - low);
  return withRest(double, rest, low);
}

function withRest(double: number, rest: bigint, exponent: number): SplitNumber {
  if (rest === 0n) return { double, ...EXACT };
  const magnitude = rest < 0n ? -rest : rest;
  return { double, restSign: rest < 0n ? -1 : 1, restDigits: magnitude.toString(), restExponent: exponent };
}

/** Every finite double is a finite decimal: m × 2^-k = m × 5^k × 10^-k. */
function exactDecimal(value: number): { coefficient: bigint; exponent: number } {
  scratch.writeDoubleBE(value);
  const bits = scratch.readBigUInt64BE();
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const power = (biased === 0 ? 1 : biased) - 1075;
  const signed = bits >> 63n ? -mantissa : mantissa;
  if (power >= 0) return { coefficient: signed << BigInt(power), exponent: 0 };
  return { coefficient: signed * 5n ** BigInt(-power), exponent: power };
}
