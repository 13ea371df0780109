import type { Clock } from '../ids.ts';
import type { Log } from '../log.ts';
import { type BackoffTerms, backoffMs } from './backoff.ts';
import { slotOf } from './event.ts';
import { createLeaseKeeper, type LeaseKeeper, type LeasePorts } from './lease-keeper.ts';
import type { OutboxPlace, WaitingEvent } from './outbox-store.ts';
import type { RefusedEvent, Subscriber } from './subscriber.ts';

/** What a relay needs. */
export interface RelayPorts {
  readonly isWaiting: (subscribers: readonly string[], slots: readonly number[]) => Promise<boolean>;
  readonly waiting: (
    subscriber: string,
    slots: readonly number[],
    after: OutboxPlace | null,
    limit: number,
  ) => Promise<readonly WaitingEvent[]>;
  readonly remove: (subscriber: string, eventIds: readonly string[]) => Promise<void>;
  readonly noteFailure: (subscriber: string, eventId: string) => Promise<void>;
  readonly park: (waiting: WaitingEvent, reason: string, at: Date) => Promise<void>;
  readonly leases: LeasePorts;
  readonly subscribers: readonly Subscriber[];
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
  /** How many events are read and handed over at once. */
  readonly pageSize?: number;
  /** How often an event is refused before it is parked. */
  readonly refusalsToPark?: number;
}

/** A delivery to one subscriber that has begun. */
export interface BegunDelivery {
  /** How many events it will have taken. */
  readonly count: Promise<number>;
}

/** Hands a subgraph's events to its subscribers. Any number may run on one outbox. */
export interface Relay {
  /** Begins to deliver to each subscriber that is not being delivered to. */
  begin(): Promise<readonly BegunDelivery[]>;
  /** Delivers what there is to deliver; gives how many events were taken. */
  turn(): Promise<number>;
  /** Ends after the events that are under way and hands the leases over. */
  stop(): Promise<void>;
}

const defaults = {
  leaseMs: 15_000,
  backoff: { firstMs: 1_000, longestMs: 300_000 },
  pageSize: 100,
  refusalsToPark: 20,
};
/** A subscriber that cannot be reached: shorter, for it is not the event that is wrong. */
const absence: BackoffTerms = { firstMs: 1_000, longestMs: 30_000 };

/** What rests, how often it has failed and until when. In memory: a new process simply tries. */
interface Resting {
  readonly failures: number;
  readonly until: number;
}

type Terms = Required<RelayTerms>;

/** Delivers to one subscriber. */
function createDelivery(
  { name, take }: Subscriber,
  ports: RelayPorts,
  { keeper, terms, isStopping }: { keeper: LeaseKeeper; terms: Terms; isStopping: () => boolean },
) {
  const { clock, random, log } = ports;
  let absent: Resting = { failures: 0, until: 0 };
  const resting = new Map<string, number>();
  const rests = (partition: string): boolean => (resting.get(partition) ?? 0) > clock.now().getTime();

  const refuse = async (waiting: WaitingEvent, { id, reason }: RefusedEvent): Promise<void> => {
    const { partition, type } = waiting.event;
    const failures = waiting.failures + 1;
    const told = { event: id, type, subscriber: name, failures, reason };
    if (failures >= terms.refusalsToPark) {
      await ports.park({ ...waiting, failures }, reason, clock.now());
      resting.delete(partition);
      log.error(told, 'an event was parked: its subscriber keeps refusing it');
      return;
    }
    await ports.noteFailure(name, id);
    resting.set(partition, clock.now().getTime() + backoffMs(failures, terms.backoff, random));
    log.warn(told, 'an event was not taken');
  };

  /** Gives the ids that were taken; null if the subscriber cannot take any at present. */
  const hand = async (batch: readonly WaitingEvent[]): Promise<ReadonlySet<string> | null> => {
    try {
      const { taken, refused } = await take(batch.map(({ event }) => event));
      absent = { failures: 0, until: 0 };
      await ports.remove(name, taken);
      const byId = new Map(batch.map((waiting) => [waiting.event.id, waiting]));
      for (const { event } of batch) resting.delete(event.partition);
      for (const one of refused) await refuse(byId.get(one.id)!, one);
      return new Set(taken);
    } catch (err) {
      const failures = absent.failures + 1;
      absent = { failures, until: clock.now().getTime() + backoffMs(failures, absence, random) };
      log.warn({ err, subscriber: name, failures }, 'events could not be handed over');
      return null;
    }
  };

  const drain = async (): Promise<number> => {
    let delivered = 0;
    let place: OutboxPlace | null = null;
    // Whatever is not taken holds up its partition for the rest of the turn, however short it rests.
    const heldUp = new Set<string>();
    for (;;) {
      if (isStopping()) return delivered;
      await keeper.refresh();
      const slots = keeper.slots();
      if (slots.length === 0) return delivered;
      const page = await ports.waiting(name, slots, place, terms.pageSize);
      if (page.length === 0) return delivered;
      // Whoever lost its lease, or is to stop, must not deliver one more.
      const isOurs = ({ event: { partition } }: WaitingEvent) =>
        !heldUp.has(partition) && !rests(partition) && keeper.holds(slotOf(partition));
      const batch = isStopping() ? [] : page.filter(isOurs);
      const taken = batch.length > 0 ? await hand(batch) : new Set<string>();
      if (!taken) return delivered;
      for (const { event } of page) if (!taken.has(event.id)) heldUp.add(event.partition);
      delivered += taken.size;
      place = placeAfter(page.at(-1)!, heldUp);
    }
  };
  return { name, drain, isAbsent: () => absent.until > clock.now().getTime() };
}

/** Where to read on: after a page's last event, and past all the rest of its partition if that is held up. */
function placeAfter({ event }: WaitingEvent, heldUp: ReadonlySet<string>): OutboxPlace {
  const { partition, sequence } = event;
  return {
    slot: slotOf(partition),
    partition,
    sequence: heldUp.has(partition) ? Number.MAX_SAFE_INTEGER : sequence,
  };
}

/**
 * Makes a relay: events of one partition reach a subscriber one after another in the order of their sequence, at least
 * once, and leave the outbox when they were taken. One that is refused holds up its own partition only, and is parked
 * when it has been refused too often. A subscriber that cannot be reached holds up no other.
 */
export function createRelay(ports: RelayPorts, given: RelayTerms): Relay {
  const terms: Terms = { ...defaults, ...given };
  const keeper = createLeaseKeeper(ports.leases, { ...terms, clock: ports.clock });
  let stopping = false;
  let looking: Promise<readonly BegunDelivery[]> | null = null;
  const deliveries = ports.subscribers.map((subscriber) =>
    createDelivery(subscriber, ports, { keeper, terms, isStopping: () => stopping }),
  );
  const running = new Map<string, Promise<number>>();

  const start = ({ name, drain }: (typeof deliveries)[number]): BegunDelivery => {
    const count = drain().finally(() => running.delete(name));
    running.set(name, count);
    return { count };
  };
  const look = async (): Promise<readonly BegunDelivery[]> => {
    await keeper.refresh();
    const ready = deliveries.filter(({ name, isAbsent }) => !running.has(name) && !isAbsent());
    const slots = keeper.slots();
    if (ready.length === 0 || slots.length === 0) return [];
    const names = ready.map(({ name }) => name);
    if (!(await ports.isWaiting(names, slots)) || stopping) return [];
    return ready.map(start);
  };
  const begin = () => {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  };
  const turn = async () => {
    await begin();
    return (await Promise.all(running.values())).reduce((sum, count) => sum + count, 0);
  };
  return {
    begin,
    turn,
    stop: async () => {
      stopping = true;
      await looking?.catch(() => {});
      await Promise.allSettled(running.values());
      await keeper.leave();
    },
  };
}
