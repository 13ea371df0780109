import type { Connection } from 'mongoose';
import type { DomainEvent } from '../../shared/events/event.ts';
import { inTransaction, isDuplicateKey } from '../../shared/mongo.ts';
import type { BatchChange, HouseholdGuard } from './batch-change.ts';
import { StaleBatch } from './commit-batch.ts';
import type { LedgerStores } from './ledger-stores.ts';

/** A batch decided longer ago than this is decided again, so that what is recorded is never dated long before its commit. */
const freshForMs = 30_000;

/** What of a batch is told to others, and where: in the transaction that writes it. */
export interface Telling {
  readonly events: readonly DomainEvent[];
  readonly addEvents: (events: readonly DomainEvent[]) => Promise<void>;
}

/** Sees to it that households are and stay as they were decided on until the commit; says whether all are. */
export type GuardHouseholds = (households: readonly HouseholdGuard[]) => Promise<boolean>;

/**
 * Writes a batch in one transaction, one bulk write a collection. The wallets come first: their versions guard all the
 * rest, and losing to another process then costs least. Throws StaleBatch, with nothing written, when another process
 * came first or the batch was decided too long ago.
 */
export async function writeBatch(
  connection: Connection,
  stores: LedgerStores,
  change: BatchChange,
  { events, addEvents, guardHouseholds }: Telling & { readonly guardHouseholds: GuardHouseholds },
  isFresh: () => boolean,
): Promise<void> {
  try {
    await inTransaction(connection, async () => {
      if (!isFresh()) throw new StaleBatch('decided too long ago');
      if (!(await stores.wallets.write(change.wallets))) throw new StaleBatch('a wallet was changed');
      if (change.households.length > 0 && !(await guardHouseholds(change.households)))
        throw new StaleBatch('a household was changed');
      await stores.keys.insert(change.keys);
      await stores.lots.write(change.lots);
      await stores.holds.write(change.holds);
      await stores.cases.write(change.cases);
      await stores.postings.insert(change.postings);
      await addEvents(events);
    });
  } catch (error) {
    throw isDuplicateKey(error) ? new StaleBatch('a key or wallet was added') : error;
  }
}

/** Whether what was decided at one instant may still be written at another. */
export const isFreshAt = (decidedAt: Date, now: Date): boolean =>
  now.getTime() - decidedAt.getTime() < freshForMs;
