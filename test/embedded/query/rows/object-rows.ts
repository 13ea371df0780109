import { Binary } from 'bson';
import { decimal, double, long, MISSING, type Row, refused, row } from './row.ts';

const DOCUMENTS: readonly Row[] = [
  row('later fields win', { $mergeObjects: [{ a: 1, b: 2 }, { b: 3 }] }, { a: 1, b: 3 }),
  row('null and missing add nothing', { $mergeObjects: ['$none', { a: 1 }, null] }, { a: 1 }),
  row('nothing merges to an empty document', { $mergeObjects: [null] }, {}),
  row('a number cannot be merged', { $mergeObjects: [5] }, refused(40400)),
  row('a field by name', { $getField: 'a.b' }, 5, { 'a.b': 5 }),
  row('a field whose name starts with a dollar', { $getField: { $literal: '$p' } }, 5, { $p: 5 }),
  row('a field of a given document', { $getField: { field: 'x', input: '$d' } }, 7, { d: { x: 7 } }),
  row('no such field', { $getField: 'a' }, MISSING),
  row('a field of null is null', { $getField: { field: 'x', input: null } }, null),
  row('a field of a number is missing', { $getField: { field: 'x', input: 5 } }, MISSING),
  row('a name may be put together from constants', { $getField: { $concat: ['a', '.', 'b'] } }, 5, {
    'a.b': 5,
  }),
  row('a name is no path', { $getField: '$a' }, refused(5654600), { a: 'b' }),
  row('a name is constant', { $getField: { $concat: ['$a'] } }, refused(5654602), { a: 'b' }),
  row('a name is a string', { $getField: { field: 5, input: '$$ROOT' } }, refused(3041704)),
  row('a name to set is no path', { $setField: { field: '$p', input: '$d', value: 1 } }, refused(4161108), {
    d: {},
  }),
  row(
    'a name to set starts with a dollar',
    { $setField: { field: { $literal: '$p' }, input: '$d', value: 1 } },
    { $p: 1 },
    { d: {} },
  ),
  row(
    'a field with a dot is set',
    { $setField: { field: 'a.b', input: '$d', value: 1 } },
    { c: 2, 'a.b': 1 },
    { d: { c: 2 } },
  ),
  row(
    'REMOVE takes the field away',
    { $setField: { field: 'c', input: '$d', value: '$$REMOVE' } },
    {},
    { d: { c: 2 } },
  ),
  row('a field of null is not set', { $setField: { field: 'c', input: null, value: 1 } }, null),
  row('a field of a number is not set', { $setField: { field: 'c', input: 5, value: 1 } }, refused(4161105)),
  row('a field is taken away', { $unsetField: { field: 'c', input: '$d' } }, { e: 1 }, { d: { c: 2, e: 1 } }),
  row('a field of null is not taken away', { $unsetField: { field: 'c', input: '$none' } }, null),
  row('the size in bytes of BSON', { $bsonSize: '$d' }, 12, { d: { a: 1 } }),
  row('null has no size', { $bsonSize: null }, null),
  row('a string is no document', { $bsonSize: 'x' }, refused(31393)),
  row('bytes of a string', { $binarySize: 'é' }, 2),
  row('bytes of binary data', { $binarySize: '$b' }, 3, { b: new Binary(Buffer.from([1, 2, 3])) }),
  row('null has no bytes', { $binarySize: '$none' }, null),
  row('a number has no bytes', { $binarySize: 5 }, refused(51276)),
];

const TOTALS: readonly Row[] = [
  row('a sum of arguments, other values left out', { $sum: [1, 'x', long(2), null] }, long(3)),
  row('a sum over one array', { $sum: '$a' }, 6, { a: [1, 2, 3] }),
  row('an array among several arguments counts nothing', { $sum: ['$a', 5] }, 5, { a: [1, 2] }),
  row('a sum of nothing is zero', { $sum: '$none' }, 0),
  row('doubles are summed with compensation', { $sum: Array(10).fill(0.1) }, double(1)),
  row('an average is a double', { $avg: [1, 2, 3] }, double(2)),
  row('an average of decimals is a decimal', { $avg: [decimal('1.5'), 2] }, decimal('1.75')),
  row('an average of no numbers is null', { $avg: ['x', null] }, null),
  row('the least, null left out', { $min: [3, null, 1] }, 1),
  row('the least of nothing is null', { $min: [null, '$none'] }, null),
  row('the greatest in the order of types', { $max: [3, 'a', 100] }, 'a'),
  row('the greatest over one array', { $max: '$a' }, 9, { a: [4, 9] }),
  row('deviation of a population', { $stdDevPop: [2, 4, 4, 4, 5, 5, 7, 9] }, double(2)),
  row('deviation of nothing is null', { $stdDevPop: ['x'] }, null),
  row('deviation of a sample', { $stdDevSamp: [1, 3] }, Math.SQRT2),
  row('one value has no deviation of a sample', { $stdDevSamp: [1] }, null),
  row(
    'percentiles of an array',
    { $percentile: { input: '$a', p: [0.5, 1], method: 'approximate' } },
    [double(2), double(4)],
    { a: [4, 1, 2, 3] },
  ),
  row(
    'percentiles of no numbers are null',
    { $percentile: { input: ['x'], p: [0.5], method: 'approximate' } },
    [null],
  ),
  row(
    'a share lies between 0 and 1',
    { $percentile: { input: [1], p: [2], method: 'approximate' } },
    refused(7750303),
  ),
  row('the method is approximate', { $percentile: { input: [1], p: [0.5], method: 'exact' } }, refused(2)),
  row('the median', { $median: { input: [5, 1, 3], method: 'approximate' } }, double(3)),
];

export const OBJECT_ROWS: readonly Row[] = [...DOCUMENTS, ...TOTALS];
