import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { createAccountsClient } from '../../../subgraphs/campaigns/accounts-client.ts';
import type { AccountsPort, Posted } from '../../../subgraphs/campaigns/accounts-port.ts';
import { createMemberCapStore } from '../../../subgraphs/campaigns/earning/member-cap-store.ts';
import type { Purchase } from '../../../subgraphs/campaigns/purchase/purchase.ts';
import { createPurchaseStore } from '../../../subgraphs/campaigns/purchase/purchase-store.ts';
import { type ResumePorts, resumeSagas } from '../../../subgraphs/campaigns/purchase/resume-sagas.ts';
import { createReturnStore, type ReturnRecord } from '../../../subgraphs/campaigns/purchase/return-store.ts';
import { callerKey } from '../../../subgraphs/shared/caller.ts';
import { newId } from '../../../subgraphs/shared/ids.ts';
import { buildIndexes, connectMongo, inTransaction } from '../../../subgraphs/shared/mongo.ts';
import {
  createServiceClient,
  type ServiceClient,
  ServiceUnavailable,
  wasNeverSent,
} from '../../../subgraphs/shared/service-client.ts';
import { freePort } from '../../support/free-port.ts';
import { startTestMongo } from '../../support/mongo.ts';
import { testClock } from '../../support/test-clock.ts';

const mongo = startTestMongo();
afterAll(async () => (await mongo).stop());

type Ask = (id: string) => Promise<Posted>;

const noAnswer: Ask = async () => {
  throw new ServiceUnavailable('no answer');
};
const fault: Ask = async () => {
  throw new Error('a fault of ours');
};
const posts: Ask = async (id) => ({ kind: 'POSTED', postingId: `pos-${id}` });
const refuses: Ask = async () => ({
  ...{ kind: 'REFUSED', code: 'NOT_FOUND', message: 'x', what: 'MEMBER', eligibleIssuerIds: [], spent: null },
});

/** Stores of campaigns with a sweep of their own over them, and accounts that answers each purchase and return as told. */
async function sweptStores() {
  const connection: Connection = await connectMongo((await mongo).uri, (await mongo).database(randomUUID()));
  const clock = testClock('2026-06-10T10:00:00.000Z');
  const [purchases, returns] = [createPurchaseStore(connection), createReturnStore(connection)];
  const caps = createMemberCapStore(connection);
  await buildIndexes(connection);
  /** Ids of what accounts was asked for, in order. */
  const asked: string[] = [];
  const answers = { of: noAnswer };
  const answer = (key: string): Promise<Posted> => {
    const id = key.split(':')[1]!;
    asked.push(id);
    return answers.of(id);
  };
  const fake: Pick<AccountsPort, 'postEarn' | 'reversePosting'> = {
    postEarn: ({ idempotencyKey }) => answer(idempotencyKey),
    reversePosting: ({ idempotencyKey }) => answer(idempotencyKey),
  };
  const sweep = (accounts = fake): Promise<void> => {
    const transaction: ResumePorts['transaction'] = (work) => inTransaction(connection, work);
    const isUnavailable = (error: unknown) => error instanceof ServiceUnavailable;
    const rules = { isUnavailable, wasNeverSent, transaction, clock, newId };
    return resumeSagas({ ...rules, purchases, returns, caps, accounts });
  };
  return { connection, clock, purchases, returns, asked, answers, sweep };
}

let world: Awaited<ReturnType<typeof sweptStores>>;
beforeEach(async () => {
  world = await sweptStores();
});
afterEach(() => world.connection.close());

const request = () => ({
  ...{ caller: 'merchant:mer_1', idempotencyKey: randomUUID(), inputHash: 'input', contentHash: 'content' },
});

const purchaseOf = (id: string, state: Purchase['state'], at: Date): Purchase => ({
  ...{ id, state, merchantId: 'mer_1', memberId: 'mem_1', externalRef: id, programme: 'SHARED' },
  ...{ at, recordedAt: at, currency: 'CNY', totalMinor: 100n, lines: [], outcomes: [], points: 10n },
  ...{ pointsReturned: 0n, campaignId: null, ruleVersion: '1', postingId: null, revision: 0 },
});

/** Instants a second apart, all of them before what is left to the request that makes a record. */
const staleAt = (i: number) => new Date(world.clock.now().getTime() - 60_000 + i * 1_000);

/** Keeps pending purchases, the first the oldest. */
async function pendingPurchases(...ids: string[]): Promise<void> {
  for (const [i, id] of ids.entries())
    await world.purchases.insert(purchaseOf(id, 'PENDING', staleAt(i)), request());
}

/** Keeps a purchase that is done and pending returns of it, the first the oldest. */
async function pendingReturns(...ids: string[]): Promise<void> {
  await world.purchases.insert(purchaseOf('bought', 'RECORDED', staleAt(0)), request());
  for (const [i, id] of ids.entries()) {
    const at = staleAt(i);
    const record: ReturnRecord = {
      ...{ id, purchaseId: 'bought', merchantId: 'mer_1', memberId: 'mem_1', externalRef: id, at },
      ...{ state: 'PENDING', lines: [], points: 10n, postingId: null, earnPostingId: 'pos_1', revision: 1 },
      caps: [],
    };
    await world.returns.insert(record, request(), at);
  }
}

const stateOf = async (id: string) => (await world.purchases.byId(id))?.state ?? null;
const attemptsAt = async (id: string) => ((await world.purchases.byId(id))?.attempts ?? []).length;

test('a sweep that gets no answer for three purchases in a row leaves the others, and the next one begins with them', async () => {
  await pendingPurchases('a', 'b', 'c', 'd', 'e');

  await expect(world.sweep()).rejects.toThrow('purchases: a: no answer; b: no answer; c: no answer');
  expect(world.asked.splice(0)).toEqual(['a', 'b', 'c']);

  world.clock.advance({ seconds: 6 });
  await expect(world.sweep()).rejects.toThrow('purchases: d: no answer; e: no answer; ');
  expect(world.asked).toHaveLength(3);
  expect(world.asked.splice(0)).toEqual(['d', 'e', expect.stringMatching(/^[abc]$/)]);

  world.answers.of = posts;
  world.clock.advance({ seconds: 6 });
  await world.sweep();
  expect(world.asked.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
  for (const id of world.asked)
    expect(await world.purchases.byId(id)).toMatchObject({ state: 'RECORDED', postingId: `pos-${id}` });
});

test('purchases for which there was no answer just now are not asked for again by a sweep that comes at once', async () => {
  await pendingPurchases('a', 'b', 'c');
  await expect(world.sweep()).rejects.toThrow('no answer');
  world.asked.length = 0;

  world.clock.advance({ seconds: 4 });
  await world.sweep();

  expect(world.asked).toEqual([]);
  expect(await stateOf('a')).toBe('PENDING');
});

test.each<[string, Ask]>([
  ['is posted', posts],
  ['is turned down', refuses],
  ['fails by a fault of ours', fault],
])('no answer for two purchases, then one that %s, is not three in a row', async (_, third) => {
  await pendingPurchases('a', 'b', 'c', 'd', 'e', 'f');
  world.answers.of = (id) => (id === 'c' ? third : noAnswer)(id);

  await expect(world.sweep()).rejects.toThrow('f: no answer');

  expect(world.asked).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test('a refusal that proves nothing yet is an answer: it neither counts as silence nor fails the sweep', async () => {
  await pendingPurchases('a', 'b', 'c', 'd', 'e');
  await world.purchases.beginAttempt('c', { id: 'lost', at: world.clock.now() }, new Date(0));
  world.answers.of = (id) => (id === 'c' ? refuses : noAnswer)(id);

  await expect(world.sweep()).rejects.toThrow(
    'purchases: a: no answer; b: no answer; d: no answer; e: no answer',
  );

  expect(world.asked).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect([await stateOf('c'), await attemptsAt('c')]).toEqual(['PENDING', 1]);
});

test('purchases without an answer do not keep returns back: each of the two counts its own silence', async () => {
  await pendingPurchases('a', 'b', 'c', 'd');
  await pendingReturns('w', 'x', 'y', 'z');
  world.answers.of = (id) => (id < 'w' || id === 'w' || id === 'x' ? noAnswer : posts)(id);

  await expect(world.sweep()).rejects.toThrow(
    'purchases: a: no answer; b: no answer; c: no answer; returns: w: no answer; x: no answer',
  );

  expect(world.asked.filter((id) => id < 'w')).toEqual(['a', 'b', 'c']);
  expect(world.asked.filter((id) => id >= 'w')).toEqual(['w', 'x', 'y', 'z']);
  expect((await world.returns.byId('z'))?.state).toBe('RECORDED');
});

/** Accounts as it is reached over HTTP. */
async function overHttp(url: string, work: (accounts: AccountsPort) => Promise<void>): Promise<void> {
  const client: ServiceClient = createServiceClient({
    ...{ service: 'campaigns', url, key: callerKey(randomUUID()) },
  });
  try {
    await work(createAccountsClient(client));
  } finally {
    await client.close();
  }
}

/** Takes every connection and closes it without a word. */
async function startSilent(): Promise<{ url: string; server: Server }> {
  const server = createServer((request) => request.socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, server };
}

test('an attempt whose connection was refused is forgotten, so that the next refusal of the ledger is final at once', async () => {
  await pendingPurchases('a');
  await pendingReturns('z');
  const url = `http://127.0.0.1:${await freePort()}/graphql`;

  await overHttp(url, (accounts) => expect(world.sweep(accounts)).rejects.toThrow('ECONNREFUSED'));
  expect(await world.purchases.byId('a')).toMatchObject({ state: 'PENDING', attempts: [] });
  expect(await world.returns.byId('z')).toMatchObject({ state: 'PENDING', attempts: [] });

  world.answers.of = refuses;
  world.clock.advance({ seconds: 6 });
  await world.sweep();
  expect([await world.purchases.byId('a'), await world.returns.byId('z')]).toEqual([null, null]);
});

test('an attempt whose connection broke may have arrived, so that a refusal is final only once it cannot any more', async () => {
  await pendingPurchases('a');
  const { url, server } = await startSilent();

  await overHttp(url, (accounts) => expect(world.sweep(accounts)).rejects.toThrow('a: '));
  server.close();
  expect([await stateOf('a'), await attemptsAt('a')]).toEqual(['PENDING', 1]);

  world.answers.of = refuses;
  world.clock.advance({ seconds: 69 });
  await world.sweep();
  expect([await stateOf('a'), await attemptsAt('a')]).toEqual(['PENDING', 1]);
  world.clock.advance({ seconds: 6 });
  await world.sweep();
  expect(await stateOf('a')).toBeNull();
});
