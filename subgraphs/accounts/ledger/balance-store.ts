import type { Connection, mongo } from 'mongoose';
import type { Lot } from './lot.ts';
import { ofHolders } from './of-holders.ts';
import { addTotals, noTotals, outstandingOf } from './position.ts';
import { type PositionTotals, type Posting, positionFields } from './posting.ts';
import { fromRow, inSession, type Row } from './rows.ts';
import { memberOf, type Wallet } from './wallet.ts';
import { toWallet } from './wallet-store.ts';

/** A member's wallet with what the member has in pools, and the postings that took effect at or after an instant. */
export interface WalletSince {
  readonly wallet: Wallet;
  readonly pooled: readonly Lot[];
  readonly later: readonly Posting[];
}

const sums = Object.fromEntries(positionFields.map((field) => [field, { $sum: `$effect.${field}` }]));

/** Reads what was held at an earlier instant, whether or not a ledger is defined on the connection. */
export type BalanceStore = ReturnType<typeof createBalanceStore>;

/** Makes the reader of a connection. */
export function createBalanceStore(connection: Connection) {
  const wallets = connection.collection('ledger-wallets') as unknown as mongo.Collection<Row<Wallet>>;
  const lots = connection.collection('ledger-lots') as unknown as mongo.Collection<Row<Lot>>;
  const postings = connection.collection('ledger-postings') as unknown as mongo.Collection<Row<Posting>>;

  return {
    /** Whether something that fell due before an instant is still to be written. */
    async isDueBefore(at: Date): Promise<boolean> {
      const due = { nextDueAt: { $type: 'date' as const, $lt: at } };
      return (await wallets.find(due).limit(1).project({ _id: 1 }).toArray()).length > 0;
    },

    /** So many members' wallets of a programme after an id. Read in one transaction, all of it fits together. */
    async since(programme: string, at: Date, after: string, limit: number): Promise<WalletSince[]> {
      const page = { _id: { $gt: after }, programme, householdId: null };
      const rows = await wallets.find(page, inSession()).sort({ _id: 1 }).limit(limit).toArray();
      const found = rows.map((row) => toWallet(row as Row<Wallet>));
      const contributorId = { $type: 'string' as const, $in: found.map(memberOf) };
      const pooled = await lots.find({ contributorId, open: true, programme }, inSession()).toArray();
      const later = await postings
        .find({ ...ofHolders(found), at: { $gte: at }, programme }, inSession())
        .toArray();
      const by = new Map(
        found.map((wallet) => [memberOf(wallet), { pooled: [] as Lot[], later: [] as Posting[] }]),
      );
      for (const row of pooled) by.get(row.contributorId!)!.pooled.push(fromRow<Lot>(row as Row<Lot>));
      for (const row of later) {
        const posting = fromRow<Posting>(row as Row<Posting>);
        for (const memberId of posting.memberIds) by.get(memberId)?.later.push(posting);
      }
      return found.map((wallet) => ({ wallet, ...by.get(memberOf(wallet))! }));
    },

    /** What the journal says members held in all at an instant. */
    async outstandingAt(programme: string, at: Date): Promise<bigint> {
      const $match = { programme, at: { $lt: at } };
      const [row] = await postings.aggregate([{ $match }, { $group: { _id: null, ...sums } }]).toArray();
      const totals = positionFields.map((field) => [field, BigInt(row?.[field] ?? 0)]);
      return outstandingOf(addTotals(noTotals, Object.fromEntries(totals) as PositionTotals));
    },
  };
}
