import { decimal, double, long, refused } from './row.ts';

/** A rule, the values of field `v` (`undefined` leaves it out), the accumulator, and its result over all of them. */
export interface AccumulatorRow {
  readonly rule: string;
  readonly values: readonly unknown[];
  readonly accumulator: object;
  readonly expected: unknown;
}

function row(
  rule: string,
  values: readonly unknown[],
  accumulator: object,
  expected: unknown,
): AccumulatorRow {
  return { rule, values, accumulator, expected };
}

const NONE = undefined;
const best = (operator: string, n?: unknown) => ({
  [operator]: { sortBy: { v: 1 }, output: '$v', ...(n === undefined ? {} : { n }) },
});

/** Rows for every accumulator; what is missing stays apart from null where the manual says so. */
export const ACCUMULATOR_ROWS: readonly AccumulatorRow[] = [
  row('ints sum to an int', [1, 2], { $sum: '$v' }, 3),
  row('ints that overflow sum to a long', [2147483647, 1], { $sum: '$v' }, long(2147483648)),
  row('a long makes it a long', [1, long(2)], { $sum: '$v' }, long(3)),
  row('longs sum exactly', [long('9007199254740993'), 1], { $sum: '$v' }, long('9007199254740994')),
  row(
    'longs that overflow sum to a double',
    [long('9223372036854775807'), 1],
    { $sum: '$v' },
    double(2 ** 63),
  ),
  row('a double makes it a double', [1, 0.5], { $sum: '$v' }, 1.5),
  row('a decimal makes it a decimal', [1, decimal('0.10')], { $sum: '$v' }, decimal('1.10')),
  row('what is no number counts nothing', ['x', null, NONE, [1]], { $sum: '$v' }, 0),
  row('a constant counts documents', [1, 1], { $sum: 1 }, 2),
  row('an average of ints is a double', [1, 2, 'x'], { $avg: '$v' }, 1.5),
  row('an average of a decimal is a decimal', [1, decimal('2')], { $avg: '$v' }, decimal('1.5')),
  row('no numbers have no average', ['x', NONE], { $avg: '$v' }, null),
  row('the least, null left out', [3, null, NONE, 1], { $min: '$v' }, 1),
  row('the greatest in the order of types', [3, 'a'], { $max: '$v' }, 'a'),
  row('the greatest of nothing is null', [null, NONE], { $max: '$v' }, null),
  row('the first, null when it is missing', [NONE, 1], { $first: '$v' }, null),
  row('the last', [1, 2], { $last: '$v' }, 2),
  row('all values, without what is missing', [1, NONE, null, 1], { $push: '$v' }, [1, null, 1]),
  row('each value once, numbers by value', [1, double(1), 'x', NONE], { $addToSet: '$v' }, [1, 'x']),
  row('later fields win', [{ a: 1 }, null, { a: 2, b: 3 }], { $mergeObjects: '$v' }, { a: 2, b: 3 }),
  row('only documents merge', [5], { $mergeObjects: '$v' }, refused(40400)),
  row('deviation of a population', [1, 3], { $stdDevPop: '$v' }, double(1)),
  row('deviation of a sample', [1, 3, 'x'], { $stdDevSamp: '$v' }, Math.SQRT2),
  row('one number has no deviation of a sample', [1], { $stdDevSamp: '$v' }, null),
  row('the number of documents', [NONE, 1], { $count: {} }, 2),
  row('a count takes nothing', [1], { $count: 1 }, refused(9)),
  row('an accumulator takes one expression', [1], { $sum: ['$v', 1] }, refused(40237)),
  row('the first n, missing as null', [NONE, 1, 2], { $firstN: { input: '$v', n: 2 } }, [null, 1]),
  row('the last n', [1, 2, 3], { $lastN: { input: '$v', n: 2 } }, [2, 3]),
  row('the least n, null left out', [3, null, 1, 2], { $minN: { input: '$v', n: 2 } }, [1, 2]),
  row('the greatest n', [3, 1, 2], { $maxN: { input: '$v', n: 2 } }, [3, 2]),
  row('n is positive', [1], { $maxN: { input: '$v', n: 0 } }, refused(5787908)),
  row('n is a number', [1], { $maxN: { input: '$v', n: 'x' } }, refused(5787902)),
  row('what sorts first', [3, 1, 2], best('$top'), 1),
  row('the n that sort first', [3, 1, 2], best('$topN', 2), [1, 2]),
  row('what sorts last', [3, 1, 2], best('$bottom'), 3),
  row('the n that sort last, in order', [3, 1, 2], best('$bottomN', 2), [2, 3]),
  row('an order is needed', [1], { $top: { output: '$v' } }, refused(5788005)),
  row(
    'percentiles',
    [4, 1, 3, 2, 'x'],
    { $percentile: { input: '$v', p: [0.25, 0.5, 1], method: 'approximate' } },
    [double(1), double(2), double(4)],
  ),
  row(
    'no numbers have no percentiles',
    ['x'],
    { $percentile: { input: '$v', p: [0.5], method: 'approximate' } },
    [null],
  ),
  row('the median', [9, 1, 5], { $median: { input: '$v', method: 'approximate' } }, double(5)),
];
