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
import { asMember, operator } from '../../support/callers.ts';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint.ts';
import { atHome, join } from '../../support/households.ts';
import { act, expectSoundLedger, walletOf } from '../../support/points.ts';
import { forMonths } from '../../support/policy.ts';
import { remindBefore } from '../../support/reminders.ts';
import { createWebhook } from '../../support/webhooks.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;
let endpoint: TestEndpoint;
let pets: OpenedMerchant;
let ann: RegisteredMember;
let bo: RegisteredMember;

// A month after the clock of the tests begins, at the end of the day.
const expiry = '2026-02-15T23:59:59.999Z';
const extended = '2026-03-01T23:59:59.999Z';

beforeEach(async () => {
  accounts = await startTestAccounts();
  const reminders = { daysBefore: [7, 1], graceDays: 14, restoreOnce: true };
  await publishProgramme(accounts, { validity: forMonths(1), reminders });
  pets = await openMerchant(accounts, 'Pets');
  [ann, bo] = [await registerMember(accounts, pets, 'ann'), await registerMember(accounts, pets, 'bo')];
  await atHome(accounts, ann, 'createHousehold', { name: 'Home' });
  await join(accounts, ann, bo);
  for (const [member, points] of [
    [ann, 100],
    [bo, 40],
  ] as const) {
    await act(accounts, pets.caller, 'issuePoints', { member: { id: member.id }, points });
    await atHome(accounts, member, 'contributeToHousehold', { points });
  }
  endpoint = await startEndpoint();
});
afterEach(async () => {
  await expectSoundLedger(accounts);
  await accounts.stop();
  await endpoint.stop();
});

async function ask(member: RegisteredMember, selection: string): Promise<Fields> {
  const query = `query ($id: ID!) { member(id: $id) { ${selection} } }`;
  return (await accounts.send<{ member: Fields }>(asMember(member.id), query, { id: member.id })).member;
}

const remindersOf = (member: RegisteredMember) =>
  ask(member, 'reminders { edges { node { daysBefore points lots rescues { kind points } } } }');

const told = (points: number) => ({
  reminders: {
    edges: [{ node: { daysBefore: 7, points, lots: 1, rescues: [{ kind: 'VOUCHER', points }] } }],
  },
});

test('each is told of its own points in a pool, and of what can be done with them there', async () => {
  await createWebhook(accounts, pets, endpoint.url, { eventTypes: ['jifen.points.expiring'] });
  accounts.clock.set('2026-02-09T06:00:00.000Z');
  await accounts.sweep();
  await accounts.relayEvents();
  await accounts.sendWebhooks();

  expect(await remindersOf(ann)).toEqual(told(100));
  expect(await remindersOf(bo)).toEqual(told(40));
  expect(endpoint.received).toHaveLength(2);
  const points = endpoint.received.map(({ body }) => {
    const { memberReference, points } = (body as { data: Fields }).data;
    return [memberReference, points];
  });
  expect(Object.fromEntries(points)).toEqual({ ann: 100, bo: 40 });
});

test('who leaves keeps what it was told of the points that it takes back', async () => {
  accounts.clock.set('2026-02-09T06:00:00.000Z');
  await accounts.sweep();

  await atHome(accounts, bo, 'leaveHousehold');

  const lots = 'wallet { lots { edges { node { remaining expiresAt reminders { daysBefore points } } } } }';
  expect(await ask(bo, lots)).toEqual({
    wallet: {
      lots: {
        edges: [{ node: { remaining: 40, expiresAt: expiry, reminders: [{ daysBefore: 7, points: 40 }] } }],
      },
    },
  });
});

test('untold points of a pool are overdue, then extended for each member by itself', async () => {
  accounts.clock.set('2026-02-09T06:00:00.000Z');
  const overdue = await accounts.send(
    operator,
    '{ overdueReminders { edges { node { dueAt member { id } wallet { id } } } } }',
  );
  accounts.clock.set('2026-02-16T06:00:00.000Z');
  await accounts.sweep();

  expect(overdue).toEqual({
    overdueReminders: {
      edges: [{ node: { dueAt: '2026-02-08T23:59:59.999Z', member: null, wallet: null } }],
    },
  });
  const { extendedLots } = await accounts.send<{ extendedLots: { edges: { node: Fields }[] } }>(
    operator,
    '{ extendedLots { edges { node { at goodUntil points lots member { id } } } } }',
  );
  const each = { at: expiry, goodUntil: extended, lots: 1 };
  const nodes = extendedLots.edges.map(({ node }) => node);
  expect(nodes).toHaveLength(2);
  expect(nodes).toEqual(
    expect.arrayContaining([
      { ...each, points: 100, member: { id: ann.id } },
      { ...each, points: 40, member: { id: bo.id } },
    ]),
  );
});

/** The points of the pool are told of and expire. */
async function expirePool(): Promise<void> {
  await remindBefore(expiry, accounts, [7, 1]);
  accounts.clock.set('2026-02-16T06:00:00.000Z');
}

const restore = `mutation ($input: RestoreLotInput!) { restoreLot(input: $input) {
  __typename ... on Refusal { code } ... on NotRestorable { reason }
  ... on PointsPosted { replayed posting { kind points change fromHousehold } wallet { available } } } }`;

test.each(['before', 'after'] as const)(
  'told points of a pool expire with their date and, asked for %s that is written, come back to the member itself',
  async (when) => {
    await expirePool();
    if (when === 'after') await accounts.sweep();
    const selection = `household { pool { available } }
      wallet { available restorable { id remaining restorableUntil } }`;
    const seen = await ask(ann, selection);
    const restorableUntil = '2026-03-01T23:59:59.999Z';
    expect(seen).toEqual({
      household: { pool: { available: 0 } },
      wallet: { available: 0, restorable: [{ id: expect.any(String), remaining: 0, restorableUntil }] },
    });
    const [{ id: lotId }] = (seen['wallet'] as { restorable: [{ id: string }] }).restorable;
    const send = (caller: Caller, idempotencyKey: string) =>
      accounts.send<{ restoreLot: Fields }>(caller, restore, { input: { idempotencyKey, lotId } });

    for (const caller of [asMember(bo.id), pets.caller])
      expect(await send(caller, 'not-mine')).toMatchObject({ restoreLot: { code: 'NOT_FOUND' } });
    const answers = [await send(asMember(ann.id), 'mine'), await send(asMember(ann.id), 'mine')];
    const posting = { kind: 'RESTORE', points: 100, change: 100, fromHousehold: expect.any(Boolean) };
    expect(answers).toMatchObject(
      [false, true].map((replayed) => ({
        restoreLot: { __typename: 'PointsPosted', replayed, posting, wallet: { available: 100 } },
      })),
    );
    expect(await send(asMember(ann.id), 'again')).toMatchObject({
      restoreLot: { reason: 'ALREADY_RESTORED' },
    });
    expect(await ask(ann, selection)).toMatchObject({ wallet: { available: 100, restorable: [] } });
    expect(await walletOf(accounts, bo.id)).toMatchObject({ available: 0 });
  },
);

test('a merchant that restores for its members is not told what they had in a pool', async () => {
  await expirePool();
  await atHome(accounts, bo, 'leaveHousehold');
  const query = 'query ($id: ID!) { member(id: $id) { wallet { restorable { id } } } }';

  expect(await accounts.send(pets.caller, query, { id: bo.id })).toEqual({
    member: { wallet: { restorable: [] } },
  });
  expect(await ask(bo, 'wallet { restorable { id } }')).toMatchObject({
    wallet: { restorable: [expect.anything()] },
  });
});
