import type { Connection } from 'mongoose';
import { defineCollection } from '../../shared/mongo.ts';
import { collectionOf, fromRow, inSession, type Row, toRow } from './rows.ts';
import type { KeyRecord } from './view.ts';

const definition = {
  name: 'ledger-keys',
  fields: {
    _id: { type: String, required: true },
    hash: { type: String, default: '' },
    postingId: { type: String, default: null },
    holdId: { type: String, default: null },
    caseId: { type: String },
    stepId: { type: String },
  },
  indexes: [],
} as const;

/** What may happen only once: idempotency keys, merchants' references, evidence, reversals. Never deleted. */
export type KeyStore = ReturnType<typeof createKeyStore>;

/** Defines the keys collection on a connection. */
export function createKeyStore(connection: Connection) {
  const rows = collectionOf(defineCollection<Row<KeyRecord>>(connection, definition));
  return {
    async byIds(ids: readonly string[]): Promise<KeyRecord[]> {
      const found = await rows.find({ _id: { $in: [...ids] } }).toArray();
      return found.map((row) => fromRow<KeyRecord>(row));
    },

    /** Adds keys; the unique `_id` refuses one that is there. */
    async insert(keys: readonly KeyRecord[]): Promise<void> {
      if (keys.length > 0) await rows.insertMany(keys.map(toRow), inSession());
    },
  };
}
