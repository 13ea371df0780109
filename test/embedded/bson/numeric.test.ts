import { describe, expect, test } from '@jest/globals';
import { Decimal128, Double, Int32, Long } from 'bson';
import { divideDecimals, parseDecimal, toDecimal128 } from '../../../embedded-mongodb/bson/decimal.ts';
import { addNumbers, multiplyNumbers, subtractNumbers } from '../../../embedded-mongodb/bson/numeric.ts';
import { fc } from '../../support/properties.ts';
import { typed } from '../query/stored.ts';

const int = (value: number) => new Int32(value);
const long = (text: string) => Long.fromString(text);
const double = (value: number) => new Double(value);
const decimal = (text: string) => Decimal128.fromString(text);

describe('arithmetic gives the wider kind of its two numbers', () => {
  test.each([
    ['int + int', addNumbers(int(1), int(2)), { $numberInt: '3' }],
    ['int + int beyond 32 bits', addNumbers(int(2147483647), int(1)), { $numberLong: '2147483648' }],
    ['long + int', addNumbers(long('9007199254740993'), int(1)), { $numberLong: '9007199254740994' }],
    [
      'long + long beyond 64 bits',
      addNumbers(long('9223372036854775807'), int(1)),
      { $numberDouble: '9223372036854775808.0' },
    ],
    ['int + double', addNumbers(int(1), double(0.5)), { $numberDouble: '1.5' }],
    ['int + decimal', addNumbers(int(1), decimal('0.1')), { $numberDecimal: '1.1' }],
    [
      'double + decimal, the double at 15 digits',
      addNumbers(double(0.1), decimal('0')),
      { $numberDecimal: '0.100000000000000' },
    ],
    ['int − int beyond 32 bits', subtractNumbers(int(-2147483648), int(1)), { $numberLong: '-2147483649' }],
    ['int × int beyond 32 bits', multiplyNumbers(int(65536), int(65536)), { $numberLong: '4294967296' }],
    [
      'long × long',
      multiplyNumbers(long('3037000499'), long('3037000499')),
      { $numberLong: '9223372030926249001' },
    ],
    [
      'decimal × decimal keeps its digits',
      multiplyNumbers(decimal('1.10'), decimal('2.0')),
      { $numberDecimal: '2.200' },
    ],
  ])('%s', (_name, result, expected) => {
    expect(typed(result)).toEqual(expected);
  });

  test('decimals round half to even at 34 digits', () => {
    const third = divideDecimals(parseDecimal('1')!, parseDecimal('3')!);
    expect(toDecimal128(third).toString()).toBe('0.3333333333333333333333333333333333');
    const tie = parseDecimal('1.0000000000000000000000000000000005')!;
    expect(toDecimal128(tie).toString()).toBe('1.000000000000000000000000000000000');
    expect(toDecimal128(divideDecimals(parseDecimal('10')!, parseDecimal('4')!)).toString()).toBe('2.5');
  });

  test('sums of 64-bit integers are exact', () => {
    const small = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n - 1n });
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(addNumbers(Long.fromBigInt(a), Long.fromBigInt(b)).toString()).toBe(String(a + b));
      }),
    );
  });
});
