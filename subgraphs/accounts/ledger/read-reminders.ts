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

/** A lot and whose it is: the member whose wallet it is in, or who put it into the pool of a household. */
export type OwnedLot = Lot & { readonly memberId: string; readonly householdId: string | null };

/** What is read of expiries beyond wallets and postings. */
export interface ReminderReads {
  /** A lot as it is now, and whose it is; null if there is none. */
  lot(id: string): Promise<OwnedLot | null>;
  /** Those of these ids that there are. */
  reminders(ids: readonly string[]): Promise<readonly Reminder[]>;
  /** Newest first; one more than asked for if there are more. A place is the reminder's instant and id. */
  remindersOf(query: ReminderQuery, page: Page): Promise<readonly Reminder[]>;
  /**
   * Lots that expired and can be restored now, the one that expired last first: those of a member's wallet and, if asked for,
   * those of the member in pools, of households that it left too.
   */
  restorable(walletId: string, withPools: boolean): Promise<readonly Lot[]>;
  /** Wallets in which a reminder is due and not sent, the longest overdue first; one more than asked for. */
  overdueReminders(page: Page): Promise<readonly Wallet[]>;
}

type Previews = (walletIds: readonly string[]) => Promise<Preview>;

/** No grace is longer. */
const mostGraceDays = 365;
const mostRestorable = 1_000;

async function readRestorable(
  walletId: string,
  withPools: boolean,
  { stores, preview, now }: { stores: LedgerStores; preview: Previews; now: Date },
): Promise<Lot[]> {
  const [wallet] = await stores.wallets.byIds([walletId]);
  if (!wallet) return [];
  const { memberId, programme } = wallet;
  const isOwn = (lot: Lot) => lot.contributorId === null || lot.contributorId === memberId;
  const pooled = withPools && memberId !== null ? await stores.lots.pooled(memberId) : [];
  const poolIds = [...new Set(pooled.map((lot) => lot.walletId))];
  const wallets = [wallet, ...(await stores.wallets.byIds(poolIds))];
  const dueIds = wallets.filter((one) => one.programme === programme && isDue(one, now)).map(({ id }) => id);
  const due = dueIds.length > 0 ? (await preview(dueIds)).lots.filter(isOwn) : [];
  // Read last: what the sweeper writes meanwhile a preview does not show any more.
  const since = addDays(now, -mostGraceDays);
  const own = await stores.lots.expiredSince({ walletId }, since, mostRestorable);
  const inPools =
    withPools && memberId !== null
      ? await stores.lots.expiredSince({ contributorId: memberId, programme }, since, mostRestorable)
      : [];
  const lots = new Map([...own, ...inPools, ...due].map((lot) => [lot.id, lot]));
  const until = (lot: Lot): number => restorableUntil(lot)?.getTime() ?? 0;
  return [...lots.values()]
    .filter((lot) => until(lot) > now.getTime())
    .sort((a, b) => b.expiredAt!.getTime() - a.expiredAt!.getTime() || (a.id < b.id ? -1 : 1));
}

/** Makes the reads on these stores. */
export function reminderReads(stores: LedgerStores, preview: Previews, clock: Clock): ReminderReads {
  return {
    async lot(id) {
      const [lot] = await stores.lots.byIds([id]);
      if (!lot) return null;
      const [wallet] = await stores.wallets.byIds([lot.walletId]);
      const memberId = wallet?.memberId ?? lot.contributorId;
      if (!wallet || memberId === null) return null;
      const owner = { memberId, householdId: wallet.householdId };
      if (!isDue(wallet, clock.now())) return { ...lot, ...owner };
      const current = (await preview([lot.walletId])).lots.find((one) => one.id === id);
      return { ...(current ?? lot), ...owner };
    },
    reminders: (ids) => stores.reminders.byIds(ids),
    remindersOf: (query, { first, after }) =>
      stores.reminders.page(query, first + 1, after && { at: new Date(after[0]!), id: after[1]! }),
    restorable: (walletId, withPools) =>
      readRestorable(walletId, withPools, { stores, preview, now: clock.now() }),
    overdueReminders: ({ first, after }) =>
      stores.wallets.toRemind(clock.now(), first + 1, after && { at: new Date(after[0]!), id: after[1]! }),
  };
}
