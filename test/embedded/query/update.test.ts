import { describe, expect, test } from '@jest/globals';
import { Binary, Decimal128, type Document, Double, Int32, Long, ObjectId, Timestamp } from 'bson';
import { compileUpdate } from '../../../embedded-mongodb/query/update.ts';
import { fc } from '../../support/properties.ts';
import { codeOf, plain, stored, typed } from './stored.ts';

const now = new Date('2026-01-02T03:04:05Z');

interface Options {
  filter?: object;
  arrayFilters?: object[];
  collation?: { locale: string; strength?: number };
}

function compiled(update: object, { filter = {}, arrayFilters, collation }: Options = {}) {
  const own = Array.isArray(update) ? update.map(stored) : stored(update);
  return compileUpdate(own, {
    filter: stored(filter),
    arrayFilters: arrayFilters?.map(stored),
    collation,
    now,
  });
}

function updated(document: object, update: object, options?: Options): unknown {
  return plain(compiled(update, options).apply(stored(document)).doc);
}

type Row = [rule: string, document: object, update: object, expected: object, options?: Options];

describe('field operators', () => {
  test.each<Row>([
    ['$set makes documents on the way', { _id: 1 }, { $set: { 'a.b.c': 1 } }, { _id: 1, a: { b: { c: 1 } } }],
    ['$set writes an element by its index', { a: [1, 2] }, { $set: { 'a.1': 9 } }, { a: [1, 9] }],
    ['$set beyond the end pads with null', { a: [1] }, { $set: { 'a.3': 9 } }, { a: [1, null, null, 9] }],
    ['a number names a field of a document', { a: {} }, { $set: { 'a.0': 9 } }, { a: { 0: 9 } }],
    ['new fields come in the order of their names', {}, { $set: { b: 1, a: 2 } }, { a: 2, b: 1 }],
    ['$unset removes', { a: 1, b: { c: 1, d: 2 } }, { $unset: { a: '', 'b.c': '', z: '' } }, { b: { d: 2 } }],
    ['$unset of an element leaves null', { a: [1, 2] }, { $unset: { 'a.0': '' } }, { a: [null, 2] }],
    ['$inc of a missing field sets it', {}, { $inc: { 'a.b': 3 } }, { a: { b: 3 } }],
    ['$inc takes negative amounts', { a: 1 }, { $inc: { a: -3 } }, { a: -2 }],
    ['$mul of a missing field is zero', {}, { $mul: { a: 3 } }, { a: 0 }],
    ['$min keeps the smaller', { a: 5, b: 5 }, { $min: { a: 3, b: 7 } }, { a: 3, b: 5 }],
    ['$max compares across types', { a: 5 }, { $max: { a: 'x' } }, { a: 'x' }],
    ['$rename moves', { a: { b: 1 }, c: 2 }, { $rename: { 'a.b': 'd', zz: 'y' } }, { a: {}, c: 2, d: 1 }],
    ['$rename replaces the target', { a: 1, b: 2 }, { $rename: { a: 'b' } }, { b: 1 }],
    ['$setOnInsert does nothing to a document that is there', { a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1 }],
    ['$bit', { a: 13, b: 1 }, { $bit: { a: { and: 10 }, b: { or: 6, xor: 1 } } }, { a: 8, b: 6 }],
  ])('%s', (...[_rule, document, update, expected, options]: Row) => {
    const result = updated(document, update, options);
    expect(result).toEqual(expected);
    expect(Object.keys(result as object)).toEqual(Object.keys(expected));
  });

  test('$currentDate sets a date or a timestamp', () => {
    const { doc } = compiled({ $currentDate: { a: true, b: { $type: 'timestamp' } } }).apply({});
    expect(doc['a']).toEqual(now);
    expect(doc['b']).toBeInstanceOf(Timestamp);
  });

  test.each<[string, unknown, unknown, object]>([
    ['int + int', new Int32(1), new Int32(1), { $numberInt: '2' }],
    ['int + int beyond 32 bits', new Int32(2147483647), new Int32(1), { $numberLong: '2147483648' }],
    ['int + long', new Int32(1), Long.fromString('1'), { $numberLong: '2' }],
    ['long + int', Long.fromString('9007199254740993'), new Int32(1), { $numberLong: '9007199254740994' }],
    ['int + double', new Int32(1), new Double(1), { $numberDouble: '2.0' }],
    ['double + int', new Double(1), new Int32(1), { $numberDouble: '2.0' }],
    ['decimal + int', Decimal128.fromString('1.10'), new Int32(1), { $numberDecimal: '2.10' }],
  ])('$inc of %s gives the wider kind', (_name, value, amount, expected) => {
    const { doc } = compiled({ $inc: { a: amount } }).apply(stored({ a: value }));
    expect(typed(doc['a'])).toEqual(expected);
  });

  test('a change is reported only when bytes change, and the stored document never changes', () => {
    const document = stored({ _id: 1, a: 1, b: [1] });
    const before = typed(document);
    expect(compiled({ $max: { a: 0 }, $addToSet: { b: 1 } }).apply(document).changed).toBe(false);
    expect(compiled({ $set: { a: Long.fromString('1') } }).apply(document).changed).toBe(true);
    expect(compiled({ $push: { b: 2 } }).apply(document).changed).toBe(true);
    expect(typed(document)).toEqual(before);
  });
});

describe('array operators', () => {
  test.each<Row>([
    ['$push appends', { a: [1] }, { $push: { a: [2] } }, { a: [1, [2]] }],
    ['$push makes the array', {}, { $push: { a: 1 } }, { a: [1] }],
    [
      '$each, $position',
      { a: [1, 2] },
      { $push: { a: { $each: [8, 9], $position: 1 } } },
      { a: [1, 8, 9, 2] },
    ],
    [
      'a negative $position counts from the end',
      { a: [1, 2] },
      { $push: { a: { $each: [9], $position: -1 } } },
      { a: [1, 9, 2] },
    ],
    [
      '$sort then $slice',
      { a: [5, 1] },
      { $push: { a: { $each: [3], $sort: -1, $slice: 2 } } },
      { a: [5, 3] },
    ],
    [
      '$sort by a field',
      { a: [{ x: 2 }] },
      { $push: { a: { $each: [{ x: 1 }], $sort: { x: 1 } } } },
      { a: [{ x: 1 }, { x: 2 }] },
    ],
    [
      'a negative $slice keeps the last',
      { a: [1, 2] },
      { $push: { a: { $each: [3], $slice: -2 } } },
      { a: [2, 3] },
    ],
    ['$addToSet adds once', { a: [1] }, { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1, 2] }],
    [
      '$addToSet sees the order of fields',
      { a: [{ x: 1, y: 1 }] },
      { $addToSet: { a: { y: 1, x: 1 } } },
      {
        a: [
          { x: 1, y: 1 },
          { y: 1, x: 1 },
        ],
      },
    ],
    ['$pop', { a: [1, 2, 3], b: [1, 2] }, { $pop: { a: 1, b: -1 } }, { a: [1, 2], b: [2] }],
    ['$pull a value', { a: [1, 2, 1] }, { $pull: { a: 1 } }, { a: [2] }],
    ['$pull by operators', { a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
    [
      '$pull by a filter on documents',
      { a: [{ x: 1, y: 1 }, { x: 2 }] },
      { $pull: { a: { x: 1 } } },
      { a: [{ x: 2 }] },
    ],
    [
      '$pull by $elemMatch',
      { a: [{ b: [{ c: 1 }] }, { b: [] }] },
      { $pull: { a: { b: { $elemMatch: { c: 1 } } } } },
      { a: [{ b: [] }] },
    ],
    ['$pull by a regular expression', { a: ['ab', 'cd'] }, { $pull: { a: /^a/ } }, { a: ['cd'] }],
    ['$pullAll', { a: [1, 2, 3, 1] }, { $pullAll: { a: [1, 3] } }, { a: [2] }],
    ['$pull from a missing field', {}, { $pull: { a: 1 } }, {}],
    [
      '$addToSet under strength 2',
      { a: ['x'] },
      { $addToSet: { a: 'X' } },
      { a: ['x'] },
      { collation: { locale: 'en', strength: 2 } },
    ],
  ])('%s', (...[_rule, document, update, expected, options]: Row) => {
    expect(updated(document, update, options)).toEqual(expected);
  });

  test.each<Row>([
    [
      '$ is the first element the filter matched',
      { a: [1, 5, 9] },
      { $set: { 'a.$': 0 } },
      { a: [1, 0, 9] },
      { filter: { a: { $gte: 5 } } },
    ],
    [
      '$ within documents',
      { a: [{ x: 1 }, { x: 2, y: 1 }] },
      { $inc: { 'a.$.y': 1 } },
      { a: [{ x: 1 }, { x: 2, y: 2 }] },
      { filter: { 'a.x': 2 } },
    ],
    [
      '$ with $elemMatch',
      {
        a: [
          { x: 1, y: 1 },
          { x: 1, y: 2 },
        ],
      },
      { $set: { 'a.$.z': 1 } },
      {
        a: [
          { x: 1, y: 1 },
          { x: 1, y: 2, z: 1 },
        ],
      },
      { filter: { a: { $elemMatch: { x: 1, y: 2 } } } },
    ],
    [
      '$ takes the array that it names',
      { a: [1, 2], b: [5, 6] },
      { $set: { 'a.$': 0 } },
      { a: [1, 0], b: [5, 6] },
      { filter: { a: 2, b: 5 } },
    ],
    ['$[] is every element', { a: [1, 2] }, { $inc: { 'a.$[]': 10 } }, { a: [11, 12] }],
    [
      '$[x] is every element that its filter takes',
      { a: [1, 5, 9] },
      { $set: { 'a.$[x]': 0 } },
      { a: [1, 0, 0] },
      { arrayFilters: [{ x: { $gte: 5 } }] },
    ],
    [
      'nested filters',
      {
        a: [
          { k: 1, b: [1, 2] },
          { k: 2, b: [1, 2] },
        ],
      },
      { $inc: { 'a.$[i].b.$[j]': 10 } },
      {
        a: [
          { k: 1, b: [1, 2] },
          { k: 2, b: [1, 12] },
        ],
      },
      { arrayFilters: [{ 'i.k': 2 }, { j: 2 }] },
    ],
    [
      'a filter with several conditions',
      {
        a: [
          { k: 1, v: 1 },
          { k: 1, v: 9 },
        ],
      },
      { $set: { 'a.$[i].hit': true } },
      {
        a: [
          { k: 1, v: 1 },
          { k: 1, v: 9, hit: true },
        ],
      },
      { arrayFilters: [{ 'i.k': 1, 'i.v': { $gt: 5 } }] },
    ],
    [
      'the first element in which a field exists',
      { a: [{ x: 1 }, { k: { v: 1 } }] },
      { $set: { 'a.$.hit': true } },
      { a: [{ x: 1 }, { k: { v: 1 }, hit: true }] },
      { filter: { 'a.k.v': { $exists: true } } },
    ],
    // The manual, "Field Names with Periods and Dollar Signs": names within may begin with $.
    ['a name within that begins with $', { a: { $b: 1 } }, { $set: { 'a.$b': 2 } }, { a: { $b: 2 } }],
  ])('positions: %s', (...[_rule, document, update, expected, options]: Row) => {
    expect(updated(document, update, options)).toEqual(expected);
  });
});

describe('whole documents', () => {
  test('a replacement keeps _id, first', () => {
    expect(updated({ _id: 7, a: 1 }, { b: 2 })).toEqual({ _id: 7, b: 2 });
    expect(Object.keys(updated({ _id: 7, a: 1 }, { b: 2, _id: 7 }) as object)).toEqual(['_id', 'b']);
  });

  test('a pipeline sees the present document at each stage', () => {
    const pipeline = [
      { $set: { total: { $add: ['$a', '$b'] } } },
      { $set: { twice: { $multiply: ['$total', 2] } } },
      { $unset: 'a' },
    ];
    expect(updated({ _id: 1, a: 1, b: 2 }, pipeline)).toEqual({ _id: 1, b: 2, total: 3, twice: 6 });
    expect(updated({ _id: 1, a: { x: 5 } }, [{ $replaceWith: '$a' }])).toEqual({ _id: 1, x: 5 });
  });

  test.each<[string, object, object, object]>([
    [
      'equalities of the filter',
      { a: 1, 'b.c': 2, d: { $gt: 5 } },
      { $set: { e: 3 } },
      { a: 1, b: { c: 2 }, e: 3 },
    ],
    ['_id of the filter, first', { a: 1, _id: 9 }, { $inc: { n: 1 } }, { _id: 9, a: 1, n: 1 }],
    [
      '$and, $eq and a single $in',
      { $and: [{ a: { $eq: 1 } }, { b: { $in: [2] } }], c: { $in: [1, 2] } },
      { $set: { x: 1 } },
      { a: 1, b: 2, x: 1 },
    ],
    ['$setOnInsert', { a: 1 }, { $setOnInsert: { b: 2 }, $set: { c: 3 } }, { a: 1, b: 2, c: 3 }],
    ['only _id with a replacement', { a: 1, _id: 9 }, { z: 1 }, { _id: 9, z: 1 }],
    ['a pipeline over the equalities', { a: 1 }, [{ $set: { b: '$a' } }], { a: 1, b: 1 }],
  ])('an upsert takes %s', (_what, filter, update, expected) => {
    expect(plain(compiled(update, { filter }).seed())).toEqual(expected);
    expect(Object.keys(compiled(update, { filter }).seed())).toEqual(Object.keys(expected));
  });
});

describe('refusals', () => {
  test.each<[string, object, object, number, Options?]>([
    ['two operators on one path', {}, { $set: { a: 1 }, $inc: { a: 1 } }, 40],
    ['a path within another', {}, { $set: { a: 1, 'a.b': 1 } }, 40],
    ['a change of _id', { _id: 1 }, { $set: { _id: 2 } }, 66],
    ['removing _id', { _id: 1 }, { $unset: { _id: '' } }, 66],
    ['a replacement with another _id', { _id: 1 }, { _id: 2, a: 1 }, 66],
    ['a pipeline that changes _id', { _id: 1 }, [{ $set: { _id: 2 } }], 66],
    ['$inc of text', { a: 'x' }, { $inc: { a: 1 } }, 14],
    ['$inc of null', { a: null }, { $inc: { a: 1 } }, 14],
    ['$inc by text', { a: 1 }, { $inc: { a: 'x' } }, 14],
    ['$inc beyond 64 bits', { a: Long.MAX_VALUE }, { $inc: { a: 1 } }, 2],
    ['$push to a number', { a: 1 }, { $push: { a: 1 } }, 2],
    ['$addToSet to a number', { a: 1 }, { $addToSet: { a: 1 } }, 2],
    ['$pull from a number', { a: 1 }, { $pull: { a: 1 } }, 2],
    ['$pop of a number', { a: 1 }, { $pop: { a: 1 } }, 14],
    ['$pop by two', { a: [1] }, { $pop: { a: 2 } }, 9],
    ['a field below a scalar', { a: 1 }, { $set: { 'a.b': 1 } }, 28],
    ['a name within an array', { a: [] }, { $set: { 'a.b': 1 } }, 28],
    ['an unknown operator', {}, { $foo: { a: 1 } }, 9],
    ['an operator without fields', {}, { $set: 5 }, 9],
    ['an empty name', {}, { $set: { 'a..b': 1 } }, 56],
    ['$ without a match', { a: [1] }, { $set: { 'a.$': 1 } }, 2, { filter: { b: 1 } }],
    ['an identifier without a filter', { a: [1] }, { $set: { 'a.$[x]': 1 } }, 2],
    ['a filter without an identifier', { a: [1] }, { $set: { b: 1 } }, 9, { arrayFilters: [{ x: 1 }] }],
    ['$[] of a missing array', {}, { $set: { 'a.$[]': 1 } }, 2],
    ['$[] of a number', { a: 1 }, { $set: { 'a.$[]': 1 } }, 2],
    ['an unknown clause of $push', {}, { $push: { a: { $each: [], $foo: 1 } } }, 2],
    ['a name at the top that begins with $', {}, { $set: { $b: 1 } }, 52],
    ['an operator in a replacement', {}, { a: 1, $set: { b: 1 } }, 52],
    ['a stage that makes several documents', {}, [{ $match: {} }], 72],
    ['$rename to itself', {}, { $rename: { a: 'a' } }, 2],
    ['$bit of a double', { a: 1.5 }, { $bit: { a: { and: 1 } } }, 2],
  ])('%s', (...[_what, document, update, code, options]: [string, object, object, number, Options?]) => {
    expect(codeOf(() => compiled(update, options).apply(stored(document)))).toBe(code);
  });

  test('two equalities on one path cannot seed an upsert', () => {
    expect(
      codeOf(() => compiled({ $set: { b: 1 } }, { filter: { $and: [{ a: 1 }, { a: 2 }] } }).seed()),
    ).toBe(54);
  });
});

const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer().map((value) => new Int32(value | 0)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.double({ noNaN: true }).map((value) => new Double(value)),
  fc.integer().map((value) => Decimal128.fromString(`${value}E-2`)),
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(
    null,
    true,
    'text',
    new ObjectId('0123456789abcdef01234567'),
    new Binary(Buffer.from([1, 2])),
  ),
);
const anyDocument = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.oneof(
    anyValue,
    fc.array(anyValue, { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('x', 'y'), anyValue),
  ),
);

test('an update leaves the bytes of every field that it does not name', () => {
  const update = fc.constantFrom<Document>(
    { $set: { zz: 1 } },
    { $inc: { 'zz.n': 1 } },
    { $push: { zz: 1 } },
    { $unset: { zz: '' } },
    { $rename: { zz: 'yy' } },
  );
  fc.assert(
    fc.property(anyDocument, update, (fields, change) => {
      const document = stored(fields as Document);
      const { zz: _zz, yy: _yy, ...rest } = compiled(change).apply(document).doc;
      const { zz: __zz, ...original } = document;
      expect(typed(stored(rest))).toEqual(typed(original));
    }),
    { numRuns: 500 },
  );
});
