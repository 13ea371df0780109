import { mongo } from 'mongoose';
import type { Clock } from '../ids.ts';
import type { Log } from '../log.ts';
import type { DomainEvent } from './event.ts';
import type { InboxStore } from './inbox-store.ts';
import { inLanes } from './lanes.ts';
import { byPartition, type TakeEvents } from './subscriber.ts';

/**
 * What a subgraph does on events of others, by their type. Each runs in one transaction with the note that its event was
 * acted on, which it may do again after a write conflict: so it does nothing outside the database.
 */
export type EventHandlers = Readonly<Record<string, (event: DomainEvent) => Promise<void>>>;

/** What taking events needs. */
export interface IntakePorts {
  readonly inbox: InboxStore;
  readonly handlers: EventHandlers;
  readonly clock: Clock;
  readonly log: Log;
}

const lanes = 4;
const hour = 3_600_000;
/** Longer than any producer can have been down between handing an event over and noting that it was taken. */
const inboxKeptMs = 90 * 24 * hour;

/** True if an error says that the database cannot be used now, whatever the event. */
const isOutage = (error: unknown): boolean =>
  error instanceof mongo.MongoNetworkError ||
  error instanceof mongo.MongoServerSelectionError ||
  error instanceof mongo.MongoNotConnectedError ||
  (error instanceof mongo.MongoError && error.hasErrorLabel('RetryableWriteError'));

const reasonOf = (error: unknown): string => String((error as Error)?.message ?? error).slice(0, 500);

/**
 * Takes events of others: each is acted on once, however often it comes, and each partition's in order. What it has no
 * handler for it refuses, so that a subscription without one is found out.
 */
export function createIntake({ inbox, handlers, clock, log }: IntakePorts): TakeEvents {
  let tidyAfter = 0;
  const tidy = async (): Promise<void> => {
    const now = clock.now().getTime();
    if (now < tidyAfter) return;
    tidyAfter = now + hour;
    await inbox.forget(new Date(now - inboxKeptMs));
  };
  const act = async (event: DomainEvent): Promise<string | null> => {
    const handle = Object.hasOwn(handlers, event.type) ? handlers[event.type]! : null;
    if (!handle) return `nothing here acts on ${event.type}`;
    try {
      await inbox.once('events', event.id, clock.now(), () => handle(event));
      return null;
    } catch (error) {
      if (isOutage(error)) throw error;
      log.warn({ err: error, event: event.id, type: event.type }, 'an event could not be acted on');
      return reasonOf(error);
    }
  };
  return async (events) => {
    const taken: string[] = [];
    const refused: { id: string; reason: string }[] = [];
    await inLanes(byPartition(events), lanes, async (partition) => {
      for (const event of partition) {
        const reason = await act(event);
        if (reason !== null) return void refused.push({ id: event.id, reason });
        taken.push(event.id);
      }
    });
    await tidy();
    return { taken, refused };
  };
}
