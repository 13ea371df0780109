import type { Collection } from '../storage/collection.ts';
import type { Transaction } from '../transactions/transaction.ts';

/** Waits until no transaction but the caller's own has written to the collection. */
export async function settled(collection: Collection, own: Transaction | undefined): Promise<void> {
  for (;;) {
    const holder = [...collection.locks.values()].find((transaction) => transaction !== own);
    if (holder === undefined) return;
    await (holder as Transaction).ended;
  }
}
