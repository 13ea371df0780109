import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import type { Rotation } from './rotate-webhook-secret.ts';

interface RotationRow {
  _id: string;
  webhookId: string;
  at: Date;
  request: RequestRecord;
}

const definition = {
  name: 'webhook-rotations',
  fields: {
    _id: { type: String, required: true },
    webhookId: { type: String, required: true },
    at: { type: Date, required: true },
    request: { type: requestField, required: true },
  },
  indexes: [requestIndex('rotations_request')],
} as const;

/** Which requests rotated which webhook's secret. No secret is in it. */
export type RotationStore = ReturnType<typeof createRotationStore>;

/** Defines the rotations collection on a connection. */
export function createRotationStore(connection: Connection) {
  const model = defineCollection<RotationRow>(connection, definition);
  const options = () => ({ session: currentSession() });
  return {
    async byRequest(caller: string, idempotencyKey: string): Promise<Rotation | null> {
      const filter = { 'request.caller': caller, 'request.idempotencyKey': idempotencyKey };
      const row = await model.findOne(filter, null, options()).lean<RotationRow>();
      return row && { id: row._id, webhookId: row.webhookId, at: row.at, request: row.request };
    },

    async insert({ id, ...rest }: Rotation): Promise<void> {
      await orTaken(model.insertMany([{ _id: id, ...rest }], options()), ['rotations_request']);
    },
  };
}
