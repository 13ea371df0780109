import type { Connection } from 'mongoose';
import type { CallerKey } from '../caller.ts';
import { type Clock, systemClock } from '../ids.ts';
import type { Log } from '../log.ts';
import { createIntake, type EventHandlers } from './event-intake.ts';
import { createInboxStore } from './inbox-store.ts';
import type { OutboxStore } from './outbox-store.ts';
import { defineTelling, type RunningRelay, startRelay } from './start-relay.ts';
import type { Subscriptions, TakeEvents } from './subscriber.ts';

/** What the events of a subgraph are wired to. */
export interface SubgraphEventsOptions {
  readonly connection: Connection;
  /** The subgraph. */
  readonly service: string;
  /** Which other subgraphs are told of what it tells. */
  readonly subscriptions: Subscriptions;
  /** What it does on events of others. */
  readonly handlers: EventHandlers;
  /** The GraphQL endpoint of another subgraph; null while it is not known. */
  readonly urlOf: (subgraph: string) => string | null;
  readonly key: CallerKey;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** How often it is looked for events to hand on; each second if left out. */
  readonly everyMs?: number | undefined;
}

/** The events of a subgraph that tells other subgraphs and is told by them. */
export interface SubgraphEvents {
  readonly outbox: OutboxStore;
  readonly takeEvents: TakeEvents;
  /** Begins to hand events on. */
  start(): RunningRelay;
}

/** Defines the collections of events on a connection; their indexes are built separately. */
export function defineSubgraphEvents(options: SubgraphEventsOptions): SubgraphEvents {
  const { connection, service, subscriptions, handlers, urlOf, key, log, clock = systemClock } = options;
  const stores = defineTelling(connection, subscriptions);
  const inbox = createInboxStore(connection);
  const everyMs = options.everyMs ?? 1_000;
  return {
    outbox: stores.outbox,
    takeEvents: createIntake({ inbox, handlers, clock, log }),
    start: () =>
      startRelay({ connection, stores, service, subscriptions, local: [], urlOf, key, clock, everyMs, log }),
  };
}
