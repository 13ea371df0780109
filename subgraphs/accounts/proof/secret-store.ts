import type { Connection } from 'mongoose';
import { defineCollection, isDuplicateKey } from '../../shared/mongo.ts';

interface SecretRow {
  _id: string;
  secret: Buffer;
}

const definition = {
  name: 'proof-secrets',
  fields: { _id: { type: String, required: true }, secret: { type: Buffer, required: true } },
  indexes: [],
};

const id = 'salts';

/** Keeps the secret that all salts are made of, beside what they salt. */
export type SecretStore = ReturnType<typeof createSecretStore>;

/** Defines the secrets collection on a connection. */
export function createSecretStore(connection: Connection) {
  const rows = defineCollection<SecretRow>(connection, definition);
  const read = async (): Promise<Buffer | null> => {
    const row = await rows.findById(id).lean<{ secret: { buffer: Uint8Array } }>();
    return row && Buffer.from(row.secret.buffer);
  };

  return {
    /** The secret; null before the first was kept. */
    read,

    /** The secret; this one if there is none yet. */
    async readOrKeep(made: Uint8Array): Promise<Buffer> {
      const known = await read();
      if (known) return known;
      await rows.create({ _id: id, secret: Buffer.from(made) }).catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
      });
      return (await read())!;
    },
  };
}
