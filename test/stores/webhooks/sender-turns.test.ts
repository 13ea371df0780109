import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { pino } from 'pino';
import { type Delivery, deliveryId } from '../../../subgraphs/accounts/webhook/delivery.ts';
import { createDeliveryStore } from '../../../subgraphs/accounts/webhook/delivery-store.ts';
import type { Answer } from '../../../subgraphs/accounts/webhook/send-deliveries.ts';
import { newSecret } from '../../../subgraphs/accounts/webhook/webhook.ts';
import { createWebhookSender, type SenderTerms } from '../../../subgraphs/accounts/webhook/webhook-sender.ts';
import { createWebhookStore } from '../../../subgraphs/accounts/webhook/webhook-store.ts';
import { type Clock, systemClock } from '../../../subgraphs/shared/ids.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { eventsOf, firstComings } from '../../support/events.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { testClock } from '../../support/test-clock.ts';
import { until } from '../../support/until.ts';

let mongo: TestMongo;
const connections: Connection[] = [];

beforeAll(async () => {
  mongo = await startTestMongo();
});

afterAll(async () => {
  for (const connection of connections) await connection.close();
  await mongo.stop();
});

/** A webhook and what it is to be told: so many events of each partition. */
interface Told {
  readonly id: string;
  readonly merchantId?: string;
  readonly partitions: readonly string[];
  readonly each: number;
}

const taken: Answer = { responseStatus: 200, error: null, retryAfter: null };

/** Webhooks with their events, each at a URL that ends with its id, and senders to them. */
async function newWorld(told: readonly Told[], clock: Clock) {
  const connection = await connectMongo(mongo.uri, mongo.database(`turns-${connections.length}`));
  connections.push(connection);
  const webhooks = createWebhookStore(connection);
  const deliveries = createDeliveryStore(connection);
  await buildIndexes(connection);
  const createdAt = clock.now();
  for (const [i, { id, merchantId = `mer_${id}`, partitions, each }] of told.entries()) {
    const webhook = {
      ...{ id, merchantId, number: i + 1, url: `https://partner.example/${id}`, description: null },
      ...({ eventTypes: [], status: 'ACTIVE', pauseReason: null, pausedAt: null, createdAt } as const),
      ...{
        secrets: [newSecret((size) => new Uint8Array(size), createdAt)],
        failingSince: null,
        deadInARow: 0,
      },
    };
    await webhooks.insert({ webhook, request: { caller: id, idempotencyKey: 'k', inputHash: 'h' } });
    const pending = eventsOf(partitions, each).map(
      ({ id: eventId, type: eventType, partition, sequence }): Delivery => ({
        id: deliveryId(id, eventId),
        ...{ webhookId: id, merchantId, eventId, eventType, partition, sequence },
        ...{ memberId: null, reminderId: null, body: '{}', createdAt, status: 'PENDING', attempts: [] },
        ...{ failures: 0, firstFailedAt: null, nextAttemptAt: createdAt, endedAt: null },
      }),
    );
    await deliveries.add(pending);
  }
  /** What was asked of which webhook, in order. */
  const asked: { id: string; eventId: string }[] = [];
  const senderOf = (name: string, answer: (id: string) => Promise<Answer>, terms: SenderTerms) =>
    createWebhookSender(
      name,
      {
        ...{ ...webhooks, ...deliveries, clock, random: () => 0.5, log: pino({ level: 'silent' }) },
        noteReached: async () => {},
        breakOff: async () => {},
        post: (url, headers) => {
          const id = url.split('/').at(-1)!;
          asked.push({ id, eventId: headers['webhook-id']! });
          return answer(id);
        },
      },
      terms,
    );
  return { asked, senderOf };
}

const names = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, i) => `${prefix}_${String(i).padStart(2, '0')}`);
const manyPartitions = Array.from({ length: 60 }, (_, i) => `p${i}`);

test('a fast webhook is served soon among more slow ones than there are places', async () => {
  const slow = names(12, 'slow').map((id) => ({ id, partitions: manyPartitions, each: 1 }));
  const fast = { id: 'z_fast', partitions: ['a'], each: 1 };
  const { asked, senderOf } = await newWorld([...slow, fast], systemClock);
  const answer = async (id: string) => {
    if (id !== fast.id) await sleep(100);
    return taken;
  };
  const sender = senderOf('one', answer, { atOnce: 8, turnMs: 150 });

  const sending = sender.turn();
  await until(() => asked.some(({ id }) => id === fast.id));
  const before = asked.length;
  await sender.stop();
  await sending;

  // Each of the twelve had one turn, of at most two times four requests and the four after them.
  expect(before).toBeLessThan(12 * 12 + 1);
}, 60_000);

test('the webhooks of one merchant have some of the places and leave the rest, and nothing is sent twice', async () => {
  const crowd = names(10, 'crowd').map((id) => ({
    ...{ id, merchantId: 'mer_crowd', partitions: manyPartitions.slice(0, 8), each: 1 },
  }));
  const fast = names(6, 'z_fast').map((id) => ({ id, partitions: ['a', 'b'], each: 2 }));
  const { asked, senderOf } = await newWorld([...crowd, ...fast], systemClock);
  const under: string[] = [];
  let most = 0;
  const answer = async (id: string) => {
    const isCrowd = id.startsWith('crowd');
    if (isCrowd) under.push(id);
    most = Math.max(most, new Set(under).size);
    await sleep(isCrowd ? 60 : 1);
    if (isCrowd) under.splice(under.indexOf(id), 1);
    return taken;
  };
  const sender = senderOf('one', answer, { atOnce: 8, ofOneMerchant: 3, turnMs: 100 });

  expect(await sender.turn()).toBe(10 * 8 + 6 * 4);

  expect(most).toBeLessThanOrEqual(3);
  // All six were done long before the ten were.
  const lastFast = asked.findLastIndex(({ id }) => id.startsWith('z_fast'));
  expect(lastFast).toBeLessThan(60);
  expect(new Set(asked.map(({ id, eventId }) => `${id} ${eventId}`)).size).toBe(asked.length);
}, 60_000);

test('whoever waited for a place for longer than a claim lasts is sent to all the same', async () => {
  const clock = testClock();
  const webhooks = names(20, 'whk').map((id) => ({ id, partitions: ['a'], each: 1 }));
  const { asked, senderOf } = await newWorld(webhooks, clock);
  let slow = 0;
  const answer = async () => {
    if (++slow <= 8) {
      await sleep(200);
      clock.advance({ seconds: 10 });
    }
    return taken;
  };

  await senderOf('one', answer, { atOnce: 8 }).turn();

  expect(new Set(asked.map(({ id }) => id))).toEqual(new Set(webhooks.map(({ id }) => id)));
}, 60_000);

test.each([
  ['rests for a minute after as many failures as it had lanes', 12, 4, 0],
  ['is tried again when its few events are due', 3, 3, 3],
])(
  'an endpoint that hangs %s',
  async (_, count, first, second) => {
    const clock = testClock();
    const { asked, senderOf } = await newWorld(
      [{ id: 'whk', partitions: manyPartitions.slice(0, count), each: 1 }],
      clock,
    );
    let under = 0;
    const answer = async (): Promise<Answer> => {
      under += 1;
      if (under === Math.min(4, count)) clock.advance({ seconds: 10 });
      await until(() => under >= Math.min(4, count));
      return { responseStatus: null, error: 'timed out', retryAfter: null };
    };
    const sender = senderOf('one', answer, {});

    await sender.turn();
    expect(asked).toHaveLength(first);
    clock.advance({ seconds: 30 });
    await sender.turn();
    expect(asked).toHaveLength(first + second);
  },
  60_000,
);

test('two senders at once send nothing twice and nothing out of order, however often a webhook goes from one to the other', async () => {
  const webhooks = names(5, 'whk').map((id) => ({ id, partitions: ['a', 'b', 'c'], each: 8 }));
  const { asked, senderOf } = await newWorld(webhooks, systemClock);
  const answer = async () => {
    await sleep(5 + (asked.length % 7));
    return taken;
  };
  const terms = { atOnce: 3, turnMs: 20 };
  const [one, other] = [senderOf('one', answer, terms), senderOf('other', answer, terms)];

  for (let round = 0; round < 50 && asked.length < 120; round++)
    await Promise.all([one.turn(), other.turn()]);

  const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
  for (const { id } of webhooks) {
    const events = asked.filter((one) => one.id === id).map(({ eventId }) => eventId);
    expect(firstComings(events)).toEqual({ a: numbers, b: numbers, c: numbers });
    expect(events).toHaveLength(24);
  }
}, 60_000);
