import type { AuditStore } from './audit-store.ts';
import type { Lot } from './lot.ts';
import {
  addRestored,
  type JournalRestored,
  remindedViolations,
  reminderIds,
  scheduledViolations,
} from './reminder-rules.ts';
import type { Violation } from './violation.ts';
import type { Wallet } from './wallet.ts';

/** Checks that nothing of these wallets expired untold, that what was told was sent, and that the rest will be. */
export async function checkReminders(
  wallets: readonly Wallet[],
  audit: AuditStore,
  now: Date,
): Promise<Violation[]> {
  if (wallets.length === 0) return [];
  const lots = await audit.lotsOf(wallets.map(({ id }) => id));
  const reminders = await audit.remindersOf(reminderIds(lots));
  const byId = new Map(reminders.map((reminder) => [reminder.id, reminder]));
  const restored: JournalRestored = new Map();
  for (const posting of await audit.restoresOf(wallets.flatMap(({ memberId }) => memberId ?? [])))
    addRestored(restored, posting);
  const byWallet = new Map<string, Lot[]>(wallets.map(({ id }) => [id, []]));
  for (const lot of lots) byWallet.get(lot.walletId)!.push(lot);
  return [
    ...lots.flatMap((lot) => remindedViolations(lot, byId, restored)),
    ...wallets.flatMap((wallet) => scheduledViolations(wallet, byWallet.get(wallet.id)!, now)),
  ];
}
