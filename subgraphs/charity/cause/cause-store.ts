import type { Connection } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import type { RequestIdentity } from '../../shared/request.ts';
import type { Cause } from './cause.ts';

interface CauseRow extends Omit<Cause, 'id'> {
  readonly _id: string;
  readonly caller: string;
  readonly idempotencyKey: string;
  readonly inputHash: string;
}

/** The collection of causes. */
export type CauseStore = ReturnType<typeof createCauseStore>;

const fields = {
  _id: { type: String, required: true },
  name: { type: String, required: true },
  description: { type: String, required: true },
  kind: { type: String, required: true },
  charityName: { type: String, required: true },
  charityRegistrationNumber: { type: String, required: true },
  openedAt: { type: Date, required: true },
  pointsDonated: { type: BigInt, required: true },
  donationCount: { type: Number, required: true },
  caller: { type: String, required: true },
  idempotencyKey: { type: String, required: true },
  inputHash: { type: String, required: true },
};

const keyIndex = 'causes_request';

function toCause({ _id, caller: _c, idempotencyKey: _k, inputHash: _h, ...rest }: CauseRow): Cause {
  return { id: _id, ...rest };
}

/** What follows a cursor of time and id in the order newest first. */
const olderThan = (after: readonly string[]) => {
  const at = new Date(after[0]!);
  return { $or: [{ openedAt: { $lt: at } }, { openedAt: at, _id: { $lt: after[1]! } }] };
};

/** Defines the collection of causes on a connection. */
export function createCauseStore(connection: Connection) {
  const model = defineCollection<CauseRow>(connection, {
    name: 'causes',
    fields,
    indexes: [
      [{ openedAt: -1, _id: -1 }, { name: 'causes_newest' }],
      [
        { caller: 1, idempotencyKey: 1 },
        { name: keyIndex, unique: true },
      ],
    ],
  });

  return {
    async find(id: string): Promise<Cause | null> {
      const row = await model.findOne({ _id: id }).session(currentSession()).lean<CauseRow>();
      return row && toCause(row);
    },
    async findMany(ids: readonly string[]): Promise<Cause[]> {
      const rows = await model.find({ _id: { $in: ids } }).lean<CauseRow[]>();
      return rows.map(toCause);
    },
    async exists(id: string): Promise<boolean> {
      return (await model.exists({ _id: id }).lean()) !== null;
    },
    async nameOf(id: string): Promise<string | null> {
      const row = await model.findOne({ _id: id }, { name: 1 }).lean<Pick<CauseRow, 'name'>>();
      return row?.name ?? null;
    },
    async findByRequest({
      caller,
      key,
    }: RequestIdentity): Promise<{ cause: Cause; inputHash: string } | null> {
      const row = await model.findOne({ caller, idempotencyKey: key }).lean<CauseRow>();
      return row && { cause: toCause(row), inputHash: row.inputHash };
    },
    async insert({ id, ...cause }: Cause, { caller, key, inputHash }: RequestIdentity): Promise<boolean> {
      try {
        const row = { _id: id, ...cause, caller, idempotencyKey: key, inputHash };
        await model.insertMany([row], { session: currentSession() });
        return true;
      } catch (error) {
        if (isDuplicateKey(error, keyIndex)) return false;
        throw error;
      }
    },
    /** Causes newest first, one more than asked for. */
    async page({ first, after }: Page): Promise<Cause[]> {
      const rows = await model
        .find(after ? olderThan(after) : {})
        .sort({ openedAt: -1, _id: -1 })
        .limit(first + 1)
        .lean<CauseRow[]>();
      return rows.map(toCause);
    },
    async count(id: string, points: bigint): Promise<void> {
      const update = { $inc: { pointsDonated: points, donationCount: 1 } };
      await model.updateOne({ _id: id }, update).session(currentSession());
    },
  };
}
