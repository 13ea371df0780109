import { expect, test } from '@jest/globals';
import {
  Binary,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { compareValues } from '../../../embedded-mongodb/bson/compare.ts';
import { encodeValue, invertKey } from '../../../embedded-mongodb/storage/key-encoding.ts';
import { fc } from '../../support/properties.ts';

const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }).map((n) => new Int32(n)),
  fc.integer().map((n) => new Int32(n)),
  fc.double().map((n) => new Double(n)),
  fc.constantFrom(0, -0, 1.5, -1.5, 2 ** 53, 2 ** 63, -(2 ** 63), 1e300, 5e-324).map((n) => new Double(n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => Long.fromBigInt(n)),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }).map((n) => Long.fromBigInt(n)),
  fc
    .constantFrom(
      '0',
      '1.5',
      '0.1',
      '-0.1',
      '1E+400',
      '-1E+400',
      '1E-400',
      '9007199254740993',
      'Infinity',
      '-Infinity',
      'NaN',
    )
    .map((s) => Decimal128.fromString(s)),
  fc
    .tuple(fc.integer(), fc.integer({ min: -30, max: 30 }))
    .map(([n, e]) => Decimal128.fromString(`${n}E${e}`)),
);
const text = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom('', '\0', 'a', 'a\0', 'a\0b', 'ab', 'é', '\u{1f600}', '\uffff'),
);
const scalar: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: number },
  { weight: 3, arbitrary: text },
  fc.constantFrom<unknown>(null, true, false, new MinKey(), new MaxKey()),
  fc.date({ noInvalidDate: true }),
  fc.integer({ min: 0, max: 3 }).map((n) => new ObjectId(n.toString(16).padStart(24, '0'))),
  fc.uint8Array({ maxLength: 3 }).map((bytes) => new Binary(bytes)),
  fc.integer({ min: 0, max: 0xffffffff }).map((t) => new Timestamp({ t, i: 1 })),
);
const { value } = fc.letrec<{ value: unknown; object: Document; array: unknown[] }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: scalar },
    tie('object'),
    tie('array'),
  ),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'ab', 'c\u00e9'), tie('value'), {
    maxKeys: 3,
  }) as fc.Arbitrary<Document>,
  array: fc.array(tie('value'), { maxLength: 3 }),
}));

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

test('keys sort as values compare, and descending keys the other way', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const [x, y] = [encodeValue(a), encodeValue(b)];
      const expected = Math.sign(compareValues(a, b));
      expect([order(x, y), order(invertKey(y), invertKey(x))]).toEqual([expected, expected]);
    }),
    { numRuns: 6_000 },
  );
});

test('no key is the beginning of another, so that compound keys cannot run together', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const [x, y] = [encodeValue(a), encodeValue(b)];
      expect(x !== y && y.startsWith(x)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

test('a missing field has the key of null', () => {
  expect(encodeValue(undefined)).toBe(encodeValue(null));
});
