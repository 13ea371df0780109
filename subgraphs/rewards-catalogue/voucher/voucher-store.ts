import { type Connection, type QueryFilter, Schema } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import type { Consumption, Voucher, VoucherState } from './voucher.ts';

/** Keeps vouchers. */
export interface VoucherStore {
  /** Adds a voucher in state RESERVED. Tells where it stands in the way: its code is taken, or its redemption has one. */
  insert(voucher: Voucher): Promise<'INSERTED' | 'CODE_TAKEN' | 'ALREADY_ISSUED'>;
  find(id: string): Promise<Voucher | null>;
  findMany(ids: readonly string[]): Promise<Voucher[]>;
  findByCode(code: string): Promise<Voucher | null>;
  findByRedemptions(redemptionIds: readonly string[]): Promise<Voucher[]>;
  /** The voucher that this caller's key consumed. */
  findByConsumption(caller: string, key: string): Promise<Voucher | null>;
  /** Vouchers of a member that can be used now, soonest expiring first; of one merchant only, if named. */
  usable(memberId: string, now: Date, merchantId: string | null): Promise<Voucher[]>;
  /** A member's vouchers that anybody may see, the latest issued first; one more than asked for if more follow. */
  listOfMember(memberId: string, page: Page): Promise<Voucher[]>;
  /** Makes a redemption's reserved voucher usable; again does nothing. */
  activate(redemptionId: string): Promise<void>;
  /** Takes a redemption's reserved voucher away before anybody saw it; again does nothing. */
  withdraw(redemptionId: string): Promise<void>;
  /** Voids a redemption's voucher unless it was consumed or, if `now` is given, has expired. True if this call did. */
  voidUnused(redemptionId: string, now: Date | null): Promise<boolean>;
  /** Consumes it if it is active and has not expired; null if not, or if the caller's key consumed another. */
  consume(id: string, consumption: Consumption): Promise<Voucher | null>;
}

interface VoucherDocument extends Omit<Voucher, 'id'> {
  readonly _id: string;
}

const byCode = 'by_code';
const byRedemption = 'by_redemption';
const byConsumption = 'by_consumption';
const mostVouchers = 500;

const money = new Schema(
  { amountMinor: { type: BigInt, required: true }, currency: { type: String, required: true } },
  { _id: false, strict: 'throw' },
);
const consumption = new Schema(
  { caller: String, key: String, inputHash: String, ref: String, at: Date },
  { _id: false, strict: 'throw' },
);

const define = (connection: Connection) =>
  defineCollection<VoucherDocument>(connection, {
    name: 'vouchers',
    fields: {
      _id: String,
      code: { type: String, required: true },
      redemptionId: { type: String, required: true },
      rewardId: { type: String, required: true },
      memberId: { type: String, required: true },
      merchantId: { type: String, required: true },
      seenBy: { type: [String], required: true },
      value: { type: money, default: null },
      state: { type: String, required: true },
      issuedAt: { type: Date, required: true },
      expiresAt: { type: Date, required: true },
      consumption: { type: consumption, default: null },
    },
    indexes: [
      [{ code: 1 }, { unique: true, name: byCode }],
      [{ redemptionId: 1 }, { unique: true, name: byRedemption }],
      [{ memberId: 1, state: 1, expiresAt: 1 }],
      [{ memberId: 1, issuedAt: -1, _id: -1 }],
      [
        { 'consumption.caller': 1, 'consumption.key': 1 },
        {
          unique: true,
          name: byConsumption,
          partialFilterExpression: { 'consumption.key': { $exists: true } },
        },
      ],
    ],
  });

const toVoucher = ({ _id, ...rest }: VoucherDocument): Voucher => ({ id: _id, ...rest });

/** The store of vouchers in this subgraph's database. */
export function createVoucherStore(connection: Connection): VoucherStore {
  const model = define(connection);
  return { ...readsOf(model), ...writesOf(model) };
}

function sessionOption() {
  const session = currentSession();
  return session ? { session } : {};
}

type Reads =
  | 'find'
  | 'findMany'
  | 'findByCode'
  | 'findByRedemptions'
  | 'findByConsumption'
  | 'usable'
  | 'listOfMember';

/** States of vouchers that anybody may see: a reserved one is not paid for yet. */
const seen: readonly VoucherState[] = ['ACTIVE', 'CONSUMED', 'VOID'];

function readsOf(model: ReturnType<typeof define>): Pick<VoucherStore, Reads> {
  const one = async (filter: QueryFilter<VoucherDocument>) => {
    const found = await model.findOne(filter, null, sessionOption()).lean<VoucherDocument>();
    return found && toVoucher(found);
  };
  const many = async (filter: QueryFilter<VoucherDocument>, limit: number) =>
    (
      await model
        .find(filter, null, sessionOption())
        .sort({ expiresAt: 1, _id: 1 })
        .limit(limit)
        .lean<VoucherDocument[]>()
    ).map(toVoucher);
  return {
    find: (id) => one({ _id: id }),
    findMany: (ids) => many({ _id: { $in: [...ids] } }, ids.length),
    findByCode: (code) => one({ code }),
    findByRedemptions: (ids) => many({ redemptionId: { $in: [...ids] } }, ids.length),
    findByConsumption: (caller, key) => one({ 'consumption.caller': caller, 'consumption.key': key }),
    async listOfMember(memberId, { first, after }) {
      const issuedAt = after && new Date(after[0]!);
      const older = issuedAt
        ? { $or: [{ issuedAt: { $lt: issuedAt } }, { issuedAt, _id: { $lt: after[1]! } }] }
        : {};
      const found = await model
        .find({ memberId, state: { $in: [...seen] }, ...older }, null, sessionOption())
        .sort({ issuedAt: -1, _id: -1 })
        .limit(first + 1)
        .lean<VoucherDocument[]>();
      return found.map(toVoucher);
    },
    usable: (memberId, now, merchantId) =>
      many(
        {
          memberId,
          state: 'ACTIVE',
          expiresAt: { $gt: now },
          ...(merchantId === null ? {} : { merchantId }),
        },
        mostVouchers,
      ),
  };
}

type Writes = 'insert' | 'activate' | 'withdraw' | 'voidUnused' | 'consume';

function writesOf(model: ReturnType<typeof define>): Pick<VoucherStore, Writes> {
  const change = async (redemptionId: string, from: VoucherState, state: VoucherState, now?: Date | null) => {
    const unexpired = now ? { expiresAt: { $gt: now } } : {};
    const filter: QueryFilter<VoucherDocument> = { redemptionId, state: from, ...unexpired };
    const { modifiedCount } = await model.updateOne(filter, { $set: { state } }, sessionOption());
    return modifiedCount === 1;
  };
  return {
    async insert({ id, ...rest }) {
      try {
        await model.insertOne({ _id: id, ...rest }, sessionOption());
        return 'INSERTED';
      } catch (error) {
        if (isDuplicateKey(error, byRedemption)) return 'ALREADY_ISSUED';
        if (isDuplicateKey(error, byCode)) return 'CODE_TAKEN';
        throw error;
      }
    },
    activate: async (redemptionId) => void (await change(redemptionId, 'RESERVED', 'ACTIVE')),
    withdraw: async (redemptionId) => void (await change(redemptionId, 'RESERVED', 'WITHDRAWN')),
    voidUnused: (redemptionId, now) => change(redemptionId, 'ACTIVE', 'VOID', now),
    async consume(id, taken) {
      try {
        const found = await model
          .findOneAndUpdate(
            { _id: id, state: 'ACTIVE', expiresAt: { $gt: taken.at } },
            { $set: { state: 'CONSUMED', consumption: taken } },
            { session: currentSession(), returnDocument: 'after' },
          )
          .lean<VoucherDocument>();
        return found && toVoucher(found);
      } catch (error) {
        if (isDuplicateKey(error, byConsumption)) return null;
        throw error;
      }
    },
  };
}
