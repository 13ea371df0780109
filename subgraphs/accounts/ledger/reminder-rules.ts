import type { Lot } from './lot.ts';
import type { Posting } from './posting.ts';
import { missedDays, type Reminder, reminderDueAt } from './reminder.ts';
import { broken, type Violation } from './violation.ts';
import type { Wallet } from './wallet.ts';

/** How often each lot was restored, as the journal says. */
export type JournalRestored = Map<string, number>;

/** Counts a posting if it restores a lot. */
export function addRestored(restored: JournalRestored, { kind, lotId }: Posting): void {
  if (kind === 'RESTORE') restored.set(lotId!, (restored.get(lotId!) ?? 0) + 1);
}

/** The ids of the reminders that lots say they had. */
export const reminderIds = (lots: readonly Lot[]): string[] => [
  ...new Set(lots.flatMap((lot) => (lot.told ?? []).map(({ reminderId }) => reminderId))),
];

/** Whether a lot that expired has kept its date since, so that its reminders must be those of that expiry. */
const stillExpired = ({ expired, expiredAt, expiresAt, unlocked }: Lot): boolean =>
  unlocked && expired > 0n && (expiredAt ?? null) !== null && expiresAt <= expiredAt!;

const isOf = (lot: Lot, mark: Lot['told'][number], reminder: Reminder | undefined): boolean =>
  reminder !== undefined &&
  reminder.days === mark.days &&
  reminder.at.getTime() === mark.at.getTime() &&
  reminder.expiresAt.getTime() === lot.expiresAt.getTime();

/** What is wrong with the reminders of a lot. */
export function remindedViolations(
  lot: Lot,
  reminders: ReadonlyMap<string, Reminder>,
  restored: JournalRestored,
): Violation[] {
  // Lots of before reminders were sent say nothing of them.
  if (!lot.remindDays) return [];
  const missed = stillExpired(lot) ? missedDays(lot) : [];
  const unsent = lot.told.filter((mark) => !isOf(lot, mark, reminders.get(mark.reminderId)));
  const times = restored.get(lot.id) ?? 0;
  return broken(lot.id, [
    [
      'NOTHING_EXPIRED_UNTOLD',
      missed.length === 0,
      () => `it expired, and its member was not told ${missed.join(', ')} days before`,
    ],
    [
      'REMINDER_WAS_SENT',
      unsent.length === 0,
      () => `it says that it had ${unsent.map((mark) => mark.reminderId).join(', ')}`,
    ],
    [
      'RESTORED_AT_MOST_ONCE',
      times === 0 || (times === 1 && lot.restoredAt !== null),
      () => `it was restored ${times} times, and says ${lot.restoredAt?.toISOString() ?? 'never'}`,
    ],
  ]);
}

/** What is wrong with when a wallet says that its next reminder is due: later than that of one of its lots. */
export function scheduledViolations(wallet: Wallet, lots: readonly Lot[], now: Date): Violation[] {
  const next = wallet.nextReminderAt ?? null;
  const early = lots.find((lot) => {
    const due = lot.remindDays ? reminderDueAt(lot, now) : null;
    return due !== null && (next === null || due < next);
  });
  return broken(wallet.id, [
    [
      'REMINDER_IS_SCHEDULED',
      early === undefined,
      () => `the next reminder is due ${next?.toISOString() ?? 'never'}, and that of ${early!.id} before`,
    ],
  ]);
}
