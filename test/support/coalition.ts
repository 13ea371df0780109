import { randomUUID } from 'node:crypto';
import { startGateway } from '../../gateway/start.ts';
import { createTokenIssuer, newSigningKey, type TokenIssuer } from '../../gateway/token/issuer.ts';
import { startAccounts } from '../../subgraphs/accounts/start.ts';
import { startCampaigns } from '../../subgraphs/campaigns/start.ts';
import { startCharity } from '../../subgraphs/charity/start.ts';
import { startRewardsCatalogue } from '../../subgraphs/rewards-catalogue/start.ts';
import { type CallerKey, callerKey, type OutsideCaller } from '../../subgraphs/shared/caller.ts';
import type { Clock } from '../../subgraphs/shared/ids.ts';
import { createLog } from '../../subgraphs/shared/log.ts';
import type { Running } from '../../subgraphs/shared/run-process.ts';
import { makeSigningKey } from '../../subgraphs/shared/signing/signing-key.ts';
import { inIdsOf, memberIds } from './member-ids.ts';
import { startTestMongo, type TestMongo } from './mongo.ts';
import { recordQueries } from './scans.ts';

/** What a GraphQL endpoint answers. */
export interface Answer<T = Record<string, unknown>> {
  readonly data: T;
  readonly errors?: readonly {
    message: string;
    path?: (string | number)[];
    extensions: { code: string; errorId?: string };
  }[];
}

/** A clock that a test moves. */
export interface MovableClock extends Clock {
  advance(milliseconds: number): void;
}

/** A clock that runs with the machine's and can be moved ahead. */
export function movableClock(): MovableClock {
  let ahead = 0;
  return {
    now: () => new Date(Date.now() + ahead),
    advance: (milliseconds) => {
      ahead += milliseconds;
    },
  };
}

/** The whole coalition, in this process, on ports of its own. */
export interface TestCoalition {
  /** `http://127.0.0.1:port` of the gateway. */
  readonly origin: string;
  readonly mongo: TestMongo;
  readonly clock: MovableClock;
  readonly key: CallerKey;
  /** GraphQL endpoint of each subgraph, which only signed callers reach. */
  readonly subgraphs: { accounts: string; 'rewards-catalogue': string; campaigns: string; charity: string };
  /** Name of each subgraph's database. */
  readonly databases: { accounts: string; 'rewards-catalogue': string; campaigns: string; charity: string };
  /** A token that speaks for a caller. */
  tokenOf(caller: Exclude<OutsideCaller, { kind: 'PUBLIC' }>): Promise<string>;
  /**
   * Sends an operation through the gateway and gives the whole answer. Members are named by their own ids, whoever asks:
   * they are put into the ids of a token's merchant on the way and back.
   */
  ask<T = Record<string, unknown>>(
    token: string | null,
    query: string,
    variables?: object,
  ): Promise<Answer<T>>;
  /** Sends an operation and gives its data; throws where there are errors. */
  send<T>(token: string | null, query: string, variables?: object): Promise<T>;
  stop(): Promise<void>;
}

async function startSubgraphs(
  mongo: TestMongo,
  key: CallerKey,
  clock: Clock,
  databases: TestCoalition['databases'],
) {
  const log = createLog('test', 'fatal');
  const common = {
    uri: mongo.uri,
    key,
    memberIds,
    clock,
    host: '127.0.0.1',
    port: 0,
    log,
    sweepEveryMs: 500,
  };
  const webhooks = { allowLoopback: true };
  const signingKey = makeSigningKey();
  const subscriberUrl = (name: string): string | null => found.get(name) ?? null;
  const found = new Map<string, string>();
  const accounts = await startAccounts({
    ...common,
    ...{ database: databases.accounts, signingKey, webhooks, subscriberUrl },
  });
  const rest = { ...common, accountsUrl: accounts.url };
  const [catalogue, campaigns, charity] = await Promise.all([
    startRewardsCatalogue({ ...rest, database: databases['rewards-catalogue'] }),
    startCampaigns({ ...rest, database: databases.campaigns }),
    startCharity({ ...rest, database: databases.charity }),
  ]);
  const urls = {
    accounts: accounts.url,
    'rewards-catalogue': catalogue.url,
    campaigns: campaigns.url,
    charity: charity.url,
  };
  for (const [name, url] of Object.entries(urls)) found.set(name, url);
  return { urls, running: [catalogue, campaigns, charity, accounts] as readonly Running[] };
}

/** Posts an operation to a GraphQL endpoint. */
export async function postGraphql<T>(
  url: string,
  headers: Record<string, string>,
  query: string,
  variables: object,
): Promise<Answer<T>> {
  return JSON.parse(await post(url, headers, JSON.stringify({ query, variables }))) as Answer<T>;
}

async function post(url: string, headers: Record<string, string>, body: string): Promise<string> {
  const json = { 'content-type': 'application/json', ...headers };
  return (await fetch(url, { method: 'POST', headers: json, body })).text();
}

function sender(url: string): Pick<TestCoalition, 'ask' | 'send'> {
  const ask = async <T>(token: string | null, query: string, variables: object = {}): Promise<Answer<T>> => {
    const say = inIdsOf(token);
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    const text = await post(url, headers, say.toMerchant(JSON.stringify({ query, variables })));
    return JSON.parse(say.fromMerchant(text)) as Answer<T>;
  };
  const send = async <T>(token: string | null, query: string, variables: object = {}): Promise<T> => {
    const answer = await ask<T>(token, query, variables);
    if (answer.errors?.length) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  };
  return { ask, send };
}

const tokenSource = (issuer: TokenIssuer) => (caller: Exclude<OutsideCaller, { kind: 'PUBLIC' }>) =>
  issuer.sign(caller, 3600);

/** Starts everything: a database server, the four subgraphs and the gateway. */
export async function startCoalition(): Promise<TestCoalition> {
  const mongo = await startTestMongo();
  const clock = movableClock();
  const key = callerKey(randomUUID() + randomUUID());
  const databases = {
    accounts: mongo.database('accounts'),
    'rewards-catalogue': mongo.database('catalogue'),
    campaigns: mongo.database('campaigns'),
    charity: mongo.database('charity'),
  };
  const { urls, running } = await startSubgraphs(mongo, key, clock, databases);
  const signingKey = await newSigningKey();
  const log = createLog('test', 'fatal');
  const settings = { tokenIssuer: 'jifen', introspection: true, graphiql: true };
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    log,
    key,
    memberIds,
    signingKey,
    subgraphs: urls,
    ...settings,
  });
  const queries = recordQueries();
  const stop = async () => {
    await gateway.stop();
    await queries.check();
    for (const subgraph of running) await subgraph.stop();
    await mongo.stop();
  };
  const tokenOf = tokenSource(await createTokenIssuer(signingKey, settings.tokenIssuer, memberIds));
  return {
    origin: new URL(gateway.url).origin,
    mongo,
    clock,
    key,
    subgraphs: urls,
    databases,
    tokenOf,
    ...sender(gateway.url),
    stop,
  };
}
