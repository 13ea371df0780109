import { type Connection, type QueryFilter, Schema } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import { attemptsField, attemptWrites } from './attempt-store.ts';
import type { PurchaseReturn, RequestIdentity } from './purchase.ts';

/** A return with what its saga needs. */
export interface ReturnRecord extends PurchaseReturn {
  readonly memberId: string;
  /** The posting that is reversed; null if the purchase had earned nothing. */
  readonly earnPostingId: string | null;
  /** The purchase's revision that this return made: its place among the returns. */
  readonly revision: number;
  /** What was given back to the member's caps; taken again if the ledger turns the return down. */
  readonly caps: readonly {
    readonly campaignId: string;
    readonly ruleCode: string;
    readonly points: bigint;
  }[];
}

type Row = Omit<ReturnRecord, 'id'> & {
  readonly _id: string;
  readonly touchedAt: Date;
} & RequestIdentity;

/** A return that was kept before, and of what request. */
export interface KeptReturn {
  readonly record: ReturnRecord;
  readonly inputHash: string;
  readonly contentHash: string;
}

const part = (fields: object) => new Schema(fields, { _id: false, strict: 'throw' });
const text = { type: String, required: true };
const points = { type: BigInt, required: true };

const definition = {
  name: 'purchase_returns',
  fields: {
    _id: String,
    purchaseId: text,
    merchantId: text,
    memberId: text,
    externalRef: text,
    at: { type: Date, required: true },
    touchedAt: { type: Date, required: true },
    state: text,
    lines: [part({ lineId: text, quantity: Number, points })],
    points,
    postingId: String,
    earnPostingId: String,
    revision: { type: Number, required: true },
    caps: [part({ campaignId: text, ruleCode: text, points })],
    attempts: { type: attemptsField, default: undefined },
    caller: text,
    idempotencyKey: text,
    inputHash: text,
    contentHash: text,
  },
  indexes: [
    [{ merchantId: 1, externalRef: 1 }, { unique: true }],
    [{ caller: 1, idempotencyKey: 1 }, { unique: true }],
    [{ purchaseId: 1, _id: 1 }],
    [{ memberId: 1, at: -1, _id: -1 }],
    [{ state: 1, touchedAt: 1 }, { partialFilterExpression: { state: 'PENDING' } }],
  ],
} as const;

const toRecord = (row: Row): ReturnRecord => {
  const { _id, touchedAt: _t, caller: _c, idempotencyKey: _k, inputHash: _i, contentHash: _h, ...rest } = row;
  return { id: _id, ...rest };
};

const toKept = (row: Row | null): KeptReturn | null =>
  row && { record: toRecord(row), inputHash: row.inputHash, contentHash: row.contentHash };

/** The collection of returns. */
export function createReturnStore(connection: Connection) {
  const Model = defineCollection<Row>(connection, { ...definition, indexes: definition.indexes as never });
  const one = (filter: QueryFilter<Row>) => Model.findOne(filter).session(currentSession()).lean<Row>();
  return {
    ...attemptWrites(Model),

    /** Keeps a new return. Throws the duplicate-key error if its reference or the caller's key was used before. */
    async insert(record: ReturnRecord, identity: RequestIdentity, now: Date): Promise<void> {
      const { id, ...rest } = record;
      const row = { _id: id, ...rest, touchedAt: now, ...identity };
      await Model.insertMany([row], { lean: true, session: currentSession() });
    },

    async byKey(caller: string, idempotencyKey: string): Promise<KeptReturn | null> {
      return toKept(await one({ caller, idempotencyKey }));
    },

    async byRef(merchantId: string, externalRef: string): Promise<KeptReturn | null> {
      return toKept(await one({ merchantId, externalRef }));
    },

    /** Says that the ledger has taken back what a pending return took back; null if there is no such pending return. */
    async settle(id: string, postingId: string): Promise<ReturnRecord | null> {
      const row = await Model.findOneAndUpdate(
        { _id: id, state: 'PENDING' },
        { $set: { state: 'RECORDED', postingId }, $unset: { attempts: 1 } },
        { returnDocument: 'after', session: currentSession() },
      ).lean<Row>();
      return row && toRecord(row);
    },

    async byId(id: string): Promise<ReturnRecord | null> {
      const row = await one({ _id: id });
      return row && toRecord(row);
    },

    /** Withdraws a return that the ledger turned down. False if it is not pending any more. */
    async withdraw(id: string): Promise<boolean> {
      const { deletedCount } = await Model.deleteOne({ _id: id, state: 'PENDING' }).session(currentSession());
      return deletedCount === 1;
    },

    /** Takes up one pending return that nobody touched since `before`, or gives null. */
    async claimStale(before: Date, now: Date): Promise<ReturnRecord | null> {
      const row = await Model.findOneAndUpdate(
        { state: 'PENDING', touchedAt: { $lt: before } },
        { $set: { touchedAt: now } },
        { sort: { touchedAt: 1 }, returnDocument: 'after' },
      ).lean<Row>();
      return row && toRecord(row);
    },

    /** A member's returns, newest first; up to one more than asked, to tell that more follow. */
    async ofMember(memberId: string, { first, after }: Page): Promise<ReturnRecord[]> {
      const at = after && new Date(after[0]!);
      const older: QueryFilter<Row> = at
        ? { $or: [{ at: { $lt: at } }, { at, _id: { $lt: after[1]! } }] }
        : {};
      const rows = await Model.find({ $and: [{ memberId }, older] })
        .sort({ at: -1, _id: -1 })
        .limit(first + 1)
        .lean<Row[]>();
      return rows.map(toRecord);
    },

    /** The returns of purchases, oldest first; at most 5,000 in all. */
    async ofPurchases(purchaseIds: readonly string[]): Promise<ReturnRecord[]> {
      const rows = await Model.find({ purchaseId: { $in: [...purchaseIds] } })
        .sort({ purchaseId: 1, _id: 1 })
        .limit(5_000)
        .lean<Row[]>();
      return rows.map(toRecord);
    },
  };
}

/** The collection of returns. */
export type ReturnStore = ReturnType<typeof createReturnStore>;
