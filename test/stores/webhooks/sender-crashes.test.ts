import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { pino } from 'pino';
import { type Delivery, deliveryId } from '../../../subgraphs/accounts/webhook/delivery.ts';
import { createDeliveryStore } from '../../../subgraphs/accounts/webhook/delivery-store.ts';
import { createReachStore } from '../../../subgraphs/accounts/webhook/reach-store.ts';
import { newSecret } from '../../../subgraphs/accounts/webhook/webhook.ts';
import { createWebhookSender, type SenderPorts } from '../../../subgraphs/accounts/webhook/webhook-sender.ts';
import { createWebhookStore } from '../../../subgraphs/accounts/webhook/webhook-store.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { eventsOf, firstComings } from '../../support/events.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { type TestClock, testClock } from '../../support/test-clock.ts';

let mongo: TestMongo;
const connections: Connection[] = [];

beforeAll(async () => {
  mongo = await startTestMongo();
});

afterAll(async () => {
  for (const connection of connections) await connection.close();
  await mongo.stop();
});

const webhookId = 'whk_1';

/** A webhook with three events of each of two partitions to be told, each of a reminder of its own. */
async function newWorld(clock: TestClock) {
  const connection = await connectMongo(mongo.uri, mongo.database(`sender-${connections.length}`));
  connections.push(connection);
  const webhooks = createWebhookStore(connection);
  const deliveries = createDeliveryStore(connection);
  const reaches = createReachStore(connection);
  await buildIndexes(connection);
  const now = clock.now();
  const webhook = {
    ...{ id: webhookId, merchantId: 'mer_1', number: 1, url: 'https://partner.example/', description: null },
    ...({ eventTypes: [], status: 'ACTIVE', pauseReason: null, pausedAt: null, createdAt: now } as const),
    ...{ secrets: [newSecret((size) => new Uint8Array(size), now)], failingSince: null, deadInARow: 0 },
  };
  await webhooks.insert({ webhook, request: { caller: 'c', idempotencyKey: 'k', inputHash: 'h' } });
  const events = eventsOf(['a', 'b'], 3);
  const begun = { programme: 'SHARED', expiresAt: new Date(now.getTime() + 86_400_000) };
  await reaches.addReaches(
    events.map(({ id }) => ({ reminderId: id, begun, deliveryIds: [deliveryId(webhookId, id)] })),
  );
  await deliveries.add(
    events.reverse().map(
      ({ id: eventId, type: eventType, partition, sequence }): Delivery => ({
        id: deliveryId(webhookId, eventId),
        ...{ webhookId, merchantId: 'mer_1', eventId, eventType, partition, sequence },
        ...{ memberId: null, reminderId: eventId },
        ...{ body: '{}', createdAt: now, status: 'PENDING', attempts: [], failures: 0 },
        ...{ firstFailedAt: null, nextAttemptAt: now, endedAt: null },
      }),
    ),
  );
  const statuses = async () =>
    (await connection.collection('webhook-deliveries').find().toArray()).map((row) => row['status']);
  const unreached = async () =>
    (await reaches.unreached({ programme: null, expiresAfter: now }, 10, null)).map(
      ({ reminderId }) => reminderId,
    );
  return { webhooks, deliveries, reaches, statuses, unreached };
}

type Work = (...args: never[]) => Promise<unknown>;

/** Ports whose n-th call stops for ever before or after its work: to the store and the endpoint, the sender died there. */
function dying(ports: SenderPorts, at: number, when: 'before' | 'after') {
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
  const guarded = Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [
      name,
      typeof port === 'function' && name !== 'random' ? guard(port as Work) : port,
    ]),
  ) as unknown as SenderPorts;
  return { guarded, death };
}

test('dying at any point of its work, before or after, a sender loses nothing and reorders nothing', async () => {
  let ended = 0;
  let point = 0;
  while (ended < 2) {
    point += 1;
    ended = 0;
    for (const when of ['before', 'after'] as const) {
      const clock = testClock();
      const { webhooks, deliveries, reaches, statuses, unreached } = await newWorld(clock);
      const taken: string[] = [];
      let failing = true;
      const ports: SenderPorts = {
        ...webhooks,
        ...deliveries,
        noteReached: reaches.noteReached,
        // The second of one partition is not taken at first.
        post: async (_url, headers) => {
          const id = headers['webhook-id']!;
          const fails = failing && id === 'a#2';
          if (fails) failing = false;
          else taken.push(id);
          return { responseStatus: fails ? 500 : 200, error: null, retryAfter: null };
        },
        breakOff: async () => {},
        clock,
        log: pino({ level: 'silent' }),
        random: () => 0.5,
      };
      const { guarded, death } = dying(ports, point, when);
      const first = createWebhookSender('first', guarded);
      const next = createWebhookSender('next', ports);

      const end = await Promise.race([first.turn().then(() => 'ended'), death.then(() => 'died')]);
      if (end === 'ended') ended += 1;
      for (let turn = 1; turn <= 3; turn++) {
        clock.advance({ seconds: 61 });
        await next.turn();
      }

      const given = { point, when, comings: firstComings(taken), statuses: new Set(await statuses()) };
      const all = { a: [1, 2, 3], b: [1, 2, 3] };
      expect(given).toEqual({ point, when, comings: all, statuses: new Set(['DELIVERED']) });
      // That an endpoint took a reminder is known of each, wherever the sender died.
      expect(await unreached()).toEqual([]);
      // What was sent and not noted down is sent again, and nothing else is.
      expect(taken.length).toBeLessThanOrEqual(8);
    }
  }
  // Claims, heads, requests and notes of each delivery: far fewer points would mean that not every one was tried.
  expect(point).toBeGreaterThan(25);
}, 600_000);
