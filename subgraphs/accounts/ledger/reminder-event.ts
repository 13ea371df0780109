import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import type { NewId } from '../../shared/ids.ts';
import { accountsSource, pointsExpiring } from '../event-types.ts';
import type { BatchChange } from './batch-change.ts';
import { postingEvents } from './posting-event.ts';
import { freeOfReminder, partOfReminder, type Reminder } from './reminder.ts';

/** A merchant that registered a member, and whether it may learn of all of the member's points. */
export interface Listener {
  readonly merchantId: string;
  readonly whole: boolean;
}

/** Who registered each member. */
export type Listeners = ReadonlyMap<string, readonly Listener[]>;

/** The id of what is told of a reminder to a merchant that may not learn all of it. */
export const partEventId = (reminderId: string, merchantId: string): string => `${reminderId}-${merchantId}`;

/** What is told of a reminder: no lot by itself, and nothing but that it is there where all else is not to be known. */
const tell = (reminder: Reminder, shown: Reminder | null): DomainEvent['data'] => ({
  reminderId: reminder.id,
  programme: reminder.programme,
  sentAt: reminder.at.toISOString(),
  daysBefore: shown?.days ?? null,
  expiresAt: shown?.expiresAt.toISOString() ?? null,
  points: shown && Number(shown.points),
  held: shown && Number(shown.held),
  lots: shown?.lots ?? null,
  rescues: (shown?.rescues ?? []).map(({ kind, points }) => ({ kind, points: Number(points) })),
  memberId: reminder.memberId,
});

type Told = Pick<DomainEvent, 'id' | 'audience' | 'data'>;

/**
 * What is told of a reminder, to whom: all that is free of it to the merchants that may learn it, and its own part to each other one that
 * has any. If that is nobody, all that registered the member are told that there is a reminder, which it can look at.
 */
function tellings(reminder: Reminder, listeners: readonly Listener[]): Told[] {
  const whole = listeners.filter((listener) => listener.whole).map(({ merchantId }) => merchantId);
  const others = listeners.filter((listener) => !listener.whole).map(({ merchantId }) => merchantId);
  const parts = others.map((merchantId) => ({ merchantId, part: partOfReminder(reminder, merchantId) }));
  const known = parts.filter(({ part }) => part !== null);
  const told = whole.length + known.length > 0 ? known : parts;
  return [
    { id: reminder.id, audience: whole, data: tell(reminder, freeOfReminder(reminder)) },
    ...told.map(
      ({ merchantId, part }): Told => ({
        id: partEventId(reminder.id, merchantId),
        audience: [merchantId],
        data: tell(reminder, part),
      }),
    ),
  ];
}

/** The events of a batch: those of its postings and, behind them in their wallets, those of its reminders. */
export function batchEvents(
  change: Pick<BatchChange, 'wallets' | 'postings' | 'reminders'>,
  listeners: Listeners,
  newId: NewId,
): DomainEvent[] {
  const posted = postingEvents(change, newId);
  const versions = new Map(change.wallets.map(({ wallet }) => [wallet.id, wallet.version]));
  const told = new Map<string, number>();
  for (const { partition } of posted) told.set(partition, (told.get(partition) ?? 0) + 1);
  const reminded = change.reminders.flatMap((reminder) => {
    const { walletId: partition, memberId, at: time, id: subject } = reminder;
    const version = versions.get(partition);
    if (version === undefined) throw new Error(`a reminder of ${partition}, which is not written`);
    return tellings(reminder, listeners.get(memberId) ?? []).map((one): DomainEvent => {
      const index = told.get(partition) ?? 0;
      told.set(partition, index + 1);
      const sequence = sequenceAt(version, index);
      return { ...one, type: pointsExpiring, source: accountsSource, subject, time, partition, sequence };
    });
  });
  return [...posted, ...reminded];
}
