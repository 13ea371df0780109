import { date, double, refused } from './row.ts';

/** A rule, one output field of `$setWindowFields` sorted by `t`, and its values for the rows in this order. */
export interface WindowRow {
  readonly rule: string;
  readonly output: object;
  readonly expected: unknown;
  readonly sortBy?: object;
}

const at = (day: string) => date(`2024-01-${day}T00:00:00Z`);

/** The documents of the rows: two equal scores, a gap in time, and one value missing. */
export const SCORES: readonly object[] = [
  { _id: 1, t: 1, day: at('01'), score: 10, v: 1 },
  { _id: 2, t: 2, day: at('02'), score: 20, v: 2 },
  { _id: 3, t: 3, day: at('05'), score: 20 },
  { _id: 4, t: 7, day: at('06'), score: 30, v: 4 },
];

function row(rule: string, output: object, expected: unknown, sortBy?: object): WindowRow {
  return sortBy ? { rule, output, expected, sortBy } : { rule, output, expected };
}

const documents = (low: unknown, high: unknown) => ({ window: { documents: [low, high] } });
const range = (low: unknown, high: unknown, unit?: string) => ({
  window: { range: [low, high], ...(unit ? { unit } : {}) },
});

export const WINDOW_ROWS: readonly WindowRow[] = [
  row('without a window over the whole partition', { $sum: '$v' }, [7, 7, 7, 7]),
  row('a running total', { $sum: '$v', ...documents('unbounded', 'current') }, [1, 3, 3, 7]),
  row('what is still to come', { $sum: '$v', ...documents('current', 'unbounded') }, [7, 6, 4, 4]),
  row('a sliding average', { $avg: '$v', ...documents(-1, 0) }, [double(1), 1.5, double(2), double(4)]),
  row('a window beside the document', { $push: '$_id', ...documents(1, 2) }, [[2, 3], [3, 4], [4], []]),
  row('a range of the sorted number', { $push: '$_id', ...range(-1, 1) }, [[1, 2], [1, 2, 3], [2, 3], [4]]),
  row('a range of days', { $push: '$_id', ...range(-1, 'current', 'day') }, [[1], [1, 2], [3], [3, 4]], {
    day: 1,
  }),
  row('the least and the greatest', { $max: '$v', ...documents(-1, 1) }, [2, 2, 4, 4]),
  row('several values of a window', { $minN: { input: '$v', n: 1 }, ...documents('unbounded', 'current') }, [
    [1],
    [1],
    [1],
    [1],
  ]),
  row('the median of a window', { $median: { input: '$v', method: 'approximate' }, ...documents(-1, 1) }, [
    double(1),
    double(1),
    double(2),
    double(4),
  ]),
  row('rank leaves gaps after equals', { $rank: {} }, [1, 2, 2, 4], { score: 1 }),
  row('dense rank leaves none', { $denseRank: {} }, [1, 2, 2, 3], { score: 1 }),
  row('rank from the greatest', { $rank: {} }, [1, 2, 2, 4], { score: -1 }),
  row('numbers of documents', { $documentNumber: {} }, [1, 2, 3, 4]),
  row('the document before', { $shift: { output: '$v', by: -1, default: 'none' } }, ['none', 1, 2, null]),
  row('the last value carried forward', { $locf: '$v' }, [1, 2, 2, 4]),
  row('an exponential average by number', { $expMovingAvg: { input: '$score', N: 3 } }, [
    double(10),
    double(15),
    17.5,
    23.75,
  ]),
  row('an exponential average by weight', { $expMovingAvg: { input: '$score', alpha: 0.5 } }, [
    double(10),
    double(15),
    17.5,
    23.75,
  ]),
  row('a rank needs one key', { $rank: {} }, refused(5371602), { score: 1, t: 1 }),
  row('a rank takes no window', { $rank: {}, ...documents(0, 1) }, refused(5371601)),
  row('bounds of documents ascend', { $sum: '$v', ...documents(1, 0) }, refused(5339900)),
  row('a range has one ascending key', { $sum: '$v', ...range(0, 1) }, refused(5339902), { t: -1 }),
  row(
    'a range without a unit is of numbers',
    { $sum: '$v', ...range('unbounded', 'current') },
    refused(5429414),
    {
      day: 1,
    },
  ),
  row('bounds of a range are numbers', { $sum: '$v', ...range('x', 1) }, refused(9)),
  row('a unit needs dates', { $sum: '$v', ...range(-1, 0, 'day') }, refused(5429513)),
  row(
    'documents and range exclude one another',
    { $sum: '$v', window: { documents: [0, 0], range: [0, 0] } },
    refused(9),
  ),
  row('a unit belongs to a range', { $sum: '$v', window: { documents: [0, 0], unit: 'day' } }, refused(9)),
  row('a weight lies between 0 and 1', { $expMovingAvg: { input: '$v', alpha: 1.5 } }, refused(9)),
  row('a field has one function', { $sum: 1, $avg: 1 }, refused(9)),
  row('an unknown function is refused', { $nothing: 1 }, refused(9)),
  row(
    'an unsupported function is refused',
    { $derivative: { input: '$v' }, ...documents(-1, 0) },
    refused(9),
  ),
];
