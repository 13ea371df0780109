import type { Connection } from 'mongoose';
import { defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import type { SumChunk } from './build-liabilities.ts';
import type { Liabilities } from './liability.ts';

type LiabilitiesRow = Liabilities & { _id: string; build: string; chunks: readonly SumChunk[] };

const text = { type: String, required: true };
const points = { type: BigInt, required: true };

const definition = {
  name: 'liabilities',
  fields: {
    // Programme and period: only one total each can be.
    _id: text,
    programme: text,
    period: text,
    at: { type: Date, required: true },
    leaves: { type: Number, required: true },
    root: text,
    points,
    arrears: points,
    outstanding: points,
    content: text,
    hash: text,
    signature: { keyId: text, algorithm: text, signature: text },
    build: text,
    chunks: [{ _id: false, root: text, points, start: text }],
  },
  indexes: [
    [
      { programme: 1, period: 1 },
      { name: 'liabilities_programme', unique: true },
    ],
  ],
} as const;

const idOf = (programme: string, period: string): string => `${programme}:${period}`;

const withoutTree = { build: 0, chunks: 0 } as const;

function toLiabilities(row: LiabilitiesRow): Liabilities {
  const { programme, period, at, leaves, root, points, arrears, outstanding, content, hash } = row;
  const { keyId, algorithm, signature } = row.signature;
  return {
    ...{ programme, period, at, leaves, root, content, hash },
    // A driver may give small longs as numbers.
    ...{ points: BigInt(points), arrears: BigInt(arrears), outstanding: BigInt(outstanding) },
    signature: { keyId, algorithm, signature },
  };
}

/** Signed totals of what was owed: added and never changed. */
export type LiabilityStore = ReturnType<typeof createLiabilityStore>;

/** Defines the liabilities collection on a connection. */
export function createLiabilityStore(connection: Connection) {
  const rows = defineCollection<LiabilitiesRow>(connection, definition);

  return {
    async of(programme: string, period: string): Promise<Liabilities | null> {
      const row = await rows.findById(idOf(programme, period), withoutTree).lean<LiabilitiesRow>();
      return row && toLiabilities(row);
    },

    async newest(programme: string): Promise<Liabilities | null> {
      const row = await rows.findOne({ programme }, withoutTree).sort({ period: -1 }).lean<LiabilitiesRow>();
      return row && toLiabilities(row);
    },

    /** All totals, by programme and period. */
    async all(): Promise<Liabilities[]> {
      const found = await rows.find({}, withoutTree).sort({ _id: 1 }).lean<LiabilitiesRow[]>();
      return found.map(toLiabilities);
    },

    /** What a total's tree is found by. */
    async treeOf(programme: string, period: string) {
      const fields = { build: 1, chunks: 1 } as const;
      const row = await rows.findById(idOf(programme, period), fields).lean<LiabilitiesRow>();
      if (!row) return null;
      const chunks = row.chunks.map(({ root, points, start }) => ({ root, points: BigInt(points), start }));
      return { build: row.build, chunks };
    },

    /** Adds a total; false if its period has one. */
    async insert(total: Liabilities, build: string, chunks: readonly SumChunk[]): Promise<boolean> {
      try {
        await rows.create({
          ...total,
          _id: idOf(total.programme, total.period),
          build,
          chunks: [...chunks],
        });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
  };
}
