import type { Connection } from 'mongoose';
import { defineCollection, isDuplicateKey } from '../mongo.ts';
import type { OwnerLease, SlotLease } from './lease.ts';

interface LeaseRow {
  _id: string;
  /** Null in the row that only says that its owner is there. */
  slot: number | null;
  owner: string;
  until: Date;
}

const definition = {
  name: 'relay-leases',
  fields: {
    _id: { type: String, required: true },
    slot: { type: Number, default: null },
    owner: { type: String, required: true },
    until: { type: Date, required: true },
  },
  indexes: [[{ owner: 1 }, { name: 'leases_owner' }]],
} as const;

const slotRow = (slot: number): string => `slot:${slot}`;
const ownerRow = (owner: string): string => `owner:${owner}`;

/** The leases of a subgraph's relays: one row a slot that somebody has, and one a relay that is there. */
export type LeaseStore = ReturnType<typeof createLeaseStore>;

/** Defines the leases on a connection. */
export function createLeaseStore(connection: Connection) {
  const model = defineCollection<LeaseRow>(connection, definition);

  return {
    /** Says that an owner is there until an instant, and prolongs the leases it still has. */
    async renew(owner: string, now: Date, until: Date): Promise<void> {
      await model.updateOne(
        { _id: ownerRow(owner) },
        { $set: { slot: null, owner, until } },
        { upsert: true },
      );
      await model.updateMany({ owner, slot: { $gte: 0 }, until: { $gt: now } }, { $set: { until } });
    },

    /** Takes those of the slots that nobody has any more; another may be quicker. */
    async take(slots: readonly number[], owner: string, now: Date, until: Date): Promise<void> {
      const ids = slots.map(slotRow);
      await model.updateMany({ _id: { $in: ids }, until: { $lte: now } }, { $set: { owner, until } });
      const there = await model.find({ _id: { $in: ids } }, { _id: 1 }).lean<{ _id: string }[]>();
      const known = new Set(there.map((row) => row._id));
      const missing = slots.filter((slot) => !known.has(slotRow(slot)));
      const added = missing.map((slot) => ({ _id: slotRow(slot), slot, owner, until }));
      try {
        if (added.length > 0) await model.insertMany(added, { ordered: false });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    /** All leases, those that have run out too. */
    async all(): Promise<{ slots: SlotLease[]; owners: OwnerLease[] }> {
      const rows = await model.find().lean<LeaseRow[]>();
      return {
        slots: rows.flatMap(({ slot, owner, until }) => (slot === null ? [] : [{ slot, owner, until }])),
        owners: rows.flatMap(({ slot, owner, until }) => (slot === null ? [{ owner, until }] : [])),
      };
    },

    /** Gives back slots that an owner has. */
    async release(owner: string, slots: readonly number[]): Promise<void> {
      await model.deleteMany({ _id: { $in: slots.map(slotRow) }, owner });
    },

    /** Gives back everything and says that the owner is gone. */
    async leave(owner: string): Promise<void> {
      await model.deleteMany({ owner });
    },

    /** Forgets owners that have not been there since an instant. */
    async forgetOwners(before: Date): Promise<void> {
      await model.deleteMany({ slot: null, until: { $lt: before } });
    },
  };
}
