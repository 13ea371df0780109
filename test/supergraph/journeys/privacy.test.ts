import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { mongo } from 'mongoose';
import { connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint.ts';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { mutate, type TestMember, unique } from '../../support/seed.ts';
import { until } from '../../support/until.ts';
import { type JourneyWorld, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
let cafes: TestEndpoint;

beforeAll(async () => {
  world = await startJourneyWorld();
  cafes = await startEndpoint();
});
afterEach(async () => expect(await checkCoalitionLedger(world.coalition)).toEqual([]));
afterAll(async () => {
  await cafes.stop();
  await world.coalition.stop();
});

type Fields = Record<string, unknown>;

async function onDatabase<T>(
  subgraph: 'campaigns' | 'charity',
  work: (db: mongo.Db) => Promise<T>,
): Promise<T> {
  const { mongo: server, databases } = world.coalition;
  const connection = await connectMongo(server.uri, databases[subgraph]);
  try {
    return await work(connection.db!);
  } finally {
    await connection.close();
  }
}

async function download(token: string | null, query = ''): Promise<{ status: number; lines: Fields[] }> {
  const headers = token ? { authorization: `Bearer ${token}` } : undefined;
  const response = await fetch(`${world.coalition.origin}/export${query}`, headers ? { headers } : {});
  const text = await response.text();
  const lines = response.status === 200 ? text.trimEnd().split('\n') : [];
  return { status: response.status, lines: lines.map((line) => JSON.parse(line) as Fields) };
}

/** A member that bought, brought back, redeemed and gave, and has more postings than two pages. */
async function busyMember(): Promise<TestMember> {
  const { coalition, seed, petShop, cafe } = world;
  const member = await seed.member([petShop, cafe]);
  const items = Array.from({ length: 230 }, (_, i) => ({
    idempotencyKey: unique('issue'),
    member: { id: member.id },
    points: 1 + i,
  }));
  await mutate(coalition, petShop.token, 'issuePointsBatch', 'IssuePointsBatchInput', '', { items });
  const purchase = { externalRef: unique('receipt'), member: { id: member.id }, currency: 'CNY' };
  await mutate(coalition, petShop.token, 'recordPurchase', 'RecordPurchaseInput', '', {
    ...{ idempotencyKey: unique('buy'), ...purchase },
    lines: [{ id: 'a', sku: 'CAT-TOY', quantity: 2, amountMinor: 1000 }],
  });
  await mutate(coalition, petShop.token, 'recordReturn', 'RecordReturnInput', '', {
    ...{ idempotencyKey: unique('back'), externalRef: unique('return') },
    ...{ purchaseExternalRef: purchase.externalRef, lines: [{ id: 'a', quantity: 1 }] },
  });
  const rewardId = await seed.reward(cafe, 100);
  await mutate(coalition, member.token, 'redeemReward', 'RedeemRewardInput', '', {
    ...{ idempotencyKey: unique('redeem'), rewardId },
  });
  const causeId = await seed.cause();
  await mutate(coalition, member.token, 'donatePoints', 'DonatePointsInput', '', {
    ...{ idempotencyKey: unique('give'), causeId, points: 50 },
  });
  return member;
}

const count = (lines: readonly Fields[], type: string) =>
  lines.filter((line) => line['type'] === type).length;

test('a member downloads everything that any subgraph keeps about it, and knows that it is whole', async () => {
  const member = await busyMember();

  const { status, lines } = await download(member.token);

  expect(status).toBe(200);
  expect(lines[0]).toEqual({
    ...{ type: 'jifen-export', version: 1, memberId: member.id },
    requestedAt: expect.any(String),
  });
  expect(lines.at(-1)).toEqual({ type: 'end', records: lines.length - 2 });
  const found = [
    'member',
    'registration',
    'wallet',
    'purchase',
    'return',
    'redemption',
    'voucher',
    'donation',
  ];
  expect(found.map((type) => count(lines, type))).toEqual([1, 2, 1, 1, 1, 1, 1, 1]);
  const [redemption] = lines.filter(({ type }) => type === 'redemption');
  expect(redemption).toMatchObject({ status: 'CONFIRMED', fromHousehold: false });
  // 230 earns, a hold, its capture and a donation.
  expect(count(lines, 'posting')).toBe(233);
  expect(new Set(lines.map((line) => JSON.stringify(line))).size).toBe(lines.length);
}, 60_000);

test('the operator downloads on behalf of a member with a reason; nobody else does', async () => {
  const { seed, petShop } = world;
  const member = await seed.member([petShop]);
  const operator = await seed.operator();

  expect((await download(operator, `?member=${member.id}&reason=letter`)).lines[1]).toMatchObject({
    id: member.id,
  });
  expect((await download(operator, `?member=${member.id}`)).status).toBe(400);
  expect((await download(operator, '?member=mem_x&reason=letter')).status).toBe(404);
  expect((await download(petShop.token)).status).toBe(403);
  expect((await download(await seed.auditor(), `?member=${member.id}&reason=x`)).status).toBe(403);
  expect((await download(null)).status).toBe(401);
  // A member has its own, whatever it asks for.
  expect((await download(member.token, '?member=mem_x&reason=letter')).lines[0]).toMatchObject({
    memberId: member.id,
  });
});

test('a partner is told of a consent that concerns it, under its own reference, and of no other', async () => {
  const { coalition, seed, petShop, cafe } = world;
  const hook = { idempotencyKey: unique('webhook'), url: cafes.url, eventTypes: ['jifen.consent.changed'] };
  await mutate(coalition, cafe.token, 'createWebhook', 'CreateWebhookInput', '', hook);
  const reference = unique('ref');
  const member = await seed.member([petShop, cafe], reference);
  const grant = (partnerId: string, purpose: string) =>
    mutate(coalition, member.token, 'grantConsent', 'GrantConsentInput', '', {
      ...{ idempotencyKey: unique('consent'), partnerId, purpose, textVersion: 'v1' },
    });

  await grant(petShop.id, 'MARKETING');
  await grant(cafe.id, 'SHARE_BALANCE');
  await mutate(coalition, member.token, 'withdrawConsent', 'WithdrawConsentInput', '', {
    ...{ idempotencyKey: unique('consent'), partnerId: cafe.id, purpose: 'SHARE_BALANCE' },
  });
  await until(() => cafes.received.length === 2);

  expect(cafes.received.map(({ body }) => [body.data['granted'], body.data['purpose']])).toEqual([
    [true, 'SHARE_BALANCE'],
    [false, 'SHARE_BALANCE'],
  ]);
  for (const { text, body } of cafes.received) {
    expect(body.data['memberReference']).toBe(reference);
    expect(text).not.toContain(member.id);
  }
}, 60_000);

test('a member that erased itself is nobody anywhere, and what merchants recorded with it stays', async () => {
  const { coalition, petShop, seed } = world;
  await seed.campaign([
    {
      ...{ code: 'base', description: 'Base', kind: 'PER_AMOUNT', points: 1, perAmountMinor: 100 },
      capPerMember: 1000,
    },
  ]);
  const member = await busyMember();
  const countersLeft = () =>
    onDatabase('campaigns', (db) => db.collection('member_caps').countDocuments({ memberId: member.id }));
  const languages = () =>
    onDatabase('charity', (db) => db.collection('donations').distinct('locale', { memberId: member.id }));
  const erase = (forfeit: readonly object[]) =>
    mutate<{ left: { programme: string; points: number }[] }>(
      coalition,
      member.token,
      'eraseMember',
      'EraseMemberInput',
      '... on MemberErased { memberId } ... on PointsLeft { left { programme points } }',
      { idempotencyKey: 'erase', forfeit },
    );
  expect([await countersLeft(), await languages()]).toEqual([1, ['en']]);
  const { left } = await erase([]);
  expect(left).toHaveLength(1);

  expect(await erase(left)).toMatchObject({ __typename: 'MemberErased', memberId: member.id });

  await until(async () => (await countersLeft()) === 0 && (await languages())[0] === 'zh-CN');
  expect((await download(member.token)).status).toBe(404);
  const everywhere = `query ($id: ID!) { viewer { member { id purchases { edges { cursor } } } } member(id: $id) { id donations { edges { cursor } } } }`;
  for (const token of [member.token, petShop.token, await seed.operator()])
    expect(await coalition.send(token, everywhere, { id: member.id })).toEqual({
      ...{ viewer: { member: null }, member: null },
    });
  const recorded = '{ postings(first: 3) { edges { node { kind points member { id } } } } }';
  const { postings } = await coalition.send<{ postings: { edges: { node: object }[] } }>(
    petShop.token,
    recorded,
  );
  expect(postings.edges.map(({ node }) => node)).toEqual(
    Array(3).fill({ kind: expect.any(String), points: expect.any(Number), member: null }),
  );
}, 60_000);
