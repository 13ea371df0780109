import type { Connection } from 'mongoose';
import { defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import type { PublicKey } from '../../shared/signing/signer.ts';

/** A public key with when it was first used here. */
export type PublishedKey = PublicKey & { readonly since: Date };

interface KeyRow {
  _id: string;
  x: string;
  since: Date;
}

const text = { type: String, required: true };

const definition = {
  name: 'signing-keys',
  fields: { _id: text, x: text, since: { type: Date, required: true } },
  indexes: [],
};

/** Public keys that records were ever signed with: added and never removed, so that what is old still verifies. */
export type SigningKeyStore = ReturnType<typeof createSigningKeyStore>;

/** Defines the signing keys collection on a connection. */
export function createSigningKeyStore(connection: Connection) {
  const rows = defineCollection<KeyRow>(connection, definition);

  return {
    /** Adds a key unless it is there. */
    async publish({ kid, x }: PublicKey, since: Date): Promise<void> {
      await rows.create({ _id: kid, x, since }).catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
      });
    },

    /** All keys, the newest first. */
    async all(): Promise<PublishedKey[]> {
      const found = await rows.find().sort({ since: -1, _id: 1 }).lean<KeyRow[]>();
      return found.map(({ _id, x, since }) => ({ kty: 'OKP', crv: 'Ed25519', x, kid: _id, since }));
    },
  };
}
