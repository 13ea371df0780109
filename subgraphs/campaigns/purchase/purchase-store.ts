import { type Connection, type QueryFilter, Schema } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import { attemptsField, attemptWrites } from './attempt-store.ts';
import type { Purchase, PurchaseLine, RequestIdentity } from './purchase.ts';
import type { GivenBack } from './return.ts';

type Row = Omit<Purchase, 'id'> & { readonly _id: string; readonly touchedAt: Date } & RequestIdentity;

/** A purchase that was kept before, and of what request. */
export interface KeptPurchase {
  readonly purchase: Purchase;
  readonly inputHash: string;
  readonly contentHash: string;
}

const part = (fields: object) => new Schema(fields, { _id: false, strict: 'throw' });
const text = { type: String, required: true };
const points = { type: BigInt, required: true };

const definition = {
  name: 'purchases',
  fields: {
    _id: String,
    merchantId: text,
    memberId: text,
    externalRef: text,
    programme: text,
    currency: text,
    at: { type: Date, required: true },
    recordedAt: { type: Date, required: true },
    touchedAt: { type: Date, required: true },
    state: text,
    totalMinor: points,
    lines: [
      part({
        id: text,
        sku: text,
        description: String,
        category: String,
        quantity: Number,
        amountMinor: points,
        points,
        returnedQuantity: Number,
        pointsReturned: points,
      }),
    ],
    points,
    pointsReturned: points,
    outcomes: [
      part({
        campaignId: text,
        ruleCode: text,
        requested: points,
        granted: points,
        reason: text,
        message: text,
        shares: [part({ lineId: text, points })],
        givenBack: BigInt,
      }),
    ],
    campaignId: String,
    ruleVersion: String,
    postingId: String,
    revision: Number,
    attempts: { type: attemptsField, default: undefined },
    caller: text,
    idempotencyKey: text,
    inputHash: text,
    contentHash: text,
  },
  indexes: [
    [{ merchantId: 1, externalRef: 1 }, { unique: true }],
    [{ caller: 1, idempotencyKey: 1 }, { unique: true }],
    [{ memberId: 1, at: -1, _id: -1 }],
    [{ state: 1, touchedAt: 1 }, { partialFilterExpression: { state: 'PENDING' } }],
  ],
} as const;

const toPurchase = (row: Row): Purchase => {
  const { _id, touchedAt: _t, caller: _c, idempotencyKey: _k, inputHash: _i, contentHash: _h, ...rest } = row;
  return { id: _id, ...rest };
};

const toKept = (row: Row | null): KeptPurchase | null =>
  row && { purchase: toPurchase(row), inputHash: row.inputHash, contentHash: row.contentHash };

const afterKey = (after: readonly string[]): QueryFilter<Row> => {
  const at = new Date(after[0]!);
  return { $or: [{ at: { $lt: at } }, { at, _id: { $lt: after[1]! } }] };
};

/** A line's new counts, by its place in the purchase. */
export type LineCounts = Pick<PurchaseLine, 'returnedQuantity' | 'pointsReturned'> & {
  readonly place: number;
};

/** What a return, or undoing one, changes in a purchase. */
export interface ReturnCounts {
  readonly lines: readonly LineCounts[];
  readonly givenBack: readonly GivenBack[];
  readonly pointsReturned: bigint;
}

function countsUpdate({ lines, givenBack, pointsReturned }: ReturnCounts): Record<string, unknown> {
  const set: Record<string, unknown> = { pointsReturned };
  for (const { place, ...line } of lines) {
    set[`lines.${place}.returnedQuantity`] = line.returnedQuantity;
    set[`lines.${place}.pointsReturned`] = line.pointsReturned;
  }
  for (const one of givenBack) set[`outcomes.${one.place}.givenBack`] = one.givenBack;
  return set;
}

/** The collection of purchases. */
export function createPurchaseStore(connection: Connection) {
  const Model = defineCollection<Row>(connection, { ...definition, indexes: definition.indexes as never });
  const one = (filter: QueryFilter<Row>) => Model.findOne(filter).session(currentSession()).lean<Row>();
  return {
    ...attemptWrites(Model),

    /** Keeps a new purchase. Throws the duplicate-key error if its reference or the caller's key was used before. */
    async insert(purchase: Purchase, identity: RequestIdentity): Promise<void> {
      const { id, ...rest } = purchase;
      const row = { _id: id, ...rest, touchedAt: purchase.recordedAt, ...identity };
      // `lean` keeps mongoose from making a document of every line; the types have been checked already.
      await Model.insertMany([row], { lean: true, session: currentSession() });
    },

    async byId(id: string): Promise<Purchase | null> {
      const row = await one({ _id: id });
      return row && toPurchase(row);
    },

    async byKey(caller: string, idempotencyKey: string): Promise<KeptPurchase | null> {
      return toKept(await one({ caller, idempotencyKey }));
    },

    async byRef(merchantId: string, externalRef: string): Promise<KeptPurchase | null> {
      return toKept(await one({ merchantId, externalRef }));
    },

    /** Says that the ledger has posted what a pending purchase earned; null if there is no such pending purchase. */
    async settle(id: string, postingId: string): Promise<Purchase | null> {
      const row = await Model.findOneAndUpdate(
        { _id: id, state: 'PENDING' },
        { $set: { state: 'RECORDED', postingId }, $unset: { attempts: 1 } },
        { returnDocument: 'after', session: currentSession() },
      ).lean<Row>();
      return row && toPurchase(row);
    },

    /** Withdraws a purchase that the ledger turned down. False if it is not pending any more. */
    async withdraw(id: string): Promise<boolean> {
      const { deletedCount } = await Model.deleteOne({ _id: id, state: 'PENDING' }).session(currentSession());
      return deletedCount === 1;
    },

    /** Writes what came back, decided on a revision. False, and nothing is written, if that is not the newest. */
    async count(id: string, revision: number, counts: ReturnCounts): Promise<boolean> {
      const set = { ...countsUpdate(counts), revision: revision + 1 };
      const { matchedCount } = await Model.updateOne({ _id: id, revision }, { $set: set }).session(
        currentSession(),
      );
      return matchedCount === 1;
    },

    /** Takes up one pending purchase that nobody touched since `before`, or gives null. */
    async claimStale(before: Date, now: Date): Promise<Purchase | null> {
      const row = await Model.findOneAndUpdate(
        { state: 'PENDING', touchedAt: { $lt: before } },
        { $set: { touchedAt: now } },
        { sort: { touchedAt: 1 }, returnDocument: 'after' },
      ).lean<Row>();
      return row && toPurchase(row);
    },

    /** A member's purchases, newest first, of one merchant if given; up to one more than asked, to tell that more follow. */
    async ofMember(memberId: string, merchantId: string | null, page: Page): Promise<Purchase[]> {
      const parts: QueryFilter<Row>[] = [merchantId === null ? { memberId } : { memberId, merchantId }];
      if (page.after) parts.push(afterKey(page.after));
      const rows = await Model.find({ $and: parts })
        .sort({ at: -1, _id: -1 })
        .limit(page.first + 1)
        .lean<Row[]>();
      return rows.map(toPurchase);
    },
  };
}

/** The collection of purchases. */
export type PurchaseStore = ReturnType<typeof createPurchaseStore>;
