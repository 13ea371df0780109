import { describe, expect, test } from '@jest/globals';
import { ACCUMULATORS } from '../../../embedded-mongodb/query/accumulators.ts';
import { STAGES, splitPrefix } from '../../../embedded-mongodb/query/pipeline.ts';
import { RANKINGS } from '../../../embedded-mongodb/query/window-functions.ts';
import { outcome, ran } from './pipelines.ts';
import { ACCUMULATOR_ROWS } from './rows/accumulator-rows.ts';
import { FOREIGN_ROWS } from './rows/foreign-rows.ts';
import { isRefusal } from './rows/row.ts';
import { STAGE_ROWS } from './rows/stage-rows.ts';
import { SCORES, WINDOW_ROWS } from './rows/window-rows.ts';
import { typed } from './stored.ts';

const form = (expected: unknown) => (isRefusal(expected) ? { code: expected.code } : expected);

describe('stages', () => {
  for (const { rule, documents, pipeline, expected } of [...STAGE_ROWS, ...FOREIGN_ROWS]) {
    test(`${Object.keys(pipeline[0] ?? {})[0]}: ${rule}`, async () => {
      const result = await outcome(expected, () => ran(documents, pipeline));

      expect(typed(result)).toEqual(typed(form(expected)));
    });
  }
});

describe('accumulators', () => {
  for (const { rule, values, accumulator, expected } of ACCUMULATOR_ROWS) {
    test(`${Object.keys(accumulator)[0]}: ${rule}`, async () => {
      const documents = values.map((v) => (v === undefined ? {} : { v }));
      const group = { $group: { _id: null, total: accumulator } };
      const result = await outcome(expected, async () => (await ran(documents, [group]))[0]?.['total']);

      expect(typed(result)).toEqual(typed(form(expected)));
    });
  }
});

describe('windows', () => {
  for (const { rule, output, expected, sortBy = { t: 1 } } of WINDOW_ROWS) {
    test(`${Object.keys(output)[0]}: ${rule}`, async () => {
      const stage = { $setWindowFields: { sortBy, output: { result: output } } };
      const result = await outcome(expected, async () =>
        (await ran(SCORES, [stage])).map((document) => document['result']),
      );

      expect(typed(result)).toEqual(typed(form(expected)));
    });
  }

  test('partitions do not see one another, and the other fields stay', async () => {
    const documents = [
      { _id: 1, k: 'b', v: 1 },
      { _id: 2, k: 'a', v: 2 },
      { _id: 3, k: 'b', v: 3 },
    ];
    const total = { $sum: '$v', window: { documents: ['unbounded', 'current'] } };
    const stage = { $setWindowFields: { partitionBy: '$k', sortBy: { _id: 1 }, output: { total } } };

    expect(typed(await ran(documents, [stage]))).toEqual(
      typed([
        { _id: 2, k: 'a', v: 2, total: 2 },
        { _id: 1, k: 'b', v: 1, total: 1 },
        { _id: 3, k: 'b', v: 3, total: 4 },
      ]),
    );
  });

  test('an array is no partition', async () => {
    const stage = { $setWindowFields: { partitionBy: '$k', output: { n: { $sum: 1 } } } };
    const expected = await outcome({}, () => ran([{ k: [1] }], [stage])).catch((error: unknown) => error);

    expect(expected).toMatchObject({ code: 14 });
  });
});

describe('what an index may answer', () => {
  test('leading matches, then one sort, skip and limit are split off', () => {
    const pipeline = [
      { $match: { a: 1 } },
      { $match: { b: 2 } },
      { $sort: { c: 1 } },
      { $limit: 5 },
      { $skip: 1 },
    ];

    expect(splitPrefix(pipeline)).toEqual({
      filter: { $and: [{ a: 1 }, { b: 2 }] },
      sort: { c: 1 },
      skip: undefined,
      limit: 5,
      rest: [{ $skip: 1 }],
    });
  });

  test('what is malformed stays, to be refused', () => {
    expect(splitPrefix([{ $limit: -1 }]).rest).toEqual([{ $limit: -1 }]);
  });
});

test('every stage, accumulator and window function there is has a row', () => {
  const rows = [...STAGE_ROWS, ...FOREIGN_ROWS];
  const stages = new Set(rows.flatMap((row) => row.pipeline.flatMap((stage) => Object.keys(stage))));
  for (const name of ['$setWindowFields', '$out', '$merge']) stages.add(name);
  const accumulators = new Set(ACCUMULATOR_ROWS.flatMap((row) => Object.keys(row.accumulator)));
  const windows = new Set(WINDOW_ROWS.flatMap((row) => Object.keys(row.output)));

  expect([...STAGES.keys()].filter((name) => !stages.has(name))).toEqual([]);
  expect([...ACCUMULATORS.keys()].filter((name) => !accumulators.has(name))).toEqual([]);
  expect([...RANKINGS.keys()].filter((name) => !windows.has(name))).toEqual([]);
});
