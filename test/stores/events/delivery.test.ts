import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { type Caller, callerHeader, callerKey, signCaller } from '../../../subgraphs/shared/caller.ts';
import type { DomainEvent } from '../../../subgraphs/shared/events/event.ts';
import { createIntake } from '../../../subgraphs/shared/events/event-intake.ts';
import { batchType, toWire } from '../../../subgraphs/shared/events/event-wire.ts';
import { replayParked } from '../../../subgraphs/shared/events/park-event.ts';
import { type RunningRelay, startRelay } from '../../../subgraphs/shared/events/start-relay.ts';
import { createLog } from '../../../subgraphs/shared/log.ts';
import { currentSession, inTransaction } from '../../../subgraphs/shared/mongo.ts';
import { type RunningServer, startSubgraphServer } from '../../../subgraphs/shared/subgraph-server.ts';
import { eventOf, eventsOf, firstComings } from '../../support/events.ts';
import { freePort } from '../../support/free-port.ts';
import { plainMemberIds } from '../../support/member-ids.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { type TestClock, testClock } from '../../support/test-clock.ts';
import { type EventsWorld, eventsWorld } from './events-world.ts';

const key = callerKey('a secret of no fewer than 32 characters');
const log = createLog('test', 'silent');
const subscriptions = { charity: ['test.happened'] };

let mongo: TestMongo;
let worlds = 0;
let teller: EventsWorld;
let taker: EventsWorld;
let clock: TestClock;
let relay: RunningRelay;
let server: RunningServer | null = null;
let port: number;
/** What happens besides noting an event down. */
let upset: (event: DomainEvent) => Promise<void>;

beforeAll(async () => {
  mongo = await startTestMongo();
});

afterAll(() => mongo.stop());

beforeEach(async () => {
  worlds += 1;
  teller = await eventsWorld(mongo, `teller-${worlds}`, ['charity']);
  taker = await eventsWorld(mongo, `taker-${worlds}`);
  await taker.connection.createCollection('notes');
  clock = testClock();
  port = await freePort();
  upset = async () => {};
  relay = startRelay({
    ...{ connection: teller.connection, stores: teller, service: 'accounts', subscriptions, local: [] },
    ...{ urlOf: () => `http://127.0.0.1:${port}/graphql`, key, clock, log, everyMs: 3_600_000 },
    random: () => 0.5,
  });
});

afterEach(async () => {
  await relay.stop();
  await server?.stop();
  server = null;
  await teller.close();
  await taker.close();
});

/** Notes each event down, in the transaction in which it is taken. */
async function note(event: DomainEvent): Promise<void> {
  const row = { eventId: event.id, data: event.data };
  await taker.connection.collection('notes').insertOne(row, { session: currentSession()! });
  await upset(event);
}

async function startTaker(handlers = { 'test.happened': note }): Promise<void> {
  server = await startSubgraphServer({
    typeDefs: parse(
      'directive @access(to: [String!]!) on FIELD_DEFINITION type Query { a: Int @access(to: ["SERVICE"]) }',
    ),
    resolvers: {},
    createContext: (caller: Caller) => ({ caller }),
    ready: async () => {},
    takeEvents: createIntake({ inbox: taker.inbox, handlers, clock, log }),
    ...{ key, memberIds: plainMemberIds, log, host: '127.0.0.1', port },
  });
}

async function noted(): Promise<string[]> {
  const rows = await taker.connection.collection('notes').find().sort({ _id: 1 }).toArray();
  return rows.map((row) => String(row['eventId']));
}

const inTellers = <T>(work: () => Promise<T>) => inTransaction(teller.connection, work);

test('another subgraph acts on each event once and in order, and is told all of it', async () => {
  await startTaker();
  await teller.outbox.add(eventsOf(['a', 'b'], 3));
  await teller.outbox.add([eventOf('c', 1, { audience: ['mer_1', '*'], data: { deep: [{ no: null }] } })]);

  const counts = [await relay.relayEvents(), await relay.relayEvents()];

  expect(counts).toEqual([7, 0]);
  expect(firstComings(await noted())).toEqual({ a: [1, 2, 3], b: [1, 2, 3], c: [1] });
  const rows = await taker.connection.collection('notes').find({ eventId: 'c#1' }).toArray();
  expect(rows.map((row) => row['data'])).toEqual([{ deep: [{ no: null }] }]);
});

test('while another subgraph is down its events wait, and come when it is there', async () => {
  await teller.outbox.add(eventsOf(['a'], 3));

  const away = [await relay.relayEvents(), await relay.relayEvents()];
  await startTaker();
  clock.advance({ seconds: 1 });
  const back = await relay.relayEvents();

  expect([away, back]).toEqual([[0, 0], 3]);
  expect(await noted()).toEqual(['a#1', 'a#2', 'a#3']);
});

test('an event whose answer was lost comes again and changes nothing', async () => {
  await startTaker();
  await teller.outbox.add(eventsOf(['a'], 2));
  await relay.relayEvents();
  await teller.outbox.add(eventsOf(['a'], 3));

  const again = await relay.relayEvents();

  expect(again).toBe(3);
  expect(await noted()).toEqual(['a#1', 'a#2', 'a#3']);
});

test('an event that cannot be acted on leaves no trace of its work, holds up its partition alone, and is parked in the end', async () => {
  await startTaker();
  let broken = true;
  upset = ({ id }) =>
    broken && id === 'a#2' ? Promise.reject(new Error('no such thing')) : Promise.resolve();
  await teller.outbox.add(eventsOf(['a', 'b'], 3));

  const first = await relay.relayEvents();
  const afterFirst = (await noted()).sort();
  for (let refusal = 2; refusal <= 20; refusal++) {
    clock.advance({ seconds: 300 });
    await relay.relayEvents();
  }
  const parked = await teller.parked.list(10);
  await relay.relayEvents();
  const passed = await noted();
  broken = false;
  await replayParked({ ...teller, inTransaction: inTellers }, 'charity', 'a#2');
  await relay.relayEvents();

  expect(first).toBe(4);
  expect(afterFirst).toEqual(['a#1', 'b#1', 'b#2', 'b#3']);
  expect(parked).toMatchObject([{ subscriber: 'charity', event: { id: 'a#2' }, reason: 'no such thing' }]);
  expect(passed.at(-1)).toBe('a#3');
  expect((await noted()).at(-1)).toBe('a#2');
});

test('an event that nobody there acts on is refused, so that it is found out', async () => {
  await startTaker({} as never);
  await teller.outbox.add([eventOf('a', 1)]);

  const count = await relay.relayEvents();

  expect(count).toBe(0);
  const [waiting] = await teller.outbox.waiting('charity', [...Array(64).keys()], null, 1);
  expect(waiting?.failures).toBe(1);
});

test('a batch too large to be read at once is taken in parts', async () => {
  await startTaker();
  // Together more than an intake reads.
  const large = (n: number, megabytes: number) =>
    eventOf(`p${n}`, 1, { data: { text: 'x'.repeat(megabytes * 1_000_000) } });
  await teller.outbox.add([large(1, 9), large(2, 9)]);
  await teller.outbox.add([eventOf('small', 1)]);

  const count = await relay.relayEvents();

  expect(count).toBe(3);
  expect((await noted()).sort()).toEqual(['p1#1', 'p2#1', 'small#1']);
});

test('only a subgraph with the credential hands events over', async () => {
  await startTaker();
  const post = async (caller: Caller | null, body: unknown) => {
    const headers: Record<string, string> = { 'content-type': batchType };
    if (caller) headers[callerHeader] = await signCaller(caller, key);
    const url = `http://127.0.0.1:${port}/events`;
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
  };
  const batch = [toWire(eventOf('a', 1))];
  const statuses = [
    await post(null, batch),
    await post({ kind: 'OPERATOR', subject: 'ann' }, batch),
    await post({ kind: 'SERVICE', service: 'accounts' }, { no: 'batch' }),
    await post({ kind: 'SERVICE', service: 'accounts' }, [{ ...batch[0], time: 'now' }]),
  ];

  expect(statuses).toEqual([401, 403, 422, 422]);
  expect(await noted()).toEqual([]);
  expect(await post({ kind: 'SERVICE', service: 'accounts' }, batch)).toBe(200);
  expect(await noted()).toEqual(['a#1']);
});
