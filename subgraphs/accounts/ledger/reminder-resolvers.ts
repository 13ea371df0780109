import { type Page, type PageArguments, readTimedPage, toConnection } from '../../shared/connection.ts';
import { badUserInput } from '../../shared/errors.ts';
import { idAt } from '../../shared/ids.ts';
import { speaksFor } from '../../shared/pairwise.ts';
import type { Context } from '../context.ts';
import { isChild } from '../household/household.ts';
import type { Resolvers } from '../resolver-types.ts';
import type { Delivery } from '../webhook/delivery.ts';
import type { Ledger } from './ledger.ts';
import { postingPage } from './posting-resolvers.ts';
import { freeOfReminder, partOfReminder, type Reminder, type Rescuer, withUsable } from './reminder.ts';
import { restorableUntil } from './restoring.ts';
import { type ReminderConnection, viewPosting, viewWallet } from './views.ts';
import { partOf } from './wallet-resolvers.ts';

/** The deliveries of what was told of a reminder to webhooks of some merchants, as far as they are kept. */
export type DeliveriesOf = (
  reminderId: string,
  merchantIds: readonly string[],
) => Promise<readonly Delivery[]>;

/** Whose webhooks a caller may know of among those that are told of a member. */
async function knownMerchants({ memberId }: Reminder, { caller, directory }: Context): Promise<string[]> {
  const told = (await directory.member(memberId))?.registeredBy ?? [];
  return caller.kind === 'MERCHANT' ? told.filter((id) => id === caller.merchantId) : [...told];
}

/**
 * What a member can use of the rescues now; null for a caller that is not to know of its household and beneficiaries, who sees
 * all that the terms allow.
 */
export async function rescuerOf(memberId: string, { caller, directory }: Context): Promise<Rescuer | null> {
  if (caller.kind !== 'MEMBER' && caller.kind !== 'OPERATOR') return null;
  const household = await directory.householdOf(memberId);
  const mayGive = household === null || !isChild(household, memberId);
  return { canGive: mayGive && (await directory.hasBeneficiary(memberId)), canPool: household !== null };
}

/** A reminder as a caller may see it: all of it, or what is free of it or of what a merchant issued. */
function shownOf(reminder: Reminder, issuerId: string | null, { caller }: Context): Reminder[] {
  const free = () => (issuerId === null ? freeOfReminder(reminder) : partOfReminder(reminder, issuerId));
  const shown = caller.kind === 'MERCHANT' ? free() : reminder;
  return shown ? [shown] : [];
}

/** Which of the reminders of its instant each is, after so many of the first instant that were skipped. */
function placesOf(found: readonly Reminder[], instant: string | null, skipped: number): string[] {
  let [at, count] = [instant, skipped];
  return found.map((reminder) => {
    const own = reminder.at.toISOString();
    count = own === at ? count + 1 : 1;
    at = own;
    return String(count);
  });
}

/**
 * A page of reminders, newest first. A cursor of a merchant's names no reminder, for another merchant may be told of the same
 * one: it says which of those of its instant it was.
 */
async function reminderPage(
  args: PageArguments,
  read: (page: Page) => Promise<readonly Reminder[]>,
  issuerId: string | null,
  context: Context,
): Promise<ReminderConnection> {
  const nameless = speaksFor(context.caller) !== null;
  const page = readTimedPage(args, 1);
  const [instant, place] = page.after ?? [null, '0'];
  if (nameless && !/^\d{1,4}$/.test(place!))
    throw badUserInput('after: not a cursor that this connection gave');
  const skipped = nameless ? Number(place) : 0;
  const after = nameless && instant ? [instant, '\uffff'] : page.after;
  const found = (await read({ first: page.first + skipped, after })).slice(skipped);
  const places = placesOf(found, instant ?? null, skipped);
  const rows = found.flatMap((reminder, i) =>
    shownOf(reminder, issuerId, context).map((shown) => ({
      shown,
      place: nameless ? places[i]! : reminder.id,
    })),
  );
  const { edges, pageInfo } = toConnection(rows, page.first, (row) => [
    row.shown.at.toISOString(),
    row.place,
  ]);
  return { edges: edges.map(({ cursor, node }) => ({ cursor, node: node.shown })), pageInfo };
}

const lists = (ledger: Ledger) =>
  ({
    Query: {
      extendedLots: (_, { programme, ...page }) =>
        postingPage(ledger, { programme, kinds: ['EXTEND'] }, page, (posting) => viewPosting(posting)),
      overdueReminders: async (_, args) => {
        const page = readTimedPage(args, 1);
        const wallets = await ledger.overdueReminders(page);
        return toConnection(wallets, page.first, ({ nextReminderAt, id }) => [
          nextReminderAt!.toISOString(),
          id,
        ]);
      },
    },
    LotExtension: {
      posting: (posting) => posting,
      member: ({ memberIds }, _, { directory }) => directory.member(memberIds[0]!),
      goodUntil: ({ goodUntil }) => goodUntil!,
      lots: ({ allocations }) => allocations.length,
      reason: ({ reason }) => reason!,
    },
    OverdueReminder: {
      wallet: async (wallet, _, { directory }) => {
        const member = wallet.memberId === null ? null : await directory.member(wallet.memberId);
        return member && viewWallet(wallet, member);
      },
      member: ({ memberId }, _, { directory }) => (memberId === null ? null : directory.member(memberId)),
      dueAt: ({ nextReminderAt }) => nextReminderAt!,
    },
  }) satisfies Resolvers;

/** Resolvers of reminders and of what was extended for want of them. */
export const reminderResolvers = (ledger: Ledger, deliveriesOf: DeliveriesOf) =>
  ({
    ...lists(ledger),
    Member: {
      reminders: async ({ id: memberId }, { programme, ...args }, context) => {
        const issuerId = await partOf(memberId, context);
        const rescuer = await rescuerOf(memberId, context);
        const read = async (page: Page) => {
          const found = await ledger.remindersOf({ memberId, programme, issuerId }, page);
          return rescuer ? found.map((reminder) => withUsable(reminder, rescuer)) : found;
        };
        return reminderPage(args, read, issuerId, context);
      },
    },
    Wallet: {
      restorable: async ({ id, memberId }, _, context) => {
        const issuerId = await partOf(memberId, context);
        const shared = await context.mayLearn(memberId, 'SHARE_ACTIVITY');
        // What a member has in pools is not for merchants to know.
        const withPools = context.caller.kind !== 'MERCHANT';
        const found = await ledger.restorable(id, withPools);
        const lots = found.filter((lot) => !issuerId || lot.issuerId === issuerId);
        return lots.map((lot) => ({ ...lot, memberId, shared }));
      },
    },
    Lot: {
      reminders: async ({ memberId, told }, _, context) => {
        if (told.length === 0) return [];
        const found = await ledger.reminders(told.map(({ reminderId }) => reminderId));
        // Points of a gift that came back may bring along what its receiver was told; those from a pool, what its member was.
        const own = found.filter((reminder) => reminder.memberId === memberId);
        const issuerId = await partOf(memberId, context);
        const rescuer = await rescuerOf(memberId, context);
        const usable = rescuer ? own.map((reminder) => withUsable(reminder, rescuer)) : own;
        const shown = usable.flatMap((reminder) => shownOf(reminder, issuerId, context));
        return shown.sort((a, b) => a.at.getTime() - b.at.getTime());
      },
      restorableUntil: (lot) => restorableUntil(lot),
    },
    Posting: {
      goodUntil: ({ goodUntil }) => goodUntil ?? null,
    },
    ExpiryReminder: {
      id: ({ id }, _, { caller }) => {
        const merchantId = speaksFor(caller);
        return merchantId === null ? id : idAt(merchantId, id);
      },
      programme: async ({ programme }, _, { directory }) => (await directory.programme(programme))!,
      daysBefore: ({ days }) => days,
      sentAt: ({ at }) => at,
      deliveries: async (reminder, _, context) => [
        ...(await deliveriesOf(reminder.id, await knownMerchants(reminder, context))),
      ],
    },
  }) satisfies Resolvers;
