import type { DomainEvent } from '../../shared/events/event.ts';
import { pointsExpiring } from '../event-types.ts';
import type { Delivery } from './delivery.ts';
import { reminderOf } from './partner-event.ts';
import type { Webhook } from './webhook.ts';

/** What a reminder is about, as far as it is looked for by that. */
export interface ReminderSubject {
  readonly programme: string;
  /** When its points expire. */
  readonly expiresAt: Date;
}

/** What was made of a reminder when it was handed to webhooks. */
export interface Reach extends ReminderSubject {
  readonly reminderId: string;
  /** Of its deliveries, whether or not they are still kept. */
  readonly deliveryIds: readonly string[];
}

/** What some events add to the reach of a reminder. */
export interface ReachChange {
  readonly reminderId: string;
  /** Null if the event that begins it is not among them. */
  readonly begun: ReminderSubject | null;
  readonly deliveryIds: readonly string[];
}

/** A reminder's first event has its id, and all that it is about even where nobody may be told that. */
function begunBy({ id, data }: DomainEvent): ReminderSubject | null {
  if (id !== data['reminderId']) return null;
  return { programme: String(data['programme']), expiresAt: new Date(String(data['expiresAt'])) };
}

/** What events and the deliveries that were made of them add to the reach of each reminder. */
export function reachChanges(
  events: readonly DomainEvent[],
  deliveries: readonly Delivery[],
): readonly ReachChange[] {
  const changes = new Map<string, ReachChange & { readonly deliveryIds: string[] }>();
  for (const event of events) {
    const reminderId = event.type === pointsExpiring ? reminderOf(event) : null;
    if (reminderId === null) continue;
    const { begun = null, deliveryIds = [] } = changes.get(reminderId) ?? {};
    changes.set(reminderId, { reminderId, begun: begunBy(event) ?? begun, deliveryIds });
  }
  for (const { id, reminderId } of deliveries)
    if (reminderId !== null) changes.get(reminderId)?.deliveryIds.push(id);
  return [...changes.values()].filter(({ begun, deliveryIds }) => begun || deliveryIds.length > 0);
}

/** Which reminders to look for: those whose points expire after an instant, perhaps in one programme. */
export interface UnreachedQuery {
  readonly programme: string | null;
  readonly expiresAfter: Date;
}

/** Why a reminder has reached nobody. */
export type UnreachedReason = 'NO_ENDPOINT' | 'FAILED' | 'PAUSED' | 'FAILING';

/** A delivery waits longer than from when it was made only for what comes before it, or once it was given up and revived. */
const isPutOff = ({ nextAttemptAt, createdAt }: Delivery): boolean =>
  nextAttemptAt !== null && nextAttemptAt > createdAt;

/**
 * A delivery that its endpoint does not take: it failed already, or what it has to wait for did, or whatever was sent there
 * last. An endpoint that takes all else looks well while it keeps refusing one event.
 */
const isFailing = (delivery: Delivery, { failingSince }: Webhook): boolean =>
  delivery.failures > 0 || isPutOff(delivery) || failingSince !== null;

/**
 * Why a reminder has reached nobody, by those of its deliveries that are kept and the webhooks that were not deleted; null if
 * it has, or is on its way to an endpoint that nothing is known against.
 */
export function unreachedReason(
  { deliveryIds }: Reach,
  deliveries: readonly Delivery[],
  webhooks: ReadonlyMap<string, Webhook>,
): UnreachedReason | null {
  if (deliveryIds.length === 0) return 'NO_ENDPOINT';
  if (deliveries.some(({ status }) => status === 'DELIVERED')) return null;
  const waiting = deliveries.flatMap((delivery) => {
    const webhook = delivery.status === 'PENDING' ? webhooks.get(delivery.webhookId) : undefined;
    return webhook ? [{ delivery, webhook }] : [];
  });
  const tried = waiting.filter(({ webhook }) => webhook.status === 'ACTIVE');
  if (tried.some(({ delivery, webhook }) => !isFailing(delivery, webhook))) return null;
  if (tried.length > 0) return 'FAILING';
  return waiting.length > 0 ? 'PAUSED' : 'FAILED';
}
