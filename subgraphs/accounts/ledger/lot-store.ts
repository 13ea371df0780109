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
    remindDays: [Number],
    graceDays: { type: Number, required: true },
    restorable: { type: Boolean, required: true },
    dueSince: { type: Date, required: true },
    told: [
      {
        _id: false,
        days: { type: Number, required: true },
        at: { type: Date, required: true },
        reminderId: { type: String, required: true },
      },
    ],
    expiredAt: { type: Date, default: null },
    restoredAt: { type: Date, default: null },
    issuePricePerThousand: { type: BigInt, required: true },
    originLotId: { type: String, default: null },
    contributorId: { type: String, default: null },
  },
  // Closed lots come after the open ones of their wallet, where a check finds them and nothing else meets them.
  indexes: [
    [{ walletId: 1, open: -1, expiresAt: 1, earnedAt: 1, _id: 1 }, { name: 'lots_wallet' }],
    [
      { walletId: 1, expiredAt: -1 },
      { name: 'lots_expired', partialFilterExpression: { expiredAt: { $type: 'date' } } },
    ],
    [
      { contributorId: 1, expiredAt: -1 },
      {
        name: 'lots_contributor_expired',
        partialFilterExpression: { contributorId: { $type: 'string' }, expiredAt: { $type: 'date' } },
      },
    ],
    [
      { contributorId: 1, open: -1 },
      { name: 'lots_contributor', partialFilterExpression: { contributorId: { $type: 'string' } } },
    ],
  ],
} as const;

/** Whether a lot is open follows from what is left of it, so it is not read back. */
const asLot = { projection: { open: 0 } } as const;

const toLotRow = (lot: Lot): LotRow => ({ ...toRow(lot), open: lot.remaining > 0n });

/** Rows of a time before pools and reminders say nothing of them: such points stay with their member, untold. */
const ofBefore = (row: LotRow) => ({
  ...{ poolable: false, contributorId: null },
  ...{ remindDays: [], graceDays: 0, restorable: false },
  ...{ dueSince: row.earnedAt, told: [], expiredAt: null, restoredAt: null },
});

const saysAll = (row: Partial<LotRow>): boolean =>
  row.poolable !== undefined && row.contributorId !== undefined && row.told !== undefined;

const toLot = (row: LotRow): Lot =>
  saysAll(row) ? fromRow<Lot>(row) : { ...ofBefore(row), ...fromRow<Lot>(row) };

const inOrder = { expiresAt: 1, earnedAt: 1, _id: 1 } as const;

/** A lot to write. */
export interface LotWrite {
  readonly lot: Lot;
  readonly isNew: boolean;
}

/** Of a lot that is there only what can change is written. */
function toOperation({ lot, isNew }: LotWrite) {
  if (isNew) return { insertOne: { document: toLotRow(lot) } };
  const { id, remaining, held, expired, unlocked, expiresAt, dueSince, told, expiredAt, restoredAt } = lot;
  const $set = {
    ...{ remaining, held, expired, unlocked, open: remaining > 0n },
    ...{ expiresAt, dueSince, told, expiredAt, restoredAt },
  };
  return { updateOne: { filter: { _id: id }, update: { $set } } };
}

const after = ({ expiresAt, earnedAt, id }: LotOrder) => ({
  $or: [
    { expiresAt: { $gt: expiresAt } },
    { expiresAt, earnedAt: { $gt: earnedAt } },
    { expiresAt, earnedAt, _id: { $gt: id } },
  ],
});

const contributedBy = (memberId: string) => ({
  contributorId: { $type: 'string' as const, $eq: memberId },
});

const pooledOf = (memberId: string) => ({ ...contributedBy(memberId), open: true });

/** Where lots are: in a wallet, or, of one contributor, in any pool. */
type PlaceOfLots =
  | { readonly walletId: string }
  | { readonly contributorId: string; readonly programme: string };

const expiredIn = (of: PlaceOfLots, since: Date) => ({
  ...('walletId' in of ? of : { ...contributedBy(of.contributorId), programme: of.programme }),
  expiredAt: { $type: 'date' as const, $gt: since },
});

/** Sums what is free in lots that come by expiry, of so many dates at most. */
async function sumByExpiry(
  lots: AsyncIterable<Pick<LotRow, 'expiresAt' | 'remaining' | 'held'>>,
  limit: number,
): Promise<{ at: Date; points: bigint }[]> {
  const sums: { at: Date; points: bigint }[] = [];
  for await (const { expiresAt: at, remaining, held } of lots) {
    const free = remaining - held;
    const last = sums.at(-1);
    if (last?.at.getTime() === at.getTime()) last.points += free;
    else if (free > 0n && sums.length === limit) break;
    else if (free > 0n) sums.push({ at, points: free });
  }
  return sums;
}

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

    /** The open lots of a member in pools. */
    pooled: (memberId: string) => lots(rows.find(pooledOf(memberId), { ...asLot, ...inSession() }).toArray()),

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

    /** Lots of a wallet, or of a member in pools, of which something expired after an instant, the latest first. */
    expiredSince: (of: PlaceOfLots, since: Date, limit: number) =>
      lots(rows.find(expiredIn(of, since), asLot).sort({ expiredAt: -1 }).limit(limit).toArray()),

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
      return sumByExpiry(found, limit);
    },

    async write(writes: readonly LotWrite[]): Promise<void> {
      if (writes.length > 0) await rows.bulkWrite(insertsFirst(writes.map(toOperation)), inSession());
    },
  };
}
