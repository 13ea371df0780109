import { expect, test } from '@jest/globals';
import { ran } from './pipelines.ts';

/** How often a pipeline offers others their turn. */
async function turns(documents: readonly object[], pipeline: readonly object[]): Promise<number> {
  let count = 0;
  await ran(documents, pipeline, {
    yieldEvery: () => {
      count++;
      return undefined;
    },
  });
  return count;
}

test('one document with a very long array is unwound with pauses', async () => {
  const document = { list: Array.from({ length: 5000 }, (_, i) => i) };

  expect(await turns([document], [{ $unwind: '$list' }])).toBeGreaterThan(30);
});

test('one large partition gets its windows with pauses', async () => {
  const rows = Array.from({ length: 1000 }, (_, t) => ({ t }));
  const sliding = { $sum: '$t', window: { documents: [-50, 50] } };
  const few = await turns(rows, [{ $match: {} }]);

  const stage = { $setWindowFields: { sortBy: { t: 1 }, output: { sliding } } };
  expect(await turns(rows, [stage])).toBeGreaterThan(few + 300);
});
