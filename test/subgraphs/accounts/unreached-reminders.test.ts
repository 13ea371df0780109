import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { asMember, auditor, operator } from '../../support/callers.ts';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint.ts';
import { atHome, join } from '../../support/households.ts';
import { act, expectSoundLedger, priceIn } from '../../support/points.ts';
import { forMonths } from '../../support/policy.ts';
import { erasure } from '../../support/privacy.ts';
import { createWebhook, webhookMutation } from '../../support/webhooks.ts';

let accounts: TestAccounts;
let endpoint: TestEndpoint;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;
let ann: RegisteredMember;

// Points are earned on 15 January, are good for a month, to the end of the day, and are told of 10 days and 1 day before.
const expiry = '2026-02-15T23:59:59.999Z';
const tenDaysBefore = '2026-02-06T06:00:00.000Z';
const oneDayBefore = '2026-02-15T06:00:00.000Z';
const reminders = { daysBefore: [10, 1], graceDays: 14, restoreOnce: true };
const expiring = { eventTypes: ['jifen.points.expiring'] };

beforeEach(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts, { validity: forMonths(1), reminders });
  pets = await openMerchant(accounts, 'Pets');
  cafe = await openMerchant(accounts, 'Café');
  ann = await registerMember(accounts, pets, 'pets-ann');
  endpoint = await startEndpoint();
});
afterEach(async () => {
  await expectSoundLedger(accounts);
  await accounts.stop();
  await endpoint.stop();
});

const issue = (points = 100, to = ann.id, more: object = {}) =>
  act(accounts, pets.caller, 'issuePoints', { member: { id: to }, points, ...more });

interface Unreached {
  readonly reminder: { readonly id: string; readonly points: number; readonly reachedAt: string | null };
  readonly member: { readonly id: string } | null;
  readonly reason: string;
}
interface UnreachedPage {
  readonly edges: readonly { readonly cursor: string; readonly node: Unreached }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const listed = `{
  edges { cursor node { reason member { id } reminder {
    id daysBefore sentAt expiresAt points held reachedAt programme { code } rescues { kind } deliveries { status } } } }
  pageInfo { hasNextPage endCursor } }`;

async function page(args: object = {}, caller: Caller = operator): Promise<UnreachedPage> {
  const query = `query ($programme: String, $first: Int, $after: String) {
    unreachedReminders(programme: $programme, first: $first, after: $after) ${listed} }`;
  return (await accounts.send<{ unreachedReminders: UnreachedPage }>(caller, query, args)).unreachedReminders;
}
const unreached = async (args: object = {}): Promise<readonly Unreached[]> =>
  (await page(args)).edges.map(({ node }) => node);
const reasons = async () => (await unreached()).map(({ reason }) => reason);

/** Has what reminders are due written and handed to webhooks, but not sent. */
async function handOn(at: string): Promise<void> {
  accounts.clock.set(at);
  await accounts.sweep();
  await accounts.relayEvents();
}

/** Has them sent too. */
async function send(at: string): Promise<void> {
  await handOn(at);
  await accounts.sendWebhooks();
}

/** Sends every half day until three days after the reminder are over. */
async function sendForThreeDays(): Promise<void> {
  for (const at of ['06T18', '07T06', '07T18', '08T06', '08T18', '09T06', '09T07'])
    await send(`2026-02-${at}:00:00.000Z`);
}

/** When each of the member's reminders was taken, the newest first. */
async function reachedAt(): Promise<(string | null)[]> {
  const query = 'query ($id: ID!) { member(id: $id) { reminders { edges { node { reachedAt } } } } }';
  type Found = { member: { reminders: { edges: { node: { reachedAt: string | null } }[] } } };
  const { member } = await accounts.send<Found>(auditor, query, { id: ann.id });
  return member.reminders.edges.map(({ node }) => node.reachedAt);
}

test('a reminder for which no merchant has a webhook is listed, with what can still be done, until its points expire', async () => {
  await createWebhook(accounts, pets, endpoint.url, { eventTypes: ['jifen.points.posted'] });
  await createWebhook(accounts, cafe, endpoint.url, expiring);
  await issue();
  await send(tenDaysBefore);

  const expected = {
    reason: 'NO_ENDPOINT',
    member: { id: ann.id },
    reminder: {
      ...{ id: expect.any(String), daysBefore: 10, sentAt: tenDaysBefore, expiresAt: expiry },
      ...{ points: 100, held: 0, reachedAt: null, programme: { code: 'SHARED' }, deliveries: [] },
      rescues: [{ kind: 'DONATE' }, { kind: 'VOUCHER' }],
    },
  };
  expect(await unreached()).toEqual([expected]);
  const [seen] = (await page({}, auditor)).edges;
  const kinds = ['DONATE', 'GIFT', 'POOL', 'VOUCHER'].map((kind) => ({ kind }));
  expect(seen!.node).toEqual({ ...expected, reminder: { ...expected.reminder, rescues: kinds } });

  // A webhook of after that is told only of what comes.
  await createWebhook(accounts, pets, endpoint.url, expiring);
  await send(oneDayBefore);
  expect(await unreached()).toEqual([expected]);
  expect(await reachedAt()).toEqual([oneDayBefore, null]);
  accounts.clock.set('2026-02-16T00:00:00.000Z');
  expect(await unreached()).toEqual([]);
});

test('a reminder that is on its way is not listed, nor is one that was taken, and when that was is kept', async () => {
  await createWebhook(accounts, pets, endpoint.url, expiring);
  await issue();
  await handOn(tenDaysBefore);
  expect([await reasons(), await reachedAt()]).toEqual([[], [null]]);

  accounts.clock.set('2026-02-06T06:05:00.000Z');
  await accounts.sendWebhooks();

  expect([await reasons(), await reachedAt()]).toEqual([[], ['2026-02-06T06:05:00.000Z']]);
  // What was sent is kept for 30 days, the record of its delivery for longer.
  accounts.clock.set('2026-03-20T06:00:00.000Z');
  await accounts.sendWebhooks();
  expect(await accounts.stored.collection('webhook-deliveries').distinct('body')).toEqual([null]);
  expect((await reachedAt()).at(-1)).toBe('2026-02-06T06:05:00.000Z');
});

test('an endpoint that fails is told at once, then that it was given up, until a replay is taken', async () => {
  const { id: webhookId } = await createWebhook(accounts, pets, endpoint.url, expiring);
  endpoint.answer(() => 500);
  await issue();
  await send(tenDaysBefore);
  expect(await reasons()).toEqual(['FAILING']);

  await sendForThreeDays();
  expect(await unreached()).toMatchObject([
    { reason: 'FAILED', member: { id: ann.id }, reminder: { points: 100, deliveries: [{ status: 'DEAD' }] } },
  ]);

  endpoint.answer(() => 200);
  await webhookMutation(accounts, pets.caller, 'replayDeadLetters', { webhookId });
  await send('2026-02-09T08:00:00.000Z');
  expect([await reasons(), await reachedAt()]).toEqual([[], ['2026-02-09T08:00:00.000Z']]);
});

test('a reminder that waits behind another event at an endpoint that fails is listed too', async () => {
  const all = { eventTypes: ['jifen.points.posted', 'jifen.points.expiring'] };
  await createWebhook(accounts, pets, endpoint.url, all);
  endpoint.answer(() => 503);
  await issue();
  await send('2026-02-05T06:00:00.000Z');
  await handOn(tenDaysBefore);

  expect(await reasons()).toEqual(['FAILING']);
  endpoint.answer(() => 200);
  await send('2026-02-06T18:00:00.000Z');
  expect(await reasons()).toEqual([]);
});

test('a reminder that waits behind an event which an endpoint keeps refusing is listed though the endpoint takes all else', async () => {
  const ben = await registerMember(accounts, pets, 'pets-ben');
  const all = { eventTypes: ['jifen.points.posted', 'jifen.points.expiring'] };
  await createWebhook(accounts, pets, endpoint.url, all);
  endpoint.answer(({ body: { type, data } }) =>
    type === 'jifen.points.posted' && data['memberReference'] === 'pets-ann' ? 500 : 200,
  );
  await issue();
  await send(tenDaysBefore);
  await issue(5, ben.id);
  await send('2026-02-06T07:00:00.000Z');
  expect(endpoint.received.at(-1)!.body.data['memberReference']).toBe('pets-ben');

  expect(await reasons()).toEqual(['FAILING']);
  endpoint.answer(() => 200);
  await send('2026-02-06T20:00:00.000Z');
  expect(await reasons()).toEqual([]);
});

test('a reminder waits at a paused webhook, is sent when that is resumed, and is lost if it is deleted', async () => {
  const { id: webhookId } = await createWebhook(accounts, pets, endpoint.url, expiring);
  endpoint.answer(() => 410);
  await issue();
  await send(tenDaysBefore);
  expect(await reasons()).toEqual(['PAUSED']);

  endpoint.answer(() => 200);
  await webhookMutation(accounts, pets.caller, 'resumeWebhook', { webhookId });
  await send('2026-02-06T07:00:00.000Z');
  expect(await reasons()).toEqual([]);

  await webhookMutation(accounts, pets.caller, 'pauseWebhook', { webhookId });
  await send(oneDayBefore);
  expect(await reasons()).toEqual(['PAUSED']);
  await webhookMutation(accounts, pets.caller, 'deleteWebhook', { webhookId });
  expect(await reasons()).toEqual(['FAILED']);
  accounts.clock.set('2026-02-15T08:00:00.000Z');
  await accounts.sendWebhooks();
  expect(await accounts.stored.collection('webhook-deliveries').countDocuments()).toBe(0);
  expect(await reasons()).toEqual(['FAILED']);
});

test('one endpoint of several is enough; until one takes a reminder, what there is most hope of is told', async () => {
  await registerMember(accounts, cafe, 'cafe-ann', { cardNumber: ann.cardNumber });
  const down = await createWebhook(accounts, pets, `${endpoint.url}/down`, expiring);
  await createWebhook(accounts, cafe, endpoint.url, expiring);
  await act(accounts, cafe.caller, 'issuePoints', { member: { id: ann.id }, points: 20 });
  await issue();
  await webhookMutation(accounts, pets.caller, 'pauseWebhook', { webhookId: down.id });
  endpoint.answer(() => 500);
  await send(tenDaysBefore);
  expect(await unreached()).toMatchObject([
    { reason: 'FAILING', reminder: { points: 120, deliveries: [{}, {}] } },
  ]);

  await sendForThreeDays();
  expect(await reasons()).toEqual(['PAUSED']);
  endpoint.answer(() => 200);
  await send(oneDayBefore);
  expect(await unreached()).toMatchObject([{ reason: 'PAUSED', reminder: { daysBefore: 10 } }]);
});

test('pages go by expiry, the soonest first, of one programme or of all', async () => {
  const later = { daysBefore: [40] };
  await publishProgramme(accounts, { code: 'LATER', validity: forMonths(2), reminders: later });
  await priceIn(accounts, pets, 'LATER');
  const ben = await registerMember(accounts, pets, 'pets-ben');
  await issue(10, ann.id, { programme: 'LATER' });
  await issue(20);
  accounts.clock.set('2026-01-16T08:00:00.000Z');
  await issue(30, ben.id);
  await send('2026-02-07T06:00:00.000Z');
  const points = ({ edges }: UnreachedPage) => edges.map(({ node }) => node.reminder.points);

  expect(points(await page())).toEqual([20, 30, 10]);
  expect(points(await page({ programme: 'LATER' }))).toEqual([10]);
  expect(points(await page({ programme: 'SHARED' }))).toEqual([20, 30]);
  expect(points(await page({ programme: 'OTHER' }))).toEqual([]);
  const begin = await page({ first: 2 });
  expect([points(begin), begin.pageInfo.hasNextPage]).toEqual([[20, 30], true]);
  const end = await page({ first: 2, after: begin.pageInfo.endCursor });
  expect([points(end), end.pageInfo.hasNextPage]).toEqual([[10], false]);
  expect(points(await page({ after: begin.edges[0]!.cursor }))).toEqual([30, 10]);
  await expect(page({ first: 101 })).rejects.toThrow('first: must be 1 to 100');
  await expect(page({ after: 'x' })).rejects.toThrow('not a cursor');
});

test('when a reminder was taken, whichever merchant it was, neither a member nor a merchant is told', async () => {
  await issue();
  await send(tenDaysBefore);
  const query = 'query ($id: ID!) { member(id: $id) { reminders { edges { node { id reachedAt } } } } }';

  for (const caller of [asMember(ann.id), pets.caller]) {
    const { errors } = await accounts.ask(caller, query, { id: ann.id });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  }
});

test('of a household’s pool each member’s own part is listed', async () => {
  const ben = await registerMember(accounts, pets, 'pets-ben');
  await atHome(accounts, ann, 'createHousehold', { name: 'Home' });
  await join(accounts, ann, ben);
  for (const [member, points] of [
    [ann, 100],
    [ben, 40],
  ] as const) {
    await issue(points, member.id);
    await atHome(accounts, member, 'contributeToHousehold', { points });
  }
  await send(tenDaysBefore);

  const found = (await unreached()).map(({ member, reminder }) => [member?.id, reminder.points]);
  expect(Object.fromEntries(found)).toEqual({ [ann.id]: 100, [ben.id]: 40 });
});

test('who was erased since is not named', async () => {
  await issue();
  await send(tenDaysBefore);
  const forfeit = [{ programme: 'SHARED', points: 100 }];
  const erased = await erasure(accounts, asMember(ann.id), 'eraseMember', { forfeit });

  expect(erased).toMatchObject({ __typename: 'MemberErased' });
  expect(await unreached()).toMatchObject([{ member: null, reminder: { points: 100 } }]);
});
