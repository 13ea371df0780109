import type { Connection, mongo } from 'mongoose';
import { currentSession, defineCollection } from '../mongo.ts';
import { type DomainEvent, slotOf } from './event.ts';

interface OutboxRow extends Omit<DomainEvent, 'id'> {
  _id: string;
  slot: number;
  /** There until the event was delivered. */
  pending?: true;
  deliveredAt: Date | null;
}

const text = { type: String, required: true };

const definition = {
  name: 'outbox',
  fields: {
    _id: text,
    type: text,
    source: text,
    subject: text,
    time: { type: Date, required: true },
    partition: text,
    sequence: { type: Number, required: true },
    audience: [String],
    data: { type: Object, required: true },
    slot: { type: Number, required: true },
    pending: { type: Boolean },
    deliveredAt: { type: Date, default: null },
  },
  indexes: [
    // Not unique, though no two should be at one place: what is told must never keep from being written what it tells of.
    [
      { slot: 1, partition: 1, sequence: 1 },
      { name: 'outbox_pending', partialFilterExpression: { pending: true } },
    ],
    [
      { deliveredAt: 1 },
      { name: 'outbox_delivered', partialFilterExpression: { deliveredAt: { $type: 'date' } } },
    ],
  ],
} as const;

/** A place in the order in which a relay reads. */
export interface OutboxPlace {
  readonly slot: number;
  readonly partition: string;
  readonly sequence: number;
}

/** The place of an event. */
export const placeOf = ({ partition, sequence }: DomainEvent): OutboxPlace => ({
  slot: slotOf(partition),
  partition,
  sequence,
});

const toEvent = (row: OutboxRow): DomainEvent => ({
  id: row._id,
  type: row.type,
  source: row.source,
  subject: row.subject,
  time: row.time,
  partition: row.partition,
  sequence: row.sequence,
  audience: row.audience,
  data: row.data,
});

const toRow = ({ id, ...rest }: DomainEvent): OutboxRow => ({
  _id: id,
  ...rest,
  slot: slotOf(rest.partition),
  pending: true,
  deliveredAt: null,
});

const beyond = ({ slot, partition, sequence }: OutboxPlace): mongo.Filter<OutboxRow> => ({
  $or: [
    { slot: { $gt: slot } },
    { slot, partition: { $gt: partition } },
    { slot, partition, sequence: { $gt: sequence } },
  ],
});

/** A subgraph's outbox: events that it has told and not yet delivered, and for a while those that it has. */
export type OutboxStore = ReturnType<typeof createOutboxStore>;

/** Defines the outbox on a connection. It uses the driver's collection: a busy producer writes hundreds at once. */
export function createOutboxStore(connection: Connection) {
  const model = defineCollection<OutboxRow>(connection, definition);
  const rows = model.collection as unknown as mongo.Collection<OutboxRow>;
  const inSession = () => {
    const session = currentSession();
    return session ? { session } : {};
  };

  return {
    /** Adds events in the transaction that this runs in. */
    async add(events: readonly DomainEvent[]): Promise<void> {
      if (events.length > 0) await rows.insertMany(events.map(toRow), inSession());
    },

    /** Undelivered events of these slots after a place, in the order of slot, partition and sequence. */
    async undelivered(
      slots: readonly number[],
      after: OutboxPlace | null,
      limit: number,
    ): Promise<DomainEvent[]> {
      const filter: mongo.Filter<OutboxRow> = {
        pending: true,
        slot: { $in: [...slots] },
        ...(after ? beyond(after) : {}),
      };
      const found = rows.find(filter).sort({ slot: 1, partition: 1, sequence: 1 }).limit(limit);
      return (await found.toArray()).map((row) => toEvent(row as OutboxRow));
    },

    async markDelivered(ids: readonly string[], at: Date): Promise<void> {
      if (ids.length === 0) return;
      await rows.updateMany(
        { _id: { $in: [...ids] }, pending: true },
        { $unset: { pending: '' }, $set: { deliveredAt: at } },
      );
    },

    /** Removes what was delivered before an instant. By the caller's clock, which a TTL index would not follow. */
    async removeDelivered(before: Date): Promise<void> {
      await rows.deleteMany({ deliveredAt: { $type: 'date', $lt: before } });
    },
  };
}
