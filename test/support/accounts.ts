import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { WebhookOptions } from '../../subgraphs/accounts/accounts-options.ts';
import { startAccounts } from '../../subgraphs/accounts/start.ts';
import { type CallerKey, callerKey, type OutsideCaller } from '../../subgraphs/shared/caller.ts';
import { createLog } from '../../subgraphs/shared/log.ts';
import { connectMongo } from '../../subgraphs/shared/mongo.ts';
import { makeSigningKey, type SigningKey } from '../../subgraphs/shared/signing/signing-key.ts';
import { asMerchant, operator } from './callers.ts';
import { disclosure } from './disclosure.ts';
import { plainMemberIds } from './member-ids.ts';
import { startTestMongo, type TestMongo } from './mongo.ts';
import { afterDays, forMonths } from './policy.ts';
import { recordQueries } from './scans.ts';
import { type SubgraphClient, subgraphClient } from './subgraph-client.ts';
import { type TestClock, testClock } from './test-clock.ts';

/** Accounts on a database server of its own, with a clock that stands still until it is moved. */
export interface TestAccounts extends SubgraphClient {
  readonly clock: TestClock;
  readonly key: CallerKey;
  readonly signingKey: SigningKey;
  readonly mongo: TestMongo;
  readonly database: string;
  /** A connection of the test's own to that database, to see what is stored. */
  readonly stored: Connection;
  /** Hands on the events in the outbox; gives how many. */
  relayEvents(): Promise<number>;
  /** Sends what is due to webhooks; gives how many attempts were made. */
  sendWebhooks(): Promise<number>;
  /** Writes what has fallen due and carries on what was left behind. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts accounts alone, trusting callers signed with `key`: one of its own if left out. */
export async function startTestAccounts(
  key: CallerKey = callerKey(randomUUID()),
  webhooks: WebhookOptions = { allowLoopback: true },
): Promise<TestAccounts> {
  const mongo = await startTestMongo();
  const clock = testClock();
  const database = mongo.database('accounts');
  const log = createLog('test', 'fatal');
  const signingKey = makeSigningKey();
  const server = await startAccounts({
    uri: mongo.uri,
    database,
    key,
    memberIds: plainMemberIds,
    host: '127.0.0.1',
    port: 0,
    log,
    signingKey,
    clock,
    sweepEveryMs: 3_600_000,
    sealEveryMs: 3_600_000,
    webhooks,
  });
  // What a test looks up for itself is not among them.
  const queries = recordQueries();
  const stored = await connectMongo(mongo.uri, database);
  const stop = async () => {
    await queries.check();
    await stored.close();
    await server.stop();
    await mongo.stop();
  };
  const { relayEvents, sendWebhooks, sweep } = server;
  const client = subgraphClient(server.url, key);
  return {
    ...client,
    clock,
    key,
    signingKey,
    mongo,
    database,
    stored,
    relayEvents,
    sendWebhooks,
    sweep,
    stop,
  };
}

/** Publishes a programme: points that can be spent at once unless told. */
export async function publishProgramme(accounts: SubgraphClient, changes: object = {}): Promise<void> {
  const input = {
    idempotencyKey: randomUUID(),
    code: 'SHARED',
    name: 'Shared points',
    unlock: afterDays(0),
    validity: forMonths(24),
    cashEquivalentPerThousand: { amountMinor: 1000, currency: 'CNY' },
    disclosure: { ...disclosure, unlock: 'as the programme says', changeNotice: 'as the programme says' },
    ...changes,
  };
  const { publishProgramme: result } = await accounts.send<{ publishProgramme: { __typename: string } }>(
    operator,
    `mutation ($input: PublishProgrammeInput!) {
       publishProgramme(input: $input) { __typename ... on Refusal { message } }
     }`,
    { input },
  );
  if (result.__typename !== 'ProgrammePublished') throw new Error(JSON.stringify(result));
}

/** A merchant that a test opened. */
export interface OpenedMerchant {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Its credential, with every scope. */
  readonly caller: OutsideCaller;
}

/** Opens a merchant; issue price 1,000 and redemption price 900 fen for 1,000 points unless told. */
export async function openMerchant(
  accounts: SubgraphClient,
  name: string,
  changes: object = {},
): Promise<OpenedMerchant> {
  const input = {
    idempotencyKey: randomUUID(),
    name,
    category: 'shop',
    currency: 'CNY',
    issuePricePerThousand: 1000,
    redemptionPricePerThousand: 900,
    ...changes,
  };
  const { openMerchant: result } = await accounts.send<{
    openMerchant: { merchant: { id: string }; clientId: string; clientSecret: string };
  }>(
    operator,
    `mutation ($input: OpenMerchantInput!) {
       openMerchant(input: $input) {
         ... on MerchantOpened { merchant { id } clientId clientSecret }
         ... on Refusal { message }
       }
     }`,
    { input },
  );
  if (!result.merchant) throw new Error(JSON.stringify(result));
  const { merchant, clientId, clientSecret } = result;
  return { id: merchant.id, clientId, clientSecret, caller: asMerchant(merchant.id) };
}

/** A member that a test registered. */
export interface RegisteredMember {
  readonly id: string;
  readonly cardNumber: string;
}

/** Registers a member with a merchant under a reference. */
export async function registerMember(
  accounts: SubgraphClient,
  merchant: OpenedMerchant,
  reference: string,
  changes: object = {},
): Promise<RegisteredMember> {
  const { registerMember: result } = await accounts.send<{ registerMember: { member: RegisteredMember } }>(
    merchant.caller,
    `mutation ($input: RegisterMemberInput!) {
       registerMember(input: $input) {
         ... on MemberRegistered { member { id cardNumber } }
         ... on Refusal { message }
       }
     }`,
    { input: { reference, ...changes } },
  );
  if (!result.member) throw new Error(JSON.stringify(result));
  return result.member;
}
