import type { Connection, mongo } from 'mongoose';
import { currentSession, defineCollection } from '../mongo.ts';
import { type DomainEvent, slotCount, slotOf } from './event.ts';

/** One event that waits for one subscriber. */
interface OutboxRow extends Omit<DomainEvent, 'id'> {
  _id: string;
  eventId: string;
  subscriber: string;
  slot: number;
  failures: number;
}

const text = { type: String, required: true };

const definition = {
  name: 'outbox',
  fields: {
    _id: text,
    eventId: text,
    subscriber: text,
    type: text,
    source: text,
    subject: text,
    time: { type: Date, required: true },
    partition: text,
    sequence: { type: Number, required: true },
    audience: [String],
    data: { type: Object, required: true },
    slot: { type: Number, required: true },
    failures: { type: Number, required: true },
  },
  indexes: [
    // Not unique, though no two should be at one place: what is told must never keep from being written what it tells of.
    [{ subscriber: 1, slot: 1, partition: 1, sequence: 1 }, { name: 'outbox_order' }],
  ],
} as const;

/** A place in the order in which a relay reads. */
export interface OutboxPlace {
  readonly slot: number;
  readonly partition: string;
  readonly sequence: number;
}

/** An event that waits for a subscriber. */
export interface WaitingEvent {
  readonly event: DomainEvent;
  readonly subscriber: string;
  /** How often the subscriber has refused it. */
  readonly failures: number;
}

const rowId = (subscriber: string, eventId: string): string => `${eventId}:${subscriber}`;

function toWaiting(row: OutboxRow): WaitingEvent {
  const { _id, eventId, subscriber, slot: _, failures, ...rest } = row;
  return { event: { id: eventId, ...rest }, subscriber, failures };
}

const toRow = (subscriber: string, { id, ...rest }: DomainEvent): OutboxRow => ({
  _id: rowId(subscriber, id),
  eventId: id,
  subscriber,
  ...rest,
  slot: slotOf(rest.partition),
  failures: 0,
});

const beyond = ({ slot, partition, sequence }: OutboxPlace): mongo.Filter<OutboxRow> => ({
  $or: [
    { slot: { $gt: slot } },
    { slot, partition: { $gt: partition } },
    { slot, partition, sequence: { $gt: sequence } },
  ],
});

/** Who has all slots need not name them. */
const inSlots = (slots: readonly number[]): mongo.Filter<OutboxRow> =>
  slots.length === slotCount ? {} : { slot: { $in: [...slots] } };

/** A subgraph's outbox: what it has told and not everybody has taken who is to be told. */
export type OutboxStore = ReturnType<typeof createOutboxStore>;

/**
 * Defines the outbox on a connection: a row an event and subscriber, gone once it was taken. What nobody subscribes to is
 * not kept. It uses the driver's collection: a busy producer writes hundreds at once.
 */
export function createOutboxStore(
  connection: Connection,
  subscribersOf: (type: string) => readonly string[],
) {
  const model = defineCollection<OutboxRow>(connection, definition);
  const rows = model.collection as unknown as mongo.Collection<OutboxRow>;
  const inSession = () => {
    const session = currentSession();
    return session ? { session } : {};
  };
  const insert = async (added: readonly OutboxRow[]): Promise<void> => {
    if (added.length > 0) await rows.insertMany([...added], inSession());
  };

  return {
    /** Adds events, for all that subscribe to them, in the transaction that this runs in. */
    add: (events: readonly DomainEvent[]): Promise<void> =>
      insert(events.flatMap((event) => subscribersOf(event.type).map((name) => toRow(name, event)))),

    /** Adds an event for one subscriber, in the transaction that this runs in. */
    addFor: (subscriber: string, event: DomainEvent): Promise<void> => insert([toRow(subscriber, event)]),

    /** Whether anything waits for one of these subscribers in these slots. */
    async isWaiting(subscribers: readonly string[], slots: readonly number[]): Promise<boolean> {
      const filter = { subscriber: { $in: [...subscribers] }, ...inSlots(slots) };
      return (await rows.findOne(filter, { projection: { _id: 1 } })) !== null;
    },

    /** What waits for a subscriber in these slots after a place, in the order of slot, partition and sequence. */
    async waiting(
      subscriber: string,
      slots: readonly number[],
      after: OutboxPlace | null,
      limit: number,
    ): Promise<WaitingEvent[]> {
      const filter: mongo.Filter<OutboxRow> = {
        subscriber,
        ...inSlots(slots),
        ...(after ? beyond(after) : {}),
      };
      const found = rows.find(filter).sort({ slot: 1, partition: 1, sequence: 1 }).limit(limit);
      return (await found.toArray()).map((row) => toWaiting(row as OutboxRow));
    },

    /** Takes events out that a subscriber has taken. */
    async remove(subscriber: string, eventIds: readonly string[]): Promise<void> {
      if (eventIds.length === 0) return;
      await rows.deleteMany({ _id: { $in: eventIds.map((id) => rowId(subscriber, id)) } }, inSession());
    },

    /** Counts that a subscriber has refused an event. */
    async noteFailure(subscriber: string, eventId: string): Promise<void> {
      await rows.updateOne({ _id: rowId(subscriber, eventId) }, { $inc: { failures: 1 } });
    },
  };
}
