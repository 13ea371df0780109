import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import type { ExportRequest } from './export-request.ts';

interface ExportRow extends Omit<ExportRequest, 'id'> {
  _id: string;
  request: RequestRecord;
}

const text = { type: String, required: true };
const optionalText = { type: String, default: null };

const definition = {
  name: 'member-exports',
  fields: {
    _id: text,
    memberId: text,
    at: { type: Date, required: true },
    by: text,
    caller: text,
    reason: optionalText,
    relayedById: optionalText,
    request: { type: requestField, required: true },
  },
  indexes: [[{ memberId: 1, at: -1, _id: -1 }, { name: 'exports_newest' }], requestIndex('exports_request')],
} as const;

function toRequest(row: ExportRow): ExportRequest {
  const { _id, request: _, ...rest } = row;
  return { id: _id, ...rest };
}

/** Who had everything about a member exported, and why: added and never changed. */
export type ExportStore = ReturnType<typeof createExportStore>;

/** Defines the exports collection on a connection. */
export function createExportStore(connection: Connection) {
  const model = defineCollection<ExportRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  return {
    async byRequest(caller: string, idempotencyKey: string) {
      const row = await model
        .findOne({ 'request.caller': caller, 'request.idempotencyKey': idempotencyKey }, null, options())
        .lean<ExportRow>();
      return row && { asked: toRequest(row), request: row.request };
    },

    /** The latest so many, newest first, from the first or from the one after a place. */
    async latest(memberId: string, limit: number, after: readonly string[] | null = null) {
      const at = after && new Date(after[0]!);
      const older = at ? { $or: [{ at: { $lt: at } }, { at, _id: { $lt: after[1]! } }] } : {};
      const rows = await model
        .find({ memberId, ...older }, null, options())
        .sort({ at: -1, _id: -1 })
        .limit(limit)
        .lean<ExportRow[]>();
      return rows.map(toRequest);
    },

    /** Deletes what an operator wrote about why. */
    async forgetReasons(memberId: string): Promise<void> {
      await model.updateMany({ memberId }, { $set: { reason: null } }).session(currentSession());
    },

    /** Throws Taken on `exports_request`. */
    async insert({ id, ...rest }: ExportRequest, request: RequestRecord): Promise<void> {
      await orTaken(model.insertMany([{ _id: id, ...rest, request }], options()), ['exports_request']);
    },
  };
}
