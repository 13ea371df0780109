import type { CollectionDefinition } from '../../shared/mongo.ts';
import type { Donation } from './donation.ts';

/** A donation as it is kept. A failed one has given its idempotency key back. */
export interface DonationRow extends Omit<Donation, 'id'> {
  readonly _id: string;
  /** When an attempt last began or ended. */
  readonly touchedAt: Date;
  readonly caller: string;
  readonly idempotencyKey?: string;
}

/** Name of the index that lets a caller's key stand for one donation only. */
export const donationKeyIndex = 'donations_request';

const match = {
  _id: false,
  pledgeId: { type: String, required: true },
  goods: { type: String, required: true },
  unit: { type: String, required: true },
  quantity: { type: Number, required: true },
};

/** The collection of donations, with its indexes. */
export const donationCollection: CollectionDefinition = {
  name: 'donations',
  fields: {
    _id: { type: String, required: true },
    causeId: { type: String, required: true },
    causeName: { type: String, required: true },
    memberId: { type: String, required: true },
    locale: { type: String, required: true },
    merchantIds: { type: [String], required: true },
    actor: { type: Object, required: true },
    points: { type: BigInt, required: true },
    programme: { type: String, required: true },
    status: { type: String, required: true },
    at: { type: Date, required: true },
    matches: { type: [match], required: true },
    receiptNumber: { type: String },
    postingId: { type: String },
    refusal: { type: Object },
    inputHash: { type: String, required: true },
    attemptId: { type: String },
    attemptUntil: { type: Date },
    doubtUntil: { type: Date },
    touchedAt: { type: Date, required: true },
    caller: { type: String, required: true },
    idempotencyKey: { type: String },
  },
  indexes: [
    [{ memberId: 1, at: -1, _id: -1 }, { name: 'donations_of_member' }],
    [
      { caller: 1, idempotencyKey: 1 },
      {
        name: donationKeyIndex,
        unique: true,
        partialFilterExpression: { idempotencyKey: { $exists: true } },
      },
    ],
    [
      { receiptNumber: 1 },
      {
        name: 'donations_receipt',
        unique: true,
        partialFilterExpression: { receiptNumber: { $type: 'string' } },
      },
    ],
    [{ touchedAt: 1 }, { name: 'donations_pending', partialFilterExpression: { status: 'PENDING' } }],
  ],
};

/** A donation from what is kept of it. */
export function toDonation(row: DonationRow): Donation {
  const { _id, touchedAt: _t, caller: _c, idempotencyKey: _k, ...rest } = row;
  return { id: _id, ...rest };
}
