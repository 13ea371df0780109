import type { Connection, Model } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import type { MatchedGoods } from '../matching/pledge.ts';
import type { Donation, DonationRefusal } from './donation.ts';
import { type DonationRecords, KeyTaken } from './donation-ports.ts';
import { type DonationRow, donationCollection, donationKeyIndex, toDonation } from './donation-row.ts';

/** What a member's confirmed donations come to. */
export interface MemberImpact {
  readonly points: bigint;
  readonly donationCount: number;
  readonly matched: readonly MatchedGoods[];
}

/** The collection of donations. */
export interface DonationStore extends DonationRecords {
  /** A member's donations but the failed ones, newest first, one more than asked for. */
  /** Newest first; only those made with a merchant if one is given. */
  pageOfMember(memberId: string, madeWith: string | null, page: Page): Promise<Donation[]>;
  /** All of a member's donations, failed ones too, newest first, one more than asked for. */
  everyOf(memberId: string, page: Page): Promise<Donation[]>;
  /** Deletes the language that a member gave in: what its donations do is told in the coalition's from then on. */
  forgetLocale(memberId: string): Promise<void>;
  /** Over all donations, or those made with a merchant. */
  impactOf(memberId: string, madeWith: string | null): Promise<MemberImpact>;
}

type Donations = Model<DonationRow>;

const noAttempt = { attemptId: null, attemptUntil: null };
const ended = { ...noAttempt, doubtUntil: null };

/** What stands in place of the language of a member that was erased. */
const nobodys = { locale: 'zh-CN' } as const;

/** A member that was erased while its donation was under way: the erasure may have been told of before this was written. */
const isGone = (refusal: DonationRefusal): boolean =>
  refusal.kind === 'NotFound' && refusal.what === 'MEMBER';

const olderThan = (after: readonly string[]) => {
  const at = new Date(after[0]!);
  return { $or: [{ at: { $lt: at } }, { at, _id: { $lt: after[1]! } }] };
};

const lookups = (model: Donations): Pick<DonationRecords, 'find' | 'findByRequest' | 'abandoned'> => ({
  async find(id) {
    const row = await model.findOne({ _id: id }).session(currentSession()).lean<DonationRow>();
    return row && toDonation(row);
  },
  async findByRequest({ caller, key }) {
    const row = await model.findOne({ caller, idempotencyKey: key }).lean<DonationRow>();
    return row && toDonation(row);
  },
  async abandoned(before, now, most) {
    const rows = await model
      .find(
        {
          status: 'PENDING',
          touchedAt: { $lt: before },
          $or: [{ attemptUntil: null }, { attemptUntil: { $lte: now } }],
        },
        { _id: 1 },
      )
      .sort({ touchedAt: 1 })
      .limit(most)
      .lean<{ _id: string }[]>();
    return rows.map((row) => row._id);
  },
});

const attempts = (model: Donations): Pick<DonationRecords, 'insert' | 'claim' | 'release'> => ({
  async insert({ id, ...donation }, { caller, key }) {
    const row = { _id: id, ...donation, touchedAt: donation.at, caller, idempotencyKey: key };
    try {
      await model.insertMany([row], { session: currentSession() });
    } catch (error) {
      throw isDuplicateKey(error, donationKeyIndex) ? new KeyTaken(key) : error;
    }
  },
  async claim(id, previous, attempt) {
    const { modifiedCount } = await model.updateOne(
      { _id: id, status: 'PENDING', attemptId: previous },
      {
        $set: {
          attemptId: attempt.id,
          attemptUntil: attempt.until,
          doubtUntil: attempt.doubtUntil,
          touchedAt: attempt.now,
        },
      },
    );
    return modifiedCount === 1;
  },
  async release(id, attemptId, doubtUntil, now) {
    await model.updateOne(
      { _id: id, status: 'PENDING', attemptId },
      { $set: { ...noAttempt, doubtUntil, touchedAt: now } },
    );
  },
});

const endings = (model: Donations): Pick<DonationRecords, 'fail' | 'confirm'> => ({
  async fail(id, attemptId, refusal) {
    const { modifiedCount } = await model
      .updateOne(
        { _id: id, status: 'PENDING', attemptId },
        {
          $set: { status: 'FAILED', refusal, matches: [], ...ended, ...(isGone(refusal) ? nobodys : {}) },
          $unset: { idempotencyKey: 1 },
        },
      )
      .session(currentSession());
    return modifiedCount === 1;
  },
  async confirm({ id, matches, receiptNumber, postingId }) {
    await model
      .updateOne(
        { _id: id, status: { $ne: 'CONFIRMED' } },
        {
          $set: {
            status: 'CONFIRMED',
            matches: [...matches],
            receiptNumber,
            postingId,
            refusal: null,
            ...ended,
          },
        },
      )
      .session(currentSession());
  },
});

const madeWithMerchant = (merchantId: string | null) =>
  merchantId === null ? {} : { merchantIds: merchantId };

async function pageOf(model: Donations, filter: object, { first, after }: Page): Promise<Donation[]> {
  const rows = await model
    .find({ ...filter, ...(after && olderThan(after)) })
    .sort({ at: -1, _id: -1 })
    .limit(first + 1)
    .lean<DonationRow[]>();
  return rows.map(toDonation);
}

async function impactOf(model: Donations, memberId: string, madeWith: string | null): Promise<MemberImpact> {
  const confirmed = { $match: { memberId, ...madeWithMerchant(madeWith), status: 'CONFIRMED' } };
  const [totals] = await model.aggregate<{ points: bigint; count: number }>([
    confirmed,
    { $group: { _id: null, points: { $sum: '$points' }, count: { $sum: 1 } } },
  ]);
  const goods = { goods: '$matches.goods', unit: '$matches.unit' };
  const matched = await model.aggregate<{ goods: string; unit: string; quantity: number | bigint }>([
    confirmed,
    { $unwind: '$matches' },
    { $group: { _id: goods, quantity: { $sum: { $toLong: '$matches.quantity' } } } },
    { $project: { _id: 0, goods: '$_id.goods', unit: '$_id.unit', quantity: 1 } },
    { $sort: { goods: 1, unit: 1 } },
  ]);
  return {
    points: totals?.points ?? 0n,
    donationCount: totals?.count ?? 0,
    matched: matched.map((row) => ({ ...row, quantity: BigInt(row.quantity) })),
  };
}

/** Defines the collection of donations on a connection. */
export function createDonationStore(connection: Connection): DonationStore {
  const model = defineCollection<DonationRow>(connection, donationCollection);
  return {
    ...lookups(model),
    ...attempts(model),
    ...endings(model),
    pageOfMember: (memberId, madeWith, page) =>
      pageOf(model, { memberId, ...madeWithMerchant(madeWith), status: { $ne: 'FAILED' } }, page),
    forgetLocale: async (memberId) => {
      await model.updateMany({ memberId }, { $set: nobodys }).session(currentSession());
    },
    everyOf: (memberId, page) => pageOf(model, { memberId }, page),
    impactOf: (memberId, madeWith) => impactOf(model, memberId, madeWith),
  };
}
