import type { Page } from '../../shared/connection.ts';
import type { Clock } from '../../shared/ids.ts';
import type { LedgerStores } from './ledger-stores.ts';
import type { Lot } from './lot.ts';
import type { Preview } from './preview.ts';
import type { Reminder } from './reminder.ts';
import type { ReminderQuery } from './reminder-store.ts';
import { restorableUntil } from './restoring.ts';
import { addDays } from './terms.ts';
import { isDue, type Wallet } from './wallet.ts';

/** A lot and the member whose wallet it is in. */
export type OwnedLot = Lot & { readonly memberId: string };

/** What is read of expiries beyond wallets and postings. */
export interface ReminderReads {
  /** A lot as it is now, and whose it is; null if there is none. */
  lot(id: string): Promise<OwnedLot | null>;
  /** Those of these ids that there are. */
  reminders(ids: readonly string[]): Promise<readonly Reminder[]>;
  /** Newest first; one more than asked for if there are more. A place is the reminder's instant and id. */
  remindersOf(query: ReminderQuery, page: Page): Promise<readonly Reminder[]>;
  /** Lots of a wallet that expired and can be restored now, the one that expired last first. */
  restorable(walletId: string): Promise<readonly Lot[]>;
  /** Wallets in which a reminder is due and not sent, the longest overdue first; one more than asked for. */
  overdueReminders(page: Page): Promise<readonly Wallet[]>;
}

/** No grace is longer. */
const mostGraceDays = 365;
const mostRestorable = 1_000;

async function readRestorable(
  walletId: string,
  stores: LedgerStores,
  preview: (walletIds: readonly string[]) => Promise<Preview>,
  now: Date,
): Promise<Lot[]> {
  const [wallet] = await stores.wallets.byIds([walletId]);
  if (!wallet) return [];
  const due = isDue(wallet, now) ? (await preview([walletId])).lots : [];
  // Read last: what the sweeper writes meanwhile a preview does not show any more.
  const found = await stores.lots.expiredSince(walletId, addDays(now, -mostGraceDays), mostRestorable);
  const lots = new Map([...found, ...due].map((lot) => [lot.id, lot]));
  const until = (lot: Lot): number => restorableUntil(lot)?.getTime() ?? 0;
  return [...lots.values()]
    .filter((lot) => until(lot) > now.getTime())
    .sort((a, b) => b.expiredAt!.getTime() - a.expiredAt!.getTime() || (a.id < b.id ? -1 : 1));
}

/** Makes the reads on these stores. */
export function reminderReads(
  stores: LedgerStores,
  preview: (walletIds: readonly string[]) => Promise<Preview>,
  clock: Clock,
): ReminderReads {
  return {
    async lot(id) {
      const [lot] = await stores.lots.byIds([id]);
      if (!lot) return null;
      const [wallet] = await stores.wallets.byIds([lot.walletId]);
      // What expired in a household's pool is not given back.
      if (!wallet?.memberId) return null;
      const { memberId } = wallet;
      if (!isDue(wallet, clock.now())) return { ...lot, memberId };
      const current = (await preview([lot.walletId])).lots.find((one) => one.id === id);
      return { ...(current ?? lot), memberId };
    },
    reminders: (ids) => stores.reminders.byIds(ids),
    remindersOf: (query, { first, after }) =>
      stores.reminders.page(query, first + 1, after && { at: new Date(after[0]!), id: after[1]! }),
    restorable: (walletId) => readRestorable(walletId, stores, preview, clock.now()),
    overdueReminders: ({ first, after }) =>
      stores.wallets.toRemind(clock.now(), first + 1, after && { at: new Date(after[0]!), id: after[1]! }),
  };
}
