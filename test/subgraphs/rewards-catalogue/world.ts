import mongoose from 'mongoose';
import { type CatalogueOptions, startRewardsCatalogue } from '../../../subgraphs/rewards-catalogue/start.ts';
import { type Caller, callerHeader, callerKey, signCaller } from '../../../subgraphs/shared/caller.ts';
import { createLog } from '../../../subgraphs/shared/log.ts';
import type { RunningServer } from '../../../subgraphs/shared/subgraph-server.ts';
import { plainMemberIds } from '../../support/member-ids.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { type FakeAccounts, startFakeAccounts } from './fake-accounts.ts';

/** The internal secret of these tests. */
export const secret = 'a secret of at least 32 characters, for tests only';
export const key = callerKey(secret);

// biome-ignore lint/suspicious/noExplicitAny: a test reads just what it asked for, and compares the values.
type Read = any;

/** What a GraphQL endpoint answers. */
export interface Answer {
  readonly data: Read;
  readonly errors?: readonly { message: string; extensions: { code: string } }[];
}

/** Sends an operation to a subgraph as a caller. */
export async function send(
  url: string,
  caller: Caller,
  query: string,
  variables: object = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [callerHeader]: await signCaller(caller, key) },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

export const anyone: Caller = { kind: 'PUBLIC' };
export const operator: Caller = { kind: 'OPERATOR', subject: 'op' };
export const auditor: Caller = { kind: 'AUDITOR', subject: 'au' };
export const asMember = (memberId: string): Caller => ({ kind: 'MEMBER', memberId });
export const asMerchant = (
  merchantId: string,
  scopes = ['MANAGE', 'REDEMPTIONS', 'VOUCHERS', 'READ'],
): Caller => ({ kind: 'MERCHANT', merchantId, clientId: 'cli_1', scopes });

/** A catalogue on a database of its own, with a fake accounts. */
export interface World {
  readonly mongo: TestMongo;
  readonly database: string;
  readonly accounts: FakeAccounts;
  /** Time as the catalogue knows it; set to move it. */
  time: Date | null;
  readonly url: string;
  ask(caller: Caller, query: string, variables?: object): Promise<Answer>;
  /** A published reward of `mer_shop`; gives its id. */
  reward(input?: Record<string, unknown>): Promise<string>;
  redeem(caller: Caller, input: object): Promise<Read>;
  cancel(caller: Caller, input: object): Promise<Read>;
  consume(caller: Caller, input: object): Promise<Read>;
  /** Every document of a collection. */
  documents(collection: string): Promise<Read[]>;
  /** Starts another catalogue on the same database, for the test to stop. */
  startAnother(options?: Partial<CatalogueOptions>): Promise<RunningServer>;
  stop(): Promise<void>;
}

const redeemOperation = `mutation ($input: RedeemRewardInput!) { redeemReward(input: $input) {
  __typename
  ... on RewardRedeemed { replayed member { id } redemption { id status points confirmedAt
    voucher { id code status issuedAt expiresAt } reward { id stock } } }
  ... on RewardUnavailable { whyNot { code message shortBy availableFrom } reward { id stock } }
  ... on NotEnoughPoints { available shortBy availableFrom }
  ... on HouseholdLimitExceeded { per limit left leftFrom }
  ... on NotFound { what id }
  ... on InvalidInput { field expected }
  ... on Refusal { code message }
} }`;
const cancelOperation = `mutation ($input: CancelRedemptionInput!) { cancelRedemption(input: $input) {
  __typename
  ... on RedemptionCancelled { replayed redemption { id status cancelledAt voucher { status } reward { stock } } }
  ... on NotCancellable { redemption { status } }
  ... on NotFound { what id }
  ... on InvalidInput { field expected }
  ... on Refusal { code message }
} }`;
const consumeOperation = `mutation ($input: ConsumeVoucherInput!) { consumeVoucher(input: $input) {
  __typename
  ... on VoucherConsumed { replayed voucher { code status consumedAt consumedRef } }
  ... on VoucherNotUsable { status consumedAt }
  ... on NotFound { what id }
  ... on InvalidInput { field expected }
  ... on Refusal { code message }
} }`;

export const terms = {
  delivery: 'At the till.',
  use: 'In the shop.',
  exclusions: 'None.',
  cancellation: 'Yes.',
};

let keys = 0;
/** A fresh idempotency key. */
export const newKey = (): string => `key-${++keys}`;

/** Data of an answer that must have no errors. */
export function dataOf(answer: Answer): Answer['data'] {
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

/** Creates and publishes a reward of `mer_shop`. */
export async function publishedReward(url: string, input: Record<string, unknown> = {}): Promise<string> {
  const owner = asMerchant((input['merchantId'] as string | undefined) ?? 'mer_shop');
  const created = dataOf(
    await send(
      url,
      owner,
      `mutation ($input: CreateRewardInput!) { createReward(input: $input) {
        ... on RewardCreated { reward { id } } ... on Refusal { message } } }`,
      {
        input: {
          idempotencyKey: newKey(),
          name: 'Cat toy',
          description: 'A mouse of felt.',
          category: 'pet toy',
          points: 100,
          terms,
          ...input,
        },
      },
    ),
  ).createReward;
  if (!created.reward) throw new Error(created.message);
  const published = dataOf(
    await send(
      url,
      owner,
      `mutation ($id: ID!) { publishReward(input: { rewardId: $id }) { __typename ... on Refusal { message } } }`,
      { id: created.reward.id },
    ),
  ).publishReward;
  if (published.__typename !== 'RewardPublished') throw new Error(published.message);
  return created.reward.id;
}

/** Starts a world. The sweeper runs only when a test starts another catalogue that sweeps. */
export async function startWorld(): Promise<World> {
  const mongo = await startTestMongo();
  const accounts = await startFakeAccounts(key);
  const database = mongo.database('catalogue');
  const common = {
    uri: mongo.uri,
    database,
    key,
    memberIds: plainMemberIds,
    host: '127.0.0.1',
    port: 0,
    accountsUrl: accounts.url,
  };
  const log = createLog('test', 'fatal');
  let time: Date | null = null;
  const clock = { now: () => time ?? new Date() };
  const catalogue = await startRewardsCatalogue({ ...common, log, clock, sweepEveryMs: 3_600_000 });
  const reader = await mongoose.createConnection(mongo.uri, { dbName: database }).asPromise();
  const ask: World['ask'] = (caller, query, variables) => send(catalogue.url, caller, query, variables);
  const mutate = (operation: string, name: string) => async (caller: Caller, input: object) =>
    dataOf(await ask(caller, operation, { input: { idempotencyKey: newKey(), ...input } }))[name];
  return {
    mongo,
    database,
    accounts,
    get time() {
      return time;
    },
    set time(value) {
      time = value;
    },
    url: catalogue.url,
    ask,
    reward: (input) => publishedReward(catalogue.url, input),
    redeem: mutate(redeemOperation, 'redeemReward'),
    cancel: mutate(cancelOperation, 'cancelRedemption'),
    consume: mutate(consumeOperation, 'consumeVoucher'),
    documents: (collection) => reader.db!.collection(collection).find().toArray(),
    startAnother: (options) => startRewardsCatalogue({ ...common, log, clock, ...options }),
    async stop() {
      await catalogue.stop();
      await reader.close();
      await accounts.stop();
      await mongo.stop();
    },
  };
}
