import type { TestMongo } from '../support/mongo.ts';
import { compareAll } from './compare.ts';
import { endPlay, openPlay, playStep } from './play.ts';
import { shorten, simplify } from './shrink.ts';
import { type Step, stepsOf } from './steps.ts';
import { startWorld } from './world.ts';

const startAt = Date.UTC(2026, 0, 30, 8);

/**
 * After every step all that it wrote is checked, and wallets, lots and stock are compared. Everything is read again after
 * every so many steps and at the end: what changed though no step wrote it would come to light then.
 */
const readAllEvery = 250;

/** How a sequence went wrong: at which of its steps, and what was said. */
export interface Failure {
  readonly at: number;
  readonly error: unknown;
}

/** Plays a sequence in a world of its own; gives how it failed, or null. */
export async function run(mongo: TestMongo, steps: readonly Step[]): Promise<Failure | null> {
  const world = await startWorld(mongo, startAt);
  let at = 0;
  try {
    const play = await openPlay(world);
    for (const step of steps) {
      await playStep(play, step);
      if (at === steps.length - 1) await endPlay(play);
      if (++at % readAllEvery === 0 || at === steps.length) await compareAll(play);
    }
    return null;
  } catch (error) {
    return { at, error };
  } finally {
    await world.stop();
  }
}

const withoutFault = (step: Step): Step | null =>
  'fault' in step && step.fault.kind !== 'NONE' ? { ...step, fault: { kind: 'NONE' } } : null;

/**
 * Plays the sequence of a seed. Throws with the seed and the shortest sequence found that fails as well, if it fails; where it
 * is not to be shortened, with the step at which it failed.
 */
export async function simulate(
  mongo: TestMongo,
  seed: number,
  count: number,
  { shortens = true } = {},
): Promise<void> {
  const steps = stepsOf(seed, count);
  const failure = await run(mongo, steps);
  if (!failure) return;
  if (!shortens) {
    const told = `seed ${seed} fails at step ${failure.at + 1}, ${JSON.stringify(steps[failure.at])}`;
    throw new Error(`${told}\n${(failure.error as Error).stack}`, { cause: failure.error });
  }
  const fails = async (shorter: readonly Step[]) => (await run(mongo, shorter)) !== null;
  const short = await simplify(await shorten(steps.slice(0, failure.at + 1), fails), withoutFault, fails);
  const last = (await run(mongo, short)) ?? failure;
  const lines = short.map((step) => `  ${JSON.stringify(step)}`).join('\n');
  throw new Error(
    `seed ${seed} fails at step ${failure.at + 1}; shortened to\n${lines}\n${(last.error as Error).stack}`,
    {
      cause: failure.error,
    },
  );
}
