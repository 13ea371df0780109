import type { Clock } from '../../shared/ids.ts';

/** What tidying needs. */
export interface TidyPorts {
  /** Ids of webhooks that were paused before an instant and still are. */
  readonly pausedSince: (before: Date) => Promise<readonly string[]>;
  /** Gives up at most so many of what was to be sent to webhooks before an instant; gives how many. */
  readonly giveUpWaiting: (
    webhookIds: readonly string[],
    before: Date,
    at: Date,
    limit: number,
  ) => Promise<number>;
  /** Removes what ended before an instant; of reminders what was sent only, and the rest if it ended before another. */
  readonly removeEnded: (before: Date, remindersBefore: Date) => Promise<void>;
  readonly deletedIds: () => Promise<readonly string[]>;
  readonly removeOf: (webhookIds: readonly string[]) => Promise<void>;
  readonly clock: Clock;
}

const hour = 3_600_000;
const day = 24 * hour;
/** How long deliveries that were taken or given up are kept, and how long one waits for a paused webhook to be resumed. */
const retentionMs = 30 * day;
/** How long the attempts to send a reminder are on record: three years, as transactions are. */
const reminderRetentionMs = 3 * 366 * day;
/** More are left for the next time, which then comes at once. */
const mostGivenUp = 1_000;

/**
 * Makes what sees that deliveries do not become ever more, each hour if it is asked often enough: what a paused webhook was not
 * sent for too long is given up, and what ended too long ago is removed.
 */
export function createTidier(ports: TidyPorts): () => Promise<void> {
  let tidyAfter = 0;
  return async () => {
    const at = ports.clock.now();
    const now = at.getTime();
    if (now < tidyAfter) return;
    tidyAfter = now + hour;
    const before = new Date(now - retentionMs);
    const paused = await ports.pausedSince(before);
    const givenUp = paused.length > 0 ? await ports.giveUpWaiting(paused, before, at, mostGivenUp) : 0;
    if (givenUp === mostGivenUp) tidyAfter = now;
    await ports.removeEnded(before, new Date(now - reminderRetentionMs));
    await ports.removeOf(await ports.deletedIds());
  };
}
