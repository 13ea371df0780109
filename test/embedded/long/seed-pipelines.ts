import type { Document } from 'bson';

// biome-ignore lint/suspicious/noThenProperty: it is how the operator names it.
const whenTrue = { case: true, then: 1 };

/** Aggregations with stages and expressions of every family. */
export const PIPELINES: readonly Document[] = [
  {
    aggregate: 'c',
    pipeline: [
      { $match: { n: { $gt: 0 } } },
      {
        $group: {
          _id: { $mod: ['$n', 2] },
          sum: { $sum: '$n' },
          all: { $push: '$$ROOT' },
          top: { $topN: { n: 2, sortBy: { n: 1 }, output: '$n' } },
        },
      },
      { $sort: { sum: -1 } },
      { $limit: 3 },
    ],
    cursor: { batchSize: 1 },
  },
  {
    aggregate: 'c',
    pipeline: [
      { $lookup: { from: 'c', localField: '_id', foreignField: 'n', as: 'others' } },
      { $unwind: { path: '$others', preserveNullAndEmptyArrays: true } },
      {
        $project: {
          x: { $cond: [{ $gt: ['$n', 1] }, 'a', 'b'] },
          y: { $map: { input: '$tags', as: 't', in: { $toString: { $type: '$$t' } } } },
        },
      },
    ],
    cursor: {},
  },
  {
    aggregate: 'c',
    pipeline: [
      { $facet: { a: [{ $count: 'n' }], b: [{ $bucketAuto: { groupBy: '$n', buckets: 2 } }] } },
      {
        $addFields: {
          z: { $reduce: { input: { $range: [0, 5] }, initialValue: 0, in: { $add: ['$$value', '$$this'] } } },
        },
      },
    ],
    cursor: {},
  },
  {
    aggregate: 'c',
    pipeline: [
      {
        $setWindowFields: {
          partitionBy: '$x',
          sortBy: { n: 1 },
          output: { run: { $sum: '$n', window: { documents: ['unbounded', 'current'] } } },
        },
      },
      { $replaceRoot: { newRoot: { $mergeObjects: ['$nested', { a: 1 }] } } },
      { $sample: { size: 2 } },
    ],
    cursor: {},
  },
  {
    aggregate: 'c',
    pipeline: [
      {
        $graphLookup: {
          from: 'c',
          startWith: '$n',
          connectFromField: 'n',
          connectToField: '_id',
          as: 'g',
          maxDepth: 2,
        },
      },
      { $unionWith: { coll: 'd', pipeline: [{ $skip: 1 }] } },
      { $merge: { into: 'e', on: '_id', whenMatched: 'replace' } },
    ],
    cursor: {},
  },
  {
    aggregate: 'c',
    pipeline: [
      {
        $project: {
          d: { $dateAdd: { startDate: '$when', unit: 'month', amount: 3 } },
          s: { $split: ['$text', ' '] },
          r: { $regexFindAll: { input: '$text', regex: 'a' } },
          c: { $convert: { input: '$n', to: 'int', onError: 0 } },
          sw: { $switch: { branches: [whenTrue], default: 2 } },
          f: { $filter: { input: '$tags', cond: { $ne: ['$$this', 'a'] } } },
          t: { $dateTrunc: { date: '$when', unit: 'week', startOfWeek: 'monday' } },
          z: { $zip: { inputs: [[1, 2], ['a']], useLongestLength: true } },
        },
      },
      { $out: 'f' },
    ],
    cursor: {},
  },
  { aggregate: 1, pipeline: [{ $documents: [{ a: 1 }] }], cursor: {} },
];
