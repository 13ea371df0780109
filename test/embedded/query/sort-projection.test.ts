import { describe, expect, test } from '@jest/globals';
import { Decimal128, Int32, Long } from 'bson';
import { compileProjection } from '../../../embedded-mongodb/query/projection.ts';
import { compileSort } from '../../../embedded-mongodb/query/sort.ts';
import { codeOf, plain, stored, typed } from './stored.ts';

function sorted(documents: object[], spec: object, options = {}): unknown[] {
  return documents
    .map(stored)
    .sort(compileSort(stored(spec), options))
    .map((document) => plain(document['_id']));
}

describe('a sort', () => {
  test('missing sorts as null, before numbers, before strings', () => {
    const documents = [{ _id: 1, a: 'x' }, { _id: 2, a: 1 }, { _id: 3 }, { _id: 4, a: null }];
    expect(sorted(documents, { a: 1 })).toEqual([3, 4, 2, 1]);
    expect(sorted(documents, { a: -1 })).toEqual([1, 2, 3, 4]);
  });

  test('an array sorts by its smallest element ascending and its largest descending', () => {
    const documents = [
      { _id: 1, a: [5, 9] },
      { _id: 2, a: 7 },
      { _id: 3, a: [1, 8] },
    ];
    expect(sorted(documents, { a: 1 })).toEqual([3, 1, 2]);
    expect(sorted(documents, { a: -1 })).toEqual([1, 3, 2]);
  });

  test('an empty array sorts before null', () => {
    expect(
      sorted(
        [
          { _id: 1, a: null },
          { _id: 2, a: [] },
          { _id: 3, a: 0 },
        ],
        { a: 1 },
      ),
    ).toEqual([2, 1, 3]);
  });

  test('a path goes through arrays of documents', () => {
    const documents = [
      { _id: 1, a: [{ b: 3 }, { b: 9 }] },
      { _id: 2, a: { b: 5 } },
    ];
    expect(sorted(documents, { 'a.b': 1 })).toEqual([1, 2]);
    expect(sorted(documents, { 'a.b': -1 })).toEqual([1, 2]);
  });

  test('later keys decide among equals, whatever the kind of number, and long values are exact', () => {
    const big = Long.fromString('9007199254740993');
    const documents = [
      { _id: 1, a: Decimal128.fromString('1.0'), b: big },
      { _id: 2, a: new Int32(1), b: Long.fromString('9007199254740992') },
    ];
    expect(sorted(documents, { a: 1, b: 1 })).toEqual([2, 1]);
  });

  test('strength 2 makes case a tie', () => {
    const documents = [
      { _id: 1, a: 'b' },
      { _id: 2, a: 'A' },
      { _id: 3, a: 'B' },
      { _id: 4, a: 'a' },
    ];
    expect(sorted(documents, { a: 1 }, { collation: { locale: 'en', strength: 2 } })).toEqual([2, 4, 1, 3]);
    expect(sorted(documents, { a: 1 })).toEqual([2, 3, 4, 1]);
  });

  test('refuses other directions and empty names', () => {
    expect(codeOf(() => compileSort({ a: 2 }))).toBe(15975);
    expect(codeOf(() => compileSort({ 'a.': 1 }))).toBe(15998);
  });
});

const document = { _id: 1, a: 1, b: { c: 1, d: 2 }, e: [{ f: 1, g: 2 }, { f: 3, g: 4 }, 5], n: null };

function projected(spec: object, filter: object = {}): unknown {
  return plain(compileProjection(stored(spec), { filter: stored(filter) })(stored(document)));
}

describe('a projection', () => {
  test.each<[string, object, object]>([
    ['inclusion keeps _id', { a: 1 }, { _id: 1, a: 1 }],
    ['unless it is excluded', { a: true, _id: 0 }, { a: 1 }],
    ['exclusion keeps all else', { b: 0, e: false, n: 0 }, { _id: 1, a: 1 }],
    ['_id alone', { _id: 1 }, { _id: 1 }],
    ['a dotted path keeps its nesting', { 'b.c': 1 }, { _id: 1, b: { c: 1 } }],
    ['a nested document means the same', { b: { c: 1 } }, { _id: 1, b: { c: 1 } }],
    ['through an array, scalars fall out', { 'e.f': 1 }, { _id: 1, e: [{ f: 1 }, { f: 3 }] }],
    [
      'excluded through an array, scalars stay',
      { 'e.f': 0, a: 0, b: 0, n: 0 },
      { _id: 1, e: [{ g: 2 }, { g: 4 }, 5] },
    ],
    ['a path below a scalar gives nothing', { 'a.x': 1 }, { _id: 1 }],
    ['null is a value', { n: 1 }, { _id: 1, n: null }],
    ['fields keep the order of the document', { e: 1, a: 1, _id: 0 }, { a: 1, e: document.e }],
    ['a computed field', { sum: { $add: ['$a', '$b.d'] } }, { _id: 1, sum: 3 }],
    ['another field under a new name', { x: '$b.c' }, { _id: 1, x: 1 }],
    ['a literal', { a: 1, x: 'y' }, { _id: 1, a: 1, x: 'y' }],
    ['a computed field that is missing stays away', { x: '$zz' }, { _id: 1 }],
    ['$slice of the first', { e: { $slice: 1 }, b: 0, n: 0 }, { _id: 1, a: 1, e: [{ f: 1, g: 2 }] }],
    ['$slice of the last', { a: 1, e: { $slice: -1 } }, { _id: 1, a: 1, e: [5] }],
    ['$slice with skip', { a: 1, e: { $slice: [1, 1] } }, { _id: 1, a: 1, e: [{ f: 3, g: 4 }] }],
    [
      '$elemMatch gives the first that matches',
      { e: { $elemMatch: { f: { $gt: 1 } } } },
      { _id: 1, e: [{ f: 3, g: 4 }] },
    ],
    ['$elemMatch without a match gives no field', { e: { $elemMatch: { f: 9 } } }, { _id: 1 }],
  ])('%s', (_rule, spec, expected) => {
    const result = projected(spec);
    expect(result).toEqual(expected);
    expect(Object.keys(result as object)).toEqual(Object.keys(expected));
  });

  test('the positional $ gives the element that the filter matched', () => {
    expect(projected({ 'e.$': 1 }, { 'e.f': 3 })).toEqual({ _id: 1, e: [{ f: 3, g: 4 }] });
    expect(projected({ 'e.$': 1 }, { e: { $elemMatch: { g: 4 } } })).toEqual({ _id: 1, e: [{ f: 3, g: 4 }] });
    expect(codeOf(() => projected({ 'e.$': 1 }, { a: 1 }))).toBe(51246);
  });

  test('the stored document is not changed and number kinds survive', () => {
    const original = stored({ _id: 1, a: Long.fromString('5'), b: [Decimal128.fromString('1.50')] });
    const before = typed(original);
    const result = compileProjection(stored({ b: { $slice: 1 }, _id: 0 }))(original);
    expect(typed(result)).toEqual({ a: { $numberLong: '5' }, b: [{ $numberDecimal: '1.50' }] });
    expect(typed(original)).toEqual(before);
  });

  test.each<[string, object, number]>([
    ['exclusion in an inclusion', { a: 1, b: 0 }, 31254],
    ['inclusion in an exclusion', { a: 0, b: 1 }, 31253],
    ['a path within another', { a: 1, 'a.b': 1 }, 31249],
    ['an unknown expression', { a: { $foo: 1 } }, 168],
    ['a computed field in an exclusion', { a: 0, b: '$a' }, 31252],
  ])('refuses %s', (_what, spec, code) => {
    expect(codeOf(() => projected(spec))).toBe(code);
  });
});
