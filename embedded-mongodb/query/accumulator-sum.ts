import { type Decimal128, Double, type Long } from 'bson';
import {
  addDecimals,
  type Decimal,
  decimalOf,
  divideDecimals,
  exactDecimal,
  toDecimal128,
} from '../bson/decimal.ts';
import { type BsonNumber, fitsLong, numberToDecimal } from '../bson/numeric.ts';
import { double, integer, long, numberKind, numericValue } from '../bson/value.ts';
import type { Accumulator } from './accumulators.ts';

/** A sum that keeps integers exact and compensates the rounding of doubles, as the server does. */
interface Total {
  count: number;
  integers: number;
  /** What no longer fits a safe JavaScript integer. */
  carried: bigint;
  doubles: number;
  compensation: number;
  decimals: Decimal | undefined;
  widest: 'int' | 'long' | 'double' | 'decimal';
}

function newTotal(): Total {
  return {
    count: 0,
    integers: 0,
    carried: 0n,
    doubles: 0,
    compensation: 0,
    decimals: undefined,
    widest: 'int',
  };
}

function addTo(total: Total, value: unknown): void {
  const kind = numberKind(value);
  if (kind === undefined) return;
  total.count++;
  if (kind === 'decimal') {
    total.decimals = addDecimals(
      total.decimals ?? { coefficient: 0n, exponent: 0 },
      decimalOf(value as Decimal128),
    );
    total.widest = 'decimal';
  } else if (kind === 'double') {
    addDouble(total, numericValue(value) as number);
    if (total.widest !== 'decimal') total.widest = 'double';
  } else {
    addInteger(total, numericValue(value) as number | bigint);
    if (kind === 'long' && total.widest === 'int') total.widest = 'long';
  }
}

function addInteger(total: Total, value: number | bigint): void {
  const sum = typeof value === 'number' ? total.integers + value : Number.NaN;
  if (Number.isSafeInteger(sum)) total.integers = sum;
  else total.carried += BigInt(value);
}

/** Neumaier's summation: what a rounding loses is kept aside and added at the end. */
function addDouble(total: Total, value: number): void {
  const sum = total.doubles + value;
  if (Number.isFinite(sum)) {
    total.compensation +=
      Math.abs(total.doubles) >= Math.abs(value) ? total.doubles - sum + value : value - sum + total.doubles;
  }
  total.doubles = sum;
}

function integerTotal(total: Total): bigint {
  return total.carried + BigInt(total.integers);
}

function doubleTotal(total: Total): number {
  const doubles = total.doubles + total.compensation;
  return total.carried === 0n ? doubles + total.integers : doubles + Number(integerTotal(total));
}

function decimalTotal(total: Total): Decimal {
  const integers = addDecimals(exactDecimal(integerTotal(total)), total.decimals as Decimal);
  const doubles = total.doubles + total.compensation;
  // A double has 15 digits here, so a zero that nobody added would only lengthen the result.
  return doubles === 0 ? integers : addDecimals(integers, numberToDecimal(new Double(doubles)));
}

function sumResult(total: Total): BsonNumber {
  switch (total.widest) {
    case 'decimal':
      return toDecimal128(decimalTotal(total));
    case 'double':
      return double(doubleTotal(total));
    case 'int':
    case 'long': {
      const sum = integerTotal(total);
      if (!fitsLong(sum)) return double(Number(sum));
      return total.widest === 'long' ? long(sum) : (integer(sum) as BsonNumber | Long);
    }
  }
}

/** `$sum`: the numbers' sum in the widest of their kinds; what is no number counts nothing. */
export function sumOf(): Accumulator {
  const total = newTotal();
  return { add: (value) => addTo(total, value), result: () => sumResult(total) };
}

/** `$avg`: a double, or a decimal if there is one among the numbers; null when there is no number. */
export function averageOf(): Accumulator {
  const total = newTotal();
  return {
    add: (value) => addTo(total, value),
    result: () => {
      if (total.count === 0) return null;
      if (total.widest !== 'decimal') return double(doubleTotal(total) / total.count);
      return toDecimal128(divideDecimals(decimalTotal(total), exactDecimal(total.count)));
    },
  };
}
