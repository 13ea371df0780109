import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';

interface ReceiptRow {
  readonly _id: number;
  readonly last: number;
}

/** The collection of the last receipt number given in each year. */
export type ReceiptStore = ReturnType<typeof createReceiptStore>;

/** Defines the collection of receipt counters on a connection. */
export function createReceiptStore(connection: Connection) {
  const model = defineCollection<ReceiptRow>(connection, {
    name: 'receipts',
    fields: { _id: { type: Number, required: true }, last: { type: Number, required: true } },
    indexes: [],
  });
  return {
    /** The year's next place. Taken in the transaction that uses it, so that none is ever missing. */
    async next(year: number): Promise<number> {
      const row = await model
        .findOneAndUpdate(
          { _id: year },
          { $inc: { last: 1 } },
          { upsert: true, returnDocument: 'after', session: currentSession() },
        )
        .lean<ReceiptRow>();
      return row!.last;
    },
  };
}
