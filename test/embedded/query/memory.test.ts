import { expect, test } from '@jest/globals';
import { approximateBytes, memoryAccount, mostBytesOf } from '../../../embedded-mongodb/query/memory.ts';
import { ran } from './pipelines.ts';
import { codeOf, codeOfLater } from './stored.ts';

// The manual, "Aggregation Pipeline Limits": each stage may hold 100 megabytes; without disk use, more is an error.
const text = 'x'.repeat(1_000);
const large = Array.from({ length: 110 }, (_, i) => ({ i, text }));
const mostBytes = 100_000;

test.each([
  ['$sort', [{ $sort: { i: -1 } }], 292],
  ['$bucketAuto', [{ $bucketAuto: { groupBy: '$i', buckets: 2 } }], 292],
  ['$setWindowFields', [{ $setWindowFields: { sortBy: { i: 1 }, output: { n: { $sum: 1 } } } }], 292],
  ['$group by what is large', [{ $group: { _id: { $concat: ['$text', { $toString: '$i' }] } } }], 292],
  ['$push', [{ $group: { _id: null, all: { $push: '$text' } } }], 146],
  [
    '$addToSet',
    [{ $group: { _id: null, all: { $addToSet: { $concat: ['$text', { $toString: '$i' }] } } } }],
    146,
  ],
])('%s is refused beyond the limit', async (_, pipeline, code) => {
  expect(await codeOfLater(() => ran(large, pipeline, { mostBytes }))).toBe(code);
  expect(await codeOfLater(() => ran(large.slice(0, 50), pipeline, { mostBytes }))).toBeUndefined();
});

test('who allows disk use gets the answer all the same, made in memory', async () => {
  expect(mostBytesOf(false)).toBe(100 * 1024 * 1024);
  const results = await ran(large, [{ $sort: { i: -1 } }], { mostBytes: mostBytesOf(true) });

  expect(results.map(({ i }) => Number(i))).toEqual(Array.from({ length: 110 }, (_, i) => 109 - i));
});

test('what a stage does not hold is not counted: equal values once, and no more than is asked for', async () => {
  const [set] = await ran(large, [{ $group: { _id: null, all: { $addToSet: '$text' } } }], { mostBytes });
  expect(set?.['all']).toHaveLength(1);

  const newest = { $topN: { n: 2, sortBy: { i: -1 }, output: '$i' } };
  const [top] = await ran(
    Array.from({ length: 5_000 }, (_, i) => ({ i })),
    [{ $group: { _id: null, newest, least: { $minN: { n: 1, input: '$i' } } } }],
  );
  expect(top?.['newest']?.map(Number)).toEqual([4_999, 4_998]);
  expect(top?.['least']?.map(Number)).toEqual([0]);
});

test('an account is even again after what was held is let go', () => {
  const account = memoryAccount('Sort', 100);

  account(90);
  account(-80);
  account(90);
  expect(codeOf(() => account(1))).toBe(292);
});

test('bytes are counted through arrays and documents', () => {
  expect(approximateBytes('abc')).toBe(11);
  expect(approximateBytes(['abc', 'abc'])).toBe(30);
  expect(approximateBytes({ ab: 'abc' })).toBe(21);
});
