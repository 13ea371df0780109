import { type DomainEvent, everyone } from '../../shared/events/event.ts';
import type { Clock } from '../../shared/ids.ts';
import { type Member, referenceAt } from '../membership/member.ts';
import { type Delivery, deliveryId } from './delivery.ts';
import { memberOf, partnerBody } from './partner-event.ts';
import { type Webhook, wants } from './webhook.ts';

/** What handing events to webhooks needs. */
export interface FanOutPorts {
  /** Webhooks of these merchants, or of all for null; those that rest too, those that were deleted not. */
  readonly liveWebhooks: (merchantIds: readonly string[] | null) => Promise<readonly Webhook[]>;
  readonly memberById: (id: string) => Promise<Member | null>;
  /** Adds deliveries; leaves those that are there as they are. */
  readonly addDeliveries: (deliveries: readonly Delivery[]) => Promise<void>;
  readonly clock: Clock;
}

/** One event on its way to one webhook, told of a member under this reference. */
export function newDelivery(
  event: DomainEvent,
  webhook: Webhook,
  reference: string | null,
  now: Date,
): Delivery {
  return {
    id: deliveryId(webhook.id, event.id),
    webhookId: webhook.id,
    merchantId: webhook.merchantId,
    eventId: event.id,
    eventType: event.type,
    memberId: memberOf(event),
    partition: event.partition,
    sequence: event.sequence,
    body: partnerBody(event, webhook.id, reference),
    createdAt: now,
    status: 'PENDING',
    attempts: [],
    failures: 0,
    firstFailedAt: null,
    nextAttemptAt: now,
    endedAt: null,
  };
}

/** Makes an event's deliveries: one for each webhook that may be told of it and wants its type. Again it adds none. */
export async function fanOut(event: DomainEvent, ports: FanOutPorts): Promise<void> {
  if (event.audience.length === 0) return;
  const toAll = event.audience.includes(everyone);
  const webhooks = (await ports.liveWebhooks(toAll ? null : event.audience)).filter((webhook) =>
    wants(webhook, event.type),
  );
  if (webhooks.length === 0) return;
  const memberId = memberOf(event);
  const member = memberId === null ? null : await ports.memberById(memberId);
  const now = ports.clock.now();
  const deliveries = webhooks.map((webhook) =>
    newDelivery(event, webhook, member && referenceAt(member, webhook.merchantId), now),
  );
  await ports.addDeliveries(deliveries);
}
