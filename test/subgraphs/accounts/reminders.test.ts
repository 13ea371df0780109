import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import { idAt } from '../../../subgraphs/shared/ids.ts';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { asMember, asMerchant, asService, auditor, operator } from '../../support/callers.ts';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint.ts';
import { asGiver, makeBeneficiary } from '../../support/gifts.ts';
import { atHome, join } from '../../support/households.ts';
import { act, documentsStored, expectSoundLedger, walletOf } from '../../support/points.ts';
import { forMonths } from '../../support/policy.ts';
import { erasure } from '../../support/privacy.ts';
import { remindBefore } from '../../support/reminders.ts';
import { createWebhook } from '../../support/webhooks.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;
let endpoint: TestEndpoint;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;
let ann: RegisteredMember;

// A month after the clock of the tests begins, at the end of the day.
const expiry = '2026-02-15T23:59:59.999Z';
const reminders = { daysBefore: [7, 1], graceDays: 14, restoreOnce: true };

beforeEach(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts, { validity: forMonths(1), reminders });
  pets = await openMerchant(accounts, 'Pets');
  cafe = await openMerchant(accounts, 'Café');
  ann = await registerMember(accounts, pets, 'pets-ann');
  await registerMember(accounts, cafe, 'cafe-ann', { cardNumber: ann.cardNumber });
  endpoint = await startEndpoint();
});
afterEach(async () => {
  await expectSoundLedger(accounts);
  await accounts.stop();
  await endpoint.stop();
});

const issue = (points: number, to = ann.id) =>
  act(accounts, pets.caller, 'issuePoints', { member: { id: to }, points });

async function ask<T = Fields>(caller: Caller, selection: string): Promise<T> {
  const query = `query ($id: ID!) { member(id: $id) { ${selection} } }`;
  return (await accounts.send<{ member: T }>(caller, query, { id: ann.id })).member;
}

const lotFields = `id remaining expiresAt remindDays restorableUntil reminders { daysBefore points } `;
const lotsOf = async (caller: Caller): Promise<Fields[]> => {
  const { wallet } = await ask<{ wallet: { lots: { edges: { node: Fields }[] } } }>(
    caller,
    `wallet { lots { edges { node { ${lotFields} } } } }`,
  );
  return wallet.lots.edges.map(({ node }) => node);
};
const restorableOf = async (caller: Caller): Promise<{ id: string; restorableUntil: string }[]> =>
  (
    await ask<{ wallet: { restorable: { id: string; restorableUntil: string }[] } }>(
      caller,
      `wallet { restorable { ${lotFields} } }`,
    )
  ).wallet.restorable;

async function restore(
  caller: Caller,
  lotId: string,
  idempotencyKey: string = randomUUID(),
): Promise<Fields> {
  const mutation = `mutation ($input: RestoreLotInput!) { restoreLot(input: $input) {
    __typename
    ... on PointsPosted { replayed posting { id kind points change goodUntil merchant { id } } wallet { available } }
    ... on NotRestorable { reason until }
    ... on NotFound { what id } ... on InvalidInput { field } ... on IdempotencyConflict { code } } }`;
  const { restoreLot } = await accounts.send<{ restoreLot: Fields }>(caller, mutation, {
    input: { idempotencyKey, lotId },
  });
  return restoreLot;
}

const reminderFields = `reminders { edges { node {
  id daysBefore sentAt expiresAt points held lots programme { code } rescues { kind points } } } }`;
const remindersOf = async (caller: Caller): Promise<Fields[]> =>
  (await ask<{ reminders: { edges: { node: Fields }[] } }>(caller, reminderFields)).reminders.edges.map(
    ({ node }) => node,
  );

const expiring = { eventTypes: ['jifen.points.expiring'] };
const each = (kinds: readonly string[], points: number) => kinds.map((kind) => ({ kind, points }));
/** What the terms allow. */
const rescues = (points: number) => each(['DONATE', 'GIFT', 'POOL', 'VOUCHER'], points);
/** What of it a member without household and beneficiaries can use. */
const ownRescues = (points: number) => each(['DONATE', 'VOUCHER'], points);

/** Has what reminders are due sent and handed on. */
async function send(at: string): Promise<void> {
  accounts.clock.set(at);
  await accounts.sweep();
  await accounts.relayEvents();
  await accounts.sendWebhooks();
}

/** The deliveries of the only reminder, as a caller sees them. */
async function deliveriesOf(caller: Caller): Promise<Fields[]> {
  const { reminders } = await ask<{ reminders: { edges: { node: { deliveries: Fields[] } }[] } }>(
    caller,
    'reminders { edges { node { deliveries { id status attempts { responseStatus } } } } }',
  );
  return reminders.edges[0]!.node.deliveries;
}

test('a member sees that it was told, the issuer its own part and how its webhook took it', async () => {
  const webhook = await createWebhook(accounts, pets, endpoint.url, expiring);
  await issue(100);
  await act(accounts, cafe.caller, 'issuePoints', { member: { id: ann.id }, points: 20 });
  await send('2026-02-09T06:00:00.000Z');

  const [reminder, ...more] = await remindersOf(asMember(ann.id));
  expect(more).toEqual([]);
  const id = String(reminder!['id']);
  const told = { id, daysBefore: 7, sentAt: '2026-02-09T06:00:00.000Z', expiresAt: expiry };
  const all = {
    ...{ ...told, points: 120, held: 0, lots: 2, programme: { code: 'SHARED' } },
    rescues: rescues(120),
  };
  const own = { ...all, rescues: ownRescues(120) };
  expect(reminder).toEqual(own);
  expect(await remindersOf(operator)).toEqual([own]);
  expect(await remindersOf(auditor)).toEqual([all]);
  const known = idAt(pets.id, id);
  const part = { id: known, points: 100, lots: 1, rescues: rescues(100) };
  expect(await remindersOf(pets.caller)).toEqual([{ ...all, ...part }]);
  expect(await lotsOf(pets.caller)).toEqual([
    expect.objectContaining({ remindDays: [7, 1], reminders: [{ daysBefore: 7, points: 100 }] }),
  ]);

  const [{ body }, ...others] = endpoint.received as [(typeof endpoint.received)[0]];
  expect(others).toEqual([]);
  const eventId = idAt(pets.id, `${id}-${pets.id}`);
  expect(body).toMatchObject({
    ...{ id: eventId, type: 'jifen.points.expiring', subject: known },
    data: { reminderId: known, memberReference: 'pets-ann', daysBefore: 7, points: 100, expiresAt: expiry },
  });
  expect(JSON.stringify(body)).not.toContain(ann.id);
  const delivery = `${webhook.id}.${eventId}`;
  const delivered = { id: delivery, status: 'DELIVERED', attempts: [{ responseStatus: 200 }] };
  expect(await deliveriesOf(pets.caller)).toEqual([delivered]);
  expect(await deliveriesOf(cafe.caller)).toEqual([]);
  expect(await deliveriesOf(operator)).toEqual([delivered]);

  // On record when the points have expired, and for three years.
  for (const [at, left] of [
    ['2026-04-01T06:00:00.000Z', [delivered]],
    ['2029-02-08T06:00:00.000Z', [delivered]],
    ['2029-02-12T06:00:00.000Z', []],
  ] as const) {
    accounts.clock.set(at);
    await accounts.sendWebhooks();
    expect(await deliveriesOf(operator)).toEqual(left);
  }
});

test('a member is told of what it can use: no gift without a beneficiary or by a child, no pool without a household', async () => {
  const [ben, head] = [
    await registerMember(accounts, pets, 'pets-ben'),
    await registerMember(accounts, pets, 'pets-head'),
  ];
  await makeBeneficiary(accounts, ann, ben);
  await asGiver(accounts, ann.id, 'addBeneficiary', { cardNumber: head.cardNumber });
  await asGiver(accounts, ben.id, 'addBeneficiary', { cardNumber: ann.cardNumber });
  await createWebhook(accounts, pets, endpoint.url, expiring);
  await issue(100);
  await issue(100, ben.id);
  // 60 days and a month after the clock of the tests begins.
  await send('2026-04-10T06:00:00.000Z');
  const kindsTo = async (caller: Caller, id = ann.id) => {
    const query = `query ($id: ID!) { member(id: $id) {
      reminders { edges { node { rescues { kind } } } }
      wallet { lots { edges { node { reminders { rescues { kind } } } } } } } }`;
    type Told = { rescues: { kind: string }[] };
    const { member } = await accounts.send<{
      member: {
        reminders: { edges: { node: Told }[] };
        wallet: { lots: { edges: { node: { reminders: Told[] } }[] } };
      };
    }>(caller, query, { id });
    const kinds = member.reminders.edges[0]!.node.rescues.map(({ kind }) => kind);
    const ofLot = member.wallet.lots.edges[0]!.node.reminders[0]!.rescues.map(({ kind }) => kind);
    expect(ofLot).toEqual(kinds);
    return kinds.join(' ');
  };

  // One whose only beneficiary still waits has nobody to give to.
  expect(await kindsTo(asMember(ben.id), ben.id)).toBe('DONATE VOUCHER');
  expect(await kindsTo(asMember(ann.id))).toBe('DONATE GIFT VOUCHER');
  await atHome(accounts, head, 'createHousehold', { name: 'Home' });
  await join(accounts, head, ann, 'CHILD');
  expect(await kindsTo(asMember(ann.id))).toBe('DONATE POOL VOUCHER');
  expect(await kindsTo(operator)).toBe('DONATE POOL VOUCHER');
  const { household } = await ask<{ household: { members: { id: string; role: string }[] } }>(
    asMember(ann.id),
    'household { members { id role } }',
  );
  const householdMemberId = household.members.find(({ role }) => role === 'CHILD')!.id;
  await atHome(accounts, head, 'setHouseholdRole', { householdMemberId, role: 'ADULT' });
  expect(await kindsTo(asMember(ann.id))).toBe('DONATE GIFT POOL VOUCHER');

  // Who has a family and whom it gives to is not told to merchants, nor by what is missing.
  for (const caller of [pets.caller, auditor])
    for (const { id } of [ann, ben]) expect(await kindsTo(caller, id)).toBe('DONATE GIFT POOL VOUCHER');
  expect(endpoint.received.map(({ body }) => body.data['rescues'])).toEqual([rescues(100), rescues(100)]);
});

test('pages of any size give a merchant the same reminders, also those of one instant, and its cursors name none', async () => {
  await issue(100);
  accounts.clock.set('2026-01-16T08:00:00.000Z');
  await issue(50);
  await send('2026-02-10T06:00:00.000Z');
  await send('2026-02-15T06:00:00.000Z');
  const page = async (caller: Caller, first: number, after: string | null) => {
    const selection = `reminders(first: ${first}${after ? `, after: "${after}"` : ''}) { edges { cursor node { id sentAt } } pageInfo { hasNextPage } }`;
    return (
      await ask<{ reminders: { edges: { cursor: string; node: Fields }[]; pageInfo: Fields } }>(
        caller,
        selection,
      )
    ).reminders;
  };
  const inPages = async (caller: Caller, first: number) => {
    const found: { cursor: string; node: Fields }[] = [];
    for (let more = true; more; ) {
      const { edges, pageInfo } = await page(caller, first, found.at(-1)?.cursor ?? null);
      found.push(...edges);
      more = pageInfo['hasNextPage'] === true;
    }
    return found;
  };

  const whole = await inPages(asMember(ann.id), 100);
  expect(new Set(whole.map(({ node }) => node['sentAt'])).size).toBeLessThan(whole.length);
  const shown = whole.map(({ node }) => idAt(pets.id, String(node['id'])));
  for (const first of [1, 2, 100]) {
    const found = await inPages(pets.caller, first);
    expect(found.map(({ node }) => node['id'])).toEqual(shown);
    for (const { cursor } of found) expect(Buffer.from(cursor, 'base64url').toString()).not.toContain('_');
  }
  const forged = Buffer.from('["2026-02-09T06:00:00.000Z","x"]').toString('base64url');
  await expect(page(pets.caller, 1, forged)).rejects.toThrow('not a cursor');
});

test('a partner that the member shares its balance with is told all, and another that issued none of it nothing', async () => {
  const change = `mutation ($input: GrantConsentInput!) { grantConsent(input: $input) { __typename } }`;
  const grant = {
    ...{ idempotencyKey: 'c', partnerId: cafe.id, purpose: 'SHARE_BALANCE', textVersion: 'v1' },
  };
  await accounts.send(asMember(ann.id), change, { input: grant });
  const zoo = await openMerchant(accounts, 'Zoo');
  await registerMember(accounts, zoo, 'zoo-ann', { cardNumber: ann.cardNumber });
  await createWebhook(accounts, cafe, endpoint.url, expiring);
  await createWebhook(accounts, zoo, endpoint.url, expiring);
  await issue(100);
  await send('2026-02-09T06:00:00.000Z');

  const received = endpoint.received.map(({ body }) => [body.data['memberReference'], body.data['points']]);
  expect(received).toEqual([['cafe-ann', 100]]);
  expect(await remindersOf(cafe.caller)).toMatchObject([{ points: 100 }]);
  expect(await deliveriesOf(cafe.caller)).toHaveLength(1);
  expect(await remindersOf(zoo.caller)).toEqual([]);
});

test('where no merchant may learn of the points, those that know the member are told that there is a reminder', async () => {
  const ben = await registerMember(accounts, cafe, 'cafe-ben');
  await makeBeneficiary(accounts, ann, ben);
  await createWebhook(accounts, cafe, endpoint.url, expiring);
  await issue(100);
  await act(accounts, asMember(ann.id), 'transferPoints', { toCardNumber: ben.cardNumber, points: 30 });
  await send('2026-04-10T06:00:00.000Z');

  const toBen = endpoint.received.filter(({ body }) => body.data['memberReference'] === 'cafe-ben');
  expect(toBen.map(({ body }) => body.data)).toEqual([
    {
      ...{ reminderId: expect.any(String), programme: 'SHARED', sentAt: expect.any(String) },
      ...{ daysBefore: null, expiresAt: null, points: null, held: null, lots: null, rescues: [] },
      memberReference: 'cafe-ben',
    },
  ]);
});

test('a merchant that did not register the member is told nothing and sees nothing', async () => {
  const stranger = await openMerchant(accounts, 'Stranger');
  await createWebhook(accounts, stranger, endpoint.url, {
    eventTypes: ['jifen.points.expiring', 'jifen.points.posted'],
  });
  await issue(100);
  await remindBefore(expiry, accounts, [7, 1]);
  await accounts.relayEvents();
  await accounts.sendWebhooks();

  expect(endpoint.received).toEqual([]);
  const query = `query ($id: ID!) { member(id: $id) { ${reminderFields} } }`;
  expect(await accounts.send(stranger.caller, query, { id: ann.id })).toEqual({ member: null });
});

test('the deliveries are not the member’s to see, nor a credential’s without the scope', async () => {
  await issue(100);
  await remindBefore(expiry, accounts, [7]);
  const query = `query ($id: ID!) { member(id: $id) { reminders { edges { node { id deliveries { id } } } } } }`;

  for (const caller of [asMember(ann.id), asMerchant(pets.id, ['READ'])]) {
    const { errors } = await accounts.ask(caller, query, { id: ann.id });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  }
});

const lists = `{
  extendedLots { edges { cursor node { at goodUntil points lots reason member { id } posting { kind change points } } } pageInfo { hasNextPage } }
  overdueReminders { edges { node { dueAt member { id } wallet { available programme { code } } } } pageInfo { hasNextPage } } }`;

test('the operator sees what is due to be told, and what was extended for want of it', async () => {
  await issue(60);
  await issue(40);
  accounts.clock.set('2026-02-09T06:00:00.000Z');
  const before = await accounts.send<Fields>(operator, lists);
  accounts.clock.set('2026-02-16T06:00:00.000Z');
  await accounts.sweep();
  const after = await accounts.send<Fields>(auditor, lists);

  expect(before).toEqual({
    extendedLots: { edges: [], pageInfo: { hasNextPage: false } },
    overdueReminders: {
      edges: [
        {
          node: {
            dueAt: '2026-02-08T23:59:59.999Z',
            member: { id: ann.id },
            wallet: { available: 100, programme: { code: 'SHARED' } },
          },
        },
      ],
      pageInfo: { hasNextPage: false },
    },
  });
  expect(after).toMatchObject({
    extendedLots: {
      edges: [
        {
          node: {
            ...{ at: expiry, goodUntil: '2026-03-01T23:59:59.999Z', points: 100, lots: 2 },
            reason: 'not reminded 7, 1 days before',
            member: { id: ann.id },
            posting: { kind: 'EXTEND', change: 0, points: 100 },
          },
        },
      ],
    },
    overdueReminders: { edges: [] },
  });
  expect(await walletOf(accounts, ann.id)).toMatchObject({ available: 100 });
  const cursor = (after['extendedLots'] as { edges: { cursor: string }[] }).edges[0]!.cursor;
  const next = await accounts.send(
    operator,
    'query ($after: String) { extendedLots(programme: "SHARED", after: $after) { edges { cursor } } }',
    { after: cursor },
  );
  expect(next).toEqual({ extendedLots: { edges: [] } });
});

/** Points that were told of and expired. */
async function expired(points = 100): Promise<string> {
  await issue(points);
  await remindBefore(expiry, accounts, [7, 1]);
  accounts.clock.set('2026-02-17T06:00:00.000Z');
  const [lot] = await restorableOf(asMember(ann.id));
  expect(lot).toMatchObject({ remaining: 0, restorableUntil: '2026-03-01T23:59:59.999Z' });
  return lot!.id;
}

test('a member gets points back that expired, once, and the same request again gets the first answer', async () => {
  const lotId = await expired();
  const given = await restore(asMember(ann.id), lotId, 'again');

  expect(given).toEqual({
    __typename: 'PointsPosted',
    replayed: false,
    posting: {
      ...{ id: expect.any(String), kind: 'RESTORE', points: 100, change: 100, merchant: null },
      goodUntil: '2026-03-19T23:59:59.999Z',
    },
    wallet: { available: 100 },
  });
  expect(await restore(asMember(ann.id), lotId, 'again')).toEqual({ ...given, replayed: true });
  expect(await restore(asMember(ann.id), lotId)).toEqual({
    __typename: 'NotRestorable',
    reason: 'ALREADY_RESTORED',
    until: null,
  });
  expect(await restore(asMember(ann.id), 'lot_other', 'again')).toMatchObject({
    __typename: 'IdempotencyConflict',
  });
  expect(await restorableOf(asMember(ann.id))).toEqual([]);
  expect(await walletOf(accounts, ann.id)).toMatchObject({ available: 100 });
});

test('a merchant gives points of its own back to its member, and sees the posting', async () => {
  const lotId = await expired();

  const { posting } = (await restore(pets.caller, lotId)) as { posting: { id: string } };
  const query = 'query ($id: ID!) { posting(id: $id) { kind } }';
  expect(await accounts.send(pets.caller, query, { id: posting.id })).toEqual({
    posting: { kind: 'RESTORE' },
  });
  expect(await accounts.send(cafe.caller, query, { id: posting.id })).toEqual({ posting: null });
});

test.each<[string, (world: { lotId: string }) => Promise<Fields>, object]>([
  [
    'another member',
    async ({ lotId }) => {
      const ben = await registerMember(accounts, pets, 'pets-ben');
      return restore(asMember(ben.id), lotId);
    },
    { __typename: 'NotFound', what: 'LOT' },
  ],
  [
    'a merchant that did not register the member',
    async ({ lotId }) => restore((await openMerchant(accounts, 'Stranger')).caller, lotId),
    { __typename: 'NotFound', what: 'LOT' },
  ],
  [
    'a merchant whose points they are not and that the member shares nothing with',
    async ({ lotId }) => restore(cafe.caller, lotId),
    { __typename: 'NotFound', what: 'LOT' },
  ],
  [
    'a lot that is not there',
    async () => restore(asMember(ann.id), 'lot_none'),
    { __typename: 'NotFound', what: 'LOT', id: 'lot_none' },
  ],
  [
    'a key that is none, before a lot that is not there',
    async () => restore(asMember(ann.id), 'lot_none', ' '),
    { __typename: 'InvalidInput', field: 'input.idempotencyKey' },
  ],
  [
    'the end of the grace',
    async ({ lotId }) => {
      accounts.clock.set('2026-03-01T23:59:59.999Z');
      return restore(asMember(ann.id), lotId);
    },
    { __typename: 'NotRestorable', reason: 'TOO_LATE', until: '2026-03-01T23:59:59.999Z' },
  ],
])('nothing is given back for %s, and nothing is posted', async (_, attempt, refusal) => {
  const lotId = await expired();
  await accounts.sweep();
  const before = await documentsStored(accounts);

  expect(await attempt({ lotId })).toMatchObject(refusal);
  const after = await documentsStored(accounts);
  for (const name of ['ledger-postings', 'ledger-keys', 'ledger-lots'])
    expect([name, after[name]]).toEqual([name, before[name]]);
  expect(await walletOf(accounts, ann.id)).toMatchObject({ available: 0 });
});

test('points restored are in the statement of their month', async () => {
  const lotId = await expired();
  await restore(asMember(ann.id), lotId);
  const { statement } = await ask<{ statement: Fields }>(
    asMember(ann.id),
    `statement(month: "2026-02") { html programmes { opening expired restored other closing } }`,
  );

  expect(statement).toMatchObject({
    programmes: [{ opening: 100, expired: -100, restored: 100, other: 0, closing: 100 }],
  });
  expect(
    await act(accounts, asService(), 'holdPoints', {
      ...{ memberId: ann.id, programme: 'SHARED', points: 100, merchantId: cafe.id },
    }),
  ).toMatchObject({ __typename: 'PointsHeld' });
});

test('what was extended stays on the list when its member is erased', async () => {
  await issue(30);
  accounts.clock.set('2026-02-16T06:00:00.000Z');
  await accounts.sweep();
  const forfeit = [{ programme: 'SHARED', points: 30 }];
  const erased = await erasure(accounts, asMember(ann.id), 'eraseMember', { forfeit });

  const { extendedLots } = await accounts.send<{ extendedLots: { edges: { node: Fields }[] } }>(
    operator,
    '{ extendedLots { edges { node { points member { id } } } } }',
  );

  expect(erased).toMatchObject({ __typename: 'MemberErased' });
  expect(extendedLots.edges).toEqual([{ node: { points: 30, member: null } }]);
});
