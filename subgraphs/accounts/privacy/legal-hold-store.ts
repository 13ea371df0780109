import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import type { LegalHold } from './legal-hold.ts';

interface HoldRow extends Omit<LegalHold, 'id'> {
  _id: string;
  request: RequestRecord;
}

const text = { type: String, required: true };

const definition = {
  name: 'legal-holds',
  fields: {
    _id: text,
    memberId: text,
    reason: { type: String, default: null },
    placedAt: { type: Date, required: true },
    until: { type: Date, required: true },
    releasedAt: { type: Date, default: null },
    request: { type: requestField, required: true },
  },
  indexes: [
    [{ memberId: 1, placedAt: -1, _id: -1 }, { name: 'legal_holds_member' }],
    requestIndex('legal_holds_request'),
  ],
} as const;

function toHold(row: HoldRow): LegalHold {
  const { _id, request: _, ...rest } = row;
  return { id: _id, ...rest };
}

/** The legal holds: placed, and ended once if before their date. */
export type LegalHoldStore = ReturnType<typeof createLegalHoldStore>;

/** Defines the legal holds on a connection. */
export function createLegalHoldStore(connection: Connection) {
  const model = defineCollection<HoldRow>(connection, definition);
  const options = () => ({ session: currentSession() });
  const one = async (filter: Record<string, unknown>): Promise<HoldRow | null> =>
    model.findOne(filter, null, options()).lean<HoldRow>();

  return {
    async byRequest(caller: string, idempotencyKey: string) {
      const row = await one({ 'request.caller': caller, 'request.idempotencyKey': idempotencyKey });
      return row && { hold: toHold(row), request: row.request };
    },

    /** All of a member, the newest first. */
    async ofMember(memberId: string): Promise<LegalHold[]> {
      const rows = await model
        .find({ memberId }, null, options())
        .sort({ placedAt: -1, _id: -1 })
        .lean<HoldRow[]>();
      return rows.map(toHold);
    },

    /** Throws Taken on `legal_holds_request`. */
    async insert({ id, ...rest }: LegalHold, request: RequestRecord): Promise<void> {
      await orTaken(model.insertMany([{ _id: id, ...rest, request }], options()), ['legal_holds_request']);
    },

    /** Ends one; gives it as it is then, or null if there is none. One that was ended before stays as it was. */
    async release(id: string, at: Date): Promise<LegalHold | null> {
      await model.updateOne({ _id: id, releasedAt: null }, { $set: { releasedAt: at } });
      const row = await one({ _id: id });
      return row && toHold(row);
    },

    /** Deletes why a member's data was needed. */
    async forgetReasons(memberId: string): Promise<void> {
      await model.updateMany({ memberId }, { $set: { reason: null } }).session(currentSession());
    },
  };
}
