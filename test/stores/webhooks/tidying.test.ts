import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import type { Delivery } from '../../../subgraphs/accounts/webhook/delivery.ts';
import {
  createDeliveryStore,
  type DeliveryStore,
} from '../../../subgraphs/accounts/webhook/delivery-store.ts';
import { createTidier, type TidyPorts } from '../../../subgraphs/accounts/webhook/tidy-deliveries.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { testClock } from '../../support/test-clock.ts';

let mongo: TestMongo;
let connection: Connection;
let deliveries: DeliveryStore;

beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('tidying'));
  deliveries = createDeliveryStore(connection);
  await buildIndexes(connection);
});

afterAll(async () => {
  await connection.close();
  await mongo.stop();
});

const day = (number: number) => new Date(Date.UTC(2026, 1, number));
const waiting = (id: string, webhookId: string, nextAttemptAt: Date): Delivery => ({
  ...{ id, webhookId, merchantId: 'mer_1', eventId: id, eventType: 'jifen.points.posted', memberId: null },
  ...{ reminderId: null, partition: 'w', sequence: 1, body: '{}', createdAt: day(1), status: 'PENDING' },
  ...{ attempts: [], failures: 0, firstFailedAt: null, nextAttemptAt, endedAt: null },
});

test('only what has waited long enough is given up, of the webhooks named, and no more at once than is asked', async () => {
  const old = Array.from({ length: 5 }, (_, i) => waiting(`old-${i}`, 'whk_1', day(2)));
  await deliveries.add([...old, waiting('young', 'whk_1', day(10)), waiting('other', 'whk_2', day(2))]);
  const giveUp = () => deliveries.giveUpWaiting(['whk_1', 'whk_3'], day(9), day(20), 3);

  expect([await giveUp(), await giveUp(), await giveUp()]).toEqual([3, 2, 0]);

  const found = await deliveries.byIds([...old.map(({ id }) => id), 'young', 'other']);
  const dead = found.filter(({ status }) => status === 'DEAD');
  expect(dead.map(({ id }) => id).sort()).toEqual(old.map(({ id }) => id));
  expect(dead.map(({ nextAttemptAt, endedAt }) => [nextAttemptAt, endedAt])).toEqual(
    old.map(() => [null, day(20)]),
  );
});

test('what waited is found in an index of nothing but what waits', async () => {
  const filter = { webhookId: { $in: ['whk_1'] }, status: 'PENDING', nextAttemptAt: { $lt: day(9) } };
  const plan = await connection.collection('webhook-deliveries').find(filter).explain();

  expect(inspect(plan, { depth: null })).toContain("'deliveries_due'");
});

test('it is tidied once an hour, and where more is left to give up than at one time, again at once', async () => {
  const clock = testClock();
  let left = 2_500;
  const asked: string[] = [];
  const ports: TidyPorts = {
    clock,
    pausedSince: async () => ['whk_1'],
    giveUpWaiting: async (_ids, _before, _at, limit) => {
      const count = Math.min(left, limit);
      left -= count;
      asked.push(`${count}`);
      return count;
    },
    removeEnded: async () => {},
    deletedIds: async () => [],
    removeOf: async () => {},
  };
  const tidy = createTidier(ports);

  for (let i = 0; i < 5; i++) await tidy();
  clock.advance({ hours: 1 });
  await tidy();

  expect(asked).toEqual(['1000', '1000', '500', '0']);
});
