import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { slotCount, slotOf } from '../../../subgraphs/shared/events/event.ts';
import { currentSession, inTransaction } from '../../../subgraphs/shared/mongo.ts';
import { eventOf, subscriber } from '../../support/events.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { type EventsWorld, eventsWorld } from './events-world.ts';

let mongo: TestMongo;
let world: EventsWorld;
let worlds = 0;

beforeAll(async () => {
  mongo = await startTestMongo();
});

afterAll(async () => {
  await world.close();
  await mongo.stop();
});

const newWorld = async (subscribers?: readonly string[]): Promise<EventsWorld> => {
  await world?.close();
  world = await eventsWorld(mongo, `stores-${++worlds}`, subscribers);
  return world;
};

const all = Array.from({ length: slotCount }, (_, slot) => slot);
const now = new Date('2026-03-01T10:00:00Z');
const later = new Date('2026-03-01T10:00:15Z');

test('an event comes out of the outbox as it went in', async () => {
  const { outbox } = await newWorld();
  const event = eventOf('a', 3, { audience: ['one', 'two'], data: { n: 3, deep: [{ note: null }] } });

  await outbox.add([event]);

  expect(await outbox.waiting(subscriber, all, null, 10)).toEqual([{ event, subscriber, failures: 0 }]);
});

test('events are gone with the transaction that they were added in', async () => {
  const { outbox, connection } = await newWorld();

  const lost = inTransaction(connection, async () => {
    await outbox.add([eventOf('a', 1)]);
    throw new Error('changed my mind');
  });

  await expect(lost).rejects.toThrow('changed my mind');
  expect(await outbox.waiting(subscriber, all, null, 10)).toEqual([]);
  expect(await outbox.isWaiting([subscriber], all)).toBe(false);
});

test('waiting events are read by slot, partition and sequence, page after page, of the slots asked for', async () => {
  const { outbox } = await newWorld();
  const events = ['a', 'b', 'c'].flatMap((partition) => [3, 1, 2].map((n) => eventOf(partition, n)));
  await outbox.add(events);

  const first = await outbox.waiting(subscriber, all, null, 4);
  const last = first[3]!.event;
  const place = { slot: slotOf(last.partition), partition: last.partition, sequence: last.sequence };
  const second = await outbox.waiting(subscriber, all, place, 100);

  const bySlot = ['a', 'b', 'c'].sort((one, two) => slotOf(one) - slotOf(two));
  const ids = bySlot.flatMap((partition) => [1, 2, 3].map((n) => `${partition}#${n}`));
  expect([...first, ...second].map(({ event }) => event.id)).toEqual(ids);
  expect((await outbox.waiting(subscriber, [slotOf('b')], null, 10)).map(({ event }) => event.id)).toEqual([
    'b#1',
    'b#2',
    'b#3',
  ]);
});

test('what a subscriber has taken is gone for it alone, and what it refused is counted', async () => {
  const { outbox, connection } = await newWorld(['one', 'two']);
  await outbox.add([eventOf('a', 1), eventOf('a', 2)]);
  const waiting = async (name: string) =>
    (await outbox.waiting(name, all, null, 10)).map(({ event, failures }) => `${event.id} ${failures}`);

  await outbox.remove('one', ['a#1']);
  await outbox.noteFailure('two', 'a#2');
  await outbox.noteFailure('two', 'a#2');

  expect(await waiting('one')).toEqual(['a#2 0']);
  expect(await waiting('two')).toEqual(['a#1 0', 'a#2 2']);
  await outbox.remove('one', ['a#2']);
  expect([await outbox.isWaiting(['one'], all), await outbox.isWaiting(['one', 'two'], all)]).toEqual([
    false,
    true,
  ]);
  expect(await outbox.isWaiting(['two'], [slotOf('a')])).toBe(true);
  expect(await outbox.isWaiting(['two'], [(slotOf('a') + 1) % slotCount])).toBe(false);
  expect(await connection.collection('outbox').countDocuments()).toBe(2);
});

test('what nobody subscribes to is not kept', async () => {
  const { outbox, connection } = await newWorld([]);

  await outbox.add([eventOf('a', 1)]);

  expect(await connection.collection('outbox').countDocuments()).toBe(0);
});

test('a slot that one has, another cannot take until the lease has run out', async () => {
  const { leases } = await newWorld();
  const owners = async () => (await leases.all()).slots.map(({ slot, owner }) => `${slot} ${owner}`);

  await leases.take([1, 2], 'a', now, later);
  await leases.take([1, 2, 3], 'b', now, later);
  const first = await owners();
  await leases.take([1], 'b', later, new Date('2026-03-01T10:01:00Z'));

  expect(first.sort()).toEqual(['1 a', '2 a', '3 b']);
  expect((await owners()).sort()).toEqual(['1 b', '2 a', '3 b']);
});

test('a lease that has run out is not prolonged, one that has not is', async () => {
  const { leases } = await newWorld();
  await leases.take([1], 'a', now, later);
  await leases.take([2], 'a', now, new Date('2026-03-01T10:00:05Z'));

  await leases.renew('a', new Date('2026-03-01T10:00:10Z'), new Date('2026-03-01T10:00:25Z'));

  const { slots } = await leases.all();
  expect(slots.sort((one, two) => one.slot - two.slot).map(({ until }) => until.toISOString())).toEqual([
    '2026-03-01T10:00:25.000Z',
    '2026-03-01T10:00:05.000Z',
  ]);
});

test('only one of many that take a slot at once gets it', async () => {
  const { leases } = await newWorld();
  const takers = Array.from({ length: 8 }, (_, i) => `taker-${i}`);

  await Promise.all(takers.map((taker) => leases.take(all, taker, now, later)));

  const { slots } = await leases.all();
  expect(slots.map(({ slot }) => slot).sort((one, two) => one - two)).toEqual(all);
});

test('who gives slots back, gives back its own alone', async () => {
  const { leases } = await newWorld();
  await leases.take([1], 'a', now, later);
  await leases.take([2], 'b', now, later);

  await leases.release('a', [1, 2]);
  const left = (await leases.all()).slots.map(({ slot }) => slot);
  await leases.leave('b');

  expect(left).toEqual([2]);
  expect(await leases.all()).toEqual({ slots: [], owners: [] });
});

test('a consumer acts on an event once, however often it comes and even twice at a time', async () => {
  const { inbox, connection } = await newWorld();
  const notes = connection.collection('notes');
  await connection.createCollection('notes');
  const act = () =>
    inbox.once('counter', 'evt_1', now, async () => {
      await notes.insertOne({ noted: true }, { session: currentSession()! });
    });

  const answers = await Promise.all([act(), act(), act()]);

  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await act()).toBe(false);
  expect(await notes.countDocuments()).toBe(1);
});

test('work that failed was not done, and is done when the event comes again', async () => {
  const { inbox } = await newWorld();
  const fail = inbox.once('counter', 'evt_1', now, () => Promise.reject(new Error('no')));

  await expect(fail).rejects.toThrow('no');
  expect(await inbox.once('counter', 'evt_1', now, async () => {})).toBe(true);
});

test('two consumers act on one event each', async () => {
  const { inbox } = await newWorld();

  expect(await inbox.once('one', 'evt_1', now, async () => {})).toBe(true);
  expect(await inbox.once('two', 'evt_1', now, async () => {})).toBe(true);
});
