import type { Connection, Model } from 'mongoose';
import { currentSession, defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import type { RequestIdentity } from '../../shared/request.ts';
import type { Pledge } from './pledge.ts';

interface PledgeRow extends Omit<Pledge, 'id'> {
  readonly _id: string;
  readonly caller: string;
  readonly idempotencyKey: string;
  readonly inputHash: string;
}

/** The collection of pledges. */
export type PledgeStore = ReturnType<typeof createPledgeStore>;

const fields = {
  _id: { type: String, required: true },
  causeId: { type: String, required: true },
  merchantId: { type: String, required: true },
  goods: { type: String, required: true },
  unit: { type: String, required: true },
  pointsPerStep: { type: BigInt, required: true },
  quantityPerStep: { type: Number, required: true },
  limitQuantity: { type: Number, required: true },
  remainingQuantity: { type: Number, required: true },
  confirmedQuantity: { type: Number, required: true },
  agreementRef: { type: String, required: true },
  pledgedAt: { type: Date, required: true },
  caller: { type: String, required: true },
  idempotencyKey: { type: String, required: true },
  inputHash: { type: String, required: true },
};

const keyIndex = 'pledges_request';
const oldestFirst = { pledgedAt: 1, _id: 1 } as const;
const newestFirst = { pledgedAt: -1, _id: -1 } as const;
/** More than any list of pledges holds (see `pledgeMatching`), times what one request may ask for at once. */
const mostRows = 100_000;

function toPledge({ _id, caller: _c, idempotencyKey: _k, inputHash: _h, ...rest }: PledgeRow): Pledge {
  return { id: _id, ...rest };
}

/** What donations set aside of pledges. */
const reservations = (model: Model<PledgeRow>) => ({
  async reserve(id: string, quantity: number): Promise<boolean> {
    const { modifiedCount } = await model
      .updateOne(
        { _id: id, remainingQuantity: { $gte: quantity } },
        { $inc: { remainingQuantity: -quantity } },
      )
      .session(currentSession());
    return modifiedCount === 1;
  },
  async giveBack(id: string, quantity: number): Promise<void> {
    const update = { $inc: { remainingQuantity: quantity } };
    await model.updateOne({ _id: id }, update).session(currentSession());
  },
  /** Counts so much as confirmed; gives the pledge as it is then. */
  async confirm(id: string, quantity: number): Promise<Pledge | null> {
    const row = await model
      .findOneAndUpdate(
        { _id: id },
        { $inc: { confirmedQuantity: quantity } },
        { returnDocument: 'after', session: currentSession() },
      )
      .lean<PledgeRow>();
    return row && toPledge(row);
  },
});

/** Defines the collection of pledges on a connection. */
export function createPledgeStore(connection: Connection) {
  const model = defineCollection<PledgeRow>(connection, {
    name: 'pledges',
    fields,
    indexes: [
      [{ causeId: 1, pledgedAt: 1, _id: 1 }, { name: 'pledges_of_cause' }],
      [{ merchantId: 1, pledgedAt: -1, _id: -1 }, { name: 'pledges_of_merchant' }],
      [
        { caller: 1, idempotencyKey: 1 },
        { name: keyIndex, unique: true },
      ],
    ],
  });
  const list = async (filter: Record<string, unknown>, sort: Record<string, 1 | -1>, most = mostRows) => {
    const rows = await model
      .find(filter)
      .sort(sort)
      .limit(most)
      .session(currentSession())
      .lean<PledgeRow[]>();
    return rows.map(toPledge);
  };

  return {
    findMany: (ids: readonly string[]): Promise<Pledge[]> => list({ _id: { $in: ids } }, oldestFirst),
    /** All pledges of some causes, oldest first. */
    ofCauses: (causeIds: readonly string[]): Promise<Pledge[]> =>
      list({ causeId: { $in: causeIds } }, oldestFirst),
    /** All pledges of some merchants, newest first. */
    ofMerchants: (merchantIds: readonly string[]): Promise<Pledge[]> =>
      list({ merchantId: { $in: merchantIds } }, newestFirst),
    openOfCause: (causeId: string, most: number): Promise<Pledge[]> =>
      list({ causeId, remainingQuantity: { $gt: 0 } }, oldestFirst, most),
    countOfCause: async (causeId: string): Promise<number> => model.countDocuments({ causeId }),
    countOfMerchant: async (merchantId: string): Promise<number> => model.countDocuments({ merchantId }),
    async findByRequest({
      caller,
      key,
    }: RequestIdentity): Promise<{ pledge: Pledge; inputHash: string } | null> {
      const row = await model.findOne({ caller, idempotencyKey: key }).lean<PledgeRow>();
      return row && { pledge: toPledge(row), inputHash: row.inputHash };
    },
    async insert({ id, ...pledge }: Pledge, { caller, key, inputHash }: RequestIdentity): Promise<boolean> {
      try {
        const row = { _id: id, ...pledge, caller, idempotencyKey: key, inputHash };
        await model.insertMany([row], { session: currentSession() });
        return true;
      } catch (error) {
        if (isDuplicateKey(error, keyIndex)) return false;
        throw error;
      }
    },
    ...reservations(model),
  };
}
