import { type Connection, Schema } from 'mongoose';
import { defineCollection } from '../../shared/mongo.ts';
import { collectionOf, fromRow, inSession, insertsFirst, type Row, toRow } from './rows.ts';
import type { Wallet } from './wallet.ts';

const giftedField = new Schema(
  { day: { type: String, required: true }, points: { type: BigInt, required: true } },
  { _id: false, strict: 'throw' },
);

const spentField = new Schema(
  {
    memberId: { type: String, required: true },
    month: { type: String, required: true },
    points: { type: BigInt, required: true },
  },
  { _id: false, strict: 'throw' },
);

const awaitedField = new Schema(
  { poolId: { type: String, required: true }, at: { type: Date, required: true } },
  { _id: false, strict: 'throw' },
);

const definition = {
  name: 'ledger-wallets',
  fields: {
    _id: { type: String, required: true },
    memberId: { type: String, default: null },
    householdId: { type: String, default: null },
    programme: { type: String, required: true },
    version: { type: Number, required: true },
    available: { type: BigInt, required: true },
    pending: { type: BigInt, required: true },
    held: { type: BigInt, required: true },
    frozen: { type: BigInt, default: 0n },
    arrears: { type: BigInt, required: true },
    openLots: { type: Number, required: true },
    openCases: { type: Number, default: 0 },
    nextDueAt: { type: Date, default: null },
    nextReminderAt: { type: Date, default: null },
    activeOn: { type: Date, default: null },
    slidesAgain: { type: Boolean, default: false },
    gifted: { type: giftedField, default: null },
    pooledIn: { type: String, default: null },
    awaited: [awaitedField],
    owing: [String],
    poolSpent: [spentField],
    closedAt: { type: Date, default: null },
  },
  indexes: [
    [{ memberId: 1 }, { name: 'wallets_member' }],
    [
      { householdId: 1 },
      { name: 'wallets_household', partialFilterExpression: { householdId: { $type: 'string' } } },
    ],
    [{ nextDueAt: 1 }, { name: 'wallets_due', partialFilterExpression: { nextDueAt: { $type: 'date' } } }],
    [
      { nextReminderAt: 1, _id: 1 },
      { name: 'wallets_reminders', partialFilterExpression: { nextReminderAt: { $type: 'date' } } },
    ],
  ],
} as const;

/** A wallet as its row says. Rows of before gifts had limits, reminders were sent, households had pools, wallets were closed, there were cases, or lots that came late slid, say nothing of them. */
export const toWallet = (row: Row<Wallet>): Wallet => ({
  ...fromRow<Wallet>(row),
  householdId: row.householdId ?? null,
  gifted: row.gifted ?? null,
  nextReminderAt: row.nextReminderAt ?? null,
  pooledIn: row.pooledIn ?? null,
  awaited: row.awaited ?? [],
  owing: row.owing ?? [],
  poolSpent: row.poolSpent ?? [],
  frozen: row.frozen ?? 0n,
  openCases: row.openCases ?? 0,
  slidesAgain: row.slidesAgain ?? false,
  closedAt: row.closedAt ?? null,
});

/** A place among wallets in which a reminder is due. */
export interface ReminderPlace {
  readonly at: Date;
  readonly id: string;
}

/** A wallet to write, with the version that the store must still have; 0 for one that it has not. */
export interface WalletWrite {
  readonly wallet: Wallet;
  readonly loadedVersion: number;
}

/** The wallets collection: one row a member and programme, guarded by its version. */
export type WalletStore = ReturnType<typeof createWalletStore>;

/** Defines the wallets collection on a connection. */
export function createWalletStore(connection: Connection) {
  const rows = collectionOf(defineCollection<Row<Wallet>>(connection, definition));

  return {
    async byIds(ids: readonly string[]): Promise<Wallet[]> {
      const found = await rows.find({ _id: { $in: [...ids] } }, inSession()).toArray();
      return found.map(toWallet);
    },

    async ofMember(memberId: string): Promise<Wallet[]> {
      const found = await rows.find({ memberId }).sort({ _id: 1 }).toArray();
      return found.map(toWallet);
    },

    /** The pools of a household. */
    async ofHousehold(householdId: string): Promise<Wallet[]> {
      const found = await rows
        .find({ householdId: { $type: 'string', $eq: householdId } })
        .sort({ _id: 1 })
        .toArray();
      return found.map(toWallet);
    },

    /** Ids of wallets in which something has fallen due, the longest overdue first; of one programme if given. */
    async dueIds(now: Date, limit: number, programme?: string): Promise<string[]> {
      const filter = {
        nextDueAt: { $type: 'date' as const, $lte: now },
        ...(programme ? { programme } : {}),
      };
      const due = rows.find(filter).sort({ nextDueAt: 1 }).limit(limit);
      return (await due.project({ _id: 1 }).toArray()).map((row) => row['_id'] as string);
    },

    /** Wallets in which a reminder is due, the longest overdue first, from the first or from the one after a place. */
    async toRemind(now: Date, limit: number, after: ReminderPlace | null = null): Promise<Wallet[]> {
      const beyond = after
        ? {
            $or: [
              { nextReminderAt: { $gt: after.at } },
              { nextReminderAt: after.at, _id: { $gt: after.id } },
            ],
          }
        : {};
      const due = rows.find({ nextReminderAt: { $type: 'date', $lte: now }, ...beyond });
      return (await due.sort({ nextReminderAt: 1, _id: 1 }).limit(limit).toArray()).map(toWallet);
    },

    /** Writes wallets whose versions are still as they were loaded; says whether all were. */
    async write(writes: readonly WalletWrite[]): Promise<boolean> {
      const operations = writes.map(({ wallet, loadedVersion }) => {
        const { _id, ...rest } = toRow(wallet);
        return loadedVersion === 0
          ? { insertOne: { document: { _id, ...rest } } }
          : { replaceOne: { filter: { _id, version: loadedVersion }, replacement: rest } };
      });
      const result = await rows.bulkWrite(insertsFirst(operations), inSession());
      return result.matchedCount + result.insertedCount === writes.length;
    },
  };
}
