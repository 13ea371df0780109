import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import { startCampaigns } from '../../../subgraphs/campaigns/start.ts';
import { type Caller, callerKey } from '../../../subgraphs/shared/caller.ts';
import { createLog } from '../../../subgraphs/shared/log.ts';
import { connectMongo } from '../../../subgraphs/shared/mongo.ts';
import type { RunningServer } from '../../../subgraphs/shared/subgraph-server.ts';
import { asMerchant, operator } from '../../support/callers.ts';
import { plainMemberIds } from '../../support/member-ids.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { type SubgraphClient, subgraphClient } from '../../support/subgraph-client.ts';
import { type TestClock, testClock } from '../../support/test-clock.ts';
import { type FakeAccounts, startFakeAccounts } from './fake-accounts.ts';

/** Campaigns on a database of its own, with accounts played by a fake and a clock that stands at 2026-06-10 (a Wednesday). */
export interface CampaignsWorld extends SubgraphClient {
  readonly accounts: FakeAccounts;
  readonly clock: TestClock;
  /** Straight to its database, to see what is written. */
  readonly connection: Connection;
  /** Starts another process on the same database. */
  startAnother(): Promise<RunningServer & SubgraphClient>;
  stop(): Promise<void>;
}

export const petShop = asMerchant('mer_pet');
export const cafe = asMerchant('mer_cafe');

export async function startCampaignsWorld(of: { sweepEveryMs?: number } = {}): Promise<CampaignsWorld> {
  const key = callerKey(randomUUID());
  const mongo: TestMongo = await startTestMongo();
  const accounts = await startFakeAccounts(key);
  const clock = testClock('2026-06-10T10:00:00.000Z');
  const database = mongo.database('campaigns');
  const start = () =>
    startCampaigns({
      ...{
        uri: mongo.uri,
        database,
        key,
        memberIds: plainMemberIds,
        host: '127.0.0.1',
        port: 0,
        clock,
        accountsUrl: accounts.url,
      },
      log: createLog('test', 'silent'),
      sweepEveryMs: of.sweepEveryMs ?? 60_000,
    });
  const others: RunningServer[] = [];
  const server = await start();
  const connection = await connectMongo(mongo.uri, database);
  return {
    ...subgraphClient(server.url, key),
    ...{ accounts, clock, connection },
    startAnother: async () => {
      const other = await start();
      others.push(other);
      return { ...other, ...subgraphClient(other.url, key) };
    },
    stop: async () => {
      await connection.close();
      for (const running of [server, ...others]) await running.stop();
      await accounts.stop();
      await mongo.stop();
    },
  };
}

let counter = 0;
/** A text that no other call gave. */
export const fresh = (prefix: string): string => `${prefix}-${++counter}`;

const refusals = `... on Refusal { code message } ... on InvalidInput { field expected } ... on NotFound { what id }`;

export const campaignFields = `id name status version startsAt endsAt merchant { id } programme { code }
  terms { earning accrualBase exclusions contact }
  rules { code kind points perAmountMinor multiplierPercent categories minimumSpendMinor capPerPurchase capPerMember condition }`;

export const purchaseFields = `id externalRef at points pointsReturned posting { id } total { amountMinor currency }
  lines { id sku quantity amount { amountMinor } points returnedQuantity pointsReturned }
  outcomes { ruleCode requested granted reason message campaign { id } }
  returns { id externalRef points posting { id } lines { lineId quantity points } }`;

export const createMutation = `mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) {
  __typename ${refusals} ... on CampaignCreated { campaign { ${campaignFields} } } } }`;

export const publishMutation = `mutation ($input: PublishCampaignInput!) { publishCampaign(input: $input) {
  __typename ... on Refusal { code message } ... on NotFound { what id } ... on DisclosureIncomplete { missing } ... on CampaignPublished { campaign { ${campaignFields} } } } }`;

export const purchaseMutation = `mutation ($input: RecordPurchaseInput!) { recordPurchase(input: $input) {
  __typename ${refusals} ... on PurchaseConflict { purchase { id } }
  ... on IssuerNotEligible { programme { code } eligibleIssuers { id } }
  ... on PurchaseRecorded { replayed member { id } purchase { ${purchaseFields} } } } }`;

export const returnMutation = `mutation ($input: RecordReturnInput!) { recordReturn(input: $input) {
  __typename ${refusals} ... on PurchaseConflict { purchase { id } } ... on NothingToReturn { lineId returnable }
  ... on PointsSpent { reversible shortBy }
  ... on ReturnRecorded { replayed member { id } purchase { ${purchaseFields} }
    return { id externalRef points posting { id } lines { lineId quantity points } } } } }`;

// biome-ignore lint/suspicious/noExplicitAny: what a test's own query asks for.
type Result = any;

/** Sends a mutation with one input and gives its result, success or refusal. */
export async function mutate(
  world: SubgraphClient,
  caller: Caller,
  mutation: string,
  input: object,
): Promise<Result> {
  const data = await world.send<Record<string, Result>>(caller, mutation, { input });
  return Object.values(data)[0];
}

export const perYuan = {
  code: 'base',
  description: 'One point for every yuan',
  kind: 'PER_AMOUNT',
  points: 1,
  perAmountMinor: 100,
};

/** A complete draft, for all merchants and always. */
export const campaignInput = (change: object = {}) => ({
  idempotencyKey: fresh('campaign'),
  name: 'A point for a yuan',
  startsAt: '2020-01-01T00:00:00Z',
  rules: [perYuan],
  terms: {
    earning: 'Buy.',
    accrualBase: 'Net of discounts; floors.',
    exclusions: 'None.',
    contact: 'The operator.',
  },
  ...change,
});

/** Publishes a campaign and gives its id. */
export async function givenCampaign(
  world: SubgraphClient,
  rules: readonly object[],
  change: object = {},
  by: Caller = operator,
): Promise<string> {
  const created = await mutate(world, by, createMutation, campaignInput({ rules, ...change }));
  if (created.__typename !== 'CampaignCreated') throw new Error(JSON.stringify(created));
  const published = await mutate(world, by, publishMutation, { campaignId: created.campaign.id });
  if (published.__typename !== 'CampaignPublished') throw new Error(JSON.stringify(published));
  return created.campaign.id;
}

/** A purchase of Ann's at the pet shop: three bags for 50 yuan and a toy for 20. */
export const purchaseInput = (change: object = {}) => ({
  idempotencyKey: fresh('key'),
  member: { reference: 'ann' },
  externalRef: fresh('receipt'),
  currency: 'CNY',
  lines: [
    { id: 'food', sku: 'FOOD', category: 'pet', quantity: 3, amountMinor: 5_000 },
    { id: 'toy', sku: 'TOY', quantity: 1, amountMinor: 2_000 },
  ],
  ...change,
});

/** Buys and gives the recorded purchase; throws on a refusal. */
export async function buy(world: SubgraphClient, change: object = {}, by: Caller = petShop): Promise<Result> {
  const result = await mutate(world, by, purchaseMutation, purchaseInput(change));
  if (result.__typename !== 'PurchaseRecorded') throw new Error(JSON.stringify(result));
  return result.purchase;
}

/** How many documents a collection has. */
export const countOf = (world: CampaignsWorld, collection: string): Promise<number> =>
  world.connection.collection(collection).countDocuments();
