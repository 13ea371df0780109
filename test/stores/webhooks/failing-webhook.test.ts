import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import type { Webhook } from '../../../subgraphs/accounts/webhook/webhook.ts';
import { createWebhookStore, type WebhookStore } from '../../../subgraphs/accounts/webhook/webhook-store.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';

let mongo: TestMongo;
let connection: Connection;
let webhooks: WebhookStore;

beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('webhooks'));
  webhooks = createWebhookStore(connection);
  await buildIndexes(connection);
});

afterAll(async () => {
  await connection.close();
  await mongo.stop();
});

const now = new Date('2026-02-01T08:00:00Z');

async function made(id: string, number: number): Promise<string> {
  const webhook: Webhook = {
    ...{
      id,
      merchantId: 'mer_1',
      number,
      url: 'https://shop.example/hooks',
      description: null,
      eventTypes: [],
    },
    ...{ status: 'ACTIVE', pauseReason: null, pausedAt: null, createdAt: now, secrets: [] },
    ...{ failingSince: null, deadInARow: 0 },
  };
  const request = { caller: 'merchant:mer_1', idempotencyKey: id, inputHash: id };
  await webhooks.insert({ webhook, request });
  return id;
}

/** Gives deliveries up, and says after which the webhook was paused. */
async function giveUp(id: string, times: number): Promise<number | null> {
  for (let i = 1; i <= times; i++) {
    await webhooks.noteFailure(id, now, true, false);
    if (await webhooks.pauseFailing(id, now)) return i;
  }
  return null;
}

test('the twentieth dead letter in a row pauses a webhook', async () => {
  expect(await giveUp(await made('whk_1', 1), 30)).toBe(20);
});

test('a success between begins the count anew, and failures that are tried again do not count', async () => {
  const id = await made('whk_2', 2);

  const first = await giveUp(id, 19);
  await webhooks.noteSuccess(id);
  const second = await giveUp(id, 19);
  for (let i = 0; i < 30; i++) await webhooks.noteFailure(id, now, false, false);
  const tried = await webhooks.pauseFailing(id, now);

  expect([first, second, tried]).toEqual([null, null, false]);
  expect(await giveUp(id, 1)).toBe(1);
});

test('days in which nobody sent are no days of failures: they are counted anew after them', async () => {
  const id = await made('whk_3', 3);
  const after = (days: number) => new Date(now.getTime() + days * 86_400_000);
  await webhooks.noteFailure(id, now, false, false);

  await webhooks.noteFailure(id, after(6), false, true);

  expect(await webhooks.pauseFailing(id, after(6))).toBe(false);
  await webhooks.noteFailure(id, after(10), false, false);
  expect(await webhooks.pauseFailing(id, after(10))).toBe(false);
  expect(await webhooks.pauseFailing(id, after(11))).toBe(true);
});
