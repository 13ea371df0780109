import { expect, test } from '@jest/globals';
import { createTurns } from '../../subgraphs/shared/in-turn.ts';

const later = () => new Promise<void>((resolve) => setImmediate(resolve));

test('work for one key runs one at a time, in the order of its coming, also after a failure', async () => {
  const inTurn = createTurns();
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await later();
    log.push(`${name} ends`);
    if (name === 'b') throw new Error('b failed');
    return name;
  };

  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => inTurn('key', work(name))));

  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('work for another key does not wait', async () => {
  const inTurn = createTurns();
  let release = () => {};
  const held = inTurn('one', () => new Promise<void>((resolve) => (release = resolve)));

  const other = await inTurn('two', async () => 'done');

  expect(other).toBe('done');
  release();
  await held;
});
