import type { Clock } from '../ids.ts';
import type { Log } from '../log.ts';
import { type BackoffTerms, backoffMs } from './backoff.ts';
import { type DomainEvent, slotOf } from './event.ts';
import { inLanes } from './lanes.ts';
import { createLeaseKeeper, type LeaseKeeper, type LeasePorts } from './lease-keeper.ts';

/** Takes events. Given one twice, it must know it by its id. */
export interface Consumer {
  readonly name: string;
  /** Resolves when the event is safe with the consumer, however long it takes it to act on it; rejects to get it again. */
  readonly take: (event: DomainEvent) => Promise<void>;
}

interface Place {
  readonly slot: number;
  readonly partition: string;
  readonly sequence: number;
}

/** What a relay needs. */
export interface RelayPorts {
  readonly undelivered: (
    slots: readonly number[],
    after: Place | null,
    limit: number,
  ) => Promise<readonly DomainEvent[]>;
  readonly markDelivered: (ids: readonly string[], at: Date) => Promise<void>;
  readonly removeDelivered: (before: Date) => Promise<void>;
  readonly leases: LeasePorts;
  readonly consumers: readonly Consumer[];
  readonly clock: Clock;
  /** 0 to below 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** How a relay works. */
export interface RelayTerms {
  /** Names this relay and no other that ever ran. */
  readonly owner: string;
  readonly leaseMs?: number;
  readonly backoff?: BackoffTerms;
  /** How long delivered events are kept. */
  readonly retentionMs?: number;
  /** How many events are read at once. */
  readonly pageSize?: number;
}

/** Hands a subgraph's events to its consumers. Any number may run on one outbox. */
export interface Relay {
  /** Delivers what there is to deliver; gives how many events were. Never twice at once. */
  turn(): Promise<number>;
  /** Ends a turn after the events that are under way and hands the leases over. */
  stop(): Promise<void>;
}

const day = 86_400_000;
const lanes = 8;
const defaults = {
  leaseMs: 15_000,
  backoff: { firstMs: 1_000, longestMs: 300_000 },
  retentionMs: 7 * day,
  pageSize: 500,
};

/** Of each partition that failed, how often and until when it rests. In memory: a new process simply tries. */
interface Resting {
  readonly failures: number;
  readonly until: number;
}

function byPartition(events: readonly DomainEvent[]): DomainEvent[][] {
  const groups = new Map<string, DomainEvent[]>();
  for (const event of events) {
    const group = groups.get(event.partition);
    if (group) group.push(event);
    else groups.set(event.partition, [event]);
  }
  return [...groups.values()];
}

/** Delivers one partition's events in order, up to the first that fails; `done` is told of each that was delivered. */
function createDelivery(
  ports: RelayPorts,
  { keeper, backoff, isStopping }: { keeper: LeaseKeeper; backoff: BackoffTerms; isStopping: () => boolean },
) {
  const { consumers, clock, random, log } = ports;
  const resting = new Map<string, Resting>();
  const rest = (event: DomainEvent, consumer: string, err: unknown): void => {
    const failures = (resting.get(event.partition)?.failures ?? 0) + 1;
    const until = clock.now().getTime() + backoffMs(failures, backoff, random);
    resting.set(event.partition, { failures, until });
    log.warn({ err, event: event.id, type: event.type, consumer, failures }, 'an event was not taken');
  };
  return async (events: readonly DomainEvent[], done: (event: DomainEvent) => void): Promise<void> => {
    const { partition } = events[0]!;
    const slot = slotOf(partition);
    if ((resting.get(partition)?.until ?? 0) > clock.now().getTime()) return;
    for (const event of events) {
      for (const { name, take } of consumers) {
        // Whoever lost its lease, or is to stop, must not deliver one more.
        if (isStopping() || !keeper.holds(slot)) return;
        try {
          await take(event);
        } catch (error) {
          return rest(event, name, error);
        }
      }
      resting.delete(partition);
      done(event);
    }
  };
}

/**
 * Makes a relay: events of one partition are delivered one after another in the order of their sequence, at least once,
 * and marked when all consumers have taken them. One that fails holds up its own partition only.
 */
export function createRelay(ports: RelayPorts, terms: RelayTerms): Relay {
  const { owner, leaseMs, backoff, retentionMs, pageSize } = { ...defaults, ...terms };
  const { clock } = ports;
  const keeper = createLeaseKeeper(ports.leases, { owner, leaseMs, clock });
  let stopping = false;
  let running: Promise<number> | null = null;
  let tidyAfter = 0;
  const deliver = createDelivery(ports, { keeper, backoff, isStopping: () => stopping });

  const deliverPage = async (page: readonly DomainEvent[]): Promise<Set<string>> => {
    const done = new Set<string>();
    try {
      await inLanes(byPartition(page), lanes, (events) => deliver(events, (event) => done.add(event.id)));
    } finally {
      await ports.markDelivered([...done], clock.now());
    }
    return done;
  };

  /** Where to read on: after the page, and past all the rest of a partition that is held up. */
  const placeAfter = (page: readonly DomainEvent[], done: ReadonlySet<string>): Place => {
    const { id, partition, sequence } = page.at(-1)!;
    const slot = slotOf(partition);
    return { slot, partition, sequence: done.has(id) ? sequence : Number.MAX_SAFE_INTEGER };
  };

  const run = async (): Promise<number> => {
    let delivered = 0;
    let place: Place | null = null;
    for (;;) {
      if (stopping) return delivered;
      await keeper.refresh();
      const slots = keeper.slots();
      if (slots.length === 0) return delivered;
      const page = await ports.undelivered(slots, place, pageSize);
      if (page.length === 0) break;
      const done = await deliverPage(page);
      delivered += done.size;
      place = placeAfter(page, done);
    }
    if (clock.now().getTime() >= tidyAfter) {
      await ports.removeDelivered(new Date(clock.now().getTime() - retentionMs));
      tidyAfter = clock.now().getTime() + retentionMs / 100;
    }
    return delivered;
  };

  return {
    turn: () => {
      running ??= run().finally(() => {
        running = null;
      });
      return running;
    },
    stop: async () => {
      stopping = true;
      await running?.catch(() => {});
      await keeper.leave();
    },
  };
}
