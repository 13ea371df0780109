import type { Connection } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import type { DayChunk } from './day-tree.ts';
import type { Seal } from './seal.ts';

type SealRow = Omit<Seal, 'day'> & { _id: string; chunks: readonly DayChunk[] };

const text = { type: String, required: true };

const definition = {
  name: 'ledger-seals',
  fields: {
    // The day: only one seal a day can be.
    _id: text,
    count: { type: Number, required: true },
    root: text,
    previous: text,
    content: text,
    hash: text,
    signature: { keyId: text, algorithm: text, signature: text },
    chunks: [
      {
        _id: false,
        root: text,
        start: { programme: text, recordedAt: { type: Date, required: true }, id: text },
      },
    ],
  },
  indexes: [],
};

const withoutChunks = { chunks: 0 } as const;

const toSeal = ({ _id: day, count, root, previous, content, hash, signature }: SealRow): Seal => ({
  ...{ day, count, root, previous, content, hash },
  signature: { keyId: signature.keyId, algorithm: signature.algorithm, signature: signature.signature },
});

/** Seals of days: added and never changed. */
export type SealStore = ReturnType<typeof createSealStore>;

/** Defines the seals collection on a connection. */
export function createSealStore(connection: Connection) {
  const rows = defineCollection<SealRow>(connection, definition);

  return {
    async of(day: string): Promise<Seal | null> {
      const row = await rows.findById(day, withoutChunks).lean<SealRow>();
      return row && toSeal(row);
    },

    /** The chunks of a day's tree, in order. */
    async chunksOf(day: string): Promise<readonly DayChunk[]> {
      const row = await rows.findById(day, { chunks: 1 }).lean<SealRow>();
      return row?.chunks ?? [];
    },

    async newest(): Promise<Seal | null> {
      const row = await rows.findOne({}, withoutChunks).sort({ _id: -1 }).lean<SealRow>();
      return row && toSeal(row);
    },

    /** So many seals of the days from one on, the oldest first. */
    async from(day: string, limit: number): Promise<Seal[]> {
      const found = rows.find({ _id: { $gte: day } }, withoutChunks).sort({ _id: 1 });
      return (await found.limit(limit).lean<SealRow[]>()).map(toSeal);
    },

    /** The newest first; one more than asked for if there are more. */
    async page({ first, after }: Page): Promise<Seal[]> {
      const filter = after ? { _id: { $lt: after[0]! } } : {};
      const found = rows.find(filter, withoutChunks).sort({ _id: -1 });
      return (await found.limit(first + 1).lean<SealRow[]>()).map(toSeal);
    },

    /** Adds a seal; false if its day has one. */
    async insert({ day, ...rest }: Seal, chunks: readonly DayChunk[]): Promise<boolean> {
      try {
        await rows.create({ _id: day, ...rest, chunks: [...chunks] });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
  };
}
