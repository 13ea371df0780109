import { double, long, refused } from './row.ts';

/** A pipeline, the documents it starts from, and what comes out, in order. */
export interface StageRow {
  readonly rule: string;
  readonly documents: readonly object[];
  readonly pipeline: readonly object[];
  readonly expected: unknown;
}

const sales = [
  { _id: 1, item: 'a', n: 2, tags: ['x', 'y'] },
  { _id: 2, item: 'b', n: 5, tags: [] },
  { _id: 3, item: 'a', n: 3 },
  { _id: 4, item: null, n: 1, tags: 'z' },
];

function over(
  documents: readonly object[],
  rule: string,
  pipeline: object | object[],
  expected: unknown,
): StageRow {
  return { rule, documents, pipeline: Array.isArray(pipeline) ? pipeline : [pipeline], expected };
}

const row = (rule: string, pipeline: object | object[], expected: unknown) =>
  over(sales, rule, pipeline, expected);
const ids = { $project: { _id: 1 } };
const of = (...list: number[]) => list.map((_id) => ({ _id }));

const CHOOSING: readonly StageRow[] = [
  row('documents that match', [{ $match: { item: 'a' } }, ids], of(1, 3)),
  row('an expression as a condition', [{ $match: { $expr: { $gt: ['$n', '$_id'] } } }, ids], of(1, 2)),
  row('a filter is a document', { $match: 5 }, refused(15959)),
  row('in an order', [{ $sort: { n: -1 } }, ids], of(2, 3, 1, 4)),
  row('equal keys keep their order', [{ $sort: { item: 1 } }, ids], of(4, 1, 3, 2)),
  row('an order needs a key', { $sort: {} }, refused(15976)),
  row('an order is 1 or −1', { $sort: { n: 2 } }, refused(15975)),
  row('so many at most', [{ $limit: 2 }, ids], of(1, 2)),
  row('a limit is positive', { $limit: 0 }, refused(15958)),
  row('a limit is a whole number', { $limit: 1.5 }, refused(5107201)),
  row('all but the first', [{ $skip: 3 }, ids], of(4)),
  row('a skip is not negative', { $skip: -1 }, refused(5107200)),
  row('the number of documents', { $count: 'total' }, [{ total: 4 }]),
  row('no documents have no count', [{ $match: { n: 99 } }, { $count: 'total' }], []),
  row('the name of a count is no path', { $count: '$total' }, refused(40158)),
  row(
    'no more than there are, each once',
    [{ $sample: { size: 9 } }, { $sort: { _id: 1 } }, ids],
    of(1, 2, 3, 4),
  ),
  row('a sample needs a size', { $sample: {} }, refused(28749)),
  row('a size is positive', { $sample: { size: -1 } }, refused(28747)),
];

const RESHAPING: readonly StageRow[] = [
  row(
    'fields chosen and computed',
    [{ $match: { _id: 1 } }, { $project: { _id: 0, item: 1, twice: { $multiply: ['$n', 2] } } }],
    [{ item: 'a', twice: 4 }],
  ),
  row('fields left out', [{ $limit: 1 }, { $project: { tags: 0, n: 0 } }], [{ _id: 1, item: 'a' }]),
  row('a projection does not both choose and leave out', { $project: { item: 1, n: 0 } }, refused(31254)),
  row(
    'fields added beside the others',
    [{ $limit: 1 }, { $addFields: { 'a.b': { $add: ['$n', 1] } } }, { $project: { a: 1 } }],
    [{ _id: 1, a: { b: 3 } }],
  ),
  row(
    'set is another name of it, and REMOVE takes away',
    [{ $limit: 1 }, { $set: { tags: '$$REMOVE', n: '$item' } }],
    [{ _id: 1, item: 'a', n: 'a' }],
  ),
  row('it needs a field', { $set: {} }, refused(40177)),
  row('fields taken away', [{ $limit: 1 }, { $unset: ['tags', 'n'] }], [{ _id: 1, item: 'a' }]),
  row('their names are strings', { $unset: [5] }, refused(31002)),
  row('another root', [{ $limit: 1 }, { $replaceRoot: { newRoot: { x: '$n' } } }], [{ x: 2 }]),
  row('a root is a document', { $replaceRoot: { newRoot: '$n' } }, refused(40228)),
  row(
    'a shorter form of it',
    [{ $limit: 1 }, { $replaceWith: { $mergeObjects: [{ y: 1 }, { x: '$item' }] } }],
    [{ y: 1, x: 'a' }],
  ),
  row(
    'a document for each element, none for empty and missing',
    [{ $unwind: '$tags' }, { $project: { tags: 1 } }],
    [
      { _id: 1, tags: 'x' },
      { _id: 1, tags: 'y' },
      { _id: 4, tags: 'z' },
    ],
  ),
  row(
    'empty and missing kept, with the position',
    [
      { $unwind: { path: '$tags', includeArrayIndex: 'at', preserveNullAndEmptyArrays: true } },
      { $project: { tags: 1, at: 1 } },
    ],
    [
      { _id: 1, tags: 'x', at: long(0) },
      { _id: 1, tags: 'y', at: long(1) },
      { _id: 2, at: null },
      { _id: 3, at: null },
      { _id: 4, tags: 'z', at: null },
    ],
  ),
  row('a path starts with a dollar', { $unwind: 'tags' }, refused(28818)),
  row('an unknown option is refused', { $unwind: { path: '$tags', keep: true } }, refused(28811)),
  row('a number in a path is no position', { $unwind: '$tags.0' }, []),
  over(
    [{ _id: 1, level: 1, a: { level: 5, secret: 1 }, list: [{ level: 1, x: 1 }, { level: 9 }, 7] }],
    'levels are kept, pruned or entered, in arrays too',
    { $redact: { $cond: [{ $lte: ['$level', 3] }, '$$DESCEND', '$$PRUNE'] } },
    [{ _id: 1, level: 1, list: [{ level: 1, x: 1 }, 7] }],
  ),
  over(
    [{ _id: 1, a: { secret: 1 } }],
    'a kept level is not entered',
    { $redact: { $cond: ['$_id', '$$KEEP', '$$PRUNE'] } },
    [{ _id: 1, a: { secret: 1 } }],
  ),
  row('other results are refused', { $redact: 5 }, refused(17053)),
  over([], 'documents from an expression', { $documents: [{ x: { $add: [1, 2] } }] }, [{ x: 3 }]),
  row('only at the start', [{ $limit: 1 }, { $documents: [{}] }], refused(40602)),
  over([], 'documents are an array', { $documents: { a: 1 } }, refused(5858203)),
  row(
    'several pipelines over the same documents',
    { $facet: { count: [{ $count: 'n' }], first: [{ $limit: 1 }, ids] } },
    [{ count: [{ n: 4 }], first: [{ _id: 1 }] }],
  ),
  row('a facet has no facets', { $facet: { a: [{ $facet: { b: [] } }] } }, refused(40600)),
  row('a facet does not write', { $facet: { a: [{ $out: 'x' }] } }, refused(40600)),
  row('a facet is not empty', { $facet: {} }, refused(40169)),
];

const GROUPING: readonly StageRow[] = [
  row(
    'one document a value, missing with null',
    [{ $group: { _id: '$item', n: { $sum: '$n' } } }, { $sort: { _id: 1 } }],
    [
      { _id: null, n: 1 },
      { _id: 'a', n: 5 },
      { _id: 'b', n: 5 },
    ],
  ),
  over(
    [{ k: 1 }, { k: long(1) }, { k: double(1) }],
    'numbers are grouped by value',
    { $group: { _id: '$k', n: { $count: {} } } },
    [{ _id: 1, n: 3 }],
  ),
  row('all documents by a constant', { $group: { _id: null, most: { $max: '$n' } } }, [
    { _id: null, most: 5 },
  ]),
  row('a group needs an _id', { $group: { n: { $sum: 1 } } }, refused(15955)),
  row('a field needs an accumulator', { $group: { _id: 1, n: 5 } }, refused(40234)),
  row('an unknown accumulator', { $group: { _id: 1, n: { $nothing: 1 } } }, refused(15952)),
  row('a field has no dot', { $group: { _id: 1, 'a.b': { $sum: 1 } } }, refused(40235)),
  row(
    'by number of documents, most first',
    [{ $sortByCount: '$item' }, { $limit: 1 }],
    [{ _id: 'a', count: 2 }],
  ),
  row('it takes an expression', { $sortByCount: 'item' }, refused(40149)),
  row(
    'by ranges that exclude their end',
    {
      $bucket: { groupBy: '$n', boundaries: [1, 3, 5], default: 'more', output: { ids: { $push: '$_id' } } },
    },
    [
      { _id: 1, ids: [1, 4] },
      { _id: 3, ids: [3] },
      { _id: 'more', ids: [2] },
    ],
  ),
  row(
    'without a default all must lie within',
    { $bucket: { groupBy: '$n', boundaries: [1, 3] } },
    refused(40066),
  ),
  row('boundaries ascend', { $bucket: { groupBy: '$n', boundaries: [3, 1] } }, refused(40194)),
  row('boundaries are of one type', { $bucket: { groupBy: '$n', boundaries: [1, 'x'] } }, refused(40193)),
  row('there are two boundaries at least', { $bucket: { groupBy: '$n', boundaries: [3] } }, refused(40192)),
  row(
    'a default lies outside',
    { $bucket: { groupBy: '$n', boundaries: [1, 9], default: 5 } },
    refused(40199),
  ),
  row('a bucket is of an expression', { $bucket: { groupBy: 'n', boundaries: [1, 9] } }, refused(40202)),
  row('buckets of about the same size', { $bucketAuto: { groupBy: '$n', buckets: 2 } }, [
    { _id: { min: 1, max: 3 }, count: 2 },
    { _id: { min: 3, max: 5 }, count: 2 },
  ]),
  over(
    [{ n: 1 }, { n: 1 }, { n: 1 }, { n: 2 }],
    'equal values stay together',
    { $bucketAuto: { groupBy: '$n', buckets: 2 } },
    [
      { _id: { min: 1, max: 2 }, count: 3 },
      { _id: { min: 2, max: 2 }, count: 1 },
    ],
  ),
  row('a number of buckets is positive', { $bucketAuto: { groupBy: '$n', buckets: 0 } }, refused(40243)),
  row(
    'rounding to preferred numbers is refused',
    { $bucketAuto: { groupBy: '$n', buckets: 2, granularity: 'R5' } },
    refused(40257),
  ),
];

const SHAPE: readonly StageRow[] = [
  row('an unknown stage', { $nothing: {} }, refused(40324)),
  row('two stages in one', { $match: {}, $limit: 1 }, refused(40323)),
  row('an unsupported stage is refused, not passed over', { $densify: {} }, refused(40324)),
];

export const STAGE_ROWS: readonly StageRow[] = [...CHOOSING, ...RESHAPING, ...GROUPING, ...SHAPE];
