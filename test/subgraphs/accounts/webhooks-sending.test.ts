import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { operator } from '../../support/callers.ts';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint.ts';
import { act, expectSoundLedger } from '../../support/points.ts';
import { afterDays } from '../../support/policy.ts';
import { createWebhook, webhookMutation, webhooksOf } from '../../support/webhooks.ts';

let accounts: TestAccounts;
let endpoint: TestEndpoint;
let shop: OpenedMerchant;
let member: RegisteredMember;
let shops = 0;

beforeAll(async () => {
  // Half of each longest wait, each time.
  accounts = await startTestAccounts(undefined, { allowLoopback: true, random: () => 0.5 });
  await publishProgramme(accounts);
});

afterAll(async () => {
  await expectSoundLedger(accounts);
  await accounts.stop();
});

beforeEach(async () => {
  endpoint = await startEndpoint();
  shop = await openMerchant(accounts, `Shop ${++shops}`);
  member = await registerMember(accounts, shop, 'customer-1');
  // What happened before there was a webhook is nobody's.
  await accounts.relayEvents();
});

afterEach(() => endpoint.stop());

const issue = (points: number, more: object = {}, to = member.id) =>
  act(accounts, shop.caller, 'issuePoints', { member: { id: to }, points, ...more });

/** Hands on what happened and sends what is due; gives how many requests the endpoint got. */
async function deliver(): Promise<number> {
  const before = endpoint.received.length;
  await accounts.relayEvents();
  await accounts.sendWebhooks();
  return endpoint.received.length - before;
}

const pointsReceived = () => endpoint.received.map(({ body }) => body.data['points']);

test('a posting reaches its merchant once, signed, telling what the merchant may know and not the member’s id', async () => {
  const { secret } = await createWebhook(accounts, shop, endpoint.url);
  const { posting } = (await issue(25, { externalRef: 'receipt-1' })) as { posting: { id: string } };

  expect([await deliver(), await deliver()]).toEqual([1, 0]);

  const [{ text, headers, body }] = endpoint.received as [(typeof endpoint.received)[0]];
  expect(body).toEqual({
    specversion: '1.0',
    id: headers['webhook-id'],
    source: 'urn:jifen:accounts',
    type: 'jifen.points.posted',
    subject: posting.id,
    time: accounts.clock.now().toISOString(),
    datacontenttype: 'application/json',
    partitionkey: expect.stringMatching(/^[0-9a-f]{32}$/),
    data: {
      postingId: posting.id,
      kind: 'EARN',
      programme: 'SHARED',
      points: 25,
      change: 25,
      at: accounts.clock.now().toISOString(),
      recordedAt: accounts.clock.now().toISOString(),
      merchantId: shop.id,
      externalRef: 'receipt-1',
      campaignId: null,
      causeId: null,
      holdId: null,
      caseId: null,
      reverses: null,
      reason: null,
      arrears: 0,
      goodUntil: null,
      fromPool: false,
      memberReference: 'customer-1',
    },
  });
  expect(text).not.toContain(member.id);
  expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
  const signature = new StandardWebhook(secret).sign(
    headers['webhook-id'] as string,
    new Date(Number(headers['webhook-timestamp']) * 1_000),
    text,
  );
  expect(headers['webhook-signature']).toBe(signature);
  expect(headers['webhook-timestamp']).toBe(String(accounts.clock.now().getTime() / 1_000));
  const [webhook] = await webhooksOf(accounts, shop);
  expect(webhook!.deliveries).toEqual([
    {
      id: expect.any(String),
      eventId: body.id,
      eventType: 'jifen.points.posted',
      status: 'DELIVERED',
      nextAttemptAt: null,
      attempts: [{ at: accounts.clock.now().toISOString(), durationMs: 0, responseStatus: 200, error: null }],
    },
  ]);
});

test('a merchant is told of no other’s postings, and of a member both have under its own reference', async () => {
  const other = await openMerchant(accounts, 'Other');
  const theirs = await startEndpoint();
  await registerMember(accounts, other, 'their-7', { cardNumber: member.cardNumber });
  await createWebhook(accounts, shop, endpoint.url);
  await createWebhook(accounts, other, theirs.url);
  await issue(100);
  await act(accounts, other.caller, 'redeemPoints', { member: { id: member.id }, points: 40 });

  await deliver();
  await theirs.stop();

  const told = ({ received }: TestEndpoint) =>
    received.map(({ body: { type, subject, data } }) => ({
      type,
      about: data['kind'] ?? subject,
      reference: data['memberReference'],
    }));
  expect(told(endpoint)).toEqual([{ type: 'jifen.points.posted', about: 'EARN', reference: 'customer-1' }]);
  expect(told(theirs)).toEqual([
    { type: 'jifen.member.registered', about: 'their-7', reference: 'their-7' },
    { type: 'jifen.points.posted', about: 'REDEEM', reference: 'their-7' },
  ]);
});

test('everyone who wishes is told of a published programme, and of nothing that it did not ask for', async () => {
  await createWebhook(accounts, shop, endpoint.url, { eventTypes: ['jifen.programme.published'] });
  const code = 'TOLD';

  await publishProgramme(accounts, { code });
  await issue(5);
  await deliver();

  expect(endpoint.received.map(({ body }) => [body.type, body.subject, body.data['version']])).toEqual([
    ['jifen.programme.published', code, 1],
  ]);
});

test('what falls due by itself is the member’s alone', async () => {
  await createWebhook(accounts, shop, endpoint.url);
  await publishProgramme(accounts, { code: 'LATER', unlock: afterDays(2) });
  await accounts.send(
    operator,
    `mutation ($input: SetPricesInput!) { setPrices(input: $input) { ... on PricesSet { price { currency } } } }`,
    {
      input: {
        ...{ idempotencyKey: 'later-prices', merchantId: shop.id, programme: 'LATER' },
        ...{ issuePricePerThousand: 1, redemptionPricePerThousand: 1 },
        effectiveFrom: accounts.clock.now().toISOString(),
      },
    },
  );
  await issue(30, { programme: 'LATER' });
  accounts.clock.advance({ days: 3 });
  await issue(1, { programme: 'LATER' });

  await deliver();

  const postings = endpoint.received.filter(({ body }) => body.type === 'jifen.points.posted');
  expect(postings.map(({ body }) => [body.data['kind'], body.data['points']])).toEqual([
    ['EARN', 30],
    ['EARN', 1],
  ]);
});

test('a failing event is sent again later and later, in order, and what follows in its wallet waits', async () => {
  await createWebhook(accounts, shop, endpoint.url);
  const friend = await registerMember(accounts, shop, `friend-${shops}`);
  endpoint.answer(({ body }) => (body.data['points'] === 1 ? 503 : 200));
  await issue(1);
  await issue(2);
  await issue(3);
  await issue(9, {}, friend.id);

  await deliver();
  const first = pointsReceived();
  const tooEarly = await deliver();
  accounts.clock.advance({ ms: 2_500 });
  const second = await deliver();
  accounts.clock.advance({ ms: 4_999 });
  const stillTooEarly = await deliver();
  endpoint.answer(() => 200);
  accounts.clock.advance({ ms: 1 });
  const last = await deliver();

  // Registration of the friend comes too; it has no points.
  expect(first).toHaveLength(3);
  expect(new Set(first)).toEqual(new Set([1, 9, undefined]));
  expect([tooEarly, second, stillTooEarly, last]).toEqual([0, 1, 0, 3]);
  expect(pointsReceived().slice(4)).toEqual([1, 2, 3]);
  const { deliveries, failingSince } = (await webhooksOf(accounts, shop))[0]!;
  const retried = deliveries.find(({ attempts }) => attempts.length > 1)!;
  expect(retried.attempts.map(({ responseStatus }) => responseStatus)).toEqual([503, 503, 200]);
  expect(deliveries.map(({ status }) => status)).toEqual(Array(5).fill('DELIVERED'));
  expect(failingSince).toBeNull();
});

test('a redirect is not followed and is no success', async () => {
  await createWebhook(accounts, shop, endpoint.url);
  endpoint.answer(() => 302);
  await issue(1);

  expect(await deliver()).toBe(1);

  expect(endpoint.received).toHaveLength(1);
  const { deliveries } = (await webhooksOf(accounts, shop))[0]!;
  expect(deliveries[0]!.attempts).toMatchObject([{ responseStatus: 302, error: null }]);
});

test('an endpoint that is not there is told as what it is', async () => {
  await createWebhook(accounts, shop, endpoint.url);
  await issue(1);
  await endpoint.stop();

  await deliver();

  const { deliveries } = (await webhooksOf(accounts, shop))[0]!;
  expect(deliveries[0]!.attempts).toEqual([
    // A connection that was kept open is closed, a new one refused.
    expect.objectContaining({
      responseStatus: null,
      error: expect.stringMatching(/ECONNREFUSED|other side closed/),
    }),
  ]);
  endpoint = await startEndpoint();
});

/** Lets an endpoint fail until nothing is pending. */
async function failUntilDead(): Promise<void> {
  endpoint.answer(() => 500);
  for (let i = 0; i < 60; i++) {
    await deliver();
    accounts.clock.advance({ hours: 6 });
  }
}

test('after three days an event is a dead letter, the next one is sent, and a replay sends it again', async () => {
  const { id: webhookId } = await createWebhook(accounts, shop, endpoint.url);
  await issue(1);
  await failUntilDead();
  const [dead] = await webhooksOf(accounts, shop);
  endpoint.answer(() => 200);
  const before = endpoint.received.length;
  await webhookMutation(accounts, shop.caller, 'resumeWebhook', { webhookId });
  await issue(2);
  await deliver();
  const afterDeath = pointsReceived().slice(before);

  const replayed = await webhookMutation(accounts, shop.caller, 'replayDeadLetters', { webhookId });
  const again = await webhookMutation(accounts, shop.caller, 'replayDeadLetters', { webhookId });
  await deliver();

  expect(dead!.deadLetters).toMatchObject([{ status: 'DEAD', nextAttemptAt: null }]);
  const attempts = dead!.deadLetters[0]!.attempts;
  const hours = (Date.parse(attempts.at(-1)!.at) - Date.parse(attempts[0]!.at)) / 3_600_000;
  expect(hours).toBeGreaterThanOrEqual(72);
  expect(hours).toBeLessThan(84);
  expect(afterDeath).toEqual([2]);
  expect([replayed.count, again.count]).toEqual([1, 0]);
  expect(pointsReceived().slice(before)).toEqual([2, 1]);
  const ids = endpoint.received.map(({ body }) => body.id);
  expect(ids.at(-1)).toBe(ids[0]);
  expect((await webhooksOf(accounts, shop))[0]!.deadLetters).toEqual([]);
});

test('only the dead letters that are named are replayed, and an unknown one is refused with nothing changed', async () => {
  const { id: webhookId } = await createWebhook(accounts, shop, endpoint.url);
  const friend = await registerMember(accounts, shop, `friend-${shops}`);
  await issue(1);
  await issue(2, {}, friend.id);
  await failUntilDead();
  const { deadLetters } = (await webhooksOf(accounts, shop))[0]!;
  const named = deadLetters[0]!.id;

  const refused = await webhookMutation(accounts, shop.caller, 'replayDeadLetters', {
    webhookId,
    deliveryIds: [named, 'no-such'],
  });
  const untouched = (await webhooksOf(accounts, shop))[0]!.deadLetters.length;
  const replayed = await webhookMutation(accounts, shop.caller, 'replayDeadLetters', {
    webhookId,
    deliveryIds: [named],
  });

  expect(refused).toMatchObject({ __typename: 'NotFound', what: 'DELIVERY', id: 'no-such' });
  expect(untouched).toBe(deadLetters.length);
  expect(replayed.count).toBe(1);
  const left = (await webhooksOf(accounts, shop))[0]!.deadLetters.map(({ id }) => id);
  expect(left).toEqual(deadLetters.slice(1).map(({ id }) => id));
});

test('410 Gone pauses the webhook at once; resumed, it is sent the same event', async () => {
  const { id: webhookId } = await createWebhook(accounts, shop, endpoint.url);
  endpoint.answer(() => 410);
  await issue(1);
  await issue(2);

  const sent = [await deliver(), await deliver()];
  const [gone] = await webhooksOf(accounts, shop);
  const retry = accounts.clock.now().toISOString();
  endpoint.answer(() => 200);
  const resumed = await webhookMutation(accounts, shop.caller, 'resumeWebhook', { webhookId });
  const [ready] = await webhooksOf(accounts, shop);
  await deliver();

  expect(sent).toEqual([1, 0]);
  expect(gone).toMatchObject({ status: 'PAUSED', pauseReason: 'GONE' });
  const waiting = { status: 'PENDING', nextAttemptAt: null };
  expect(gone!.deliveries).toMatchObject([waiting, waiting]);
  expect(ready!.deliveries.map(({ nextAttemptAt }) => nextAttemptAt)).toEqual([retry, retry]);
  expect(resumed.webhook).toMatchObject({ status: 'ACTIVE', pauseReason: null, failingSince: null });
  expect(pointsReceived()).toEqual([1, 1, 2]);
});

test('an endpoint that fails for five days is paused, says so, and loses nothing that is still pending', async () => {
  const { id: webhookId } = await createWebhook(accounts, shop, endpoint.url);
  await issue(1);
  await issue(2);
  await failUntilDead();
  const [paused] = await webhooksOf(accounts, shop);
  await issue(3);
  const whilePaused = await deliver();
  endpoint.answer(() => 200);
  await webhookMutation(accounts, shop.caller, 'resumeWebhook', { webhookId });
  const before = endpoint.received.length;
  await deliver();

  expect(paused).toMatchObject({ status: 'PAUSED', pauseReason: 'FAILING' });
  expect(whilePaused).toBe(0);
  expect(pointsReceived().slice(before)).toEqual([2, 3]);
});

test('days on which there was nothing to send are no days of failures', async () => {
  await createWebhook(accounts, shop, endpoint.url);
  await issue(1);
  await failUntilDead();
  const [quiet] = await webhooksOf(accounts, shop);
  await issue(2);
  await deliver();
  const [failing] = await webhooksOf(accounts, shop);
  const failedAt = accounts.clock.now().toISOString();
  const before = endpoint.received.length;
  endpoint.answer(() => 200);
  accounts.clock.advance({ ms: 2_500 });
  await deliver();

  expect(quiet).toMatchObject({ status: 'ACTIVE', failingSince: null, deadLetters: [{ status: 'DEAD' }] });
  expect(failing).toMatchObject({ status: 'ACTIVE', failingSince: failedAt });
  expect(pointsReceived().slice(before)).toEqual([2]);
});

test.each([
  ['its merchant', 503],
  ['its endpoint', 410],
])(
  'resumed after a pause of four days that %s wished, nothing is given up by its next failure',
  async (_, status) => {
    const { id: webhookId } = await createWebhook(accounts, shop, endpoint.url);
    endpoint.answer(() => status);
    await issue(1);
    await deliver();
    await webhookMutation(accounts, shop.caller, 'pauseWebhook', { webhookId });
    accounts.clock.advance({ days: 4 });
    endpoint.answer(() => 503);
    await webhookMutation(accounts, shop.caller, 'resumeWebhook', { webhookId });
    const failed = await deliver();
    const [resumed] = await webhooksOf(accounts, shop);
    endpoint.answer(() => 200);
    accounts.clock.advance({ ms: 2_500 });
    await deliver();

    expect(failed).toBe(1);
    expect(resumed!.deadLetters).toEqual([]);
    expect(resumed!.deliveries).toMatchObject([{ status: 'PENDING' }]);
    expect(pointsReceived()).toEqual([1, 1, 1]);
  },
);

test('a paused webhook is sent nothing, and what happened meanwhile when it is resumed', async () => {
  const { id: webhookId } = await createWebhook(accounts, shop, endpoint.url);
  const paused = await webhookMutation(accounts, shop.caller, 'pauseWebhook', { webhookId });
  await issue(1);
  const sent = await deliver();
  const [resting] = await webhooksOf(accounts, shop);
  await webhookMutation(accounts, shop.caller, 'resumeWebhook', { webhookId });
  await deliver();

  expect(resting!.deliveries).toMatchObject([{ status: 'PENDING', nextAttemptAt: null }]);
  expect(paused.webhook).toMatchObject({ status: 'PAUSED', pauseReason: 'REQUESTED' });
  expect(sent).toBe(0);
  expect(pointsReceived()).toEqual([1]);
});

test('while a secret is rotated both sign; a day later the new one alone', async () => {
  const { id: webhookId, secret: old } = await createWebhook(accounts, shop, endpoint.url);
  const { secret } = await webhookMutation(accounts, shop.caller, 'rotateWebhookSecret', {
    idempotencyKey: 'rotate',
    webhookId,
  });
  await issue(1);
  await deliver();
  accounts.clock.advance({ hours: 24 });
  await issue(2);
  await deliver();

  const signatures = endpoint.received.map(({ text, headers }) => {
    const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
    const by = (key: string) => new StandardWebhook(key).sign(headers['webhook-id'] as string, at, text);
    return [headers['webhook-signature'], by(secret!), by(old)];
  });
  const [[both, byNew, byOld], [alone, byNewLater]] = signatures as [string[], string[]];
  expect(both).toBe(`${byNew} ${byOld}`);
  expect(alone).toBe(byNewLater);
});

test('a deleted webhook is sent nothing more', async () => {
  const { id: webhookId } = await createWebhook(accounts, shop, endpoint.url);
  await issue(1);
  await accounts.relayEvents();

  const deleted = await webhookMutation(accounts, shop.caller, 'deleteWebhook', { webhookId });
  await issue(2);

  expect(deleted.webhook).toMatchObject({ id: webhookId, status: 'DELETED', secrets: [] });
  expect(await deliver()).toBe(0);
  expect(await webhooksOf(accounts, shop)).toEqual([]);
});

test('an endpoint that asks for a pause gets it, for all that it is to be told', async () => {
  await createWebhook(accounts, shop, endpoint.url);
  const other = await registerMember(accounts, shop, 'customer-2');
  await deliver();
  endpoint.answer(() => 429, { 'retry-after': '120' });
  await issue(1);
  const first = await deliver();
  endpoint.answer(() => 200);
  await issue(2, {}, other.id);

  accounts.clock.advance({ seconds: 119 });
  const paused = await deliver();
  accounts.clock.advance({ seconds: 1 });
  const after = await deliver();

  expect([first, paused, after]).toEqual([1, 0, 2]);
  const received = pointsReceived().filter((points) => points !== undefined);
  expect(received.map(Number).sort((one, two) => one - two)).toEqual([1, 1, 2]);
});

test('an endpoint that fails five times in a turn is left alone for a minute', async () => {
  await createWebhook(accounts, shop, endpoint.url);
  endpoint.answer(() => 500);
  for (let i = 0; i < 12; i++) {
    const friend = await registerMember(accounts, shop, `crowd-${shops}-${i}`);
    await issue(1, {}, friend.id);
  }

  const first = await deliver();
  accounts.clock.advance({ seconds: 59 });
  const resting = await deliver();
  accounts.clock.advance({ seconds: 1 });
  const second = await deliver();

  // Requests that were under way when the fifth failed end as they may.
  expect(first).toBeGreaterThanOrEqual(5);
  expect(first).toBeLessThanOrEqual(8);
  expect(resting).toBe(0);
  expect(second).toBeGreaterThanOrEqual(5);
}, 60_000);

test('what has waited for thirty days at a paused webhook is a dead letter, which can be replayed, and later is gone', async () => {
  const { id: webhookId } = await createWebhook(accounts, shop, endpoint.url);
  await webhookMutation(accounts, shop.caller, 'pauseWebhook', { webhookId });
  await issue(1);
  await deliver();
  accounts.clock.advance({ days: 20 });
  await issue(2);
  await deliver();
  accounts.clock.advance({ days: 10, hours: 1 });
  const sent = await deliver();
  const [longPaused] = await webhooksOf(accounts, shop);
  const replayed = await webhookMutation(accounts, shop.caller, 'replayDeadLetters', { webhookId });
  const [revived] = await webhooksOf(accounts, shop);
  accounts.clock.advance({ days: 31 });
  await deliver();
  const [dead] = await webhooksOf(accounts, shop);
  accounts.clock.advance({ days: 31 });
  await deliver();
  const [gone] = await webhooksOf(accounts, shop);

  expect(sent).toBe(0);
  expect(longPaused!.deliveries.map(({ status }) => status)).toEqual(['PENDING', 'DEAD']);
  expect(longPaused!.deadLetters.map(({ id, attempts }) => [id, attempts])).toEqual([
    [longPaused!.deliveries[1]!.id, []],
  ]);
  expect(replayed.count).toBe(1);
  expect(revived!.deliveries.map(({ status }) => status)).toEqual(['PENDING', 'PENDING']);
  expect(dead!.deliveries.map(({ status }) => status)).toEqual(['DEAD', 'DEAD']);
  expect(gone!.deliveries).toEqual([]);
  expect(endpoint.received).toEqual([]);
});
