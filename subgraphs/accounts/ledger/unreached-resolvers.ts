import { encodeCursor, type Page, readTimedPage } from '../../shared/connection.ts';
import type { Context } from '../context.ts';
import type { Resolvers } from '../resolver-types.ts';
import { type UnreachedPage, unreachedPlace } from '../webhook/read-unreached.ts';
import type { Ledger } from './ledger.ts';
import { type Reminder, withUsable } from './reminder.ts';
import { rescuerOf } from './reminder-resolvers.ts';

/** What is known of how reminders went to webhooks. */
export interface ReachReads {
  /** When a webhook took a reminder first; null if none has. */
  readonly reachedAt: (reminderId: string) => Promise<Date | null>;
  /** Reminders that reached nobody, the soonest expiry first, of one programme or of all. */
  readonly unreached: (programme: string | null, page: Page) => Promise<UnreachedPage>;
}

/** Reminders by id, with what of their rescues the caller may know of. */
async function remindersById(
  ids: readonly string[],
  ledger: Ledger,
  context: Context,
): Promise<ReadonlyMap<string, Reminder>> {
  const found = ids.length === 0 ? [] : await ledger.reminders(ids);
  const shown = found.map(async (reminder) => {
    const rescuer = await rescuerOf(reminder.memberId, context);
    return [reminder.id, rescuer ? withUsable(reminder, rescuer) : reminder] as const;
  });
  return new Map(await Promise.all(shown));
}

/** Resolvers of which reminders were taken by a webhook, and which by none. */
export const unreachedResolvers = (ledger: Ledger, reaches: ReachReads) =>
  ({
    Query: {
      unreachedReminders: async (_, { programme, ...args }, context) => {
        const page = readTimedPage(args, 1);
        const { found, hasMore, end } = await reaches.unreached(programme ?? null, page);
        const ids = found.map(({ reminderId }) => reminderId);
        const reminders = await remindersById(ids, ledger, context);
        return {
          edges: found.map((one) => ({
            cursor: encodeCursor(unreachedPlace(one)),
            node: { reminder: reminders.get(one.reminderId)!, reason: one.reason },
          })),
          pageInfo: { hasNextPage: hasMore, endCursor: end && encodeCursor(end) },
        };
      },
    },
    UnreachedReminder: {
      member: ({ reminder }, _, { directory }) => directory.member(reminder.memberId),
    },
    ExpiryReminder: {
      reachedAt: ({ id }) => reaches.reachedAt(id),
    },
  }) satisfies Resolvers;
