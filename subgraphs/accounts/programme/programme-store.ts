import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import { disclosureParts, type Programme } from './programme.ts';
import type { Publication } from './publish-programme.ts';

interface ProgrammeRow extends Programme {
  request: RequestRecord;
}

const definition = {
  name: 'programme-versions',
  fields: {
    code: { type: String, required: true },
    name: { type: String, required: true },
    version: { type: Number, required: true },
    publishedAt: { type: Date, required: true },
    effectiveFrom: { type: Date, required: true },
    unlockAfterDays: { type: Number, required: true },
    validityMonths: { type: Number, required: true },
    holdTimeoutSeconds: { type: Number, required: true },
    reinstatementDays: { type: Number, required: true },
    cashEquivalentPerThousand: {
      amountMinor: { type: BigInt, required: true },
      currency: { type: String, required: true },
    },
    disclosure: Object.fromEntries(disclosureParts.map((part) => [part, { type: String, required: true }])),
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

function toProgramme(row: ProgrammeRow): Programme {
  const { code, name, version, publishedAt, effectiveFrom, unlockAfterDays, validityMonths } = row;
  const { holdTimeoutSeconds, reinstatementDays, cashEquivalentPerThousand, disclosure, hash } = row;
  const { amountMinor, currency } = cashEquivalentPerThousand;
  return {
    code,
    name,
    version,
    publishedAt,
    effectiveFrom,
    unlockAfterDays,
    validityMonths,
    holdTimeoutSeconds,
    reinstatementDays,
    cashEquivalentPerThousand: { amountMinor: BigInt(amountMinor), currency },
    disclosure,
    hash,
  };
}

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
        .find(code === undefined ? {} : { code }, null, options())
        .sort({ code: 1, version: 1 })
        .lean<ProgrammeRow[]>();
      return rows.map(toProgramme);
    },

    async latest(code: string): Promise<Programme | null> {
      const row = await model.findOne({ code }, null, options()).sort({ version: -1 }).lean<ProgrammeRow>();
      return row && toProgramme(row);
    },

    async byRequest(caller: string, idempotencyKey: string): Promise<Publication | null> {
      const row = await model
        .findOne({ 'request.caller': caller, 'request.idempotencyKey': idempotencyKey }, null, options())
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
