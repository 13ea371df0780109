import type { Connection } from 'mongoose';
import { defineCollection } from '../../shared/mongo.ts';
import type { Closing } from './closing.ts';
import type { Expiry } from './read-wallet.ts';
import { collectionOf, inSession } from './rows.ts';

type ClosingRow = Omit<Closing, 'expiries'> & { _id: string; expiries: Expiry[] };

const points = { type: BigInt, required: true };

const definition = {
  name: 'ledger-closings',
  fields: {
    _id: { type: String, required: true },
    walletId: { type: String, required: true },
    memberId: { type: String, required: true },
    programme: { type: String, required: true },
    month: { type: String, required: true },
    available: points,
    pending: points,
    held: points,
    arrears: points,
    expiries: [{ _id: false, at: { type: Date, required: true }, points }],
  },
  indexes: [[{ walletId: 1, month: 1 }, { name: 'closings_wallet' }]],
} as const;

const idOf = (walletId: string, month: string): string => `${walletId}:${month}`;

/** Month-end roll-ups of wallets. Each follows from the journal, so it is written once and whoever is first wins. */
export type ClosingStore = ReturnType<typeof createClosingStore>;

/** Defines the closings collection on a connection. */
export function createClosingStore(connection: Connection) {
  const rows = collectionOf(defineCollection<ClosingRow>(connection, definition));

  return {
    /** The closings of a wallet that are there, by month. */
    async of(walletId: string, months: readonly string[]): Promise<ReadonlyMap<string, Closing>> {
      const ids = months.map((month) => idOf(walletId, month));
      const found = await rows.find({ _id: { $in: ids } }, inSession()).toArray();
      return new Map(found.map(({ _id, ...closing }) => [closing.month, closing]));
    },

    /** Keeps closings unless they are there. */
    async keep(closings: readonly Closing[]): Promise<void> {
      const operations = closings.map((closing) => ({
        updateOne: {
          filter: { _id: idOf(closing.walletId, closing.month) },
          update: { $setOnInsert: { ...closing, expiries: [...closing.expiries] } },
          upsert: true,
        },
      }));
      if (operations.length > 0) await rows.bulkWrite(operations, { ordered: false });
    },
  };
}
