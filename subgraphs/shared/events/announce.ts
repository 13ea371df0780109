import { currentSession } from '../mongo.ts';
import type { DomainEvent } from './event.ts';

/** What telling of writes needs. */
export interface AnnouncePorts {
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly addEvents: (events: readonly DomainEvent[]) => Promise<void>;
}

/** Nothing was written: ends the transaction. */
class NothingWritten extends Error {
  override name = 'NothingWritten';
}

/** Runs work in the transaction that it is called in, or in one of its own. */
export const together = <T>({ inTransaction }: AnnouncePorts, work: () => Promise<T>): Promise<T> =>
  currentSession() ? work() : inTransaction(work);

/**
 * Writes and tells what was written, in one transaction of its own. `write` gives null if it wrote nothing, for instance
 * because another was first, and then nothing is told.
 */
export async function announce<T>(
  ports: AnnouncePorts,
  write: () => Promise<T | null>,
  eventsOf: (written: T) => readonly DomainEvent[],
): Promise<T | null> {
  try {
    return await ports.inTransaction(async () => {
      const written = await write();
      // An error, for a write that ran into a unique index has already ended the transaction.
      if (written === null) throw new NothingWritten();
      await ports.addEvents(eventsOf(written));
      return written;
    });
  } catch (error) {
    if (error instanceof NothingWritten) return null;
    throw error;
  }
}
