import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import { disclosureParts, type Programme, policyParts } from './programme.ts';
import type { Publication } from './publish-programme.ts';

interface ProgrammeRow extends Programme {
  request: RequestRecord;
}

const text = { type: String, required: true } as const;
const yesOrNo = { type: Boolean, required: true } as const;

const definition = {
  name: 'programme-versions',
  fields: {
    code: { type: String, required: true },
    name: { type: String, required: true },
    version: { type: Number, required: true },
    publishedAt: { type: Date, required: true },
    effectiveFrom: { type: Date, required: true },
    unlock: { kind: text, days: Number, event: String, withinDays: Number, otherwise: String },
    validity: {
      kind: text,
      months: Number,
      roundTo: String,
      dates: { type: [{ _id: false, month: Number, day: Number }], default: undefined },
      minimumDays: Number,
    },
    eligibleIssuerIds: { type: [String], default: null },
    arrears: text,
    transfers: {
      allowed: yesOrNo,
      mostPerTransfer: { type: BigInt, default: null },
      mostPerDay: { type: BigInt, default: null },
      declineWithinDays: { type: Number, required: true },
    },
    pooling: { allowed: yesOrNo },
    reminders: { daysBefore: [Number], graceDays: { type: Number, required: true }, restoreOnce: yesOrNo },
    holdTimeoutSeconds: { type: Number, required: true },
    reinstatementDays: { type: Number, required: true },
    cashEquivalentPerThousand: {
      amountMinor: { type: BigInt, required: true },
      currency: { type: String, required: true },
    },
    disclosure: {
      ...Object.fromEntries(disclosureParts.map((part) => [part, text])),
      ...Object.fromEntries(policyParts.map((part) => [part, String])),
    },
    hash: { type: String, required: true },
    request: { type: requestField, required: true },
  },
  indexes: [
    [
      { code: 1, version: 1 },
      { unique: true, name: 'programmes_version' },
    ],
    requestIndex('programmes_request'),
  ],
} as const;

const limit = (points: bigint | number | null): bigint | null => (points === null ? null : BigInt(points));

function toProgramme(row: Omit<ProgrammeRow, 'request'>): Programme {
  const { amountMinor, currency } = row.cashEquivalentPerThousand;
  const { mostPerTransfer, mostPerDay } = row.transfers;
  return {
    ...row,
    transfers: { ...row.transfers, mostPerTransfer: limit(mostPerTransfer), mostPerDay: limit(mostPerDay) },
    cashEquivalentPerThousand: { amountMinor: BigInt(amountMinor), currency },
  };
}

/** A row is what was published: its `_id` is the store's own. */
const asPublished = { _id: 0, request: 0 } as const;

/** The published versions of programmes: rows are added, never changed. */
export type ProgrammeStore = ReturnType<typeof createProgrammeStore>;

/** Defines the programme versions collection on a connection. */
export function createProgrammeStore(connection: Connection) {
  const model = defineCollection<ProgrammeRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  return {
    /** All versions of a programme, or of all programmes, by code and version. */
    async versions(code?: string): Promise<Programme[]> {
      const rows = await model
        .find(code === undefined ? {} : { code }, asPublished, options())
        .sort({ code: 1, version: 1 })
        .lean<ProgrammeRow[]>();
      return rows.map(toProgramme);
    },

    async byRequest(caller: string, idempotencyKey: string): Promise<Publication | null> {
      const row = await model
        .findOne(
          { 'request.caller': caller, 'request.idempotencyKey': idempotencyKey },
          { _id: 0 },
          options(),
        )
        .lean<ProgrammeRow>();
      return row && { programme: toProgramme(row), request: row.request };
    },

    async insert({ programme, request }: Publication): Promise<void> {
      await orTaken(model.insertMany([{ ...programme, request }], options()), [
        'programmes_version',
        'programmes_request',
      ]);
    },
  };
}
