import type { Connection } from 'mongoose';
import { currentSession, defineCollection, inTransaction, isDuplicateKey } from '../mongo.ts';

interface InboxRow {
  _id: string;
  at: Date;
}

const definition = {
  name: 'inbox',
  fields: { _id: { type: String, required: true }, at: { type: Date, required: true } },
  indexes: [[{ at: 1 }, { name: 'inbox_at' }]],
} as const;

/** What a subgraph's consumers have acted on, by consumer and event id. */
export type InboxStore = ReturnType<typeof createInboxStore>;

/** Defines the inbox on a connection. */
export function createInboxStore(connection: Connection) {
  const model = defineCollection<InboxRow>(connection, definition);
  return {
    /**
     * Does a consumer's work on an event in one transaction with the note that it was done; does nothing and gives false
     * if it was done before. Of two at once one does it.
     */
    async once(consumer: string, eventId: string, at: Date, work: () => Promise<void>): Promise<boolean> {
      const _id = `${consumer}:${eventId}`;
      try {
        return await inTransaction(connection, async () => {
          const session = currentSession();
          if (await model.exists({ _id }).session(session)) return false;
          await model.insertMany([{ _id, at }], { session });
          await work();
          return true;
        });
      } catch (error) {
        if (isDuplicateKey(error, '_id_')) return !(await model.exists({ _id })) && Promise.reject(error);
        throw error;
      }
    },

    /** Forgets what was done before an instant, which must lie further back than any outbox keeps its events. */
    async forget(before: Date): Promise<void> {
      await model.deleteMany({ at: { $lt: before } });
    },
  };
}
