import { randomUUID } from 'node:crypto';
import { createRelay } from '../shared/events/relay.ts';
import type { Clock } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import { startSweeper } from '../shared/sweeper.ts';
import type { Stores } from './stores.ts';
import { createEndpointClient, type LookupHost } from './webhook/endpoint-client.ts';
import { fanOut } from './webhook/fan-out.ts';
import type { TargetTerms } from './webhook/target.ts';
import { createWebhookSender } from './webhook/webhook-sender.ts';

/** What delivering events is wired to. */
export interface EventLoopWiring {
  readonly stores: Stores;
  readonly targets: TargetTerms;
  readonly lookup: LookupHost;
  /** 0 to below 1: decides how long is waited between attempts. */
  readonly random: () => number;
  readonly clock: Clock;
  readonly everyMs: number;
  readonly log: Log;
}

/** The loops that hand events on and send them to webhooks. */
export interface EventLoops {
  /** Hands on what is in the outbox; gives how many events were. */
  relayEvents(): Promise<number>;
  /** Sends what is due to webhooks; gives how many attempts were made. */
  sendWebhooks(): Promise<number>;
  stop(): Promise<void>;
}

function createLoops({ stores, targets, lookup, random, clock, log }: EventLoopWiring) {
  const { outbox, leases, webhooks, deliveries, members } = stores;
  // A name that no process had before: what an earlier one left behind is never mistaken for ours.
  const owner = randomUUID();
  const endpoints = createEndpointClient({ targets, lookup });
  const fanning = {
    liveWebhooks: webhooks.live,
    memberById: members.byId,
    addDeliveries: deliveries.add,
    clock,
  };
  const relay = createRelay(
    {
      undelivered: outbox.undelivered,
      markDelivered: outbox.markDelivered,
      removeDelivered: outbox.removeDelivered,
      consumers: [{ name: 'webhooks', take: (event) => fanOut(event, fanning) }],
      ...{ leases, clock, random, log },
    },
    { owner },
  );
  const sender = createWebhookSender(owner, {
    ...webhooks,
    ...deliveries,
    post: endpoints.post,
    breakOff: endpoints.stop,
    clock,
    random,
  });
  return { relay, sender };
}

/** Starts the loops. Any number of processes may run them on one store. */
export function startEventLoops(wiring: EventLoopWiring): EventLoops {
  const { everyMs, log } = wiring;
  const { relay, sender } = createLoops(wiring);
  const sending = startSweeper({
    ...{ name: 'webhooks', everyMs, log },
    work: async () => void (await sender.turn()),
  });
  const relaying = startSweeper({
    ...{ name: 'events', everyMs, log },
    work: async () => {
      if ((await relay.turn()) > 0) void sending.run();
    },
  });
  return {
    relayEvents: relay.turn,
    sendWebhooks: sender.turn,
    stop: async () => {
      await Promise.all([relay.stop(), sender.stop()]);
      await Promise.all([relaying.stop(), sending.stop()]);
    },
  };
}
