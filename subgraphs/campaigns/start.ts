import type { Connection } from 'mongoose';
import { readSubgraphSchema } from '../../schema/subgraphs.ts';
import type { CallerKey } from '../shared/caller.ts';
import type { OutboxStore } from '../shared/events/outbox-store.ts';
import { defineSubgraphEvents, type SubgraphEvents } from '../shared/events/subgraph-events.ts';
import { type Clock, newId as defaultNewId, type NewId, systemClock } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import type { MemberIds } from '../shared/member-ids.ts';
import { buildIndexes, connectMongo, inTransaction } from '../shared/mongo.ts';
import { createServiceClient, ServiceUnavailable, wasNeverSent } from '../shared/service-client.ts';
import { closing, stopAll } from '../shared/stop-all.ts';
import { type RunningServer, startSubgraphServer } from '../shared/subgraph-server.ts';
import { startSweeper } from '../shared/sweeper.ts';
import { createAccountsClient, rememberFacts } from './accounts-client.ts';
import type { AccountsPort } from './accounts-port.ts';
import { announcingStores } from './announcing-stores.ts';
import type { Context } from './context.ts';
import { campaignLoader } from './earning/campaign-loaders.ts';
import { createCampaignStore } from './earning/campaign-store.ts';
import { createMemberCapStore } from './earning/member-cap-store.ts';
import { createRulesInForce } from './earning/rules-in-force.ts';
import { eventHandlers } from './event-handlers.ts';
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
  /** How merchants know members. */
  readonly memberIds: MemberIds;
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

interface Wiring {
  readonly connection: Connection;
  readonly accounts: AccountsPort;
  readonly addEvents: OutboxStore['add'];
  readonly clock: Clock;
  readonly newId: NewId;
}

function createPorts({ connection, accounts, addEvents, clock, newId }: Wiring) {
  const transaction = <T>(work: () => Promise<T>) => inTransaction(connection, work);
  const stores = announcingStores(
    {
      campaigns: createCampaignStore(connection),
      purchases: createPurchaseStore(connection),
      returns: createReturnStore(connection),
    },
    { inTransaction: transaction, addEvents, clock, newId },
  );
  const { publishedFor } = stores.campaigns;
  return {
    ...stores,
    caps: createMemberCapStore(connection),
    rules: createRulesInForce({ publishedFor, now: Date.now, keepMs: rulesKeptMs }),
    accounts,
    clock,
    newId,
    isUnavailable: (error: unknown) => error instanceof ServiceUnavailable,
    wasNeverSent,
    transaction,
  };
}

const defineEvents = (options: CampaignsOptions, connection: Connection): SubgraphEvents =>
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
    urlOf: (subgraph) => (subgraph === 'accounts' ? options.accountsUrl : null),
  });

/** Starts the campaigns subgraph; `stop` undoes all of it. */
export async function startCampaigns(options: CampaignsOptions): Promise<RunningServer> {
  const { uri, database, key, memberIds, host, port, log, accountsUrl } = options;
  const connection = await connectMongo(uri, database);
  const client = createServiceClient({ service: 'campaigns', url: accountsUrl, key });
  const accounts = rememberFacts(createAccountsClient(client));
  const events = defineEvents(options, connection);
  const { clock = systemClock, newId = defaultNewId } = options;
  const ports = createPorts({ connection, accounts, addEvents: events.outbox.add, clock, newId });
  const held = [[closing(client)], [closing(connection)]];
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
      takeEvents: events.intake(eventHandlers(ports)),
      ...{ key, memberIds, host, port, log },
    });
    const everyMs = options.sweepEveryMs ?? 5_000;
    const sweeper = startSweeper({ name: 'resume purchases', everyMs, log, work: () => resumeSagas(ports) });
    const relay = events.start();
    return { ...server, stop: () => stopAll([server], [sweeper, relay], ...held) };
  } catch (error) {
    await stopAll(...held);
    throw error;
  }
}
