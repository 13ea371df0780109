import type { Connection, mongo } from 'mongoose';
import { defineCollection } from '../../shared/mongo.ts';
import type { Reminder } from './reminder.ts';
import { collectionOf, fromRow, inSession, type Row, toRow } from './rows.ts';

const points = { type: BigInt, required: true };

const sum = {
  points,
  held: points,
  lots: { type: Number, required: true },
  rescues: [{ _id: false, kind: { type: String, required: true }, points }],
};

const definition = {
  name: 'ledger-reminders',
  fields: {
    _id: { type: String, required: true },
    walletId: { type: String, required: true },
    memberId: { type: String, required: true },
    programme: { type: String, required: true },
    days: { type: Number, required: true },
    at: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    ...sum,
    parts: [{ _id: false, issuerId: { type: String, required: true }, ...sum }],
  },
  indexes: [[{ memberId: 1, at: -1, _id: -1 }, { name: 'reminders_member' }]],
} as const;

/** Which reminders to read: of a member, perhaps in one programme. */
export interface ReminderQuery {
  readonly memberId: string;
  readonly programme?: string | null | undefined;
  /** If given, only those that are about points of this merchant. */
  readonly issuerId?: string | null | undefined;
}

/** Reminders that were sent. Added in the transaction of their event and never changed. */
export type ReminderStore = ReturnType<typeof createReminderStore>;

/** Defines the reminders collection on a connection. */
export function createReminderStore(connection: Connection) {
  const rows = collectionOf(defineCollection<Row<Reminder>>(connection, definition));
  const reminders = async (found: Promise<Row<Reminder>[]>): Promise<Reminder[]> =>
    (await found).map((row) => fromRow<Reminder>(row));

  return {
    byIds: (ids: readonly string[]) => reminders(rows.find({ _id: { $in: [...ids] } }).toArray()),

    /** So many reminders, newest first, from the first or from the one after a place. */
    page(
      { memberId, programme, issuerId }: ReminderQuery,
      limit: number,
      after: { readonly at: Date; readonly id: string } | null,
    ): Promise<Reminder[]> {
      const beyond = after
        ? { $or: [{ at: { $lt: after.at } }, { at: after.at, _id: { $lt: after.id } }] }
        : {};
      const filter: mongo.Filter<Row<Reminder>> = {
        memberId,
        ...(programme ? { programme } : {}),
        ...(issuerId ? { 'parts.issuerId': issuerId } : {}),
        ...beyond,
      };
      return reminders(rows.find(filter).sort({ at: -1, _id: -1 }).limit(limit).toArray());
    },

    async insert(added: readonly Reminder[]): Promise<void> {
      if (added.length > 0) await rows.insertMany(added.map(toRow), inSession());
    },
  };
}
