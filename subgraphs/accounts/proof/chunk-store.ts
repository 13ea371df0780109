import type { Connection } from 'mongoose';
import { defineCollection, isDuplicateKey } from '../../shared/mongo.ts';

interface ChunkRow {
  _id: string;
  leaves: Buffer;
}

const definition = {
  name: 'proof-chunks',
  fields: { _id: { type: String, required: true }, leaves: { type: Buffer, required: true } },
  indexes: [],
};

/**
 * Leaves of trees, some at a time, each under the root over them. What a chunk holds follows from its name, so whoever
 * writes it again writes the same, and one that a crash left behind can mislead nobody.
 */
export type ChunkStore = ReturnType<typeof createChunkStore>;

/** Defines the chunks collection on a connection. */
export function createChunkStore(connection: Connection) {
  const rows = defineCollection<ChunkRow>(connection, definition);

  return {
    /** Keeps the leaves under a root. */
    async keep(root: string, leaves: Buffer): Promise<void> {
      try {
        await rows.create({ _id: root, leaves });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    /** The leaves under a root; null if there are none. */
    async of(root: string): Promise<Buffer | null> {
      const row = await rows.findById(root).lean<{ leaves: { buffer: Uint8Array } }>();
      return row && Buffer.from(row.leaves.buffer);
    },
  };
}
