import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { CallerKey } from '../caller.ts';
import type { Clock } from '../ids.ts';
import type { Log } from '../log.ts';
import { inTransaction } from '../mongo.ts';
import { closing, stopAll } from '../stop-all.ts';
import { startSweeper } from '../sweeper.ts';
import { createRemoteSubscriber } from './event-client.ts';
import { createLeaseStore, type LeaseStore } from './lease-store.ts';
import { createOutboxStore, type OutboxStore } from './outbox-store.ts';
import { parkEvent } from './park-event.ts';
import { createParkedStore, type ParkedStore } from './parked-store.ts';
import { type BegunDelivery, createRelay } from './relay.ts';
import { namesIn, type Subscriber, type Subscriptions, subscribersBy } from './subscriber.ts';

/** The collections from which a subgraph tells events. */
export interface TellingStores {
  readonly outbox: OutboxStore;
  readonly leases: LeaseStore;
  readonly parked: ParkedStore;
}

/** Defines them on a connection. */
export const defineTelling = (connection: Connection, subscriptions: Subscriptions): TellingStores => ({
  outbox: createOutboxStore(connection, subscribersBy(subscriptions)),
  leases: createLeaseStore(connection),
  parked: createParkedStore(connection),
});

/** What a subgraph's relay is wired to. */
export interface RelayWiring {
  readonly connection: Connection;
  readonly stores: TellingStores;
  /** The subgraph that tells. */
  readonly service: string;
  readonly subscriptions: Subscriptions;
  /** Subscribers in this process; all others are other subgraphs. */
  readonly local: readonly Subscriber[];
  /** The GraphQL endpoint of another subgraph; null while it is not known yet. */
  readonly urlOf: (subscriber: string) => string | null;
  readonly key: CallerKey;
  readonly clock: Clock;
  readonly everyMs: number;
  readonly log: Log;
  /** 0 to below 1. */
  readonly random?: () => number;
  /** Told when events were taken. */
  readonly onTaken?: () => void;
}

/** A relay at work. */
export interface RunningRelay {
  /** Hands on what is in the outbox; gives how many events were taken. */
  relayEvents(): Promise<number>;
  stop(): Promise<void>;
}

/** How long requests under way may take when the process stops. */
const graceMs = 3_000;

/** Starts to hand on a subgraph's events. Any number of processes may do so from one store. */
export function startRelay(wiring: RelayWiring): RunningRelay {
  const { connection, stores, service, subscriptions, local, urlOf, key, clock, everyMs, log } = wiring;
  const { outbox, leases, parked } = stores;
  const near = new Set(local.map(({ name }) => name));
  const remote = namesIn(subscriptions)
    .filter((name) => !near.has(name))
    .map((name) => createRemoteSubscriber({ name, service, key, url: () => urlOf(name) }));
  const transaction = <T>(work: () => Promise<T>) => inTransaction(connection, work);
  const relay = createRelay(
    {
      ...outbox,
      park: (waiting, reason, at) =>
        parkEvent({ outbox, parked, inTransaction: transaction }, waiting, reason, at),
      subscribers: [...local, ...remote],
      ...{ leases, clock, log, random: wiring.random ?? Math.random },
    },
    // A name that no process had before: what an earlier one left behind is never mistaken for ours.
    { owner: randomUUID() },
  );
  const tell = ({ count }: BegunDelivery) =>
    count.then(
      (taken) => taken > 0 && wiring.onTaken?.(),
      (err: unknown) => log.error({ err }, 'events were not handed on'),
    );
  const sweeper = startSweeper({
    ...{ name: 'events', everyMs, log },
    work: async () => {
      for (const delivery of await relay.begin()) void tell(delivery);
    },
  });
  return {
    relayEvents: relay.turn,
    stop: async () => {
      const subscribers = remote.map(closing);
      // A subgraph that does not answer must not keep this one from stopping: what it did not take comes again.
      const late = setTimeout(() => void stopAll(subscribers), graceMs);
      const stopped = stopAll([relay], [sweeper], subscribers);
      await stopped.finally(() => clearTimeout(late));
    },
  };
}
