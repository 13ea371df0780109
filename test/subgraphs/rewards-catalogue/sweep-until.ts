import type { World } from './world.ts';

/** Starts another catalogue on the world's database whose sweeper takes up everything at once, until `done`. */
export async function sweepUntil(world: World, done: () => Promise<boolean>): Promise<void> {
  const sweeping = await world.startAnother({ sweepEveryMs: 20, resumeAfterMs: -1_000 });
  try {
    const deadline = Date.now() + 10_000;
    while (!(await done())) {
      if (Date.now() > deadline) throw new Error('the sweeper did not get it done in 10 s');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    await sweeping.stop();
  }
}
