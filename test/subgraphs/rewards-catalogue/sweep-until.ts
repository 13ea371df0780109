import { until } from '../../support/until.ts';
import type { World } from './world.ts';

/** Starts another catalogue on the world's database whose sweeper takes up everything at once, until `done`. */
export async function sweepUntil(world: World, done: () => Promise<boolean>): Promise<void> {
  const sweeping = await world.startAnother({ sweepEveryMs: 20, resumeAfterMs: -1_000 });
  try {
    await until(done);
  } finally {
    await sweeping.stop();
  }
}
