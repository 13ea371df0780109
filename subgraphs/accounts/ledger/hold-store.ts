import type { Connection } from 'mongoose';
import { defineCollection } from '../../shared/mongo.ts';
import type { Hold } from './hold.ts';
import { collectionOf, fromRow, inSession, insertsFirst, type Row, toRow } from './rows.ts';

const definition = {
  name: 'ledger-holds',
  fields: {
    _id: { type: String, required: true },
    walletId: { type: String, required: true },
    memberId: { type: String, required: true },
    householdId: { type: String },
    merchantId: { type: String, required: true },
    programme: { type: String, required: true },
    points: { type: BigInt, required: true },
    captured: { type: BigInt, default: null },
    status: { type: String, required: true },
    parts: [
      {
        _id: false,
        lotId: { type: String, required: true },
        issuerId: { type: String, required: true },
        points: { type: BigInt, required: true },
      },
    ],
    openedAt: { type: Date, required: true },
    timesOutAt: { type: Date, required: true },
    resolvedAt: { type: Date, default: null },
    capturePostingId: { type: String, default: null },
  },
  indexes: [[{ walletId: 1 }, { name: 'holds_open', partialFilterExpression: { status: 'OPEN' } }]],
} as const;

/** A hold to write. */
export interface HoldWrite {
  readonly hold: Hold;
  readonly isNew: boolean;
}

/** The holds collection. Holds are guarded by the version of their wallet, which is written with them. */
export type HoldStore = ReturnType<typeof createHoldStore>;

/** Defines the holds collection on a connection. */
export function createHoldStore(connection: Connection) {
  const rows = collectionOf(defineCollection<Row<Hold>>(connection, definition));
  const holds = async (found: Promise<Row<Hold>[]>): Promise<Hold[]> =>
    (await found).map((row) => fromRow<Hold>(row));

  return {
    byIds: (ids: readonly string[]) => holds(rows.find({ _id: { $in: [...ids] } }).toArray()),

    open: (walletIds: readonly string[]) =>
      holds(rows.find({ walletId: { $in: [...walletIds] }, status: 'OPEN' }).toArray()),

    async write(writes: readonly HoldWrite[]): Promise<void> {
      const operations = writes.map(({ hold, isNew }) => {
        if (isNew) return { insertOne: { document: toRow(hold) } };
        const { id, status, captured, resolvedAt, capturePostingId } = hold;
        const $set = { status, captured, resolvedAt, capturePostingId };
        return { updateOne: { filter: { _id: id }, update: { $set } } };
      });
      if (operations.length > 0) await rows.bulkWrite(insertsFirst(operations), inSession());
    },
  };
}
