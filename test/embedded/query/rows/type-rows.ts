import { Binary, BSONRegExp, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { date, decimal, double, long, type Row, refused, row } from './row.ts';

const id = new ObjectId('65e000000000000000000000');
const day = date('2024-02-29T12:00:00.123Z');

const TYPES: readonly Row[] = [
  row('of an int', { $type: 1 }, 'int'),
  row('of a long', { $type: long(1) }, 'long'),
  row('of a double', { $type: double(1) }, 'double'),
  row('of a decimal', { $type: decimal('1') }, 'decimal'),
  row('of a string', { $type: 'x' }, 'string'),
  row('of null', { $type: null }, 'null'),
  row('of what is missing', { $type: '$none' }, 'missing'),
  row('of an array', { $type: [[1]] }, 'array'),
  row('of a document', { $type: { $literal: {} } }, 'object'),
  row('of a boolean', { $type: false }, 'bool'),
  row('of a date', { $type: day }, 'date'),
  row('of an ObjectId', { $type: id }, 'objectId'),
  row('of a timestamp', { $type: new Timestamp({ t: 1, i: 1 }) }, 'timestamp'),
  row('of binary data', { $type: new Binary(Buffer.from('x')) }, 'binData'),
  row('of a regular expression', { $type: new BSONRegExp('a') }, 'regex'),
  row('of the least key', { $type: new MinKey() }, 'minKey'),
  row('of the greatest key', { $type: new MaxKey() }, 'maxKey'),
  row('a decimal is a number', { $isNumber: decimal('NaN') }, true),
  row('text is no number', { $isNumber: '1' }, false),
  row('missing is no number', { $isNumber: '$none' }, false),
];

const NUMBERS: readonly Row[] = [
  row('a double is cut off', { $toInt: 5.9 }, 5),
  row('a decimal is cut off', { $toInt: decimal('-5.9') }, -5),
  row('text of a whole number', { $toInt: '-42' }, -42),
  row('text of a fraction is refused', { $toInt: '5.5' }, refused(241)),
  row('true is one', { $toInt: true }, 1),
  row('beyond 32 bits is refused', { $toInt: long(2147483648) }, refused(241)),
  row('a date is no int', { $toInt: day }, refused(241)),
  row('null stays null', { $toInt: '$none' }, null),
  row('a date in milliseconds', { $toLong: day }, long(day.getTime())),
  row('exact beyond 2^53', { $toLong: decimal('9007199254740993') }, long('9007199254740993')),
  row('NaN is no long', { $toLong: double(Number.NaN) }, refused(241)),
  row('beyond 64 bits is refused', { $toLong: 1e19 }, refused(241)),
  row('text to a double', { $toDouble: '-5.5e3' }, double(-5500)),
  row('a decimal to a double', { $toDouble: decimal('0.5') }, 0.5),
  row('text that is no number', { $toDouble: 'x' }, refused(241)),
  row('an ObjectId is no double', { $toDouble: id }, refused(241)),
  row('text to a decimal', { $toDecimal: '1.10' }, decimal('1.10')),
  row('a double has 15 digits as a decimal', { $toDecimal: 0.1 }, decimal('0.100000000000000')),
  row('false is zero', { $toDecimal: false }, decimal('0')),
];

const OTHERS: readonly Row[] = [
  row('a whole double has no point', { $toString: double(5) }, '5'),
  row('a long in full', { $toString: long('9007199254740993') }, '9007199254740993'),
  row('a date in ISO 8601', { $toString: day }, '2024-02-29T12:00:00.123Z'),
  row('an ObjectId in hexadecimal', { $toString: id }, '65e000000000000000000000'),
  row('a document has no text', { $toString: { $literal: {} } }, refused(241)),
  row('milliseconds to a date', { $toDate: long(0) }, new Date(0)),
  row('an ObjectId to its time', { $toDate: id }, new Date(0x65e00000 * 1000)),
  row('a timestamp to its time', { $toDate: new Timestamp({ t: 10, i: 1 }) }, new Date(10_000)),
  row('a day to its start in UTC', { $toDate: '2024-02-29' }, date('2024-02-29T00:00:00Z')),
  row('text with an offset', { $toDate: '2024-02-29T12:00:00+02:00' }, date('2024-02-29T10:00:00Z')),
  row('text without an offset is in UTC', { $toDate: '2024-02-29T12:00:00' }, date('2024-02-29T12:00:00Z')),
  row('an int is no date', { $toDate: 5 }, refused(241)),
  row('other text is no date', { $toDate: 'Friday' }, refused(241)),
  row('text to an ObjectId', { $toObjectId: '65e000000000000000000000' }, id),
  row('short text is no ObjectId', { $toObjectId: '65e0' }, refused(241)),
  row('every string is true', { $toBool: 'false' }, true),
  row('zero is false', { $toBool: decimal('0') }, false),
  row('null is null', { $toBool: null }, null),
];

const CONVERT: readonly Row[] = [
  row('by the name of a type', { $convert: { input: '5', to: 'int' } }, 5),
  row('by the number of a type', { $convert: { input: '5', to: 18 } }, long(5)),
  row('a failure gives onError', { $convert: { input: 'x', to: 'int', onError: 'bad' } }, 'bad'),
  row('null gives onNull', { $convert: { input: '$none', to: 'int', onNull: 0 } }, 0),
  row('a failure without onError is refused', { $convert: { input: 'x', to: 'int' } }, refused(241)),
  row('an unknown type is refused', { $convert: { input: 1, to: 'number2' } }, refused(2)),
  row('a type without a conversion is refused', { $convert: { input: 1, to: 'regex' } }, refused(241)),
  row('a type is a name or number', { $convert: { input: 1, to: true } }, refused(9)),
];

export const TYPE_ROWS: readonly Row[] = [...TYPES, ...NUMBERS, ...OTHERS, ...CONVERT];
