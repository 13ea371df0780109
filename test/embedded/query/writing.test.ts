import { describe, expect, test } from '@jest/globals';
import type { Document } from 'bson';
import type { MergeTarget, OutTarget } from '../../../embedded-mongodb/query/stage.ts';
import { ran } from './pipelines.ts';
import { codeOf, codeOfLater, plain, stored } from './stored.ts';

interface Written {
  readonly target: OutTarget | MergeTarget;
  readonly documents: readonly Document[];
}

/** Runs a pipeline that writes; gives what it wanted written, and what it gave back. */
async function written(pipeline: object[]): Promise<Written & { results: Document[] }> {
  const calls: Written[] = [];
  const results = await ran(
    [
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
    ],
    pipeline,
    {
      write: async (target, documents) => {
        calls.push({ target, documents });
      },
    },
  );

  expect(calls).toHaveLength(1);
  return { ...(calls[0] as Written), results };
}

async function merging(options: object): Promise<MergeTarget> {
  return (await written([{ $merge: { into: 'm', ...options } }])).target as MergeTarget;
}

const existing = stored({ _id: 1, n: 10, old: true });
const incoming = stored({ _id: 1, n: 1, fresh: true });

describe('$out', () => {
  test('hands all documents over at once and gives none back', async () => {
    const { target, documents, results } = await written([{ $match: { n: 2 } }, { $out: 'copy' }]);

    expect(target).toEqual({ kind: 'out', db: undefined, coll: 'copy' });
    expect(plain(documents)).toEqual([{ _id: 2, n: 2 }]);
    expect(results).toEqual([]);
  });

  test('may name a database', async () => {
    const { target } = await written([{ $out: { db: 'other', coll: 'copy' } }]);

    expect(target).toEqual({ kind: 'out', db: 'other', coll: 'copy' });
  });

  test('is the last stage', async () => {
    expect(await codeOfLater(() => written([{ $out: 'copy' }, { $limit: 1 }]))).toBe(40601);
  });

  test('refuses unknown options and other types', async () => {
    expect(await codeOfLater(() => written([{ $out: { db: 'a', coll: 'b', extra: 1 } }]))).toBe(40415);
    expect(await codeOfLater(() => written([{ $out: 5 }]))).toBe(16990);
  });
});

describe('$merge', () => {
  test('by default matches by _id, merges and inserts', async () => {
    const target = await merging({});

    expect(target).toMatchObject({ kind: 'merge', coll: 'm', on: ['_id'], whenNotMatched: 'insert' });
    expect(plain(target.onMatch(existing, incoming))).toEqual({ _id: 1, n: 1, old: true, fresh: true });
  });

  test('may replace', async () => {
    expect((await merging({ whenMatched: 'replace' })).onMatch(existing, incoming)).toBe(incoming);
  });

  test('may keep what exists', async () => {
    expect((await merging({ whenMatched: 'keepExisting' })).onMatch(existing, incoming)).toBeUndefined();
  });

  test('may fail on what exists', async () => {
    const { onMatch } = await merging({ whenMatched: 'fail' });

    expect(codeOf(() => onMatch(existing, incoming))).toBe(11000);
  });

  test('may run a pipeline on what exists, which sees the new document and the variables made of it', async () => {
    const whenMatched = [{ $set: { n: { $add: ['$n', '$$new.n', '$$more'] } } }];
    const { onMatch } = await merging({ whenMatched, let: { more: '$n' } });

    expect(plain(onMatch(existing, incoming))).toEqual({ _id: 1, n: 12, old: true });
    expect(plain(onMatch(existing, stored({ _id: 1, n: 5 })))).toEqual({ _id: 1, n: 20, old: true });
  });

  test('may match by several fields and discard what does not match', async () => {
    const target = await merging({ on: ['a', 'b'], whenNotMatched: 'discard' });

    expect(target).toMatchObject({ on: ['a', 'b'], whenNotMatched: 'discard' });
  });

  test('refuses what it does not know', async () => {
    expect(await codeOfLater(() => merging({ whenMatched: 'other' }))).toBe(2);
    expect(await codeOfLater(() => merging({ whenNotMatched: 'other' }))).toBe(2);
    expect(await codeOfLater(() => merging({ extra: 1 }))).toBe(40415);
    expect(await codeOfLater(() => merging({ on: [] }))).toBe(51186);
    expect(await codeOfLater(() => merging({ let: { a: 1 } }))).toBe(51199);
    expect(await codeOfLater(() => merging({ whenMatched: [{ $match: {} }] }))).toBe(40324);
  });
});
