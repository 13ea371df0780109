import type { Connection } from 'mongoose';
import { currentSession, defineCollection, isDuplicateKey } from '../../shared/mongo.ts';

interface KeyRow {
  _id: string;
  key: Buffer;
}

type Stored = { _id: string; key: { buffer: Uint8Array } };

const definition = {
  name: 'member-keys',
  fields: { _id: { type: String, required: true }, key: { type: Buffer, required: true } },
  indexes: [],
};

/** Row of the secret that lookups are hashed with; no member has such an id. */
const lookups = 'lookups';

const toKey = ({ key }: Stored): Buffer => Buffer.from(key.buffer);

/**
 * The keys that what is personal is sealed with, one a member, and the secret of lookups. They stand in a database of their
 * own, to be backed up apart and for a short time only: without its key a member's data is dead in every other copy.
 */
export type MemberKeyStore = ReturnType<typeof createMemberKeyStore>;

/** Defines the keys on a connection to their own database. */
export function createMemberKeyStore(connection: Connection) {
  const model = defineCollection<KeyRow>(connection, definition);

  const read = async (ids: readonly string[]): Promise<Map<string, Buffer>> => {
    const rows = await model
      .find({ _id: { $in: [...ids] } })
      .session(currentSession())
      .lean<Stored[]>();
    return new Map(rows.map((row) => [row._id, toKey(row)]));
  };

  return {
    read,

    /** The member's key; this one if it has none yet. */
    async readOrKeep(id: string, made: Uint8Array): Promise<Buffer> {
      const known = (await read([id])).get(id);
      if (known) return known;
      await model.insertMany([{ _id: id, key: Buffer.from(made) }], { session: currentSession() });
      return Buffer.from(made);
    },

    async remove(id: string): Promise<void> {
      await model.deleteOne({ _id: id }).session(currentSession());
    },

    /** The secret of lookups; this one if there is none yet. Never in a transaction: it is for all of them. */
    async secretOrKeep(made: Uint8Array): Promise<Buffer> {
      const find = () => model.findById(lookups).lean<Stored>();
      const known = await find();
      if (known) return toKey(known);
      await model.insertMany([{ _id: lookups, key: Buffer.from(made) }]).catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
      });
      return toKey((await find())!);
    },
  };
}
