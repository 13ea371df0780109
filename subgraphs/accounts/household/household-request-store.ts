import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';

/** A request that changed a household, and what of it. */
export interface HouseholdRequest {
  readonly request: RequestRecord;
  readonly householdId: string;
  /** Id of the member's seat or of the invitation that it was about; null for the household as a whole. */
  readonly subjectId: string | null;
}

const definition = {
  name: 'household-requests',
  fields: {
    request: { type: requestField, required: true },
    householdId: { type: String, required: true },
    subjectId: { type: String, default: null },
  },
  indexes: [requestIndex('household_requests')],
} as const;

/** Requests that changed households, each once for ever. */
export type HouseholdRequestStore = ReturnType<typeof createHouseholdRequestStore>;

/** Defines the requests collection on a connection. */
export function createHouseholdRequestStore(connection: Connection) {
  const model = defineCollection<HouseholdRequest>(connection, definition);
  const options = () => ({ session: currentSession() });

  return {
    async of(caller: string, idempotencyKey: string): Promise<HouseholdRequest | null> {
      const filter = { 'request.caller': caller, 'request.idempotencyKey': idempotencyKey };
      return model.findOne(filter, { _id: 0 }, options()).lean<HouseholdRequest>();
    },

    /** Throws Taken on `household_requests` where the key was used before. */
    async add(row: HouseholdRequest): Promise<void> {
      await orTaken(model.insertMany([row], options()), ['household_requests']);
    },
  };
}
