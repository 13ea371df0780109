import type { Connection, mongo } from 'mongoose';
import { defineCollection } from '../../shared/mongo.ts';
import type { Case, CaseAct, CaseStatus } from '../case/case.ts';
import type { CasesAsked } from '../case/read-cases.ts';
import { collectionOf, fromRow, inSession, insertsFirst, type Row, toRow } from './rows.ts';

const text = { type: String, required: true };
const points = { type: BigInt, required: true };

const definition = {
  name: 'ledger-cases',
  fields: {
    _id: text,
    walletId: text,
    memberId: text,
    programme: text,
    merchantId: { type: String, default: null },
    reason: text,
    disputed: points,
    status: text,
    parts: [{ _id: false, lotId: text, issuerId: text, points }],
    frozen: points,
    deducted: points,
    restituted: points,
    deductPostingId: { type: String, default: null },
    lapsesAt: { type: Date, default: null },
    appealableUntil: { type: Date, default: null },
    steps: [
      {
        _id: false,
        id: text,
        act: text,
        at: { type: Date, required: true },
        by: { type: String, default: null },
        statement: { type: String, default: null },
        evidence: [{ _id: false, name: text, uri: { type: String, default: null }, sha256: text }],
        points,
      },
    ],
  },
  indexes: [
    [{ walletId: 1, lapsesAt: 1 }, { name: 'cases_wallet' }],
    [{ memberId: 1, _id: -1 }, { name: 'cases_member' }],
    [{ status: 1, _id: -1 }, { name: 'cases_status' }],
    [{ 'steps.at': 1 }, { name: 'cases_steps' }],
    [{ lapsesAt: 1 }, { name: 'cases_lapsing', partialFilterExpression: { lapsesAt: { $type: 'date' } } }],
  ],
} as const;

/** A case to write, and how many of its steps the store has: none of a new one. */
export interface CaseWrite {
  readonly case: Case;
  readonly stepsBefore: number;
}

const live: readonly CaseStatus[] = ['OPEN', 'FROZEN'];

/** Cases that stand so at an instant, whether or not it was written that their time has passed. */
function standing(status: CaseStatus, now: Date): mongo.Filter<Row<Case>> {
  if (live.includes(status)) return { status, lapsesAt: { $gt: now } };
  if (status !== 'LAPSED') return { status };
  return { $or: [{ status }, { status: { $in: [...live] }, lapsesAt: { $lte: now } }] };
}

/** The cases collection. Cases are guarded by the version of their wallet, which is written with them. */
export type CaseStore = ReturnType<typeof createCaseStore>;

/** Defines the cases collection on a connection. */
export function createCaseStore(connection: Connection) {
  const rows = collectionOf(defineCollection<Row<Case>>(connection, definition));
  const cases = async (found: Promise<Row<Case>[]>): Promise<Case[]> =>
    (await found).map((row) => fromRow<Case>(row));

  return {
    byIds: (ids: readonly string[]) => cases(rows.find({ _id: { $in: [...ids] } }).toArray()),

    /** Cases of some wallets that end by themselves. */
    live: (walletIds: readonly string[]) =>
      cases(rows.find({ walletId: { $in: [...walletIds] }, lapsesAt: { $type: 'date' } }).toArray()),

    /** So many cases, the newest first, from the first or from the one after an id. */
    page(asked: CasesAsked, now: Date, limit: number, after: string | null): Promise<Case[]> {
      const { memberId, merchantId, status } = asked;
      const $and: mongo.Filter<Row<Case>>[] = [
        ...(memberId ? [{ memberId }] : []),
        ...(merchantId ? [{ merchantId }] : []),
        ...(status ? [standing(status, now)] : []),
        ...(after ? [{ _id: { $lt: after } }] : []),
      ];
      const filter = $and.length > 0 ? { $and } : {};
      return cases(rows.find(filter).sort({ _id: -1 }).limit(limit).toArray());
    },

    /** How often each thing was done from one instant to before another. */
    async counts(from: Date, to: Date): Promise<Map<CaseAct, number>> {
      const within = { $gte: from, $lt: to };
      const found = rows.aggregate([
        { $match: { 'steps.at': within } },
        { $unwind: '$steps' },
        { $match: { 'steps.at': within } },
        { $group: { _id: '$steps.act', count: { $sum: 1 } } },
      ]);
      return new Map(
        (await found.toArray()).map((row) => [row['_id'] as CaseAct, Number(row['count'])] as const),
      );
    },

    /** How many cases ended by themselves from one instant to before another, without its having been written yet. */
    lapsing: (from: Date, to: Date): Promise<number> =>
      rows.countDocuments({ lapsesAt: { $type: 'date', $gte: from, $lt: to } }),

    async write(writes: readonly CaseWrite[]): Promise<void> {
      const operations = writes.map(({ case: one, stepsBefore }) => {
        const { _id, ...replacement } = toRow(one);
        return stepsBefore === 0
          ? { insertOne: { document: { _id, ...replacement } } }
          : { replaceOne: { filter: { _id }, replacement } };
      });
      if (operations.length > 0) await rows.bulkWrite(insertsFirst(operations), inSession());
    },
  };
}
