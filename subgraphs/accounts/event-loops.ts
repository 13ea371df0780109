import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { CallerKey } from '../shared/caller.ts';
import { startRelay } from '../shared/events/start-relay.ts';
import type { TakeEvents } from '../shared/events/subscriber.ts';
import type { Clock } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import { stopAll } from '../shared/stop-all.ts';
import { startSweeper } from '../shared/sweeper.ts';
import type { Stores } from './stores.ts';
import { accountsSubscriptions, webhookSubscriber } from './subscriptions.ts';
import { createEndpointClient, type LookupHost } from './webhook/endpoint-client.ts';
import { createFanOut } from './webhook/fan-out.ts';
import type { TargetTerms } from './webhook/target.ts';
import { createWebhookSender } from './webhook/webhook-sender.ts';

/** What delivering events is wired to. */
export interface EventLoopWiring {
  readonly connection: Connection;
  readonly stores: Stores;
  readonly key: CallerKey;
  readonly targets: TargetTerms;
  readonly lookup: LookupHost;
  /** The GraphQL endpoint of another subgraph; null while that is not known yet. */
  readonly subscriberUrl: (subgraph: string) => string | null;
  /** 0 to below 1: decides how long is waited between attempts. */
  readonly random: () => number;
  readonly clock: Clock;
  readonly everyMs: number;
  readonly log: Log;
}

/** The loops that hand events on and send them to webhooks. */
export interface EventLoops {
  /** Hands on what is in the outbox; gives how many events were taken. */
  relayEvents(): Promise<number>;
  /** Sends what is due to webhooks; gives how many attempts were made. */
  sendWebhooks(): Promise<number>;
  stop(): Promise<void>;
}

/** Takes events, accounts' own and other subgraphs', for merchants' webhooks. */
export const fanOutOf = (
  { webhooks, deliveries, reaches, members }: Stores,
  clock: Clock,
  log: Log,
): TakeEvents =>
  createFanOut({
    liveWebhooks: webhooks.live,
    membersByIds: members.byIds,
    addDeliveries: deliveries.add,
    addReaches: reaches.addReaches,
    clock,
    log,
  });

/** Starts the loops. Any number of processes may run them on one store. */
export function startEventLoops(wiring: EventLoopWiring): EventLoops {
  const { connection, stores, key, targets, lookup, subscriberUrl, random, clock, everyMs, log } = wiring;
  const { webhooks, deliveries, reaches } = stores;
  const endpoints = createEndpointClient({ targets, lookup });
  // A name that no process had before: what an earlier one left behind is never mistaken for ours.
  const sender = createWebhookSender(randomUUID(), {
    ...webhooks,
    ...deliveries,
    noteReached: reaches.noteReached,
    post: endpoints.post,
    breakOff: endpoints.stop,
    clock,
    random,
    log,
  });
  const sending = startSweeper({
    ...{ name: 'webhooks', everyMs, log },
    work: sender.begin,
  });
  const relay = startRelay({
    ...{ connection, stores, key, clock, everyMs, log, random },
    service: 'accounts',
    subscriptions: accountsSubscriptions,
    local: [{ name: webhookSubscriber, take: fanOutOf(stores, clock, log) }],
    urlOf: subscriberUrl,
    onTaken: () => void sending.run(),
  });
  return {
    relayEvents: relay.relayEvents,
    sendWebhooks: sender.turn,
    // Sending stops last: what the others leave behind may still be under way in it.
    stop: () => stopAll([relay, sender], [sending]),
  };
}
