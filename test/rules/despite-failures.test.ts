import { expect, test } from '@jest/globals';
import {
  eachDespiteFailures,
  partsDespiteFailures,
  throwTogether,
} from '../../subgraphs/shared/despite-failures.ts';

const failing = (message: string) => (): Promise<void> => {
  throw new Error(message);
};

test('each part runs whatever those before it threw, and all that went wrong is thrown by its name', async () => {
  const done: string[] = [];
  const parts = partsDespiteFailures({
    wallets: failing('one is broken'),
    reminders: async () => done.push('reminders'),
    'roll-ups': async () => Promise.reject('no reason'),
    returns: async () => done.push('returns'),
  });

  const thrown = (await parts.catch((error: unknown) => error)) as AggregateError;

  expect(done).toEqual(['reminders', 'returns']);
  expect(thrown.message).toBe('wallets: one is broken; roll-ups: no reason');
  expect(thrown.errors).toEqual([new Error('one is broken'), 'no reason']);
});

test('one that fails does not hold up those behind it, and that no more can be found is told with it', async () => {
  const done: number[] = [];
  async function* numbers() {
    yield* [1, 2, 3];
    throw new Error('the database is gone');
  }
  const each = eachDespiteFailures(numbers(), String, async (one) => {
    if (one === 2) throw new Error('bad');
    done.push(one);
  });

  await expect(each).rejects.toThrow('2: bad; finding the next: the database is gone');
  expect(done).toEqual([1, 3]);
});

test('where nothing went wrong nothing is thrown', async () => {
  throwTogether([]);
  await expect(partsDespiteFailures({ nothing: async () => {} })).resolves.toBeUndefined();
});
