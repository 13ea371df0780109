import { type Connection, type QueryFilter, Schema } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import { type Cancellation, KeyTaken, type Redemption, type Step } from './redemption.ts';

/** What a step may change of a redemption. */
export type RedemptionChanges = Partial<
  Pick<
    Redemption,
    | 'status'
    | 'step'
    | 'reserved'
    | 'request'
    | 'holdId'
    | 'capturePostingId'
    | 'confirmedAt'
    | 'cancelledAt'
    | 'failure'
  >
>;

/** Keeps redemptions: the records of the saga. */
export interface RedemptionStore {
  /** Adds a record; false where this caller's key stands for one already. */
  insert(redemption: Redemption): Promise<boolean>;
  find(id: string): Promise<Redemption | null>;
  findMany(ids: readonly string[]): Promise<Redemption[]>;
  findByRequest(caller: string, key: string): Promise<Redemption | null>;
  /** The redemption that this caller's key cancelled. */
  findByCancellation(caller: string, key: string): Promise<Redemption | null>;
  /** Moves a record on if it still is at `from`; gives it as it is then, or null if it has moved on before. */
  move(id: string, from: Step, changes: RedemptionChanges): Promise<Redemption | null>;
  /** Turns a confirmed redemption to CANCELLING; null if it is not confirmed. Throws KeyTaken on a key used before. */
  startCancelling(id: string, cancellation: Cancellation): Promise<Redemption | null>;
  /** How many of a reward each of these members has. */
  countReserved(pairs: readonly MemberReward[]): Promise<readonly number[]>;
  /** A member's redemptions, newest first, of one merchant's rewards only if named; one more than asked for if more follow. */
  listOfMember(memberId: string, merchantId: string | null, page: Page): Promise<Redemption[]>;
  /** Takes the record at work that nobody touched for longest since before `before`, marking it touched. */
  claimUntouched(before: Date): Promise<Redemption | null>;
}

/** A member and a reward. */
export interface MemberReward {
  readonly memberId: string;
  readonly rewardId: string;
}

interface RedemptionDocument extends Omit<Redemption, 'id'> {
  readonly _id: string;
  readonly touchedAt: Date;
}

const byRequest = 'by_request';
const byCancellation = 'by_cancellation';

const identity = { caller: String, key: String, inputHash: String } as const;
const request = new Schema(identity, { _id: false, strict: 'throw' });
const cancellation = new Schema({ ...identity, reason: String, at: Date }, { _id: false, strict: 'throw' });
const money = new Schema({ amountMinor: BigInt, currency: String }, { _id: false, strict: 'throw' });
const optionalText = { type: String, default: null } as const;
const optionalDate = { type: Date, default: null } as const;

const define = (connection: Connection) =>
  defineCollection<RedemptionDocument>(connection, {
    name: 'redemptions',
    fields: {
      _id: String,
      rewardId: { type: String, required: true },
      memberId: { type: String, required: true },
      merchantId: { type: String, required: true },
      seenBy: { type: [String], required: true },
      programme: { type: String, required: true },
      points: { type: BigInt, required: true },
      fromHousehold: { type: Boolean, default: false },
      voucherValue: { type: money, default: null },
      voucherValidityDays: { type: Number, required: true },
      stocked: { type: Boolean, required: true },
      limitPerMember: { type: Number, default: null },
      status: { type: String, required: true },
      step: optionalText,
      requestedAt: { type: Date, required: true },
      confirmedAt: optionalDate,
      cancelledAt: optionalDate,
      actor: { type: Schema.Types.Mixed, required: true },
      request: { type: request, default: null },
      reserved: { type: Boolean, required: true },
      holdId: optionalText,
      capturePostingId: optionalText,
      failure: { type: Schema.Types.Mixed, default: null },
      cancellation: { type: cancellation, default: null },
      touchedAt: { type: Date, required: true },
    },
    indexes: [
      [
        { 'request.caller': 1, 'request.key': 1 },
        { unique: true, name: byRequest, partialFilterExpression: { 'request.key': { $exists: true } } },
      ],
      [
        { 'cancellation.caller': 1, 'cancellation.key': 1 },
        {
          unique: true,
          name: byCancellation,
          partialFilterExpression: { 'cancellation.key': { $exists: true } },
        },
      ],
      [{ memberId: 1, requestedAt: -1, _id: -1 }],
      [{ memberId: 1, merchantId: 1, requestedAt: -1, _id: -1 }],
      [{ rewardId: 1, memberId: 1, reserved: 1 }],
      [{ touchedAt: 1 }, { partialFilterExpression: { step: { $type: 'string' } } }],
    ],
  });

type RedemptionModel = ReturnType<typeof define>;

function toRedemption(document: RedemptionDocument): Redemption {
  const { _id, touchedAt: _, ...rest } = document;
  return { id: _id, ...rest };
}

const maybe = (found: RedemptionDocument | null) => found && toRedemption(found);

/** The store of redemptions in this subgraph's database. `now` dates the last touch of a record. */
export function createRedemptionStore(connection: Connection, now: () => Date): RedemptionStore {
  const model = define(connection);
  return { ...readsOf(model), ...writesOf(model, now) };
}

type Writes = 'insert' | 'move' | 'startCancelling' | 'claimUntouched';

function readsOf(model: RedemptionModel): Omit<RedemptionStore, Writes> {
  const one = async (filter: QueryFilter<RedemptionDocument>) =>
    maybe(await model.findOne(filter, null, { session: currentSession() }).lean<RedemptionDocument>());
  const many = async (filter: QueryFilter<RedemptionDocument>, limit: number) =>
    (
      await model
        .find(filter, null, { session: currentSession() })
        .sort({ requestedAt: -1, _id: -1 })
        .limit(limit)
        .lean<RedemptionDocument[]>()
    ).map(toRedemption);
  return {
    find: (id) => one({ _id: id }),
    findMany: (ids) => many({ _id: { $in: [...ids] } }, ids.length),
    findByRequest: (caller, key) => one({ 'request.caller': caller, 'request.key': key }),
    findByCancellation: (caller, key) => one({ 'cancellation.caller': caller, 'cancellation.key': key }),
    countReserved: (pairs) => countReserved(model, pairs),
    listOfMember: (memberId, merchantId, { first, after }) => {
      const mine = { memberId, ...(merchantId === null ? {} : { merchantId }) };
      if (!after) return many(mine, first + 1);
      const requestedAt = new Date(after[0]!);
      const older = {
        $or: [{ requestedAt, _id: { $lt: after[1]! } }, { requestedAt: { $lt: requestedAt } }],
      };
      return many({ ...mine, ...older }, first + 1);
    },
  };
}

async function countReserved(model: RedemptionModel, pairs: readonly MemberReward[]): Promise<number[]> {
  const among = (key: keyof MemberReward) => ({ $in: [...new Set(pairs.map((pair) => pair[key]))] });
  const counts = await model
    .aggregate<{ _id: MemberReward; count: number }>([
      { $match: { rewardId: among('rewardId'), memberId: among('memberId'), reserved: true } },
      { $group: { _id: { memberId: '$memberId', rewardId: '$rewardId' }, count: { $sum: 1 } } },
    ])
    .session(currentSession());
  return pairs.map(({ memberId, rewardId }) => {
    const found = counts.find(({ _id }) => _id.memberId === memberId && _id.rewardId === rewardId);
    return found ? Number(found.count) : 0;
  });
}

function writesOf(model: RedemptionModel, now: () => Date): Pick<RedemptionStore, Writes> {
  const change = async (filter: QueryFilter<RedemptionDocument>, $set: object, sort?: { touchedAt: 1 }) =>
    maybe(
      await model
        .findOneAndUpdate(
          filter,
          { $set: { ...$set, touchedAt: now() } },
          { session: currentSession(), returnDocument: 'after', ...(sort ? { sort } : {}) },
        )
        .lean<RedemptionDocument>(),
    );
  return {
    async insert({ id, ...rest }) {
      try {
        await model.insertOne({ _id: id, ...rest, touchedAt: now() }, { session: currentSession() });
        return true;
      } catch (error) {
        if (isDuplicateKey(error, byRequest)) return false;
        throw error;
      }
    },
    move: (id, from, changes) => change({ _id: id, step: from }, changes),
    async startCancelling(id, cancelled) {
      const changes = { status: 'CANCELLING', step: 'REVERSE', cancellation: cancelled };
      try {
        return await change({ _id: id, status: 'CONFIRMED' }, changes);
      } catch (error) {
        throw isDuplicateKey(error, byCancellation) ? new KeyTaken() : error;
      }
    },
    claimUntouched: (before) =>
      change({ step: { $type: 'string' }, touchedAt: { $lt: before } }, {}, { touchedAt: 1 }),
  };
}
