import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestMongo, type TestMongo } from '../support/mongo.ts';
import { shorten, simplify } from './shrink.ts';
import { run } from './simulate.ts';
import { type Step, stepsOf } from './steps.ts';

let mongo: TestMongo;

beforeAll(async () => {
  mongo = await startTestMongo();
});
afterAll(() => mongo.stop());

test('a seed gives the same steps each time, and another seed others', () => {
  expect(stepsOf(7, 50)).toEqual(stepsOf(7, 50));
  expect(stepsOf(8, 50)).not.toEqual(stepsOf(7, 50));
  expect(stepsOf(7, 50)).toHaveLength(50);
});

test('a sequence that goes wrong says at which step', async () => {
  const earn: Step = { act: 'earn', member: 0, merchant: 0, points: 5, fault: { kind: 'NONE' } };
  // There is no tenth member.
  const failure = await run(mongo, [earn, { ...earn, member: 9 }, earn]);

  expect(failure?.at).toBe(1);
});

test('a failing sequence is shortened to what it takes, and plainer where that fails too', async () => {
  const tried: number[] = [];
  const fails = async (sequence: readonly number[]) => {
    tried.push(sequence.length);
    return sequence.some((n) => n % 10 === 3) && sequence.some((n) => n % 10 === 7);
  };

  const short = await shorten([1, 2, 3, 4, 5, 6, 17, 8, 9], fails);

  expect(short).toEqual([3, 17]);
  expect(await simplify(short, (n) => (n > 10 ? n % 10 : null), fails)).toEqual([3, 7]);
  expect(Math.max(...tried)).toBeLessThan(9);
});
