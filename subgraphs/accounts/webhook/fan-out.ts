import { type DomainEvent, everyone } from '../../shared/events/event.ts';
import type { RefusedEvent, TakeEvents } from '../../shared/events/subscriber.ts';
import type { Clock } from '../../shared/ids.ts';
import type { Log } from '../../shared/log.ts';
import { memberRegistered } from '../event-types.ts';
import { type Member, referenceAt } from '../membership/member.ts';
import { type Delivery, deliveryId } from './delivery.ts';
import { memberOf, partnerBody, reminderOf, toldId } from './partner-event.ts';
import { type ReachChange, reachChanges } from './reach.ts';
import { type Webhook, wants } from './webhook.ts';

/** What handing events to webhooks needs. */
export interface FanOutPorts {
  /** Webhooks of these merchants, or of all for null; those that rest too, those that were deleted not. */
  readonly liveWebhooks: (merchantIds: readonly string[] | null) => Promise<readonly Webhook[]>;
  readonly membersByIds: (ids: readonly string[]) => Promise<readonly Member[]>;
  /** Adds deliveries in their order; leaves those that are there as they are. */
  readonly addDeliveries: (deliveries: readonly Delivery[]) => Promise<void>;
  /** Keeps of reminders which deliveries were made, if any. */
  readonly addReaches: (changes: readonly ReachChange[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** An event with the webhooks that are told of it. */
interface Telling {
  readonly event: DomainEvent;
  readonly webhooks: readonly Webhook[];
}

/** One event on its way to one webhook, told of a member under this reference. */
export function newDelivery(
  event: DomainEvent,
  webhook: Webhook,
  reference: string | null,
  now: Date,
): Delivery {
  const eventId = toldId(event, webhook.merchantId);
  return {
    id: deliveryId(webhook.id, eventId),
    webhookId: webhook.id,
    merchantId: webhook.merchantId,
    eventId,
    eventType: event.type,
    memberId: memberOf(event),
    reminderId: reminderOf(event),
    partition: event.partition,
    sequence: event.sequence,
    body: partnerBody(event, webhook, reference),
    createdAt: now,
    status: 'PENDING',
    attempts: [],
    failures: 0,
    firstFailedAt: null,
    nextAttemptAt: now,
    endedAt: null,
  };
}

const isToldAll = ({ audience }: DomainEvent): boolean => audience.includes(everyone);

/** Reads the webhooks of a whole batch at once; none are read where nobody outside is told. */
async function tellingsOf(events: readonly DomainEvent[], ports: FanOutPorts): Promise<Telling[]> {
  const merchantIds = [...new Set(events.flatMap(({ audience }) => audience))];
  if (merchantIds.length === 0) return [];
  const webhooks = await ports.liveWebhooks(events.some(isToldAll) ? null : merchantIds);
  if (webhooks.length === 0) return [];
  const mayKnow = (event: DomainEvent, { merchantId }: Webhook) =>
    isToldAll(event) || event.audience.includes(merchantId);
  return events
    .map((event) => ({
      event,
      webhooks: webhooks.filter((webhook) => mayKnow(event, webhook) && wants(webhook, event.type)),
    }))
    .filter((telling) => telling.webhooks.length > 0);
}

/** Members by id that these events are about. */
async function membersOf(
  tellings: readonly Telling[],
  { membersByIds }: FanOutPorts,
): Promise<ReadonlyMap<string, Member>> {
  const ids = new Set(tellings.map(({ event }) => memberOf(event)).filter((id) => id !== null));
  const members = ids.size === 0 ? [] : await membersByIds([...ids]);
  return new Map(members.map((member) => [member.id, member]));
}

function deliveriesOf(
  { event, webhooks }: Telling,
  members: ReadonlyMap<string, Member>,
  now: Date,
): Delivery[] {
  const member = members.get(memberOf(event) ?? '');
  // Erased meanwhile, and the merchant was told so: what it registered would come after that, and without a reference.
  if (!member && event.type === memberRegistered) return [];
  return webhooks.map((webhook) =>
    newDelivery(event, webhook, member ? referenceAt(member, webhook.merchantId) : null, now),
  );
}

/**
 * Makes events' deliveries: one for each webhook that may be told of an event and wants its type, read and written a batch
 * at a time. The same event again adds none. Of a reminder it is kept also that none was made.
 */
export function createFanOut(ports: FanOutPorts): TakeEvents {
  const { clock, log, addDeliveries, addReaches } = ports;
  return async (events) => {
    const tellings = await tellingsOf(events, ports);
    const members = await membersOf(tellings, ports);
    const now = clock.now();
    const deliveries: Delivery[] = [];
    const refused: RefusedEvent[] = [];
    const heldUp = new Set<string>();
    for (const telling of tellings) {
      const { id, partition } = telling.event;
      if (heldUp.has(partition)) continue;
      try {
        deliveries.push(...deliveriesOf(telling, members, now));
      } catch (err) {
        log.warn({ err, event: id }, 'an event cannot be told');
        refused.push({ id, reason: String((err as Error).message) });
        heldUp.add(partition);
      }
    }
    const failed = new Set(refused.map(({ id }) => id));
    const before = eventsBefore(events, failed);
    // First, so that whoever sends a delivery finds what to note its success on.
    await addReaches(reachChanges(before, deliveries));
    if (deliveries.length > 0) await addDeliveries(deliveries);
    return { taken: before.map(({ id }) => id), refused };
  };
}

/** The events that come before any of their partition that failed. */
function eventsBefore(events: readonly DomainEvent[], failed: ReadonlySet<string>): DomainEvent[] {
  const ended = new Set<string>();
  return events.filter(({ id, partition }) => {
    if (failed.has(id)) ended.add(partition);
    return !ended.has(partition);
  });
}
