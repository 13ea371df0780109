import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DomainEvent } from '../../../subgraphs/shared/events/event.ts';
import { parkEvent, replayParked } from '../../../subgraphs/shared/events/park-event.ts';
import { createRelay, type RelayPorts } from '../../../subgraphs/shared/events/relay.ts';
import {
  byPartition,
  type RefusedEvent,
  type Subscriber,
} from '../../../subgraphs/shared/events/subscriber.ts';
import { inTransaction as transaction } from '../../../subgraphs/shared/mongo.ts';
import { eventOf, eventsOf, firstComings, relayPorts, subscriber } from '../../support/events.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { testClock } from '../../support/test-clock.ts';
import { type EventsWorld, eventsWorld } from './events-world.ts';

let mongo: TestMongo;
const worlds: EventsWorld[] = [];

beforeAll(async () => {
  mongo = await startTestMongo();
});

afterAll(async () => {
  for (const world of worlds) await world.close();
  await mongo.stop();
});

async function newWorld(subscribers?: readonly string[]): Promise<EventsWorld> {
  const world = await eventsWorld(mongo, `relay-${worlds.length}`, subscribers);
  worlds.push(world);
  return world;
}

const partitions = ['a', 'b', 'c', 'd'];
const inOrder = { a: [1, 2, 3], b: [1, 2, 3], c: [1, 2, 3], d: [1, 2, 3] };

/** A subscriber that keeps the ids of what it takes, and of a partition takes nothing after what it refuses. */
const taking = (
  taken: string[],
  refuse: (event: DomainEvent) => boolean = () => false,
  name = subscriber,
): Subscriber => ({
  name,
  take: async (events) => {
    const mine: string[] = [];
    const refused: RefusedEvent[] = [];
    for (const partition of byPartition(events)) {
      const first = partition.findIndex(refuse);
      mine.push(...partition.slice(0, first < 0 ? partition.length : first).map(({ id }) => id));
      if (first >= 0) refused.push({ id: partition[first]!.id, reason: `not ${partition[first]!.id}` });
    }
    taken.push(...mine);
    return { taken: mine, refused };
  },
});

/** One that does something before it takes each event. */
const after = (work: (event: DomainEvent) => Promise<void>): Subscriber => ({
  name: subscriber,
  take: async (events) => {
    for (const event of events) await work(event);
    return { taken: events.map(({ id }) => id), refused: [] };
  },
});

const slots = Array.from({ length: 64 }, (_, slot) => slot);
const left = async ({ outbox }: EventsWorld, name = subscriber): Promise<string[]> =>
  (await outbox.waiting(name, slots, null, 100)).map(({ event }) => event.id);

test('every event reaches every subscriber once and in the order of its partition', async () => {
  const world = await newWorld(['one', 'two']);
  await world.outbox.add(eventsOf(partitions, 3));
  const [one, two]: [string[], string[]] = [[], []];
  const subscribers = [taking(one, undefined, 'one'), taking(two, undefined, 'two')];
  const relay = createRelay(relayPorts(world, { subscribers }), { owner: 'r', pageSize: 5 });

  expect(await relay.turn()).toBe(24);
  expect(await relay.turn()).toBe(0);

  expect(one).toHaveLength(12);
  expect(firstComings(one)).toEqual(inOrder);
  expect(firstComings(two)).toEqual(inOrder);
  expect(await world.connection.collection('outbox').countDocuments()).toBe(0);
});

test('an event that is refused holds up its own partition until it is taken, and no other', async () => {
  const world = await newWorld();
  await world.outbox.add(eventsOf(partitions, 3));
  const clock = testClock();
  const taken: string[] = [];
  let failing = true;
  const subscribers = [taking(taken, ({ id }) => failing && id === 'b#2')];
  const relay = createRelay(relayPorts(world, { subscribers, clock }), { owner: 'r', pageSize: 2 });

  const first = await relay.turn();
  failing = false;
  const resting = await relay.turn();
  clock.advance({ seconds: 1 });
  const last = await relay.turn();

  expect([first, resting, last]).toEqual([10, 0, 2]);
  expect(firstComings(taken)).toEqual(inOrder);
  expect(taken.slice(10)).toEqual(['b#2', 'b#3']);
});

test('an event that was refused is not passed in its turn, even if it need not rest', async () => {
  const world = await newWorld();
  await world.outbox.add(eventsOf(['a'], 6));
  const taken: string[] = [];
  let refusals = 0;
  const subscribers = [taking(taken, ({ id }) => id === 'a#2' && refusals++ === 0)];
  const ports = relayPorts(world, { subscribers, clock: testClock(), random: () => 0 });
  const relay = createRelay(ports, { owner: 'r', pageSize: 2 });

  const turns = [await relay.turn(), await relay.turn()];

  expect(turns).toEqual([1, 5]);
  expect(firstComings(taken)).toEqual({ a: [1, 2, 3, 4, 5, 6] });
});

test('a subscriber that cannot be reached gets everything later, and holds up no other', async () => {
  const world = await newWorld(['away', 'there']);
  await world.outbox.add(eventsOf(partitions, 3));
  const clock = testClock();
  const [away, there]: [string[], string[]] = [[], []];
  let isAway = true;
  const subscribers = [
    {
      name: 'away',
      take: (events: readonly DomainEvent[]) =>
        isAway ? Promise.reject(new Error('connection refused')) : taking(away).take(events),
    },
    taking(there, undefined, 'there'),
  ];
  const relay = createRelay(relayPorts(world, { subscribers, clock }), { owner: 'r', pageSize: 5 });

  const first = await relay.turn();
  isAway = false;
  const resting = await relay.turn();
  clock.advance({ seconds: 1 });
  const last = await relay.turn();

  expect([first, resting, last]).toEqual([12, 0, 12]);
  expect(firstComings(there)).toEqual(inOrder);
  expect(firstComings(away)).toEqual(inOrder);
});

test('a subscriber that takes its time does not keep the next look from delivering to another', async () => {
  const world = await newWorld(['slow', 'quick']);
  await world.outbox.add([eventOf('a', 1)]);
  const quick: string[] = [];
  let go: () => void;
  const going = new Promise<void>((resolve) => {
    go = resolve;
  });
  const slow = { ...after(() => going), name: 'slow' };
  const ports = relayPorts(world, { subscribers: [slow, taking(quick, undefined, 'quick')] });
  const relay = createRelay(ports, { owner: 'r' });

  const first = await relay.begin();
  await first[1]!.count;
  await world.outbox.add([eventOf('a', 2)]);
  const second = await relay.begin();
  await second[0]!.count;
  const atOnce = [...quick];
  go!();
  const slowCounts = await Promise.all(first.map(({ count }) => count));

  expect([first.length, second.length]).toEqual([2, 1]);
  expect(atOnce).toEqual(['a#1', 'a#2']);
  // It read on when it was done: what came meanwhile is its too.
  expect(slowCounts).toEqual([2, 1]);
});

test('an event that is refused twenty times is parked, whoever relays, and the rest of its partition goes on', async () => {
  const world = await newWorld();
  await world.outbox.add(eventsOf(['a'], 3));
  const clock = testClock();
  const taken: string[] = [];
  const inTransaction = <T>(work: () => Promise<T>) => transaction(world.connection, work);
  const parking = { ...world, inTransaction };
  let broken = true;
  const ports = relayPorts(world, {
    subscribers: [taking(taken, ({ id }) => broken && id === 'a#2')],
    clock,
    park: (waiting, reason, at) => parkEvent(parking, waiting, reason, at),
  });

  for (let turn = 1; turn <= 19; turn++) {
    // Each turn by a new process: what was counted is kept.
    await createRelay(ports, { owner: `r${turn}` }).turn();
    clock.advance({ seconds: 300 });
  }
  const before = [...taken];
  const parkedAt = clock.now();
  await createRelay(ports, { owner: 'r20' }).turn();
  const parked = await world.parked.list(10);
  clock.advance({ seconds: 300 });
  await createRelay(ports, { owner: 'r21' }).turn();
  const passed = [...taken];
  broken = false;
  const replays = [
    await replayParked(parking, subscriber, 'a#2'),
    await replayParked(parking, subscriber, 'a#2'),
  ];
  clock.advance({ seconds: 300 });
  await createRelay(ports, { owner: 'r22' }).turn();

  expect(before).toEqual(['a#1']);
  expect(parked).toEqual([{ subscriber, event: eventOf('a', 2), failures: 20, reason: 'not a#2', parkedAt }]);
  expect(passed).toEqual(['a#1', 'a#3']);
  expect(replays).toEqual([true, false]);
  expect(taken).toEqual(['a#1', 'a#3', 'a#2']);
  expect(await world.parked.list(10)).toEqual([]);
});

test('the longer an event is refused, the longer its partition rests, up to five minutes', async () => {
  const world = await newWorld();
  await world.outbox.add([eventOf('a', 1)]);
  const clock = testClock();
  let tries = 0;
  const subscribers = [taking([], () => ++tries > 0)];
  const relay = createRelay(relayPorts(world, { subscribers, clock, random: () => 0.999 }), { owner: 'r' });
  const waits: number[] = [];

  await relay.turn();
  for (let n = 1; n <= 11; n++) {
    let seconds = 0;
    while (tries === n) {
      clock.advance({ seconds: 1 });
      seconds += 1;
      await relay.turn();
    }
    waits.push(seconds);
  }

  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test('two relays share the slots, and each event is delivered by one of them', async () => {
  const world = await newWorld();
  const names = Array.from({ length: 40 }, (_, i) => `p${i}`);
  const clock = testClock();
  const taken: string[] = [];
  const relays = ['one', 'two'].map((owner) =>
    createRelay(relayPorts(world, { subscribers: [taking(taken)], clock }), { owner }),
  );
  // One takes all; when it hears of the other it gives half back, which the other then takes.
  for (let round = 0; round < 3; round++) {
    for (const relay of relays) await relay.turn();
    clock.advance({ seconds: 5 });
  }
  const { slots } = await world.leases.all();
  await world.outbox.add(eventsOf(names, 3));

  const counts = await Promise.all(relays.map((relay) => relay.turn()));

  expect(slots.filter(({ owner }) => owner === 'one')).toHaveLength(32);
  expect(slots.filter(({ owner }) => owner === 'two')).toHaveLength(32);
  expect(counts[0]! + counts[1]!).toBe(120);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  expect(taken).toHaveLength(120);
  expect(Object.values(firstComings(taken))).toEqual(names.map(() => [1, 2, 3]));
});

test('a relay that has lost its leases delivers nothing more, and the next one takes over', async () => {
  const world = await newWorld();
  await world.outbox.add(eventsOf(['a'], 3));
  const clock = testClock();
  const [old, next]: [string[], string[]] = [[], []];
  const taker = createRelay(relayPorts(world, { subscribers: [taking(next)], clock }), { owner: 'next' });
  const stalls = after(async ({ id }) => {
    old.push(id);
    // The process stands still for longer than its lease, and another takes over.
    clock.advance({ seconds: 20 });
    await taker.turn();
  });
  const ports = relayPorts(world, { subscribers: [stalls], clock });
  const stalled = createRelay(ports, { owner: 'old', pageSize: 1 });

  await stalled.turn();

  expect(old).toEqual(['a#1']);
  expect(next).toEqual(['a#1', 'a#2', 'a#3']);
});

test('a relay that stops ends after the events under way and hands its slots over at once', async () => {
  const world = await newWorld();
  await world.outbox.add(eventsOf(['a'], 3));
  const [old, next]: [string[], string[]] = [[], []];
  let begun: () => void;
  const beginning = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let go: () => void;
  const going = new Promise<void>((resolve) => {
    go = resolve;
  });
  const waits = after(async ({ id }) => {
    old.push(id);
    begun();
    await going;
  });
  const first = createRelay(relayPorts(world, { subscribers: [waits] }), { owner: 'first', pageSize: 1 });
  const second = createRelay(relayPorts(world, { subscribers: [taking(next)] }), { owner: 'second' });

  const turn = first.turn();
  await beginning;
  const stopping = first.stop();
  go!();
  await stopping;
  const delivered = [await turn, await second.turn()];

  expect(delivered).toEqual([1, 2]);
  expect(old).toEqual(['a#1']);
  expect(next).toEqual(['a#2', 'a#3']);
  expect((await world.leases.all()).owners.map(({ owner }) => owner)).toEqual(['second']);
});

type Work = (...args: never[]) => Promise<unknown>;

/** Ports whose n-th call stops for ever before or after its work: to the store, the relay died there. */
function dying(ports: RelayPorts, at: number, when: 'before' | 'after') {
  let calls = 0;
  let died: () => void;
  const death = new Promise<void>((resolve) => {
    died = resolve;
  });
  const stopHere = (): Promise<never> => {
    died();
    return new Promise(() => {});
  };
  const guard =
    <W extends Work>(work: W) =>
    async (...args: Parameters<W>) => {
      const number = ++calls;
      if (number > at) await stopHere();
      if (number === at && when === 'before') await stopHere();
      const result = await work(...args);
      if (number === at && when === 'after') await stopHere();
      return result;
    };
  const guardAll = <T extends object>(object: T): T =>
    Object.fromEntries(Object.entries(object).map(([name, work]) => [name, guard(work as Work)])) as T;
  const { isWaiting, waiting, remove } = ports;
  const guarded = {
    ...ports,
    ...guardAll({ isWaiting, waiting, remove }),
    leases: guardAll(ports.leases),
    subscribers: ports.subscribers.map(({ name, take }) => ({ name, take: guard(take) })),
  } as RelayPorts;
  return { guarded, death, calls: () => calls };
}

test('dying at any point of its work, before or after, a relay loses nothing and reorders nothing', async () => {
  let ended = 0;
  let point = 0;
  while (ended < 2) {
    point += 1;
    ended = 0;
    for (const when of ['before', 'after'] as const) {
      const world = await newWorld();
      await world.outbox.add(eventsOf(['a', 'b'], 3));
      const clock = testClock();
      const taken: string[] = [];
      const ports = relayPorts(world, { subscribers: [taking(taken)], clock });
      const { guarded, death } = dying(ports, point, when);
      const first = createRelay(guarded, { owner: 'first', pageSize: 2 });
      const next = createRelay(ports, { owner: 'next', pageSize: 2 });

      const end = await Promise.race([first.turn().then(() => 'ended'), death.then(() => 'died')]);
      if (end === 'ended') ended += 1;
      clock.advance({ seconds: 16 });
      await next.turn();

      const given = { point, when, comings: firstComings(taken) };
      expect(given).toEqual({ point, when, comings: { a: [1, 2, 3], b: [1, 2, 3] } });
      expect(await left(world)).toEqual([]);
    }
  }
  // Leases, pages, takes and removals: far fewer points would mean that not every one was tried.
  expect(point).toBeGreaterThan(15);
}, 600_000);
