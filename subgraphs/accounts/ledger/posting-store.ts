import type { Connection, mongo } from 'mongoose';
import { defineCollection } from '../../shared/mongo.ts';
import { type PositionTotals, type Posting, type PostingKind, positionFields } from './posting.ts';
import { collectionOf, fromRow, inSession, type Row, toRow } from './rows.ts';

const text = { type: String, default: null };
const points = { type: BigInt, required: true };

const definition = {
  name: 'ledger-postings',
  fields: {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    at: { type: Date, required: true },
    recordedAt: { type: Date, required: true },
    programme: { type: String, required: true },
    points,
    walletIds: [String],
    memberIds: [String],
    householdId: { type: String },
    merchantId: text,
    merchantIds: [String],
    causeId: text,
    holdId: text,
    caseId: text,
    externalRef: text,
    campaignId: text,
    keeper: text,
    reason: text,
    note: {
      type: {
        name: text,
        categories: [String],
        goods: [{ _id: false, goods: { type: String }, unit: { type: String }, quantity: { type: String } }],
      },
      _id: false,
      default: null,
    },
    reverses: text,
    arrears: points,
    lotId: text,
    declinableUntil: { type: Date, default: null },
    goodUntil: { type: Date, default: null },
    lines: [{ _id: false, id: { type: String, required: true }, points }],
    entries: [{ _id: false, account: { type: String, required: true }, points }],
    allocations: [
      {
        _id: false,
        lotId: { type: String, required: true },
        issuerId: { type: String, required: true },
        points,
        remaining: points,
        held: points,
        settles: { type: Boolean, required: true },
        contributorId: { type: String },
      },
    ],
    effect: Object.fromEntries(positionFields.map((field) => [field, { type: BigInt }])),
  },
  indexes: [
    [{ memberIds: 1, at: -1, _id: -1 }, { name: 'postings_member' }],
    [{ merchantIds: 1, at: -1, _id: -1 }, { name: 'postings_merchant' }],
    [{ at: -1, _id: -1 }, { name: 'postings_newest' }],
    // A member's gifts are few among all that moved its points.
    [
      { kind: 1, memberIds: 1, at: -1, _id: -1 },
      { name: 'postings_gifts', partialFilterExpression: { kind: 'TRANSFER' } },
    ],
    // So are extensions, in the whole journal.
    [
      { kind: 1, at: -1, _id: -1 },
      { name: 'postings_extensions', partialFilterExpression: { kind: 'EXTEND' } },
    ],
    // Most postings touch no pool and say nothing of one.
    [
      { householdId: 1, at: -1, _id: -1 },
      { name: 'postings_household', partialFilterExpression: { householdId: { $exists: true } } },
    ],
    [{ programme: 1, recordedAt: 1, _id: 1 }, { name: 'postings_sealing' }],
    [
      { reverses: 1 },
      { name: 'postings_reversals', partialFilterExpression: { reverses: { $type: 'string' } } },
    ],
    [
      { externalRef: 1, at: -1, _id: -1 },
      { name: 'postings_reference', partialFilterExpression: { externalRef: { $type: 'string' } } },
    ],
  ],
} as const;

/** Which postings to read. */
export interface PostingQuery {
  readonly programme?: string | null | undefined;
  readonly kinds?: readonly PostingKind[] | null | undefined;
  /** Postings that these merchants may see. */
  readonly merchantId?: string | null | undefined;
  /** Postings that this merchant may see, and what its member did at other merchants. */
  readonly sharedWith?: string | null | undefined;
  readonly memberId?: string | null | undefined;
  /** Of postings of pools, only those by which the member spent: whose points paid is not for others to know. */
  readonly asSpender?: boolean | undefined;
  /** Postings that touched this household's pools. */
  readonly householdId?: string | null | undefined;
  /** Of postings between two members, those in which the member gave, or those in which it received. */
  readonly side?: 'GIVER' | 'RECEIVER' | null | undefined;
  readonly externalRef?: string | null | undefined;
  /** Leaves out what cases did: nobody is told of that but those who are told of the case. */
  readonly withoutCases?: boolean;
  /** Inclusive. */
  readonly from?: Date | null | undefined;
  /** Exclusive. */
  readonly to?: Date | null | undefined;
}

/** A place in the journal, newest first. */
export interface PostingPlace {
  readonly at: Date;
  readonly id: string;
}

/** What a member does at merchants. Gifts, donations, cases and what time does are none of it. */
const atMerchants: readonly PostingKind[] = ['EARN', 'REDEEM', 'HOLD', 'CAPTURE', 'VOID', 'REVERSE'];

const shared = (merchantId: string): mongo.Filter<Row<Posting>> => ({
  $or: [{ merchantIds: merchantId }, { kind: { $in: [...atMerchants] }, merchantId: { $type: 'string' } }],
});

/** Where the giver and the receiver of a transfer stand. */
const sides = { GIVER: 'memberIds.0', RECEIVER: 'memberIds.1' } as const;

const isGiven = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

function conditions(query: PostingQuery, after: PostingPlace | null): mongo.Filter<Row<Posting>>[] {
  const { programme, kinds, merchantId, memberId, asSpender, householdId, side, externalRef, from, to } =
    query;
  const { withoutCases } = query;
  const found: mongo.Filter<Row<Posting>>[] = [];
  if (isGiven(memberId)) found.push({ memberIds: memberId });
  if (isGiven(memberId) && asSpender)
    found.push({ $or: [{ householdId: { $exists: false } }, { 'memberIds.0': memberId }] });
  if (isGiven(householdId)) found.push({ householdId });
  if (isGiven(memberId) && isGiven(side)) found.push({ [sides[side]]: memberId });
  if (isGiven(merchantId)) found.push({ merchantIds: merchantId });
  if (isGiven(query.sharedWith)) found.push(shared(query.sharedWith));
  // Only a query that names the type can use the index of those that have one.
  if (isGiven(externalRef)) found.push({ externalRef: { $type: 'string', $eq: externalRef } });
  if (withoutCases) found.push({ caseId: null });
  if (isGiven(programme)) found.push({ programme });
  if (isGiven(kinds)) found.push({ kind: { $in: [...kinds] } });
  if (isGiven(from)) found.push({ at: { $gte: from } });
  if (isGiven(to)) found.push({ at: { $lt: to } });
  if (after)
    found.push({ at: { $lte: after.at } }, { $or: [{ at: { $lt: after.at } }, { _id: { $lt: after.id } }] });
  return found;
}

/** A merchant's totals over some of the journal; the merchant is null for what concerns none. */
export type MerchantTotals = PositionTotals & { readonly merchantId: string | null };

const sums = Object.fromEntries(positionFields.map((field) => [field, { $sum: `$effect.${field}` }]));

const toTotals = (row: Record<string, unknown>): MerchantTotals => ({
  ...(Object.fromEntries(
    positionFields.map((field) => [field, BigInt((row[field] as bigint | number | undefined) ?? 0)]),
  ) as unknown as PositionTotals),
  merchantId: row['_id'] as string | null,
});

/** The journal. Postings are added and never changed. */
export type PostingStore = ReturnType<typeof createPostingStore>;

/** Defines the postings collection on a connection. */
export function createPostingStore(connection: Connection) {
  const rows = collectionOf(defineCollection<Row<Posting>>(connection, definition));
  const postings = async (found: Promise<Row<Posting>[]>): Promise<Posting[]> =>
    (await found).map((row) => fromRow<Posting>(row));

  return {
    byIds: (ids: readonly string[]) => postings(rows.find({ _id: { $in: [...ids] } }).toArray()),

    /** Postings that reverse one of these. */
    reversalsOf: (ids: readonly string[]) =>
      postings(rows.find({ reverses: { $type: 'string', $in: [...ids] } }).toArray()),

    /** So many postings, newest first, from the first or from the one after a place. */
    page(query: PostingQuery, limit: number, after: PostingPlace | null): Promise<Posting[]> {
      const $and = conditions(query, after);
      const filter = $and.length > 0 ? { $and } : {};
      return postings(rows.find(filter).sort({ at: -1, _id: -1 }).limit(limit).toArray());
    },

    /** Postings of a member in a programme that took effect from one instant to before another, newest first. */
    ofMember(memberId: string, programme: string, from: Date, to: Date | null): Promise<Posting[]> {
      const at = to ? { $gte: from, $lt: to } : { $gte: from };
      const found = rows.find({ memberIds: memberId, programme, at }, inSession());
      return postings(found.sort({ at: -1, _id: -1 }).toArray());
    },

    /** Totals by merchant of what was recorded in a span of time. */
    async totals(programme: string, from: Date | null, to: Date | null): Promise<MerchantTotals[]> {
      const recordedAt = { ...(from ? { $gte: from } : {}), ...(to ? { $lt: to } : {}) };
      const span = from || to ? { recordedAt } : {};
      const found = rows.aggregate(
        [{ $match: { programme, ...span } }, { $group: { _id: '$merchantId', ...sums } }],
        inSession(),
      );
      return (await found.toArray()).map(toTotals);
    },

    /** Totals of one merchant over what took effect, which for its postings is when they were recorded. */
    async totalsOf(programme: string, merchantId: string, from: Date | null): Promise<MerchantTotals | null> {
      const span = from ? { at: { $gte: from } } : {};
      const [row] = await rows
        .aggregate([
          // `merchantIds` has an index, and names besides who only asked for the posting, such as a restoring merchant.
          { $match: { merchantIds: merchantId, merchantId, programme, ...span } },
          { $group: { _id: '$merchantId', ...sums } },
        ])
        .toArray();
      return row ? toTotals(row) : null;
    },

    async insert(added: readonly Posting[]): Promise<void> {
      if (added.length > 0) await rows.insertMany(added.map(toRow), inSession());
    },
  };
}
