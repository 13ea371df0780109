import type { Connection, mongo } from 'mongoose';
import type { Case } from '../case/case.ts';
import type { Closing } from './closing.ts';
import type { Hold } from './hold.ts';
import type { Lot } from './lot.ts';
import { ofHolders } from './of-holders.ts';
import type { RollUp } from './position-store.ts';
import { type PositionTotals, type Posting, positionFields } from './posting.ts';
import { fromRow, inSession, type Row } from './rows.ts';
import type { KeyRecord } from './view.ts';
import type { Wallet, WalletHolder } from './wallet.ts';
import { toWallet } from './wallet-store.ts';

/** Totals of a programme's journal for one merchant, or for what concerns none. */
export interface JournalTotals {
  readonly programme: string;
  readonly merchantId: string | null;
  readonly totals: PositionTotals;
}

const sums = Object.fromEntries(positionFields.map((field) => [field, { $sum: `$effect.${field}` }]));

const toTotals = (row: mongo.BSON.Document): PositionTotals =>
  Object.fromEntries(
    positionFields.map((field) => [field, BigInt(row[field] ?? 0)]),
  ) as unknown as PositionTotals;

const rowsOf = <T extends { readonly id: string }>(connection: Connection, name: string) =>
  connection.collection(`ledger-${name}`) as unknown as mongo.Collection<Row<T>>;

function sumsOf(connection: Connection) {
  const wallets = rowsOf<Wallet>(connection, 'wallets');
  const postings = rowsOf<Posting>(connection, 'postings');
  return {
    /** What members hold in all, by programme. */
    async outstanding(): Promise<Map<string, bigint>> {
      const own = { $subtract: [{ $add: ['$available', '$pending', '$held'] }, '$arrears'] };
      const found = wallets.aggregate([{ $group: { _id: '$programme', own: { $sum: own } } }], inSession());
      return new Map((await found.toArray()).map((row) => [row['_id'] as string, BigInt(row['own'])]));
    },

    /** Totals of the journal by programme and merchant; of what was recorded before an instant, if given. */
    async totals(programme: string | null, before: Date | null): Promise<JournalTotals[]> {
      const $match = {
        ...(programme ? { programme } : {}),
        ...(before ? { recordedAt: { $lt: before } } : {}),
      };
      const by = { programme: '$programme', merchantId: '$merchantId' };
      const found = postings.aggregate([{ $match }, { $group: { _id: by, ...sums } }], inSession());
      return (await found.toArray()).map((row) => ({
        programme: row['_id']['programme'] as string,
        merchantId: (row['_id']['merchantId'] as string | null) ?? null,
        totals: toTotals(row),
      }));
    },

    /** What is kept of wallets at the ends of months. */
    async closingsOf(walletIds: readonly string[]): Promise<Closing[]> {
      const found = connection.collection('ledger-closings').find({ walletId: { $in: [...walletIds] } });
      return (await found.toArray()) as unknown as Closing[];
    },

    /** The members that each of these households has or ever had. */
    async everMembersOf(householdIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
      if (householdIds.length === 0) return new Map();
      const households = connection.collection<{ _id: string; members: { memberId: string }[] }>(
        'households',
      );
      const found = households.find({ _id: { $in: [...householdIds] } }, inSession());
      const rows = await found
        .project<{ _id: string; members: { memberId: string }[] }>({ members: 1 })
        .toArray();
      return new Map(rows.map(({ _id, members }) => [_id, new Set(members.map((one) => one.memberId))]));
    },

    async rollUps(): Promise<RollUp[]> {
      const found = await connection.collection('ledger-positions').find({}).toArray();
      return found.map((row) => ({ ...row, programme: String(row._id) }) as unknown as RollUp);
    },
  };
}

/** Reads the ledger's collections as a check does: whole, in batches, without changing anything. */
export type AuditStore = ReturnType<typeof createAuditStore>;

/** Makes an audit of a connection, whether or not a ledger is defined on it. */
export function createAuditStore(connection: Connection) {
  const wallets = rowsOf<Wallet>(connection, 'wallets');
  const lots = rowsOf<Lot>(connection, 'lots');
  const holds = rowsOf<Hold>(connection, 'holds');
  const postings = rowsOf<Posting>(connection, 'postings');
  const cases = rowsOf<Case>(connection, 'cases');
  const keys = rowsOf<KeyRecord>(connection, 'keys');

  /** So many rows after an id, in the order of ids. */
  const batch =
    <T extends { readonly id: string }>(rows: mongo.Collection<Row<T>>) =>
    async (after: string, limit: number): Promise<T[]> => {
      const filter = { _id: { $gt: after } } as mongo.Filter<Row<T>>;
      const found = await rows.find(filter, inSession()).sort({ _id: 1 }).limit(limit).toArray();
      return found.map((row) => fromRow<T>(row as Row<T>));
    };

  /** Which of these ids are there. */
  const present =
    <T extends { readonly id: string }>(rows: mongo.Collection<Row<T>>) =>
    async (ids: readonly string[]): Promise<Set<string>> => {
      const filter = { _id: { $in: [...ids] } } as unknown as mongo.Filter<Row<T>>;
      const found = await rows.find(filter, inSession()).project({ _id: 1 }).toArray();
      return new Set(found.map((row) => row['_id'] as string));
    };

  return {
    async wallets(after: string, limit: number): Promise<Wallet[]> {
      const found = wallets
        .find({ _id: { $gt: after } }, inSession())
        .sort({ _id: 1 })
        .limit(limit);
      return (await found.toArray()).map((row) => toWallet(row as Row<Wallet>));
    },
    lots: batch(lots),
    holds: batch(holds),
    postings: batch(postings),
    keys: batch(keys),
    cases: batch(cases),
    presentWallets: present(wallets),
    presentPostings: present(postings),
    presentHolds: present(holds),
    presentCases: present(cases),

    async lotsOf(walletIds: readonly string[]): Promise<Lot[]> {
      const found = await lots.find({ walletId: { $in: [...walletIds] } }, inSession()).toArray();
      return found.map((row) => fromRow<Lot>(row));
    },

    async openHoldsOf(walletIds: readonly string[]): Promise<Hold[]> {
      const filter = { walletId: { $in: [...walletIds] }, status: 'OPEN' as const };
      return (await holds.find(filter, inSession()).toArray()).map((row) => fromRow<Hold>(row));
    },

    async casesOf(walletIds: readonly string[]): Promise<Case[]> {
      const found = await cases.find({ walletId: { $in: [...walletIds] } }, inSession()).toArray();
      return found.map((row) => fromRow<Case>(row));
    },

    /** Postings that touched wallets of these holders, one by one. */
    async *postingsOf(holders: readonly WalletHolder[]): AsyncGenerator<Posting> {
      const found = postings.find(ofHolders(holders), { ...inSession(), batchSize: 1_000 });
      for await (const row of found) yield fromRow<Posting>(row);
    },

    ...sumsOf(connection),
  };
}
