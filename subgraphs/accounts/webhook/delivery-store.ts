import type { Connection, Model, mongo } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import {
  type Attempt,
  type Delivery,
  type DeliveryChange,
  type DeliveryStatus,
  mostAttemptsKept,
  type WaitingDelivery,
} from './delivery.ts';
import type { KnownDelivery } from './replay-dead-letters.ts';

type DeliveryRow = Omit<Delivery, 'id' | 'attempts'> & { _id: string; attempts: Attempt[] };

const text = { type: String, required: true };
const date = { type: Date, default: null };

const definition = {
  name: 'webhook-deliveries',
  fields: {
    _id: text,
    webhookId: text,
    merchantId: text,
    eventId: text,
    eventType: text,
    memberId: { type: String, default: null },
    reminderId: { type: String, default: null },
    partition: text,
    sequence: { type: Number, required: true },
    body: { type: String, default: null },
    createdAt: { type: Date, required: true },
    status: text,
    attempts: [
      {
        _id: false,
        at: { type: Date, required: true },
        durationMs: { type: Number, required: true },
        responseStatus: { type: Number, default: null },
        error: { type: String, default: null },
      },
    ],
    failures: { type: Number, required: true },
    firstFailedAt: date,
    nextAttemptAt: date,
    endedAt: date,
  },
  indexes: [
    [{ webhookId: 1, createdAt: -1, _id: -1 }, { name: 'deliveries_newest' }],
    [
      { webhookId: 1, endedAt: -1, _id: -1 },
      {
        name: 'deliveries_dead_letters',
        partialFilterExpression: { status: 'DEAD', body: { $type: 'string' } },
      },
    ],
    [
      { webhookId: 1, partition: 1, sequence: 1 },
      { name: 'deliveries_order', partialFilterExpression: { status: 'PENDING' } },
    ],
    [
      { webhookId: 1, nextAttemptAt: 1 },
      { name: 'deliveries_due', partialFilterExpression: { status: 'PENDING' } },
    ],
    [
      { memberId: 1 },
      { name: 'deliveries_member', partialFilterExpression: { memberId: { $type: 'string' } } },
    ],
    [
      { endedAt: 1, reminderId: 1 },
      {
        name: 'deliveries_ended_whole',
        partialFilterExpression: { endedAt: { $type: 'date' }, body: { $type: 'string' } },
      },
    ],
    [
      { endedAt: 1, _id: 1 },
      {
        name: 'deliveries_ended_bare',
        partialFilterExpression: { endedAt: { $type: 'date' }, body: { $type: 'null' } },
      },
    ],
  ],
} as const;

/** Dead letters that can be sent again: those of which more than the attempts is kept. */
const letters = { status: 'DEAD', body: { $type: 'string' } } as const;
const pending = { status: 'PENDING' } as const;
const fresh = (at: Date) => ({
  ...pending,
  ...{ failures: 0, firstFailedAt: null, nextAttemptAt: at, endedAt: null },
});
/** Rows of a time before it was kept do not say which member or reminder they tell of. */
const toDelivery = ({ _id, memberId, reminderId, ...rest }: DeliveryRow): Delivery => ({
  id: _id,
  memberId: memberId ?? null,
  reminderId: reminderId ?? null,
  ...rest,
});
const toRow = ({ id, attempts, ...rest }: Delivery): DeliveryRow => ({
  _id: id,
  ...rest,
  attempts: [...attempts],
});

/** Rows after a place in the order of a date and an id, newest first. */
function after(field: string, place: readonly string[] | null): object {
  if (!place) return {};
  const at = new Date(place[0]!);
  return { $or: [{ [field]: { $lt: at } }, { [field]: at, _id: { $lt: place[1] } }] };
}

/** What merchants read and do. */
function merchantSide(model: Model<DeliveryRow>) {
  const page = async (filter: object, field: string, { first, after: place }: Page): Promise<Delivery[]> => {
    const rows = await model
      .find({ ...filter, ...after(field, place) })
      .sort({ [field]: -1, _id: -1 })
      .limit(first + 1)
      .lean<DeliveryRow[]>();
    return rows.map(toDelivery);
  };

  return {
    /** So many of a webhook's deliveries and one more, newest first. */
    page: (webhookId: string, status: DeliveryStatus | null, at: Page) =>
      page({ webhookId, ...(status ? { status } : {}) }, 'createdAt', at),

    /** The same of dead letters that can be sent again, the last given up first. */
    deadPage: (webhookId: string, at: Page) => page({ webhookId, ...letters }, 'endedAt', at),

    async byIds(ids: readonly string[]): Promise<Delivery[]> {
      const rows = await model.find({ _id: { $in: [...ids] } }).lean<DeliveryRow[]>();
      return rows.map(toDelivery);
    },

    /** Which of these are deliveries of the webhook, and which of those were given up too long ago to be sent again. */
    async known(webhookId: string, ids: readonly string[]): Promise<KnownDelivery[]> {
      const filter = { _id: { $in: [...ids] }, webhookId };
      type Row = Pick<DeliveryRow, '_id' | 'status' | 'body'>;
      const rows = await model.find(filter, { status: 1, body: 1 }).lean<Row[]>();
      return rows.map(({ _id: id, status, body }) => ({ id, isTooOld: status === 'DEAD' && body === null }));
    },

    /** Makes dead letters pending again: these, or all of the webhook's that can be sent again. */
    async revive(webhookId: string, ids: readonly string[] | null, at: Date): Promise<number> {
      const filter: Record<string, unknown> = {
        webhookId,
        ...letters,
        ...(ids ? { _id: { $in: [...ids] } } : {}),
      };
      return (await model.updateMany(filter, { $set: fresh(at) })).modifiedCount;
    },

    /** Forgets of a webhook's pending deliveries that they failed, and until when they were to wait. */
    async sendAfresh(webhookId: string, at: Date): Promise<void> {
      const ailing = { $or: [{ failures: { $gt: 0 } }, { nextAttemptAt: { $gt: at } }] };
      await model.updateMany({ webhookId, ...pending, ...ailing }, { $set: fresh(at) });
    },
  };
}

/** What is done to make deliveries. */
function makerSide(model: Model<DeliveryRow>) {
  const rows = model.collection as unknown as mongo.Collection<DeliveryRow>;
  return {
    /**
     * Adds deliveries; leaves those that are there as they are. In their order, for a sender begins with the first that it
     * sees of a partition. The driver's collection: what it is given is well formed, and casting costs more than the rest.
     */
    async add(deliveries: readonly Delivery[]): Promise<void> {
      const session = currentSession();
      let rest = deliveries.map(toRow);
      while (rest.length > 0)
        try {
          await rows.insertMany(rest, { ordered: true, ...(session ? { session } : {}) });
          return;
        } catch (error) {
          // It ends a transaction that this runs in.
          if (!isDuplicateKey(error) || session) throw error;
          const ids = rest.map(({ _id }) => _id);
          const there = await rows.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
          const known = new Set(there.map(({ _id }) => _id));
          rest = rest.filter(({ _id }) => !known.has(_id));
        }
    },
  };
}

/** What is done to send. */
function senderSide(model: Model<DeliveryRow>) {
  return {
    /** One of these webhooks that has something to send; null if none has. */
    async dueWebhook(webhookIds: readonly string[], now: Date): Promise<string | null> {
      const filter = { webhookId: { $in: [...webhookIds] }, ...pending, nextAttemptAt: { $lte: now } };
      const row = await model.findOne(filter, { webhookId: 1 }).lean<{ webhookId: string }>();
      return row?.webhookId ?? null;
    },

    async hasPending(webhookId: string): Promise<boolean> {
      return (await model.exists({ webhookId, ...pending })) !== null;
    },

    /** Some partitions of a webhook that have something to send, after one. */
    async duePartitions(webhookId: string, beyond: string, now: Date): Promise<string[]> {
      const filter = { webhookId, ...pending, nextAttemptAt: { $lte: now }, partition: { $gt: beyond } };
      const rows = await model
        .find(filter, { partition: 1 })
        .sort({ partition: 1 })
        .limit(200)
        .lean<{ partition: string }[]>();
      return [...new Set(rows.map((row) => row.partition))];
    },

    /** The first pending delivery of a partition, due or not: no other of it may be sent. */
    async head(webhookId: string, partition: string): Promise<WaitingDelivery | null> {
      const row = await model
        .findOne({ webhookId, ...pending, partition })
        .sort({ sequence: 1 })
        .lean<DeliveryRow & { body: string }>();
      return row && { ...toDelivery(row), body: row.body };
    },

    /** Lets what follows in a partition wait as long as its head. */
    async postpone(webhookId: string, partition: string, until: Date): Promise<void> {
      const filter = { webhookId, ...pending, partition, nextAttemptAt: { $lt: until } };
      await model.updateMany(filter, { $set: { nextAttemptAt: until } });
    },

    /** Keeps an attempt and what it makes of its delivery; false if that is no longer as it was. */
    async record({ id, failures }: Delivery, attempt: Attempt, change: DeliveryChange): Promise<boolean> {
      const attempts = { $each: [attempt], $slice: -mostAttemptsKept };
      const update = { $set: change, $push: { attempts } };
      return (await model.updateOne({ _id: id, ...pending, failures }, update)).modifiedCount === 1;
    },

    /** Rewrites what tells of a member, but for deliveries of one type of event. */
    async rewrite(memberId: string, except: string, body: (old: string) => string): Promise<void> {
      // The type twice over: without it the index, which holds nothing else, is not used.
      const ofMember = { $type: 'string' as const, $eq: memberId };
      const filter = { memberId: ofMember, eventType: { $ne: except } };
      for (;;) {
        type Row = Pick<DeliveryRow, '_id' | 'body'>;
        const rows = await model.find(filter, { body: 1 }).limit(200).lean<Row[]>();
        if (rows.length === 0) return;
        const writes = rows.map((row) => ({
          updateOne: {
            filter: { _id: row._id },
            update: { $set: { body: row.body === null ? null : body(row.body), memberId: null } },
          },
        }));
        await model.bulkWrite(writes);
      }
    },
  };
}

/** What is done so that deliveries do not become ever more. */
function tidySide(model: Model<DeliveryRow>) {
  return {
    /** Gives up at most so many of what was to be sent to some webhooks before an instant. */
    async giveUpWaiting(
      webhookIds: readonly string[],
      before: Date,
      at: Date,
      limit: number,
    ): Promise<number> {
      const filter = { webhookId: { $in: [...webhookIds] }, ...pending, nextAttemptAt: { $lt: before } };
      const rows = await model.find(filter, { _id: 1 }).limit(limit).lean<{ _id: string }[]>();
      if (rows.length === 0) return 0;
      const dead = { status: 'DEAD', nextAttemptAt: null, endedAt: at };
      await model.updateMany({ _id: { $in: rows.map(({ _id }) => _id) }, ...pending }, { $set: dead });
      return rows.length;
    },

    /**
     * Removes what ended before an instant. Of reminders it drops what was sent only, and keeps the record of their attempts
     * until they ended before another.
     */
    async removeEnded(before: Date, remindersBefore: Date): Promise<void> {
      // The types are those of the indexes, which hold nothing else.
      const whole = { endedAt: { $type: 'date' as const, $lt: before }, body: { $type: 'string' as const } };
      await model.deleteMany({ ...whole, reminderId: null });
      await model.updateMany({ ...whole, reminderId: { $ne: null } }, { $set: { body: null } });
      const endedAt = { $type: 'date' as const, $lt: remindersBefore };
      await model.deleteMany({ endedAt, body: { $type: 'null' as const } });
    },

    /** Removes all deliveries of webhooks that were deleted. */
    async removeOf(webhookIds: readonly string[]): Promise<void> {
      if (webhookIds.length > 0) await model.deleteMany({ webhookId: { $in: [...webhookIds] } });
    },
  };
}

/** The deliveries collection: one row an event and webhook. */
export type DeliveryStore = ReturnType<typeof createDeliveryStore>;

/** Defines the deliveries collection on a connection. */
export function createDeliveryStore(connection: Connection) {
  const model = defineCollection<DeliveryRow>(connection, definition);
  return { ...merchantSide(model), ...makerSide(model), ...senderSide(model), ...tidySide(model) };
}
