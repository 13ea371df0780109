import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import type { NewId } from '../../shared/ids.ts';
import { accountsSource, pointsExpiring } from '../event-types.ts';
import type { BatchChange } from './batch-change.ts';
import { postingEvents } from './posting-event.ts';
import type { Reminder } from './reminder.ts';

/** What is told of a reminder: of no lot by itself, for who granted one is not every merchant's to know. */
const tell = (reminder: Reminder): DomainEvent['data'] => ({
  reminderId: reminder.id,
  programme: reminder.programme,
  daysBefore: reminder.days,
  sentAt: reminder.at.toISOString(),
  expiresAt: reminder.expiresAt.toISOString(),
  points: Number(reminder.points),
  held: Number(reminder.held),
  lots: reminder.lots,
  rescues: reminder.rescues.map(({ kind, points }) => ({ kind, points: Number(points) })),
  memberId: reminder.memberId,
});

/** The merchants of each member, which are told of its reminders: those that registered it. */
export type MerchantsOf = ReadonlyMap<string, readonly string[]>;

/** The events of a batch: those of its postings and, behind them in their wallets, those of its reminders. */
export function batchEvents(
  change: Pick<BatchChange, 'wallets' | 'postings' | 'reminders'>,
  merchantsOf: MerchantsOf,
  newId: NewId,
): DomainEvent[] {
  const posted = postingEvents(change, newId);
  const versions = new Map(change.wallets.map(({ wallet }) => [wallet.id, wallet.version]));
  const told = new Map<string, number>();
  for (const { partition } of posted) told.set(partition, (told.get(partition) ?? 0) + 1);
  const reminded = change.reminders.map((reminder): DomainEvent => {
    const { id, walletId: partition, memberId, at: time } = reminder;
    const version = versions.get(partition);
    if (version === undefined) throw new Error(`a reminder of ${partition}, which is not written`);
    const index = told.get(partition) ?? 0;
    told.set(partition, index + 1);
    return {
      ...{ id, type: pointsExpiring, source: accountsSource, subject: id, time, partition },
      sequence: sequenceAt(version, index),
      audience: merchantsOf.get(memberId) ?? [],
      data: tell(reminder),
    };
  });
  return [...posted, ...reminded];
}
