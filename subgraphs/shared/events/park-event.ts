import type { DomainEvent } from './event.ts';
import type { WaitingEvent } from './outbox-store.ts';
import type { ParkedEvent } from './parked-store.ts';

/** What parking and replaying need. */
export interface ParkingPorts {
  readonly outbox: {
    addFor(subscriber: string, event: DomainEvent): Promise<void>;
    remove(subscriber: string, eventIds: readonly string[]): Promise<void>;
  };
  readonly parked: {
    insert(parked: ParkedEvent): Promise<void>;
    take(subscriber: string, eventId: string): Promise<ParkedEvent | null>;
  };
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Sets an event aside that a subscriber keeps refusing, so that those after it can go on. */
export function parkEvent(
  { outbox, parked, inTransaction }: ParkingPorts,
  { subscriber, event, failures }: WaitingEvent,
  reason: string,
  parkedAt: Date,
): Promise<void> {
  return inTransaction(async () => {
    // One that was parked by another relay meanwhile is parked again with what is known now.
    await parked.take(subscriber, event.id);
    await parked.insert({ subscriber, event, failures, reason, parkedAt });
    await outbox.remove(subscriber, [event.id]);
  });
}

/** Puts a parked event back to be delivered, after those that were delivered meanwhile. False if it is not parked. */
export function replayParked(
  { outbox, parked, inTransaction }: ParkingPorts,
  subscriber: string,
  eventId: string,
): Promise<boolean> {
  return inTransaction(async () => {
    const found = await parked.take(subscriber, eventId);
    if (!found) return false;
    await outbox.remove(subscriber, [eventId]);
    await outbox.addFor(subscriber, found.event);
    return true;
  });
}
