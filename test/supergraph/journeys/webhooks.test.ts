import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint.ts';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { mutate, unique } from '../../support/seed.ts';
import { until } from '../../support/until.ts';
import { type JourneyWorld, redeemPoints, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
let petShops: TestEndpoint;
let cafes: TestEndpoint;

beforeAll(async () => {
  world = await startJourneyWorld();
  petShops = await startEndpoint();
  cafes = await startEndpoint();
});
afterEach(async () => expect(await checkCoalitionLedger(world.coalition)).toEqual([]));
afterAll(async () => {
  await petShops.stop();
  await cafes.stop();
  await world.coalition.stop();
});

const hook = (token: string, url: string) =>
  mutate<{ secret: string; webhook: { id: string } }>(
    world.coalition,
    token,
    'createWebhook',
    'CreateWebhookInput',
    '... on WebhookCreated { secret webhook { id } }',
    { idempotencyKey: unique('webhook'), url, eventTypes: ['jifen.points.posted'] },
  );

test('points earned at one merchant and paid at another reach the webhook of each, signed, even after it was down', async () => {
  const { coalition, seed, petShop, cafe } = world;
  const { secret } = await hook(petShop.token, petShops.url);
  await hook(cafe.token, cafes.url);
  cafes.answer(() => 503);
  const member = await seed.member([petShop, cafe]);

  await seed.earn(petShop, member, 500);
  await redeemPoints(world, cafe, member, 200);
  await redeemPoints(world, cafe, member, 100);
  await until(() => petShops.received.length === 1 && cafes.received.length >= 1);
  cafes.answer(() => 200);
  coalition.clock.advance(10_000);
  await until(() => cafes.received.filter(({ body }) => body.data['points'] === 100).length === 1);

  const [told] = petShops.received;
  expect(new StandardWebhook(secret).verify(told!.text, told!.headers as Record<string, string>)).toEqual(
    told!.body,
  );
  expect(told!.body.data).toMatchObject({ kind: 'EARN', points: 500, merchantId: petShop.id });
  const atTheCafe = cafes.received.map(({ body }) => body.data['points']);
  expect(atTheCafe.at(-1)).toBe(100);
  expect(new Set(atTheCafe.slice(0, -1))).toEqual(new Set([200]));
  expect(cafes.received.every(({ body }) => body.data['merchantId'] === cafe.id)).toBe(true);
}, 60_000);

test('nobody but the merchant, operators and auditors sees a merchant’s webhooks through the gateway', async () => {
  const { coalition, seed, petShop, cafe } = world;
  const query = 'query ($id: ID!) { merchant(id: $id) { name webhooks { status } } }';
  const see = async (token: string | null) => {
    const { data } = await coalition.ask<{ merchant: { webhooks: object[] | null } }>(token, query, {
      id: petShop.id,
    });
    return data.merchant.webhooks?.length ?? null;
  };

  expect(await see(petShop.token)).toBe(1);
  expect(await see(await seed.operator())).toBe(1);
  expect(await see(await seed.auditor())).toBe(1);
  expect(await see(cafe.token)).toBeNull();
  expect(await see(null)).toBeNull();
});
