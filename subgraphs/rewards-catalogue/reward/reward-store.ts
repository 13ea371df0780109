import { type Connection, type QueryFilter, Schema } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import type { RequestIdentity } from '../../shared/request.ts';
import type { Reward } from './reward.ts';

/** Which rewards to list. */
export interface RewardCriteria {
  readonly status: Reward['status'];
  /** Only those whose window holds this instant; null for any window. */
  readonly availableAt: Date | null;
  readonly merchantId?: string | undefined;
  readonly category?: string | undefined;
  readonly maxPoints?: bigint | undefined;
}

/** Keeps rewards and their stock. */
export interface RewardStore {
  /** Adds a reward; null where this caller's key was used already. */
  insert(reward: Reward, request: RequestIdentity): Promise<Reward | null>;
  find(id: string): Promise<Reward | null>;
  findMany(ids: readonly string[]): Promise<Reward[]>;
  /** What the caller's key stands for, with the input's hash. */
  findByRequest(caller: string, key: string): Promise<{ reward: Reward; inputHash: string } | null>;
  /** Makes a draft public; gives the reward as it is then, or null if it was no draft. */
  publish(id: string): Promise<Reward | null>;
  /** Cheapest first, then by id; one more than asked for if more follow. */
  list(criteria: RewardCriteria, page: Page): Promise<Reward[]>;
  /** Those in a programme that may be had now for at most so many points, dearest first, after a place in that order. */
  affordable(search: AffordableSearch): Promise<Reward[]>;
  /**
   * Counts one as taken, out of stock where the reward has one, and gives the reward; null where none is left. Stock
   * never goes below zero.
   */
  takeOne(id: string, stocked: boolean): Promise<Reward | null>;
  /** Counts one as taken less, back into stock where the reward has one. */
  giveBack(id: string, stocked: boolean): Promise<void>;
}

/** What `affordable` looks for. */
export interface AffordableSearch {
  readonly programme: string;
  readonly points: bigint;
  readonly now: Date;
  readonly limit: number;
  readonly after: { readonly points: bigint; readonly id: string } | null;
}

interface RewardDocument extends Omit<Reward, 'id'> {
  readonly _id: string;
  readonly request: RequestIdentity;
  /** How many are reserved or had; with `stock` it always makes what there was at first. */
  readonly taken: number;
}

const byRequest = 'by_request';

const text = { type: String, default: '' } as const;
const money = new Schema(
  { amountMinor: { type: BigInt, required: true }, currency: { type: String, required: true } },
  { _id: false, strict: 'throw' },
);
const terms = new Schema(
  { delivery: text, use: text, exclusions: text, cancellation: text },
  { _id: false, strict: 'throw' },
);
const request = new Schema(
  { caller: String, key: String, inputHash: String },
  { _id: false, strict: 'throw' },
);

const define = (connection: Connection) =>
  defineCollection<RewardDocument>(connection, {
    name: 'rewards',
    fields: {
      _id: String,
      merchantId: { type: String, required: true },
      programme: { type: String, required: true },
      name: { type: String, required: true },
      description: text,
      category: { type: String, required: true },
      points: { type: BigInt, required: true },
      voucherValue: { type: money, default: null },
      status: { type: String, required: true },
      availableFrom: { type: Date, required: true },
      availableUntil: { type: Date, default: null },
      stock: { type: Number, default: null },
      taken: { type: Number, required: true },
      limitPerMember: { type: Number, default: null },
      voucherValidityDays: { type: Number, required: true },
      terms: { type: terms, required: true },
      request: { type: request, required: true },
    },
    indexes: [
      [{ status: 1, points: 1, _id: 1 }],
      [{ merchantId: 1, status: 1, points: 1, _id: 1 }],
      [{ category: 1, status: 1, points: 1, _id: 1 }],
      [{ programme: 1, status: 1, points: -1, _id: -1 }],
      [
        { 'request.caller': 1, 'request.key': 1 },
        { unique: true, name: byRequest },
      ],
    ],
  });

function toReward(document: RewardDocument): Reward {
  const { _id, request: _, taken: __, ...rest } = document;
  return { id: _id, ...rest };
}

const inWindow = (now: Date): QueryFilter<RewardDocument> => ({
  availableFrom: { $lte: now },
  $or: [{ availableUntil: null }, { availableUntil: { $gt: now } }],
});

function toFilter(criteria: RewardCriteria, after: Page['after']): QueryFilter<RewardDocument> {
  const { status, availableAt, merchantId, category, maxPoints } = criteria;
  const parts: QueryFilter<RewardDocument>[] = [{ status }];
  if (merchantId !== undefined) parts.push({ merchantId });
  if (category !== undefined) parts.push({ category });
  if (maxPoints !== undefined) parts.push({ points: { $lte: maxPoints } });
  if (availableAt) parts.push(inWindow(availableAt));
  if (after) {
    const points = BigInt(after[0]!);
    parts.push({ $or: [{ points, _id: { $gt: after[1]! } }, { points: { $gt: points } }] });
  }
  return { $and: parts };
}

function toAffordableFilter(search: AffordableSearch): QueryFilter<RewardDocument> {
  const { programme, points, now, after } = search;
  const parts: QueryFilter<RewardDocument>[] = [
    { programme, status: 'PUBLISHED', points: { $lte: points } },
    inWindow(now),
    { $or: [{ stock: null }, { stock: { $gt: 0 } }] },
  ];
  if (after)
    parts.push({
      $or: [{ points: after.points, _id: { $lt: after.id } }, { points: { $lt: after.points } }],
    });
  return { $and: parts };
}

/** The store of rewards in this subgraph's database. */
export function createRewardStore(connection: Connection): RewardStore {
  const model = define(connection);
  const session = () => ({ session: currentSession() });
  const maybe = (found: RewardDocument | null) => found && toReward(found);
  return {
    async insert(reward, identity) {
      const { id, ...rest } = reward;
      try {
        await model.insertOne({ _id: id, ...rest, taken: 0, request: identity }, session());
        return reward;
      } catch (error) {
        if (isDuplicateKey(error, byRequest)) return null;
        throw error;
      }
    },
    find: async (id) => maybe(await model.findOne({ _id: id }, null, session()).lean<RewardDocument>()),
    findMany: async (ids) =>
      (await model.find({ _id: { $in: [...ids] } }, null, session()).lean<RewardDocument[]>()).map(toReward),
    async findByRequest(caller, key) {
      const found = await model
        .findOne({ 'request.caller': caller, 'request.key': key }, null, session())
        .lean<RewardDocument>();
      return found && { reward: toReward(found), inputHash: found.request.inputHash };
    },
    publish: async (id) =>
      maybe(
        await model
          .findOneAndUpdate(
            { _id: id, status: 'DRAFT' },
            { $set: { status: 'PUBLISHED' } },
            { ...session(), returnDocument: 'after' },
          )
          .lean<RewardDocument>(),
      ),
    list: async (criteria, { first, after }) =>
      (
        await model
          .find(toFilter(criteria, after), null, session())
          .sort({ points: 1, _id: 1 })
          .limit(first + 1)
          .lean<RewardDocument[]>()
      ).map(toReward),
    affordable: async (search) =>
      (
        await model
          .find(toAffordableFilter(search), null, session())
          .sort({ points: -1, _id: -1 })
          .limit(search.limit)
          .lean<RewardDocument[]>()
      ).map(toReward),
    ...stockOf(model),
  };
}

function stockOf(model: ReturnType<typeof define>): Pick<RewardStore, 'takeOne' | 'giveBack'> {
  const options = () => ({ session: currentSession(), returnDocument: 'after' as const });
  const change = (filter: QueryFilter<RewardDocument>, $inc: Record<string, number>) =>
    model.findOneAndUpdate(filter, { $inc }, options()).lean<RewardDocument>();
  return {
    async takeOne(id, stocked) {
      const found = stocked
        ? await change({ _id: id, stock: { $gt: 0 } }, { stock: -1, taken: 1 })
        : await change({ _id: id }, { taken: 1 });
      return found && toReward(found);
    },
    async giveBack(id, stocked) {
      await change({ _id: id }, stocked ? { stock: 1, taken: -1 } : { taken: -1 });
    },
  };
}
