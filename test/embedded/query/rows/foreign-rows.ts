import { long, refused } from './row.ts';
import type { StageRow } from './stage-rows.ts';

/** The collections that the rows look into. */
export const FOREIGN: Readonly<Record<string, readonly object[]>> = {
  goods: [
    { _id: 1, sku: 'a', price: 10 },
    { _id: 2, sku: 'b', price: 20 },
    { _id: 3, price: 30 },
    { _id: 4, sku: ['a', 'c'], price: 40 },
  ],
  staff: [
    { _id: 1, name: 'top' },
    { _id: 2, name: 'left', boss: 'top' },
    { _id: 3, name: 'right', boss: 'top', away: true },
    { _id: 4, name: 'leaf', boss: 'left' },
    { _id: 5, name: 'ring', boss: 'loop' },
    { _id: 6, name: 'loop', boss: 'ring' },
  ],
};

function row(rule: string, document: object, pipeline: object | object[], expected: unknown): StageRow {
  return { rule, documents: [document], pipeline: Array.isArray(pipeline) ? pipeline : [pipeline], expected };
}

const equal = { from: 'goods', localField: 'sku', foreignField: 'sku', as: 'found' };
const found = (...list: number[]) => [{ found: list }];
const FOUND = { $project: { _id: 0, found: '$found._id' } };

const LOOKUP: readonly StageRow[] = [
  row('equal fields, elements of foreign arrays too', { sku: 'a' }, [{ $lookup: equal }, FOUND], found(1, 4)),
  row('any element of a local array', { sku: ['b', 'c'] }, [{ $lookup: equal }, FOUND], found(2, 4)),
  row('an empty local array finds nothing', { sku: [] }, [{ $lookup: equal }, FOUND], found()),
  row('a missing field equals null and missing', {}, [{ $lookup: equal }, FOUND], found(3)),
  row(
    'a pipeline with variables',
    { least: 15 },
    [
      {
        $lookup: {
          from: 'goods',
          let: { least: '$least' },
          pipeline: [{ $match: { $expr: { $gt: ['$price', '$$least'] } } }, { $sort: { price: -1 } }],
          as: 'found',
        },
      },
      FOUND,
    ],
    found(4, 3, 2),
  ),
  row(
    'equality and a pipeline',
    { sku: 'a' },
    [{ $lookup: { ...equal, pipeline: [{ $match: { price: { $gt: 10 } } }] } }, FOUND],
    found(4),
  ),
  row(
    'equality with a variable',
    { sku: 'b' },
    [
      {
        $lookup: {
          from: 'goods',
          let: { sku: '$sku' },
          pipeline: [{ $match: { $expr: { $eq: ['$sku', '$$sku'] } } }],
          as: 'found',
        },
      },
      FOUND,
    ],
    found(2),
  ),
  row(
    'a missing variable in an expression equals only what is missing',
    {},
    [
      {
        $lookup: {
          from: 'goods',
          let: { sku: '$sku' },
          pipeline: [{ $match: { $expr: { $eq: ['$sku', '$$sku'] } } }],
          as: 'found',
        },
      },
      FOUND,
    ],
    found(3),
  ),
  row(
    'the result may lie within a document',
    { sku: 'b' },
    [{ $lookup: { ...equal, as: 'x.y' } }, { $project: { ids: '$x.y._id' } }],
    [{ ids: [2] }],
  ),
  row(
    'a collection that does not exist is empty',
    { sku: 'a' },
    [{ $lookup: { ...equal, from: 'nothing' } }],
    [{ sku: 'a', found: [] }],
  ),
  row('an unknown option is refused', {}, { $lookup: { ...equal, extra: 1 } }, refused(9)),
  row(
    'both fields or neither',
    {},
    { $lookup: { from: 'goods', localField: 'sku', as: 'found' } },
    refused(9),
  ),
  row(
    'a pipeline within does not write',
    {},
    { $lookup: { from: 'goods', pipeline: [{ $out: 'x' }], as: 'found' } },
    refused(51047),
  ),
];

const walk = {
  from: 'staff',
  startWith: '$name',
  connectFromField: 'name',
  connectToField: 'boss',
  as: 'found',
};
const inOrder = { $project: { found: { $sortArray: { input: '$found._id', sortBy: 1 } } } };

const GRAPH: readonly StageRow[] = [
  row('everything that is reached', { name: 'top' }, [{ $graphLookup: walk }, inOrder], found(2, 3, 4)),
  row(
    'no further than the depth',
    { name: 'top' },
    [{ $graphLookup: { ...walk, maxDepth: 0 } }, inOrder],
    found(2, 3),
  ),
  row('a ring ends', { name: 'ring' }, [{ $graphLookup: walk }, inOrder], found(5, 6)),
  row(
    'only what satisfies the filter',
    { name: 'top' },
    [{ $graphLookup: { ...walk, restrictSearchWithMatch: { away: { $ne: true } } } }, inOrder],
    found(2, 4),
  ),
  row('several starts', { name: ['left', 'ring'] }, [{ $graphLookup: walk }, inOrder], found(4, 5, 6)),
  row(
    'the depth is a long',
    { name: 'left' },
    [{ $graphLookup: { ...walk, depthField: 'depth' } }, { $project: { found: 1 } }],
    [{ found: [{ _id: 4, name: 'leaf', boss: 'left', depth: long(0) }] }],
  ),
  row('a depth is not negative', {}, { $graphLookup: { ...walk, maxDepth: -1 } }, refused(40100)),
  row('an option is missing', {}, { $graphLookup: { from: 'staff' } }, refused(9)),
  row(
    'a filter is a document',
    {},
    { $graphLookup: { ...walk, restrictSearchWithMatch: 5 } },
    refused(40185),
  ),
];

const UNION: readonly StageRow[] = [
  row(
    'another collection after this',
    { _id: 0 },
    [{ $unionWith: 'goods' }, { $project: { _id: 1 } }],
    [0, 1, 2, 3, 4].map((_id) => ({ _id })),
  ),
  row(
    'through a pipeline',
    { _id: 0 },
    [{ $unionWith: { coll: 'goods', pipeline: [{ $match: { price: 20 } }, { $project: { _id: 1 } }] } }],
    [{ _id: 0 }, { _id: 2 }],
  ),
  row(
    'documents without a collection',
    { _id: 0 },
    [{ $unionWith: { pipeline: [{ $documents: [{ x: 1 }] }] } }],
    [{ _id: 0 }, { x: 1 }],
  ),
  row('a collection is needed otherwise', {}, { $unionWith: { pipeline: [] } }, refused(9)),
  row(
    'a pipeline within does not write',
    {},
    { $unionWith: { coll: 'goods', pipeline: [{ $out: 'x' }] } },
    refused(31441),
  ),
];

export const FOREIGN_ROWS: readonly StageRow[] = [...LOOKUP, ...GRAPH, ...UNION];
