import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import { orTaken } from '../store-errors.ts';

interface SeatRow {
  _id: string;
  householdId: string;
}

const definition = {
  name: 'household-seats',
  fields: {
    _id: { type: String, required: true },
    householdId: { type: String, required: true },
  },
  indexes: [],
} as const;

/** Which household a member belongs to: one row a member, by the member's id, so that nobody ever belongs to two. */
export type SeatStore = ReturnType<typeof createSeatStore>;

/** Defines the seats collection on a connection. */
export function createSeatStore(connection: Connection) {
  const model = defineCollection<SeatRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  return {
    /** Id of the member's household, or null. */
    async of(memberId: string): Promise<string | null> {
      const row = await model.findOne({ _id: memberId }, null, options()).lean<SeatRow>();
      return row?.householdId ?? null;
    },

    /** Throws Taken on `_id_` where the member belongs to a household already. */
    async add(memberId: string, householdId: string): Promise<void> {
      await orTaken(model.insertMany([{ _id: memberId, householdId }], options()), ['_id_']);
    },

    async remove(memberIds: readonly string[], householdId: string): Promise<void> {
      const filter = { _id: { $in: [...memberIds] }, householdId };
      await model.deleteMany(filter).session(currentSession());
    },
  };
}
