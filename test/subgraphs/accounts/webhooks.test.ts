import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import { connectMongo } from '../../../subgraphs/shared/mongo.ts';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { allKinds, asMerchant, auditor, callerOf, everyScope, operator } from '../../support/callers.ts';
import {
  createWebhook,
  type WebhookMutation,
  webhookMutation,
  webhookMutations,
  webhookOperation,
  webhooksOf,
} from '../../support/webhooks.ts';

let accounts: TestAccounts;
let shop: OpenedMerchant;
let other: OpenedMerchant;

/** What names resolve to in these tests. */
const addresses: Record<string, string[]> = {
  'partner.example': ['93.184.216.34'],
  'inside.example': ['10.0.0.5'],
  'both.example': ['93.184.216.34', '169.254.169.254'],
};
const lookup = async (host: string) => {
  const found = addresses[host];
  if (!found) throw new Error(`no such host: ${host}`);
  return found.map((address) => ({ address, family: 4 }));
};

beforeAll(async () => {
  accounts = await startTestAccounts(undefined, { lookup });
  await publishProgramme(accounts);
  shop = await openMerchant(accounts, 'Shop');
  other = await openMerchant(accounts, 'Other');
});

afterAll(() => accounts.stop());

const url = 'https://partner.example/hooks';

/** Every row of the collections of webhooks: what "nothing was written" is told by. */
async function rows(): Promise<unknown[]> {
  const connection = await connectMongo(accounts.mongo.uri, accounts.database);
  try {
    const names = ['webhooks', 'webhook-rotations', 'webhook-deliveries'];
    return await Promise.all(
      names.map((name) => connection.collection(name).find().sort({ _id: 1 }).toArray()),
    );
  } finally {
    await connection.close();
  }
}

async function writesNothing(
  caller: Caller,
  name: WebhookMutation,
  input: object,
  refusal: object,
): Promise<void> {
  const before = await rows();
  expect(await webhookMutation(accounts, caller, name, input)).toMatchObject(refusal);
  expect(await rows()).toEqual(before);
}

test('a webhook is made with what was said of it, and the same request again makes no other and shows no secret', async () => {
  const input = { idempotencyKey: 'make-1', url, description: 'Orders', eventTypes: ['jifen.points.posted'] };

  const made = await webhookMutation(accounts, shop.caller, 'createWebhook', input);
  const again = await webhookMutation(accounts, shop.caller, 'createWebhook', input);

  expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(made.webhook).toEqual({
    id: expect.stringMatching(/^whk_/),
    url,
    description: 'Orders',
    eventTypes: ['jifen.points.posted'],
    status: 'ACTIVE',
    pauseReason: null,
    pausedAt: null,
    failingSince: null,
    secrets: [{ createdAt: accounts.clock.now().toISOString(), expiresAt: null }],
  });
  expect(again).toEqual({ ...made, secret: null });
  await writesNothing(
    shop.caller,
    'createWebhook',
    { ...input, description: 'Else' },
    {
      __typename: 'IdempotencyConflict',
      code: 'IDEMPOTENCY_CONFLICT',
    },
  );
});

test('of many equal requests at once one makes the webhook', async () => {
  const input = { idempotencyKey: 'make-at-once', url };
  const before = (await webhooksOf(accounts, shop)).length;

  const answers = await Promise.all(
    Array.from({ length: 5 }, () => webhookMutation(accounts, shop.caller, 'createWebhook', input)),
  );

  expect(new Set(answers.map(({ webhook }) => webhook.id)).size).toBe(1);
  expect(answers.filter(({ secret }) => secret !== null)).toHaveLength(1);
  expect(await webhooksOf(accounts, shop)).toHaveLength(before + 1);
});

const publicly = 'a URL on the public internet, not on a private, local or reserved network';

test.each([
  ['url', { url: 'http://partner.example/' }, 'an https URL'],
  ['url', { url: 'https://127.0.0.1/' }, publicly],
  ['url', { url: 'https://[::ffff:192.168.0.1]/' }, publicly],
  ['url', { url: 'https://inside.example/' }, publicly],
  ['url', { url: 'https://both.example/' }, publicly],
  ['url', { url: 'nonsense' }, 'a URL'],
  ['description', { description: ' spaced' }, '1 to 200 characters without a space at either end'],
  [
    'eventTypes.1',
    { eventTypes: ['jifen.points.posted', 'jifen.nothing'] },
    'one of jifen.member.registered, jifen.member.erased, jifen.consent.changed, jifen.points.posted, jifen.programme.published, jifen.member.notice, jifen.case.opened, jifen.case.frozen, jifen.case.confirmed, jifen.case.decided, jifen.case.lapsed, jifen.case.appealed, jifen.case.appeal-decided',
  ],
])('a bad %s is refused by name when a webhook is made or changed: %p', async (field, given, expected) => {
  const { id: webhookId } = await createWebhook(accounts, other, url);
  const refusal = { __typename: 'InvalidInput', field: `input.${field}`, expected };

  const create = { idempotencyKey: randomUUID(), url, ...given };
  await writesNothing(other.caller, 'createWebhook', create, refusal);
  await writesNothing(other.caller, 'updateWebhook', { webhookId, ...given }, refusal);
});

test('a bad key is refused, and a bad key before an unknown webhook', async () => {
  const idempotencyKey = 'with space';
  const refusal = { __typename: 'InvalidInput', field: 'input.idempotencyKey' };

  await writesNothing(shop.caller, 'createWebhook', { idempotencyKey, url }, refusal);
  await writesNothing(shop.caller, 'rotateWebhookSecret', { idempotencyKey, webhookId: 'none' }, refusal);
});

test('a name without an address at present is taken: it is looked up again at each connection', async () => {
  const { id } = await createWebhook(accounts, shop, 'https://later.example/hooks');

  expect(id).toMatch(/^whk_/);
});

test('a merchant has 20 webhooks at most, even when it asks for many at once; a deleted one makes room', async () => {
  const crowded = await openMerchant(accounts, 'Crowded');
  const make = () =>
    webhookMutation(accounts, crowded.caller, 'createWebhook', { idempotencyKey: randomUUID(), url });
  for (let i = 0; i < 18; i++) await make();

  const last = await Promise.all([make(), make(), make(), make()]);
  const kinds = last.map(({ __typename }) => __typename).sort();
  const made = last.find(({ __typename }) => __typename === 'WebhookCreated')!;
  await webhookMutation(accounts, crowded.caller, 'deleteWebhook', { webhookId: made.webhook.id });
  const room = await make();

  expect(kinds).toEqual(['TooManyWebhooks', 'TooManyWebhooks', 'WebhookCreated', 'WebhookCreated']);
  expect(room.__typename).toBe('WebhookCreated');
  await writesNothing(
    crowded.caller,
    'createWebhook',
    { idempotencyKey: 'one-more', url },
    { __typename: 'TooManyWebhooks', code: 'TOO_MANY_WEBHOOKS', limit: 20 },
  );
});

test('a change changes what it names and leaves the rest', async () => {
  const { id: webhookId } = await createWebhook(accounts, shop, url, {
    description: 'Before',
    eventTypes: ['jifen.points.posted'],
  });
  const change = (input: object) =>
    webhookMutation(accounts, shop.caller, 'updateWebhook', { webhookId, ...input });

  const moved = await change({ url: 'https://partner.example/new' });
  const opened = await change({ eventTypes: [], description: null });

  expect(moved.webhook).toMatchObject({
    url: 'https://partner.example/new',
    description: 'Before',
    eventTypes: ['jifen.points.posted'],
  });
  expect(opened.webhook).toMatchObject({
    url: 'https://partner.example/new',
    description: null,
    eventTypes: [],
  });
});

test('a rotation shows its secret once, whatever is sent again, and tells until when the old one signs', async () => {
  const { id: webhookId, secret: first } = await createWebhook(accounts, shop, url);
  const input = { idempotencyKey: `rotate-${webhookId}`, webhookId };

  const rotated = await webhookMutation(accounts, shop.caller, 'rotateWebhookSecret', input);
  const again = await webhookMutation(accounts, shop.caller, 'rotateWebhookSecret', input);

  const now = accounts.clock.now();
  const tomorrow = new Date(now.getTime() + 86_400_000);
  expect(rotated.secret).toMatch(/^whsec_/);
  expect(rotated.secret).not.toBe(first);
  expect(rotated.webhook.secrets).toEqual([
    { createdAt: now.toISOString(), expiresAt: null },
    { createdAt: now.toISOString(), expiresAt: tomorrow.toISOString() },
  ]);
  expect(again).toEqual({ ...rotated, secret: null });
  const elsewhere = await createWebhook(accounts, shop, url);
  await writesNothing(
    shop.caller,
    'rotateWebhookSecret',
    { ...input, webhookId: elsewhere.id },
    { __typename: 'IdempotencyConflict' },
  );
});

test('of equal rotations at once one is carried out', async () => {
  const { id: webhookId } = await createWebhook(accounts, shop, url);
  const input = { idempotencyKey: 'rotate-at-once', webhookId };

  const answers = await Promise.all(
    Array.from({ length: 4 }, () => webhookMutation(accounts, shop.caller, 'rotateWebhookSecret', input)),
  );

  expect(answers.filter(({ secret }) => secret !== null)).toHaveLength(1);
  expect(answers.map(({ webhook }) => webhook.secrets.length)).toEqual([2, 2, 2, 2]);
});

test('pausing and resuming again change nothing', async () => {
  const { id: webhookId } = await createWebhook(accounts, shop, url);
  const send = (name: WebhookMutation) => webhookMutation(accounts, shop.caller, name, { webhookId });

  const paused = await send('pauseWebhook');
  accounts.clock.advance({ hours: 1 });

  expect(await send('pauseWebhook')).toEqual(paused);
  const resumed = await send('resumeWebhook');
  expect(await send('resumeWebhook')).toEqual(resumed);
});

const inputs = (webhookId: string): Record<WebhookMutation, object> => ({
  createWebhook: { idempotencyKey: randomUUID(), url },
  updateWebhook: { webhookId, description: 'Taken over' },
  rotateWebhookSecret: { idempotencyKey: randomUUID(), webhookId },
  pauseWebhook: { webhookId },
  resumeWebhook: { webhookId },
  deleteWebhook: { webhookId },
  replayDeadLetters: { webhookId },
});

test.each(webhookMutations.filter((name) => name !== 'createWebhook'))(
  '%s of another merchant’s or a deleted webhook is refused as if there were none',
  async (name) => {
    const { id } = await createWebhook(accounts, shop, url);
    const gone = await createWebhook(accounts, other, url);
    await webhookMutation(accounts, other.caller, 'deleteWebhook', { webhookId: gone.id });

    for (const webhookId of [id, gone.id, 'no-such'])
      await writesNothing(other.caller, name, inputs(webhookId)[name], {
        __typename: 'NotFound',
        what: 'WEBHOOK',
        id: webhookId,
      });
  },
);

test.each(webhookMutations)('%s is a merchant’s alone, with the scope MANAGE', async (name) => {
  const owner = await openMerchant(accounts, `Owner for ${name}`);
  const { id } = await createWebhook(accounts, owner, url);
  const before = await rows();
  const others = allKinds
    .filter((kind) => kind !== 'MERCHANT')
    .map((kind) => callerOf(kind, 'mem_1', owner.id));
  const limited = asMerchant(
    owner.id,
    everyScope.filter((scope) => scope !== 'MANAGE'),
  );

  for (const caller of [...others, limited]) {
    const { data, errors } = await accounts.ask(caller, webhookOperation(name), { input: inputs(id)[name] });
    expect(data ?? null).toBeNull();
    const code = caller.kind === 'PUBLIC' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([code]);
  }
  expect(await rows()).toEqual(before);
});

test('webhooks are read by their merchant with the scope MANAGE, by operators and by auditors', async () => {
  const owner = await openMerchant(accounts, 'Read');
  const { id } = await createWebhook(accounts, owner, url);
  const query =
    'query ($id: ID!) { merchant(id: $id) { webhooks { id url deliveries { edges { node { id } } } } } }';
  const read = async (caller: Caller) => {
    const { data } = await accounts.ask<{ merchant: { webhooks: unknown[] | null } }>(caller, query, {
      id: owner.id,
    });
    return data!.merchant.webhooks !== null;
  };
  const limited = asMerchant(
    owner.id,
    everyScope.filter((scope) => scope !== 'MANAGE'),
  );

  const may = Object.fromEntries(
    await Promise.all(allKinds.map(async (kind) => [kind, await read(callerOf(kind, 'mem_1', owner.id))])),
  );

  expect(may).toEqual({
    PUBLIC: false,
    MEMBER: false,
    MERCHANT: true,
    OPERATOR: true,
    AUDITOR: true,
    ADVISER: false,
    CHARITY: false,
    SERVICE: false,
  });
  expect(await read(limited)).toBe(false);
  expect(await read(other.caller)).toBe(false);
  for (const caller of [owner.caller, operator, auditor])
    expect((await webhooksOf(accounts, owner, caller)).map((webhook) => webhook.id)).toEqual([id]);
});

test('no field of the schema gives a secret but the answers that make one', async () => {
  const query = '{ __type(name: "WebhookSecret") { fields { name } } }';
  const { __type } = await accounts.send<{ __type: { fields: { name: string }[] } }>(operator, query);

  expect(__type.fields.map(({ name }) => name)).toEqual(['createdAt', 'expiresAt']);
});
