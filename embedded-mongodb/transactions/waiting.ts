import { ServerError } from '../bson/errors.ts';
import { Blocked } from './writer.ts';

/**
 * Runs a step that changes at most one document, waiting for the transactions that hold what it needs. A step
 * that is blocked has changed nothing, so running it again cannot apply anything twice.
 */
export async function whenUnblocked<T>(step: () => T, deadline = Number.POSITIVE_INFINITY): Promise<T> {
  for (;;) {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof Blocked)) throw error;
      await endOf(error, deadline);
    }
  }
}

async function endOf(blocked: Blocked, deadline: number): Promise<void> {
  // Waiting for what has happened would go on without a pause, and nobody else would get a turn.
  if (blocked.transaction.state !== 'open') throw new Error('a lock outlived its transaction');
  if (deadline === Number.POSITIVE_INFINITY) return blocked.transaction.ended;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ServerError(50, 'operation exceeded time limit')),
      deadline - Date.now(),
    );
  });
  try {
    await Promise.race([blocked.transaction.ended, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
