import type { Connection } from 'mongoose';
import { defineCollection } from '../../shared/mongo.ts';
import type { Lot, LotOrder } from './lot.ts';
import { collectionOf, fromRow, inSession, insertsFirst, type Row, toRow } from './rows.ts';

/** A lot's row says besides whether it has points left: what its index puts first. */
type LotRow = Row<Lot> & { open: boolean };

const definition = {
  name: 'ledger-lots',
  fields: {
    _id: { type: String, required: true },
    walletId: { type: String, required: true },
    programme: { type: String, required: true },
    issuerId: { type: String, required: true },
    points: { type: BigInt, required: true },
    remaining: { type: BigInt, required: true },
    held: { type: BigInt, required: true },
    expired: { type: BigInt, required: true },
    unlocked: { type: Boolean, required: true },
    open: { type: Boolean, required: true },
    earnedAt: { type: Date, required: true },
    unlocksAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    campaignId: { type: String, default: null },
    ruleVersion: { type: String, default: null },
    termsVersion: { type: Number, required: true },
    reinstatementDays: { type: Number, required: true },
    unlockEvent: { type: String, default: null },
    lapses: { type: Boolean, required: true },
    slideMonths: { type: Number, default: null },
    ifSpent: { type: String, required: true },
    transferable: { type: Boolean, required: true },
    poolable: { type: Boolean, required: true },
    issuePricePerThousand: { type: BigInt, required: true },
    originLotId: { type: String, default: null },
    contributorId: { type: String, default: null },
  },
  // Closed lots come after the open ones of their wallet, where a check finds them and nothing else meets them.
  indexes: [[{ walletId: 1, open: -1, expiresAt: 1, earnedAt: 1, _id: 1 }, { name: 'lots_wallet' }]],
} as const;

/** Whether a lot is open follows from what is left of it, so it is not read back. */
const asLot = { projection: { open: 0 } } as const;

const toLotRow = (lot: Lot): LotRow => ({ ...toRow(lot), open: lot.remaining > 0n });

/** Rows of a time before pools say nothing of them: such points stay with their member. */
const toLot = (row: LotRow): Lot => ({
  ...fromRow<Lot>(row),
  poolable: row.poolable ?? false,
  contributorId: row.contributorId ?? null,
});

const inOrder = { expiresAt: 1, earnedAt: 1, _id: 1 } as const;

/** A lot to write. */
export interface LotWrite {
  readonly lot: Lot;
  readonly isNew: boolean;
}

const after = ({ expiresAt, earnedAt, id }: LotOrder) => ({
  $or: [
    { expiresAt: { $gt: expiresAt } },
    { expiresAt, earnedAt: { $gt: earnedAt } },
    { expiresAt, earnedAt, _id: { $gt: id } },
  ],
});

/** The lots collection. Lots are guarded by the version of their wallet, which is written with them. */
export type LotStore = ReturnType<typeof createLotStore>;

/** Defines the lots collection on a connection. */
export function createLotStore(connection: Connection) {
  const rows = collectionOf(defineCollection<LotRow>(connection, definition));
  const lots = async (found: Promise<LotRow[]>): Promise<Lot[]> => (await found).map(toLot);

  return {
    byIds: (ids: readonly string[]) =>
      lots(rows.find({ _id: { $in: [...ids] } }, { ...asLot, ...inSession() }).toArray()),

    /** All open lots of some wallets. */
    open: (walletIds: readonly string[]) =>
      lots(rows.find({ walletId: { $in: [...walletIds] }, open: true }, asLot).toArray()),

    /** Open lots of an issuer in a wallet that are not unlocked. */
    waiting: (walletId: string, issuerId: string) =>
      lots(rows.find({ walletId, open: true, unlocked: false, issuerId }, asLot).toArray()),

    /** The open lots of a wallet, of one issuer if given, in spending order, from the first or from the one after `from`. */
    firstOpen(
      walletId: string,
      limit: number,
      from: LotOrder | null = null,
      issuerId: string | null = null,
    ): Promise<Lot[]> {
      const filter = {
        walletId,
        open: true,
        ...(issuerId === null ? {} : { issuerId }),
        ...(from ? { ...after(from), expiresAt: { $gte: from.expiresAt } } : {}),
      };
      return lots(rows.find(filter, asLot).sort(inOrder).limit(limit).toArray());
    },

    /** Free points of a wallet's open lots, of one issuer if given, that expire until an instant, by instant. */
    async expiring(
      walletId: string,
      until: Date | null,
      limit: number,
      issuerId: string | null = null,
    ): Promise<{ at: Date; points: bigint }[]> {
      const range = {
        ...(until ? { expiresAt: { $lte: until } } : {}),
        ...(issuerId === null ? {} : { issuerId }),
      };
      // Read in order and no further than needed: a sum over all lots would cost more the more there are.
      const found = rows
        .find(
          { walletId, open: true, ...range },
          { projection: { expiresAt: 1, remaining: 1, held: 1 }, ...inSession() },
        )
        .sort(inOrder);
      const sums: { at: Date; points: bigint }[] = [];
      for await (const { expiresAt: at, remaining, held } of found) {
        const free = remaining - held;
        const last = sums.at(-1);
        if (last?.at.getTime() === at.getTime()) last.points += free;
        else if (free > 0n && sums.length === limit) break;
        else if (free > 0n) sums.push({ at, points: free });
      }
      return sums;
    },

    async write(writes: readonly LotWrite[]): Promise<void> {
      const operations = writes.map(({ lot, isNew }) => {
        if (isNew) return { insertOne: { document: toLotRow(lot) } };
        const { remaining, held, expired, unlocked, expiresAt, id } = lot;
        const $set = { remaining, held, expired, unlocked, expiresAt, open: remaining > 0n };
        return { updateOne: { filter: { _id: id }, update: { $set } } };
      });
      if (operations.length > 0) await rows.bulkWrite(insertsFirst(operations), inSession());
    },
  };
}
