import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DomainEvent } from '../../../subgraphs/shared/events/event.ts';
import { createRelay, type RelayPorts } from '../../../subgraphs/shared/events/relay.ts';
import { eventOf, eventsOf, firstComings, relayPorts } from '../../support/events.ts';
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

async function newWorld(): Promise<EventsWorld> {
  const world = await eventsWorld(mongo, `relay-${worlds.length}`);
  worlds.push(world);
  return world;
}

const partitions = ['a', 'b', 'c', 'd'];
const inOrder = { a: [1, 2, 3], b: [1, 2, 3], c: [1, 2, 3], d: [1, 2, 3] };

/** A consumer that keeps the ids of what it takes. */
const taking = (taken: string[], refuse: (event: DomainEvent) => boolean = () => false) => ({
  name: 'test',
  take: async (event: DomainEvent) => {
    if (refuse(event)) throw new Error(`not ${event.id}`);
    taken.push(event.id);
  },
});

test('every event reaches every consumer once and in the order of its partition', async () => {
  const world = await newWorld();
  await world.outbox.add(eventsOf(partitions, 3));
  const [one, two]: [string[], string[]] = [[], []];
  const consumers = [taking(one), taking(two)];
  const relay = createRelay(relayPorts(world, { consumers }), { owner: 'r', pageSize: 5 });

  expect(await relay.turn()).toBe(12);
  expect(await relay.turn()).toBe(0);

  expect(one).toHaveLength(12);
  expect(firstComings(one)).toEqual(inOrder);
  expect(firstComings(two)).toEqual(inOrder);
});

test('an event that fails holds up its own partition until it is taken, and no other', async () => {
  const world = await newWorld();
  await world.outbox.add(eventsOf(partitions, 3));
  const clock = testClock();
  const taken: string[] = [];
  let failing = true;
  const consumers = [taking(taken, ({ id }) => failing && id === 'b#2')];
  const relay = createRelay(relayPorts(world, { consumers, clock }), { owner: 'r', pageSize: 2 });

  const first = await relay.turn();
  failing = false;
  const resting = await relay.turn();
  clock.advance({ seconds: 1 });
  const last = await relay.turn();

  expect([first, resting, last]).toEqual([10, 0, 2]);
  expect(firstComings(taken)).toEqual(inOrder);
  expect(taken.slice(10)).toEqual(['b#2', 'b#3']);
});

test('the longer a partition fails, the longer it rests, up to five minutes', async () => {
  const world = await newWorld();
  await world.outbox.add([eventOf('a', 1)]);
  const clock = testClock();
  let tries = 0;
  const consumers = [{ name: 'no', take: () => Promise.reject(new Error(`no ${++tries}`)) }];
  const relay = createRelay(relayPorts(world, { consumers, clock, random: () => 0.999 }), { owner: 'r' });
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
    createRelay(relayPorts(world, { consumers: [taking(taken)], clock }), { owner }),
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
  const taker = createRelay(relayPorts(world, { consumers: [taking(next)], clock }), { owner: 'next' });
  const stalls = {
    name: 'stalls',
    take: async (event: DomainEvent) => {
      old.push(event.id);
      // The process stands still for longer than its lease, and another takes over.
      clock.advance({ seconds: 20 });
      await taker.turn();
    },
  };
  const stalled = createRelay(relayPorts(world, { consumers: [stalls], clock }), { owner: 'old' });

  await stalled.turn();

  expect(old).toEqual(['a#1']);
  expect(next).toEqual(['a#1', 'a#2', 'a#3']);
});

test('a relay that stops ends after the event under way and hands its slots over at once', async () => {
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
  const waits = {
    name: 'waits',
    take: async (event: DomainEvent) => {
      old.push(event.id);
      begun();
      await going;
    },
  };
  const first = createRelay(relayPorts(world, { consumers: [waits] }), { owner: 'first' });
  const second = createRelay(relayPorts(world, { consumers: [taking(next)] }), { owner: 'second' });

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

test('delivered events are removed after seven days', async () => {
  const world = await newWorld();
  const clock = testClock();
  await world.outbox.add([eventOf('a', 1)]);
  const relay = createRelay(relayPorts(world, { clock }), { owner: 'r' });
  const count = () => world.connection.collection('outbox').countDocuments();

  await relay.turn();
  clock.advance({ days: 6, hours: 23 });
  await relay.turn();
  const kept = await count();
  clock.advance({ hours: 2 });
  await relay.turn();

  expect(kept).toBe(1);
  expect(await count()).toBe(0);
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
  const { undelivered, markDelivered, removeDelivered } = ports;
  const guarded = {
    ...ports,
    ...guardAll({ undelivered, markDelivered, removeDelivered }),
    leases: guardAll(ports.leases),
    consumers: ports.consumers.map(({ name, take }) => ({ name, take: guard(take) })),
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
      const ports = relayPorts(world, { consumers: [taking(taken)], clock });
      const { guarded, death } = dying(ports, point, when);
      const first = createRelay(guarded, { owner: 'first', pageSize: 2 });
      const next = createRelay(ports, { owner: 'next', pageSize: 2 });

      const end = await Promise.race([first.turn().then(() => 'ended'), death.then(() => 'died')]);
      if (end === 'ended') ended += 1;
      clock.advance({ seconds: 16 });
      await next.turn();

      const given = { point, when, comings: firstComings(taken) };
      expect(given).toEqual({ point, when, comings: { a: [1, 2, 3], b: [1, 2, 3] } });
      expect(await world.outbox.undelivered([...Array(64).keys()], null, 10)).toEqual([]);
    }
  }
  // Leases, pages, takes and marks: far fewer points would mean that not every one was tried.
  expect(point).toBeGreaterThan(15);
}, 120_000);
