import type { Connection, mongo } from 'mongoose';
import { ofHolders } from './of-holders.ts';
import { addTotals, noTotals, outstandingOf } from './position.ts';
import { type PositionTotals, type Posting, positionFields } from './posting.ts';
import { fromRow, inSession, type Row } from './rows.ts';
import type { Wallet } from './wallet.ts';
import { toWallet } from './wallet-store.ts';

/** A wallet with the postings that took effect at or after an instant. */
export interface WalletSince {
  readonly wallet: Wallet;
  readonly later: readonly Posting[];
}

const sums = Object.fromEntries(positionFields.map((field) => [field, { $sum: `$effect.${field}` }]));

/** Reads what was held at an earlier instant, whether or not a ledger is defined on the connection. */
export type BalanceStore = ReturnType<typeof createBalanceStore>;

/** Makes the reader of a connection. */
export function createBalanceStore(connection: Connection) {
  const wallets = connection.collection('ledger-wallets') as unknown as mongo.Collection<Row<Wallet>>;
  const postings = connection.collection('ledger-postings') as unknown as mongo.Collection<Row<Posting>>;

  return {
    /** Whether something that fell due before an instant is still to be written. */
    async isDueBefore(at: Date): Promise<boolean> {
      const due = { nextDueAt: { $type: 'date' as const, $lt: at } };
      return (await wallets.find(due).limit(1).project({ _id: 1 }).toArray()).length > 0;
    },

    /** So many wallets of a programme after an id. Read in one transaction, wallets and postings fit together. */
    async since(programme: string, at: Date, after: string, limit: number): Promise<WalletSince[]> {
      const page = { _id: { $gt: after }, programme };
      const rows = await wallets.find(page, inSession()).sort({ _id: 1 }).limit(limit).toArray();
      const found = rows.map((row) => toWallet(row as Row<Wallet>));
      const filter = { ...ofHolders(found), at: { $gte: at }, programme };
      const later = await postings.find(filter, inSession()).toArray();
      const by = new Map<string, Posting[]>(found.map(({ id }) => [id, []]));
      for (const row of later) {
        const posting = fromRow<Posting>(row as Row<Posting>);
        for (const walletId of posting.walletIds) by.get(walletId)?.push(posting);
      }
      return found.map((wallet) => ({ wallet, later: by.get(wallet.id)! }));
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
