import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { Client, ClientScope } from './client.ts';

interface ClientRow {
  _id: string;
  merchantId: string;
  secretHash: string;
  scopes: ClientScope[];
  revokedAt: Date | null;
}

const definition = {
  name: 'clients',
  fields: {
    _id: { type: String, required: true },
    merchantId: { type: String, required: true },
    secretHash: { type: String, required: true },
    scopes: [{ type: String, required: true }],
    revokedAt: { type: Date, default: null },
  },
  indexes: [[{ merchantId: 1 }, { name: 'clients_merchant' }]],
} as const;

/** The clients collection: credentials by client id, with hashes of their secrets in hex. */
export type ClientStore = ReturnType<typeof createClientStore>;

/** Defines the clients collection on a connection. */
export function createClientStore(connection: Connection) {
  const model = defineCollection<ClientRow>(connection, definition);
  return {
    async byId(id: string): Promise<Client | null> {
      const row = await model.findOne({ _id: id }, null, { session: currentSession() }).lean<ClientRow>();
      if (!row) return null;
      const { merchantId, secretHash, scopes, revokedAt } = row;
      return { id, merchantId, secretHash: Buffer.from(secretHash, 'hex'), scopes, revokedAt };
    },

    async insert({ id, merchantId, secretHash, scopes, revokedAt }: Client): Promise<void> {
      const row = {
        _id: id,
        merchantId,
        secretHash: Buffer.from(secretHash).toString('hex'),
        scopes: [...scopes],
        revokedAt,
      };
      await model.insertMany([row], { session: currentSession() });
    },

    /** Withdraws a client; one withdrawn before keeps its date. */
    async revoke(id: string, at: Date): Promise<void> {
      await model
        .updateOne({ _id: id, revokedAt: null }, { $set: { revokedAt: at } })
        .session(currentSession());
    },
  };
}
