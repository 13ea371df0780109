import { describe, expect, test } from '@jest/globals';
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { compareStrings, compareValues, equalValues } from '../../../embedded-mongodb/bson/compare.ts';
import { identicalValues } from '../../../embedded-mongodb/bson/identical.ts';
import { valueKey } from '../../../embedded-mongodb/bson/key.ts';
import { fc } from '../../support/properties.ts';

const long = (text: string) => Long.fromString(text);
const decimal = (text: string) => Decimal128.fromString(text);

describe('the cross-type order', () => {
  // "MinKey, (missing), Null, Numbers, String, Object, Array, BinData, ObjectId, Boolean, Date, Timestamp, Regex, Code, MaxKey"
  const ascending: [string, unknown][] = [
    ['MinKey', new MinKey()],
    ['missing', undefined],
    ['null', null],
    ['NaN', new Double(Number.NaN)],
    ['-Infinity', new Double(Number.NEGATIVE_INFINITY)],
    ['a negative int', new Int32(-1)],
    ['a decimal fraction', decimal('0.1')],
    ['an int', new Int32(1)],
    ['2^53 as a double', new Double(9007199254740992)],
    ['2^53 + 1 as a long', long('9007199254740993')],
    ['2^53 + 1.5 as a decimal', decimal('9007199254740993.5')],
    ['a huge decimal', decimal('1E6000')],
    ['Infinity', new Double(Number.POSITIVE_INFINITY)],
    ['the empty string', ''],
    ['a string', 'a'],
    ['a string beyond ASCII', 'é'],
    ['a string at U+FFFD', '\uFFFD'],
    ['a string beyond U+FFFF', '\u{1F600}'],
    ['an empty document', {}],
    ['a document', { a: new Int32(1) }],
    ['a document with a later name', { b: new Int32(0) }],
    ['a document whose field is a string', { a: 'x' }],
    ['an empty array', []],
    ['an array', [new Int32(1)]],
    ['binary data', new Binary(Buffer.from([1]))],
    ['longer binary data', new Binary(Buffer.from([0, 0]))],
    ['an ObjectId', new ObjectId('000000000000000000000001')],
    ['false', false],
    ['true', true],
    ['a date', new Date(0)],
    ['a timestamp', new Timestamp({ t: 1, i: 1 })],
    ['a regular expression', new BSONRegExp('a', '')],
    ['code', new Code('x')],
    ['MaxKey', new MaxKey()],
  ];

  test.each(
    ascending.slice(1).map(([name, value], i) => [ascending[i]?.[0], name, ascending[i]?.[1], value]),
  )('%s comes before %s', (_lowerName, _name, lower, value) => {
    expect(Math.sign(compareValues(lower, value))).toBe(-1);
    expect(Math.sign(compareValues(value, lower))).toBe(1);
  });

  test('equal numbers are equal whatever their kind, and only then', () => {
    const ones = [new Int32(1), long('1'), new Double(1), decimal('1'), decimal('1.0'), decimal('10E-1')];
    for (const a of ones) for (const b of ones) expect(compareValues(a, b)).toBe(0);
    // A double is compared by its exact value, which is not one tenth.
    expect(compareValues(new Double(0.1), decimal('0.1'))).toBeGreaterThan(0);
    expect(equalValues(long('9007199254740993'), new Double(9007199254740992))).toBe(false);
    expect(equalValues(new Double(-0), new Int32(0))).toBe(true);
  });

  test('documents compare field by field in their order: type, name, value', () => {
    expect(equalValues({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(false);
    expect(compareValues({ a: 1 }, { a: 1, b: 1 })).toBeLessThan(0);
    expect(compareValues({ a: null, z: 1 }, { a: 1 })).toBeLessThan(0);
  });

  test('a collation of strength 2 ignores case, of strength 1 accents too, and both see letters', () => {
    expect(equalValues('Straße', 'STRASSE', { locale: 'de', strength: new Int32(1) })).toBe(true);
    expect(equalValues('Émile', 'émile', { locale: 'fr', strength: new Int32(2) })).toBe(true);
    expect(equalValues('Émile', 'emile', { locale: 'fr', strength: new Int32(2) })).toBe(false);
    expect(equalValues('Émile', 'emile', { locale: 'fr', strength: new Int32(1) })).toBe(true);
    expect(equalValues('a', 'A', { locale: 'en' })).toBe(false);
    expect(equalValues(['a', { b: 'B' }], ['A', { b: 'b' }], { locale: 'en', strength: 2 })).toBe(true);
    expect(compareValues('item10', 'item9', { locale: 'en', numericOrdering: true })).toBeGreaterThan(0);
    expect(equalValues('a', 'A', { locale: 'simple', strength: 2 })).toBe(false);
  });
});

const number = fc.oneof(
  fc.integer().map((value) => new Int32(value | 0)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.integer({ min: -3, max: 3 }).map((value) => Long.fromNumber(value)),
  fc.double().map((value) => new Double(value)),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -25, max: 25 }))
    .map(([c, e]) => decimal(`${c}E${e}`)),
  fc.integer({ min: -8, max: 8 }).map((value) => decimal(String(value / 4))),
  fc.constantFrom(
    decimal('NaN'),
    decimal('Infinity'),
    decimal('-Infinity'),
    new Double(2 ** 53),
    long('9007199254740993'),
  ),
);
const leaf = fc.oneof(
  number,
  fc.constantFrom(undefined, null, true, false, new MinKey(), new MaxKey()),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 3 }).map((bytes) => new Binary(bytes)),
  fc.constantFrom(
    new ObjectId('000000000000000000000001'),
    new ObjectId('000000000000000000000002'),
    new BSONRegExp('a', 'i'),
  ),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 3 }),
  fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    leaf.filter((item) => item !== undefined),
    { maxKeys: 3 },
  ),
);

describe('the order of any values', () => {
  test('is total: antisymmetric, transitive, and reflexive', () => {
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        expect(compareValues(a, a)).toBe(0);
        expect(Math.sign(compareValues(a, b)) + Math.sign(compareValues(b, a))).toBe(0);
        // Boxed, because JavaScript's sort puts undefined last whatever the comparison says.
        const boxes = [a, b, c]
          .map((item) => ({ item }))
          .sort((left, right) => compareValues(left.item, right.item));
        const [x, y, z] = boxes.map(({ item }) => item);
        expect(compareValues(x, y)).toBeLessThanOrEqual(0);
        expect(compareValues(y, z)).toBeLessThanOrEqual(0);
        expect(compareValues(x, z)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  test('agrees with the key by which groups are found', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(number, number), fc.tuple(value, value)), ([a, b]) => {
        expect(valueKey(a) === valueKey(b)).toBe(compareValues(a, b) === 0);
      }),
      { numRuns: 2000 },
    );
  });

  test('strings have the order of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareStrings(a, b))).toBe(
          Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
        );
      }),
    );
  });
});

test('identical means the same bytes: kind of number, order of fields, digits of a decimal', () => {
  expect(identicalValues(new Int32(1), new Int32(1))).toBe(true);
  expect(identicalValues(new Int32(1), new Double(1))).toBe(false);
  expect(identicalValues(new Int32(1), long('1'))).toBe(false);
  expect(identicalValues(decimal('1.0'), decimal('1.00'))).toBe(false);
  expect(identicalValues({ a: [new Date(1)] }, { a: [new Date(1)] })).toBe(true);
  expect(identicalValues({ a: 1, b: 1 }, { b: 1, a: 1 })).toBe(false);
});
