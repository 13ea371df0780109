import { describe, expect, test } from '@jest/globals';
import { BSONRegExp, Decimal128, Double, Int32, Long, MinKey, ObjectId } from 'bson';
import { compileFilter } from '../../../embedded-mongodb/query/filter.ts';
import { codeOf, stored } from './stored.ts';

const id = new ObjectId('0123456789abcdef01234567');
const long = Long.fromString('9007199254740993');
const date = new Date('2026-03-01T00:00:00Z');

const matches = (filter: object, document: object, options = {}) =>
  compileFilter(stored(filter), options)(stored(document));

type Row = [rule: string, filter: object, document: object, expected: boolean];

describe('a filter', () => {
  test.each<Row>([
    ['the empty filter matches all', {}, { a: 1 }, true],
    ['equality is by value, not by kind', { a: 1 }, { a: new Double(1) }, true],
    ['a long is not rounded', { a: long }, { a: new Double(9007199254740992) }, false],
    ['a long equals itself', { a: long }, { a: long }, true],
    ['a decimal equals an int of its value', { a: 2 }, { a: Decimal128.fromString('2.0') }, true],
    [
      'a decimal is compared exactly',
      { a: { $gt: Decimal128.fromString('1.1') } },
      { a: Decimal128.fromString('1.10') },
      false,
    ],
    ['a string never equals a number', { a: '1' }, { a: 1 }, false],
    ['an ObjectId equals itself', { a: id }, { a: new ObjectId(id.toHexString()) }, true],
    ['an ObjectId is not its text', { a: id.toHexString() }, { a: id }, false],
    ['a date equals by time', { a: date }, { a: new Date(date) }, true],
    ['dates have an order', { a: { $lt: date } }, { a: new Date(0) }, true],
    ['null matches null', { a: null }, { a: null }, true],
    ['null matches a missing field', { a: null }, {}, true],
    ['null does not match false', { a: null }, { a: false }, false],
    ['$exists tells null from missing', { a: { $exists: true } }, { a: null }, true],
    ['$exists false wants it missing', { a: { $exists: false } }, { a: null }, false],
    ['$type 10 is null only', { a: { $type: 10 } }, {}, false],
    ['$ne null wants it there and not null', { a: { $ne: null } }, {}, false],
    ['a field of the prototype is missing', { constructor: { $exists: true } }, {}, false],
  ])('%s', (_rule, filter, document, expected) => {
    expect(matches(filter, document)).toBe(expected);
  });

  test.each<Row>([
    ['comparison is only within a type', { a: { $gt: 1 } }, { a: 'x' }, false],
    ['$gte null matches missing', { a: { $gte: null } }, {}, true],
    ['$gt null matches nothing', { a: { $gt: null } }, { a: null }, false],
    ['$gt MinKey matches every type', { a: { $gt: new MinKey() } }, { a: 'x' }, true],
    ['NaN equals NaN', { a: Number.NaN }, { a: Number.NaN }, true],
    ['NaN is not below a number', { a: { $lt: 5 } }, { a: Number.NaN }, false],
    ['$lte of NaN is NaN', { a: { $lte: Number.NaN } }, { a: 3 }, false],
    ['whole documents equal with their order', { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, false],
    ['whole documents must have no more', { a: { x: 1 } }, { a: { x: 1, y: 2 } }, false],
    ['$in has any of them', { a: { $in: [1, 'x'] } }, { a: 'x' }, true],
    ['$in with many strings', { a: { $in: ['p', 'q', 'r', 's', 't', 'u'] } }, { a: ['z', 'u'] }, true],
    ['$in null matches missing', { a: { $in: [null, 5] } }, {}, true],
    ['$in takes regular expressions', { a: { $in: [/^x/] } }, { a: 'xy' }, true],
    ['$nin of an array has none of them', { a: { $nin: [1] } }, { a: [1, 2] }, false],
    ['$nin matches missing', { a: { $nin: [1] } }, {}, true],
    ['$mod of a long', { a: { $mod: [10, 3] } }, { a: long }, true],
    ['$mod cuts fractions', { a: { $mod: [4, 1] } }, { a: 5.7 }, true],
    ['$mod never matches text', { a: { $mod: [4, 0] } }, { a: '4' }, false],
    ['$bitsAllSet by positions', { a: { $bitsAllSet: [0, 2] } }, { a: 5 }, true],
    ['$bitsAnySet of one of several', { a: { $bitsAnySet: [1, 2] } }, { a: 4 }, true],
    ['$bitsAnySet of none', { a: { $bitsAnySet: 3 } }, { a: 4 }, false],
    ['$comment says nothing of the match', { a: 1, $comment: 'why' }, { a: 1 }, true],
    ['$sampleRate 1 takes all', { $sampleRate: 1 }, {}, true],
    ['$sampleRate 0 takes none', { $sampleRate: 0 }, {}, false],
    ['$bitsAnyClear by mask', { a: { $bitsAnyClear: 7 } }, { a: 7 }, false],
    ['$bitsAllClear of a negative number extends the sign', { a: { $bitsAllClear: [60] } }, { a: -1 }, false],
    ['$not also matches missing', { a: { $not: { $gt: 1 } } }, {}, true],
    ['$nor is none of them', { $nor: [{ a: 1 }, { b: 1 }] }, { a: 2 }, true],
    ['$or is any of them', { $or: [{ a: 1 }, { b: 1 }] }, { b: 1 }, true],
    ['$expr compares fields', { $expr: { $gt: ['$a', '$b'] } }, { a: 2, b: 1 }, true],
    ['$type number has all kinds', { a: { $type: 'number' } }, { a: long }, true],
    ['$type has several', { a: { $type: ['string', 'long'] } }, { a: long }, true],
    ['$type int is not double', { a: { $type: 'int' } }, { a: new Double(1) }, false],
  ])('%s', (_rule, filter, document, expected) => {
    expect(matches(filter, document)).toBe(expected);
  });

  test.each<Row>([
    ['equality reaches an element', { a: 2 }, { a: [1, 2] }, true],
    ['equality with an array is exact', { a: [1, 2] }, { a: [1, 2, 3] }, false],
    ['an array within an array equals', { a: [1] }, { a: [[1], 2] }, true],
    ['$ne wants no element to equal', { a: { $ne: 2 } }, { a: [1, 2] }, false],
    ['different elements may satisfy each condition', { a: { $gt: 4, $lt: 2 } }, { a: [1, 5] }, true],
    ['$elemMatch wants one element for all', { a: { $elemMatch: { $gt: 4, $lt: 2 } } }, { a: [1, 5] }, false],
    [
      '$elemMatch by the id of a DBRef',
      { a: { $elemMatch: { $id: 1 } } },
      { a: [{ $ref: 'c', $id: 1 }] },
      true,
    ],
    [
      '$elemMatch on documents',
      { a: { $elemMatch: { x: 1, y: 2 } } },
      {
        a: [
          { x: 1, y: 1 },
          { x: 2, y: 2 },
        ],
      },
      false,
    ],
    ['a path goes through arrays of documents', { 'a.x': 2 }, { a: [{ x: 1 }, { x: 2 }] }, true],
    ['a path takes an index', { 'a.1.x': 2 }, { a: [{ x: 1 }, { x: 2 }] }, true],
    ['an index names one element', { 'a.0': 2 }, { a: [1, 2] }, false],
    ['a document without the field within an array is null', { 'a.x': null }, { a: [{ x: 1 }, {}] }, true],
    ['scalars of an array have no fields', { 'a.x': null }, { a: [1, 2] }, false],
    ['a scalar on the way is a missing field', { 'a.x': null }, { a: 5 }, true],
    ['$size is exact', { a: { $size: 2 } }, { a: [1, 2, 3] }, false],
    ['$size does not enter elements', { a: { $size: 2 } }, { a: [[1, 2]] }, false],
    ['$all has all of them', { a: { $all: [1, 2] } }, { a: [2, 3, 1] }, true],
    ['$all matches a scalar', { a: { $all: [1] } }, { a: 1 }, true],
    ['empty $all matches nothing', { a: { $all: [] } }, { a: [] }, false],
    [
      '$all takes $elemMatch',
      { a: { $all: [{ $elemMatch: { x: 1 } }, { $elemMatch: { x: 2 } }] } },
      { a: [{ x: 1 }, { x: 2 }] },
      true,
    ],
    ['$type array is the array itself', { a: { $type: 'array' } }, { a: [] }, true],
    ['$exists of a path in an array', { 'a.x': { $exists: true } }, { a: [{}, { x: 1 }] }, true],
    ['$not of $elemMatch', { a: { $not: { $elemMatch: { $gt: 1 } } } }, { a: [1] }, true],
  ])('in arrays: %s', (_rule, filter, document, expected) => {
    expect(matches(filter, document)).toBe(expected);
  });

  test.each<Row>([
    ['a regular expression matches text', { a: /^AB/i }, { a: 'abc' }, true],
    ['and elements', { a: /b$/ }, { a: ['x', 'ab'] }, true],
    [
      'and the same expression as a value',
      { a: new BSONRegExp('x', 'i') },
      { a: new BSONRegExp('x', 'i') },
      true,
    ],
    ['$eq with one wants the value', { a: { $eq: /x/ } }, { a: 'x' }, false],
    ['$regex with $options', { a: { $regex: 'a.c', $options: 'si' } }, { a: 'A\nC' }, true],
    ['option x allows comments', { a: { $regex: 'a b # comment', $options: 'x' } }, { a: 'ab' }, true],
    ['an inline option', { a: { $regex: '(?i)ABC' } }, { a: 'abc' }, true],
    ['$not with one', { a: { $not: /x/ } }, { a: 'y' }, true],
  ])('%s', (_rule, filter, document, expected) => {
    expect(matches(filter, document)).toBe(expected);
  });

  test('strength 2 ignores case in equality, $in and ranges, and not in regular expressions', () => {
    const collation = { locale: 'en', strength: new Int32(2) };
    expect(matches({ a: 'ABC' }, { a: 'abc' }, { collation })).toBe(true);
    expect(matches({ a: { $in: ['ABC'] } }, { a: ['x', 'abc'] }, { collation })).toBe(true);
    expect(matches({ a: { $lte: 'B' } }, { a: 'b' }, { collation })).toBe(true);
    expect(matches({ a: /ABC/ }, { a: 'abc' }, { collation })).toBe(false);
    expect(matches({ a: { $ne: 'ABC' } }, { a: 'abc' }, { collation })).toBe(false);
  });

  test("the command's let is read in $expr", () => {
    const filter = { $expr: { $eq: ['$a', '$$wanted'] } };
    expect(matches(filter, { a: 3 }, { let: stored({ wanted: 3 }) })).toBe(true);
    expect(codeOf(() => matches(filter, { a: 3 }))).toBe(17276);
  });

  test.each<[string, object, number]>([
    ['an unknown operator', { a: { $foo: 1 } }, 2],
    ['an unknown top-level operator', { $foo: 1 }, 2],
    ['a name among operators', { a: { $gt: 1, b: 1 } }, 2],
    ['$in without an array', { a: { $in: 1 } }, 2],
    ['an operator within $in', { a: { $in: [{ $gt: 1 }] } }, 2],
    ['an empty $or', { $or: [] }, 2],
    ['$and of no documents', { $and: [1] }, 2],
    ['an unknown type name', { a: { $type: 'nope' } }, 2],
    ['a negative $size', { a: { $size: -1 } }, 2],
    ['$mod by zero', { a: { $mod: [0, 1] } }, 2],
    ['a malformed $mod', { a: { $mod: [1] } }, 2],
    ['$options alone', { a: { $options: 'i' } }, 2],
    ['an invalid regular expression', { a: { $regex: '(' } }, 51091],
    ['an unknown option of one', { a: { $regex: 'a', $options: 'q' } }, 51108],
    ['$ne with a regular expression', { a: { $ne: /x/ } }, 2],
    ['an empty $not', { a: { $not: {} } }, 2],
    ['an unknown expression', { $expr: { $foo: 1 } }, 168],
    ['$where, which needs a script engine', { $where: 'true' }, 2],
  ])('refuses %s', (_what, filter, code) => {
    expect(codeOf(() => compileFilter(stored(filter)))).toBe(code);
  });
});
