import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import type { MerchantPrice, PriceKey } from './price.ts';
import type { SetPrice } from './set-prices.ts';

interface PriceRow extends MerchantPrice {
  request?: RequestRecord;
}

const definition = {
  name: 'merchant-prices',
  fields: {
    merchantId: { type: String, required: true },
    programmeCode: { type: String, required: true },
    issuePricePerThousand: { type: BigInt, required: true },
    redemptionPricePerThousand: { type: BigInt, required: true },
    currency: { type: String, required: true },
    effectiveFrom: { type: Date, required: true },
    revision: { type: Number, required: true },
    recordedAt: { type: Date, required: true },
    request: { type: requestField },
  },
  indexes: [
    [{ merchantId: 1, programmeCode: 1, effectiveFrom: -1, revision: -1 }, { name: 'prices_newest' }],
    [
      { merchantId: 1, programmeCode: 1, revision: 1 },
      { unique: true, name: 'prices_revision' },
    ],
    requestIndex('prices_request'),
  ],
} as const;

const toPrice = (row: PriceRow): MerchantPrice => ({
  merchantId: row.merchantId,
  programmeCode: row.programmeCode,
  issuePricePerThousand: BigInt(row.issuePricePerThousand),
  redemptionPricePerThousand: BigInt(row.redemptionPricePerThousand),
  currency: row.currency,
  effectiveFrom: row.effectiveFrom,
  revision: row.revision,
  recordedAt: row.recordedAt,
});

/** The prices collection: rows are added, never changed. */
export type PriceStore = ReturnType<typeof createPriceStore>;

/** Defines the prices collection on a connection. */
export function createPriceStore(connection: Connection) {
  const model = defineCollection<PriceRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  return {
    /** A merchant's prices in a programme, newest first. */
    async history(merchantId: string, programmeCode: string): Promise<MerchantPrice[]> {
      const rows = await model
        .find({ merchantId, programmeCode }, null, options())
        .sort({ effectiveFrom: -1, revision: -1 })
        .lean<PriceRow[]>();
      return rows.map(toPrice);
    },

    /** How often a merchant's prices in a programme were set. */
    async latestRevision(merchantId: string, programmeCode: string): Promise<number> {
      const row = await model
        .findOne({ merchantId, programmeCode }, { revision: 1 }, options())
        .sort({ revision: -1 })
        .lean<PriceRow>();
      return row?.revision ?? 0;
    },

    /** Every price that one of the keys may mean: those of its merchant and programme up to its date. */
    async upTo(keys: readonly PriceKey[]): Promise<MerchantPrice[]> {
      const $or = keys.map(({ merchantId, programmeCode, at }) => ({
        merchantId,
        programmeCode,
        effectiveFrom: { $lte: at },
      }));
      return (await model.find({ $or }, null, options()).lean<PriceRow[]>()).map(toPrice);
    },

    async byRequest(caller: string, idempotencyKey: string): Promise<SetPrice | null> {
      const row = await model
        .findOne({ 'request.caller': caller, 'request.idempotencyKey': idempotencyKey }, null, options())
        .lean<PriceRow>();
      return row?.request ? { price: toPrice(row), request: row.request } : null;
    },

    /** Adds a price, with the request that set it unless it came with the merchant's opening. */
    async insert(price: MerchantPrice, request: RequestRecord | null): Promise<void> {
      const row = request ? { ...price, request } : { ...price };
      await orTaken(model.insertMany([row], options()), ['prices_request', 'prices_revision']);
    },
  };
}
