import type { Connection } from 'mongoose';
import { readSubgraphSchema } from '../../schema/subgraphs.ts';
import type { CallerKey } from '../shared/caller.ts';
import { defineSubgraphEvents, type SubgraphEvents } from '../shared/events/subgraph-events.ts';
import { type Clock, newId as defaultNewId, type NewId, systemClock } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import { buildIndexes, connectMongo, inTransaction } from '../shared/mongo.ts';
import { createServiceClient, ServiceUnavailable } from '../shared/service-client.ts';
import { type RunningServer, startSubgraphServer } from '../shared/subgraph-server.ts';
import { startSweeper } from '../shared/sweeper.ts';
import { createAccountsClient, rememberFacts } from './accounts-client.ts';
import type { AccountsPort } from './accounts-port.ts';
import type { Context } from './context.ts';
import { campaignLoader } from './earning/campaign-loaders.ts';
import { createCampaignStore } from './earning/campaign-store.ts';
import { createMemberCapStore } from './earning/member-cap-store.ts';
import { createRulesInForce } from './earning/rules-in-force.ts';
import { type EventPorts, eventHandlers } from './event-handlers.ts';
import { createPurchaseStore } from './purchase/purchase-store.ts';
import { resumeSagas } from './purchase/resume-sagas.ts';
import { returnLoader } from './purchase/return-loaders.ts';
import { createReturnStore } from './purchase/return-store.ts';
import { createResolvers } from './resolvers.ts';
import { campaignsSubscriptions } from './subscriptions.ts';

/** What the subgraph is started with. */
export interface CampaignsOptions {
  readonly uri: string;
  readonly database: string;
  readonly key: CallerKey;
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  /** GraphQL endpoint of the accounts subgraph. */
  readonly accountsUrl: string;
  readonly clock?: Clock;
  readonly newId?: NewId;
  /** How often records that a crash left pending are looked for; 5 seconds if left out. */
  readonly sweepEveryMs?: number;
}

/** How long published campaigns are remembered; see createRulesInForce. */
const rulesKeptMs = 1_000;

function createPorts(connection: Connection, accounts: AccountsPort, clock: Clock, newId: NewId) {
  const campaigns = createCampaignStore(connection);
  const { publishedFor } = campaigns;
  return {
    campaigns,
    caps: createMemberCapStore(connection),
    purchases: createPurchaseStore(connection),
    returns: createReturnStore(connection),
    rules: createRulesInForce({ publishedFor, now: Date.now, keepMs: rulesKeptMs }),
    accounts,
    clock,
    newId,
    isUnavailable: (error: unknown) => error instanceof ServiceUnavailable,
    transaction: <T>(work: () => Promise<T>) => inTransaction(connection, work),
  };
}

const defineEvents = (options: CampaignsOptions, connection: Connection, ports: EventPorts): SubgraphEvents =>
  defineSubgraphEvents({
    ...{
      connection,
      key: options.key,
      log: options.log,
      clock: options.clock,
      everyMs: options.sweepEveryMs,
    },
    service: 'campaigns',
    subscriptions: campaignsSubscriptions,
    handlers: eventHandlers(ports),
    urlOf: (subgraph) => (subgraph === 'accounts' ? options.accountsUrl : null),
  });

/** Starts the campaigns subgraph; `stop` undoes all of it. */
export async function startCampaigns(options: CampaignsOptions): Promise<RunningServer> {
  const { uri, database, key, host, port, log, accountsUrl } = options;
  const connection = await connectMongo(uri, database);
  const client = createServiceClient({ service: 'campaigns', url: accountsUrl, key });
  const accounts = rememberFacts(createAccountsClient(client));
  const ports = createPorts(
    connection,
    accounts,
    options.clock ?? systemClock,
    options.newId ?? defaultNewId,
  );
  const close = async () => {
    await client.close();
    await connection.close();
  };
  const events = defineEvents(options, connection, ports);
  try {
    await buildIndexes(connection);
    const server = await startSubgraphServer<Context>({
      typeDefs: readSubgraphSchema('campaigns'),
      resolvers: createResolvers({ ...ports, log }),
      createContext: (caller) => ({
        caller,
        loaders: { campaigns: campaignLoader(ports.campaigns), returns: returnLoader(ports.returns) },
      }),
      ready: async () => connection.db?.command({ ping: 1 }),
      takeEvents: events.takeEvents,
      ...{ key, host, port, log },
    });
    const everyMs = options.sweepEveryMs ?? 5_000;
    const sweeper = startSweeper({ name: 'resume purchases', everyMs, log, work: () => resumeSagas(ports) });
    const relay = events.start();
    const stop = async () => {
      await server.stop();
      await Promise.all([sweeper.stop(), relay.stop()]);
      await close();
    };
    return { ...server, stop };
  } catch (error) {
    await close();
    throw error;
  }
}
