import { ServerError } from '../bson/errors.ts';
import type { CommandContext } from './context.ts';
import { deadlineOf } from './cursors.ts';

const SLICE_MS = 8;
const CHECK_EVERY = 64;

/**
 * Call it once a step of long work: now and then it answers with a promise to wait for, so that other commands
 * get their turn. A long step, such as a run of documents that did not match, has the time looked at behind it.
 * Fails with 50 once the command's time is over.
 */
export type Pacer = (longStep?: boolean) => Promise<void> | undefined;

/** A pacer that looks at the time every so many short steps. */
export function pacer(context: CommandContext, checkEvery = CHECK_EVERY): Pacer {
  const deadline = deadlineOf(context);
  let steps = 0;
  let sliceEnd = performance.now() + SLICE_MS;
  return (longStep = false) => {
    if ((++steps % checkEvery !== 0 && !longStep) || performance.now() < sliceEnd) return undefined;
    if (Date.now() > deadline) throw new ServerError(50, 'operation exceeded time limit');
    return new Promise((resolve) => {
      setImmediate(() => {
        sliceEnd = performance.now() + SLICE_MS;
        resolve();
      });
    });
  };
}
