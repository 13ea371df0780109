import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint.ts';
import { act, expectSoundLedger } from '../../support/points.ts';
import { createWebhook, webhookMutation, webhooksOf } from '../../support/webhooks.ts';

let accounts: TestAccounts;
let endpoint: TestEndpoint;
let shop: OpenedMerchant;

beforeAll(async () => {
  // Half of each longest wait, each time.
  accounts = await startTestAccounts(undefined, { allowLoopback: true, random: () => 0.5 });
  endpoint = await startEndpoint();
  await publishProgramme(accounts);
  shop = await openMerchant(accounts, 'Shop');
});

afterAll(async () => {
  await expectSoundLedger(accounts);
  await endpoint.stop();
  await accounts.stop();
});

const issueTo = (id: string) => act(accounts, shop.caller, 'issuePoints', { member: { id }, points: 1 });

/** Members of the shop, whose registrations are told to nobody. */
async function members(count: number): Promise<string[]> {
  const registered = [];
  for (let i = 0; i < count; i++) registered.push((await registerMember(accounts, shop, `member-${i}`)).id);
  await accounts.relayEvents();
  return registered;
}

/** How often it gave up, and how it stands. */
async function state(): Promise<[number, string]> {
  const [webhook] = await webhooksOf(accounts, shop);
  return [webhook!.deadLetters.length, webhook!.status];
}

/** Sends turn by turn, with the minute's rest after each that failed, until nothing is due. */
async function sendAllDue(afterTurn: () => Promise<unknown>): Promise<void> {
  for (let before = -1; before < endpoint.received.length; ) {
    before = endpoint.received.length;
    await accounts.sendWebhooks();
    await afterTurn();
    accounts.clock.advance({ seconds: 61 });
  }
}

test('twenty dead letters in a row pause a webhook, nineteen do not, long before five days of failures', async () => {
  const ids = await members(21);
  const { id: webhookId } = await createWebhook(accounts, shop, endpoint.url);
  endpoint.answer(() => 500);
  const begun = accounts.clock.now().getTime();
  for (const id of ids.slice(0, 20)) await issueTo(id);
  await accounts.relayEvents();

  const states: [number, string][] = [];
  const noteState = async () => states.push(await state());
  await sendAllDue(noteState);
  for (let halfDay = 1; halfDay <= 7; halfDay++) {
    accounts.clock.advance({ hours: 12 });
    await sendAllDue(noteState);
  }
  await issueTo(ids[20]!);
  await accounts.relayEvents();
  const received = endpoint.received.length;
  await accounts.sendWebhooks();

  expect(accounts.clock.now().getTime() - begun).toBeLessThan(5 * 86_400_000);
  expect(states.filter(([dead, status]) => dead < 20 !== (status === 'ACTIVE'))).toEqual([]);
  expect(states.at(-1)).toEqual([20, 'PAUSED']);
  expect((await webhooksOf(accounts, shop))[0]).toMatchObject({ pauseReason: 'FAILING' });
  expect(endpoint.received.length).toBe(received);
  endpoint.answer(() => 200);
  const resumed = await webhookMutation(accounts, shop.caller, 'resumeWebhook', { webhookId });
  accounts.clock.advance({ hours: 1 });
  await accounts.sendWebhooks();
  expect(resumed.webhook).toMatchObject({ status: 'ACTIVE', pauseReason: null });
  expect(endpoint.received.slice(received).map(({ body }) => body.type)).toEqual(['jifen.points.posted']);
}, 120_000);
