import { ServerError } from '../bson/errors.ts';
import type { CommandContext } from './context.ts';
import { deadlineOf } from './cursors.ts';

const SLICE_MS = 8;
const CHECK_EVERY = 64;

/**
 * Call it once a step of long work: now and then it answers with a promise to wait for, so that other commands
 * get their turn. Fails with 50 once the command's time is over.
 */
export function pacer(context: CommandContext, checkEvery = CHECK_EVERY): () => Promise<void> | undefined {
  const deadline = deadlineOf(context);
  let steps = 0;
  let sliceEnd = performance.now() + SLICE_MS;
  return () => {
    if (++steps % checkEvery !== 0 || performance.now() < sliceEnd) return undefined;
    if (Date.now() > deadline) throw new ServerError(50, 'operation exceeded time limit');
    return new Promise((resolve) => {
      setImmediate(() => {
        sliceEnd = performance.now() + SLICE_MS;
        resolve();
      });
    });
  };
}
