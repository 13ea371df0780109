import type { Connection } from 'mongoose';
import { defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import { positionFields } from './posting.ts';
import type { MerchantTotals } from './posting-store.ts';
import { collectionOf } from './rows.ts';

/** Totals of a programme's journal up to an instant, by merchant. */
export interface RollUp {
  readonly programme: string;
  /** Covers what was recorded before this. */
  readonly through: Date;
  readonly rows: readonly MerchantTotals[];
}

interface RollUpRow {
  _id: string;
  through: Date;
  rows: MerchantTotals[];
}

const definition = {
  name: 'ledger-positions',
  fields: {
    _id: { type: String, required: true },
    through: { type: Date, required: true },
    rows: [
      {
        _id: false,
        merchantId: { type: String, default: null },
        ...Object.fromEntries(positionFields.map((field) => [field, { type: BigInt, required: true }])),
      },
    ],
  },
  indexes: [],
};

/** Roll-ups of the journal, one row a programme so that its totals and its date are always of one piece. */
export type PositionStore = ReturnType<typeof createPositionStore>;

/** Defines the roll-ups collection on a connection. */
export function createPositionStore(connection: Connection) {
  const rows = collectionOf(defineCollection<RollUpRow>(connection, definition));
  const toRollUp = ({ _id, through, rows }: RollUpRow): RollUp => ({ programme: _id, through, rows });

  return {
    async of(programme: string): Promise<RollUp | null> {
      const row = await rows.findOne({ _id: programme });
      return row && toRollUp(row);
    },

    /** A roll-up with no more than one merchant's row. */
    async ofMerchant(programme: string, merchantId: string): Promise<RollUp | null> {
      const projection = { through: 1, rows: { $elemMatch: { merchantId } } };
      const row = await rows.findOne({ _id: programme }, { projection });
      return row && toRollUp({ ...row, rows: row.rows ?? [] });
    },

    /** Puts a roll-up in the place of the one through `from`, unless somebody else did; null for the first. */
    async replace(next: RollUp, from: Date | null): Promise<void> {
      const { programme: _id, through } = next;
      if (from) await rows.updateOne({ _id, through: from }, { $set: { through, rows: [...next.rows] } });
      else
        await rows.insertOne({ _id, through, rows: [...next.rows] }).catch((error: unknown) => {
          if (!isDuplicateKey(error)) throw error;
        });
    },
  };
}
