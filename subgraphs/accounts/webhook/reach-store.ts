import type { Connection, mongo } from 'mongoose';
import { defineCollection } from '../../shared/mongo.ts';
import type { Reach, ReachChange, ReminderSubject, UnreachedQuery } from './reach.ts';

interface ReachRow extends ReminderSubject {
  _id: string;
  deliveryIds: string[];
  reached: boolean;
  reachedAt: Date | null;
}

const text = { type: String, required: true };
const unreached = { partialFilterExpression: { reached: false } };

const definition = {
  name: 'reminder-reaches',
  fields: {
    _id: text,
    programme: text,
    expiresAt: { type: Date, required: true },
    deliveryIds: [String],
    reached: { type: Boolean, required: true },
    reachedAt: { type: Date, default: null },
  },
  indexes: [
    [
      { expiresAt: 1, _id: 1 },
      { name: 'reaches_unreached', ...unreached },
    ],
    [
      { programme: 1, expiresAt: 1, _id: 1 },
      { name: 'reaches_unreached_of', ...unreached },
    ],
  ],
} as const;

const toReach = ({ _id, programme, expiresAt, deliveryIds }: ReachRow): Reach => ({
  reminderId: _id,
  programme,
  expiresAt,
  deliveryIds,
});

function writeOf({ reminderId, begun, deliveryIds }: ReachChange): mongo.AnyBulkWriteOperation<ReachRow> {
  const told = { $addToSet: { deliveryIds: { $each: [...deliveryIds] } } };
  const filter = { _id: reminderId };
  // Without its beginning it is a reminder of before this was kept.
  if (begun === null) return { updateOne: { filter, update: told } };
  const fresh = { $setOnInsert: { ...begun, reached: false, reachedAt: null } };
  return { updateOne: { filter, update: { ...told, ...fresh }, upsert: true } };
}

/** The collection of what became of reminders at webhooks: a row for each, kept as long as the reminder itself. */
export type ReachStore = ReturnType<typeof createReachStore>;

/** Defines the collection on a connection. */
export function createReachStore(connection: Connection) {
  const model = defineCollection<ReachRow>(connection, definition);
  const rows = model.collection as unknown as mongo.Collection<ReachRow>;
  return {
    /** The same changes again change nothing. */
    async addReaches(changes: readonly ReachChange[]): Promise<void> {
      if (changes.length > 0) await rows.bulkWrite(changes.map(writeOf));
    },

    /** Keeps when an endpoint took a reminder, if none had before. Nobody asks for its deliveries then. */
    async noteReached(reminderId: string, at: Date): Promise<void> {
      const filter = { _id: reminderId, reached: false };
      await model.updateOne(filter, { $set: { reached: true, reachedAt: at, deliveryIds: [] } });
    },

    async reachedAt(reminderId: string): Promise<Date | null> {
      const row = await model.findById(reminderId, { reachedAt: 1 }).lean<ReachRow>();
      return row?.reachedAt ?? null;
    },

    /** So many of those that no endpoint took, the soonest expiry first, from the first or from the one after a place. */
    async unreached(
      { programme, expiresAfter }: UnreachedQuery,
      limit: number,
      after: readonly string[] | null,
    ): Promise<Reach[]> {
      const at = after && new Date(after[0]!);
      const beyond = at
        ? { $or: [{ expiresAt: { $gt: at } }, { expiresAt: at, _id: { $gt: after[1]! } }] }
        : {};
      const filter: Record<string, unknown> = {
        reached: false,
        ...(programme === null ? {} : { programme }),
        // The place twice: as a bound it lets the index begin there.
        expiresAt: { $gt: expiresAfter, ...(at ? { $gte: at } : {}) },
        ...beyond,
      };
      const found = await model.find(filter).sort({ expiresAt: 1, _id: 1 }).limit(limit).lean<ReachRow[]>();
      return found.map(toReach);
    },
  };
}
