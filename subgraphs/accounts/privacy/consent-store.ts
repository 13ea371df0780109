import type { Connection } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import type { Consent, ConsentChange, ConsentOf } from './consent.ts';

interface ConsentRow extends Omit<ConsentChange, 'id' | 'inForce'> {
  _id: string;
  inForce: Consent[];
  request: RequestRecord;
}

const text = { type: String, required: true };
const optionalText = { type: String, default: null };

const definition = {
  name: 'consents',
  fields: {
    _id: text,
    memberId: text,
    partnerId: text,
    version: { type: Number, required: true },
    purpose: text,
    granted: { type: Boolean, required: true },
    at: { type: Date, required: true },
    textVersion: optionalText,
    textSha256: optionalText,
    relayedById: optionalText,
    inForce: [{ _id: false, purpose: text, grantedAt: { type: Date, required: true }, textVersion: text }],
    request: { type: requestField, required: true },
  },
  indexes: [
    [
      { memberId: 1, partnerId: 1, version: -1 },
      { unique: true, name: 'consents_version' },
    ],
    [{ memberId: 1, at: -1, _id: -1 }, { name: 'consents_newest' }],
    requestIndex('consents_request'),
  ],
} as const;

function toChange(row: ConsentRow): ConsentChange {
  const { _id, request: _, ...rest } = row;
  return { id: _id, ...rest };
}

/** The consents collection: every change is a row, and the latest of a member and partner says what is in force. */
export type ConsentStore = ReturnType<typeof createConsentStore>;

/** Defines the consents collection on a connection. */
export function createConsentStore(connection: Connection) {
  const model = defineCollection<ConsentRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  return {
    async byRequest(caller: string, idempotencyKey: string) {
      const row = await model
        .findOne({ 'request.caller': caller, 'request.idempotencyKey': idempotencyKey }, null, options())
        .lean<ConsentRow>();
      return row && { change: toChange(row), request: row.request };
    },

    async latest(memberId: string, partnerId: string): Promise<ConsentChange | null> {
      const row = await model
        .findOne({ memberId, partnerId }, null, options())
        .sort({ version: -1 })
        .lean<ConsentRow>();
      return row && toChange(row);
    },

    /** What is in force with every partner, by partner. */
    async inForce(memberId: string): Promise<ConsentOf[]> {
      const rows = await model
        .aggregate<{ _id: string; inForce: Consent[] }>([
          { $match: { memberId } },
          { $sort: { partnerId: 1, version: -1 } },
          { $group: { _id: '$partnerId', inForce: { $first: '$inForce' } } },
          { $sort: { _id: 1 } },
        ])
        .session(currentSession());
      return rows.flatMap(({ _id: partnerId, inForce }) =>
        inForce.map((consent) => ({ ...consent, partnerId })),
      );
    },

    /** A member's history, newest first; one more than asked for if more follow. */
    async page(memberId: string, { first, after }: Page): Promise<ConsentChange[]> {
      const at = after && new Date(after[0]!);
      const older = at ? { $or: [{ at: { $lt: at } }, { at, _id: { $lt: after[1]! } }] } : {};
      const rows = await model
        .find({ memberId, ...older }, null, options())
        .sort({ at: -1, _id: -1 })
        .limit(first + 1)
        .lean<ConsentRow[]>();
      return rows.map(toChange);
    },

    /** Throws Taken on `consents_version` or `consents_request`. */
    async insert(change: ConsentChange, request: RequestRecord): Promise<void> {
      const { id, inForce, ...rest } = change;
      const row = { _id: id, ...rest, inForce: [...inForce], request };
      await orTaken(model.insertMany([row], options()), ['consents_version', 'consents_request']);
    },
  };
}
