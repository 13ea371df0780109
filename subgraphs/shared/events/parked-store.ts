import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../mongo.ts';
import type { DomainEvent } from './event.ts';

/** An event that a subscriber has refused so often that others no longer wait for it. */
export interface ParkedEvent {
  readonly subscriber: string;
  readonly event: DomainEvent;
  readonly failures: number;
  /** Why it was refused the last time. */
  readonly reason: string;
  readonly parkedAt: Date;
}

interface ParkedRow extends ParkedEvent {
  readonly _id: string;
}

const definition = {
  name: 'parked-events',
  fields: {
    _id: { type: String, required: true },
    subscriber: { type: String, required: true },
    event: { type: Object, required: true },
    failures: { type: Number, required: true },
    reason: { type: String, required: true },
    parkedAt: { type: Date, required: true },
  },
  indexes: [[{ parkedAt: 1, _id: 1 }, { name: 'parked_oldest' }]],
} as const;

const rowId = (subscriber: string, eventId: string): string => `${eventId}:${subscriber}`;

/** Events set aside until somebody has seen to what is wrong. They are kept until they are replayed. */
export type ParkedStore = ReturnType<typeof createParkedStore>;

/** Defines the parked events on a connection. */
export function createParkedStore(connection: Connection) {
  const model = defineCollection<ParkedRow>(connection, definition);
  return {
    async insert(parked: ParkedEvent): Promise<void> {
      const _id = rowId(parked.subscriber, parked.event.id);
      await model.collection.insertOne({ _id, ...parked } as never, { session: currentSession()! });
    },

    /** So many parked events, the longest parked first, from the first or after one. */
    async list(limit: number, after: ParkedEvent | null = null): Promise<ParkedEvent[]> {
      const filter: Record<string, unknown> = after
        ? {
            // The instant twice: as a bound it lets the index begin there.
            parkedAt: { $gte: after.parkedAt },
            $or: [
              { parkedAt: { $gt: after.parkedAt } },
              { _id: { $gt: rowId(after.subscriber, after.event.id) } },
            ],
          }
        : {};
      const rows = await model.find(filter).sort({ parkedAt: 1, _id: 1 }).limit(limit).lean<ParkedRow[]>();
      return rows.map(({ _id, ...parked }) => parked);
    },

    /** Takes one out; null if it is not there. */
    async take(subscriber: string, eventId: string): Promise<ParkedEvent | null> {
      const row = await model
        .findOneAndDelete({ _id: rowId(subscriber, eventId) })
        .session(currentSession())
        .lean<ParkedRow>();
      if (!row) return null;
      const { _id, ...parked } = row;
      return parked;
    },
  };
}
