import { expect, test } from '@jest/globals';
import { withoutPeculiarities } from '../../../tools/conformance/driver-peculiarities.ts';
import { explanationOf, unusedExplanations } from '../../../tools/conformance/explained.ts';
import type { TestResult } from '../../../tools/conformance/outcome.ts';

const failed = (file: string, reason: string): TestResult => ({
  file,
  description: 'one',
  outcome: { kind: 'failed', reason },
});

test('a failure is explained by its file and its text together', () => {
  const reason = "the embedded server does not support the option 'viewOn' of create";

  expect(explanationOf(failed('crud/estimatedDocumentCount', reason))).toContain('no views');
  expect(explanationOf(failed('crud/estimatedDocumentCount', 'another'))).toBeUndefined();
  expect(explanationOf(failed('crud/find', reason))).toBeUndefined();
});

test('an explanation is unused when its file was run and no failure needed it', () => {
  const reason = "the embedded server does not support the option 'viewOn' of create";

  expect(unusedExplanations([failed('crud/estimatedDocumentCount', reason)])).toEqual([]);
  expect(unusedExplanations([failed('crud/find', reason)])).toEqual([]);
  expect(unusedExplanations([failed('crud/estimatedDocumentCount', 'another')])).toHaveLength(1);
});

test('the timeout of a first commit is allowed for only where the test expects a concern without one', () => {
  const sent = { commitTransaction: 1, writeConcern: { w: 'majority', wtimeout: 10_000 } };
  const seen = (expected: object, command: object = sent) => {
    const allowed = new Set<string>();
    return [withoutPeculiarities({ ...expected }, { ...command }, allowed), allowed.size];
  };

  expect(seen({ writeConcern: { w: 'majority' } })).toEqual([
    { commitTransaction: 1, writeConcern: { w: 'majority' } },
    1,
  ]);
  expect(seen({ writeConcern: { w: 'majority', wtimeout: 10_000 } })).toEqual([sent, 0]);
  expect(seen({ writeConcern: { $$exists: false } })).toEqual([sent, 0]);
  expect(seen({})).toEqual([sent, 0]);
  const insert = { insert: 'c', writeConcern: { w: 'majority', wtimeout: 10_000 } };
  expect(seen({ writeConcern: { w: 'majority' } }, insert)).toEqual([insert, 0]);
});

test('an explicit $eq is allowed for in the collections of files only', () => {
  const allowed = new Set<string>();
  const sent = (find: string) => ({ find, filter: { _id: { $eq: 1 } } });

  expect(withoutPeculiarities({ filter: { _id: 1 } }, sent('fs.files'), allowed)).toEqual({
    find: 'fs.files',
    filter: { _id: 1 },
  });
  expect(withoutPeculiarities({ filter: { _id: 1 } }, sent('other'), allowed)).toEqual(sent('other'));
});
