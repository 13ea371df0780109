import type { Connection } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import type { Merchant } from './merchant.ts';
import type { Opening } from './open-merchant.ts';

interface MerchantRow {
  _id: string;
  name: string;
  category: string;
  currency: string;
  openedAt: Date;
  clientId: string;
  request: RequestRecord;
}

const definition = {
  name: 'merchants',
  fields: {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    category: { type: String, required: true },
    currency: { type: String, required: true },
    openedAt: { type: Date, required: true },
    clientId: { type: String, required: true },
    request: { type: requestField, required: true },
  },
  indexes: [[{ name: 1, _id: 1 }, { name: 'merchants_name' }], requestIndex('merchants_request')],
} as const;

const toMerchant = ({ _id, name, category, currency, openedAt }: MerchantRow): Merchant => ({
  id: _id,
  name,
  category,
  currency,
  openedAt,
});

/** Rows after a place in the order of name and id. */
const after = (place: readonly string[] | null) =>
  place ? { $or: [{ name: { $gt: place[0] } }, { name: place[0], _id: { $gt: place[1] } }] } : {};

/** The merchants collection. */
export type MerchantStore = ReturnType<typeof createMerchantStore>;

/** Defines the merchants collection on a connection. */
export function createMerchantStore(connection: Connection) {
  const model = defineCollection<MerchantRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  const find = async (filter: Record<string, unknown>, limit: number): Promise<Merchant[]> => {
    const rows = await model
      .find(filter, null, options())
      .sort({ name: 1, _id: 1 })
      .limit(limit)
      .lean<MerchantRow[]>();
    return rows.map(toMerchant);
  };

  return {
    byIds: (ids: readonly string[]) => find({ _id: { $in: [...ids] } }, ids.length),

    /** So many and one more after a place, by name. */
    page: ({ first, after: place }: Page) => find(after(place), first + 1),

    /** Every merchant, by name: a coalition has thousands at most. */
    all: () => find({}, 0),

    async openingByRequest(caller: string, idempotencyKey: string): Promise<Opening | null> {
      const row = await model
        .findOne({ 'request.caller': caller, 'request.idempotencyKey': idempotencyKey }, null, options())
        .lean<MerchantRow>();
      return row && { merchant: toMerchant(row), clientId: row.clientId, request: row.request };
    },

    async insert({ merchant, clientId, request }: Opening): Promise<void> {
      const { id, ...rest } = merchant;
      await orTaken(model.insertMany([{ _id: id, ...rest, clientId, request }], options()), [
        'merchants_request',
      ]);
    },
  };
}
