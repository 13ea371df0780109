import { randomInt } from 'node:crypto';
import type { Connection } from 'mongoose';
import { readSubgraphSchema } from '../../schema/subgraphs.ts';
import type { CallerKey } from '../shared/caller.ts';
import { createOutboxStore, type OutboxStore } from '../shared/events/outbox-store.ts';
import { defineSubgraphEvents, type SubgraphEvents } from '../shared/events/subgraph-events.ts';
import { subscribersBy, type TakeEvents } from '../shared/events/subscriber.ts';
import { type Clock, type NewId, systemClock, newId as systemNewId } from '../shared/ids.ts';
import { createTurns } from '../shared/in-turn.ts';
import type { Log } from '../shared/log.ts';
import type { MemberIds } from '../shared/member-ids.ts';
import { buildIndexes, connectMongo, inTransaction } from '../shared/mongo.ts';
import { createServiceClient } from '../shared/service-client.ts';
import { closing, stopAll } from '../shared/stop-all.ts';
import { type SweepingServer, startSubgraphServer } from '../shared/subgraph-server.ts';
import { startSweeper } from '../shared/sweeper.ts';
import { createAccountsClient } from './accounts-client.ts';
import type { AccountsPort } from './accounts-port.ts';
import { announcingStores } from './announcing-stores.ts';
import type { Context, Loaders } from './context.ts';
import { eventHandlers } from './event-handlers.ts';
import type { CataloguePorts } from './ports.ts';
import { createRedemptionLoaders } from './redemption/redemption-loaders.ts';
import { createRedemptionStore } from './redemption/redemption-store.ts';
import { sweepRedemptions } from './redemption/sweep-redemptions.ts';
import { outsideCaller } from './request.ts';
import { resolvers } from './resolvers.ts';
import { createRewardLoaders } from './reward/reward-loaders.ts';
import { createRewardStore } from './reward/reward-store.ts';
import { catalogueSubscriptions } from './subscriptions.ts';
import { createVoucherLoaders } from './voucher/voucher-loaders.ts';
import { createVoucherStore } from './voucher/voucher-store.ts';

/** What this subgraph is started with. */
export interface CatalogueOptions {
  readonly uri: string;
  readonly database: string;
  readonly key: CallerKey;
  /** How merchants know members. */
  readonly memberIds: MemberIds;
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  /** GraphQL endpoint of accounts. */
  readonly accountsUrl: string;
  readonly clock?: Clock;
  readonly newId?: NewId;
  readonly sweepEveryMs?: number;
  /** False where it is known that all collections and their indexes are there, as after an earlier start of the same release. */
  readonly buildsIndexes?: boolean;
  /** How long a redemption at work has to be left alone before the sweeper takes it up. */
  readonly resumeAfterMs?: number;
}

/** The stores and ports on a connected database. */
export function createPorts(
  connection: Connection,
  accounts: AccountsPort,
  options: Pick<CatalogueOptions, 'clock' | 'newId'> & { readonly outbox?: OutboxStore },
): CataloguePorts {
  const { clock = systemClock, newId = systemNewId } = options;
  const outbox = options.outbox ?? createOutboxStore(connection, subscribersBy(catalogueSubscriptions));
  const transaction = <T>(work: () => Promise<T>) => inTransaction(connection, work);
  const stores = {
    rewards: createRewardStore(connection),
    redemptions: createRedemptionStore(connection, () => clock.now()),
    vouchers: createVoucherStore(connection),
  };
  return {
    ...announcingStores(stores, { inTransaction: transaction, addEvents: outbox.add, clock, newId }),
    accounts,
    transaction,
    inTurn: createTurns(),
    clock,
    newId,
    random: (below) => randomInt(below),
  };
}

/** Serves GraphQL with these ports, and sweeps; `ready` tells whether the database answers. */
export async function serveCatalogue(
  ports: CataloguePorts,
  ready: () => Promise<unknown>,
  options: CatalogueOptions & { readonly takeEvents?: TakeEvents },
): Promise<SweepingServer> {
  const { key, memberIds, host, port, log, sweepEveryMs = 2_000, resumeAfterMs = 5_000 } = options;
  const sweeper = startSweeper({
    name: 'redemptions',
    everyMs: sweepEveryMs,
    log,
    work: () => sweepRedemptions(ports, log, resumeAfterMs),
  });
  const server = await startSubgraphServer<Context>({
    typeDefs: readSubgraphSchema('rewards-catalogue'),
    resolvers,
    createContext: (caller) => createContext(ports, log, caller),
    ready,
    ...(options.takeEvents ? { takeEvents: options.takeEvents } : {}),
    ...{ key, memberIds, host, port, log },
  }).catch(async (error: unknown) => {
    await sweeper.stop();
    throw error;
  });
  return { ...server, stop: () => stopAll([server], [sweeper]), sweep: sweeper.run };
}

function createContext(ports: CataloguePorts, log: Log, caller: Context['caller']): Context {
  const createLoaders = (): Loaders => ({
    ...createRewardLoaders(ports, outsideCaller(caller)),
    ...createRedemptionLoaders(ports),
    ...createVoucherLoaders(ports),
  });
  let loaders = createLoaders();
  return {
    caller,
    ports,
    log,
    get loaders() {
      return loaders;
    },
    renewLoaders() {
      loaders = createLoaders();
    },
  };
}

const defineEvents = (options: CatalogueOptions, connection: Connection): SubgraphEvents =>
  defineSubgraphEvents({
    ...{
      connection,
      key: options.key,
      log: options.log,
      clock: options.clock,
      everyMs: options.sweepEveryMs,
    },
    service: 'rewards-catalogue',
    subscriptions: catalogueSubscriptions,
    urlOf: (subgraph) => (subgraph === 'accounts' ? options.accountsUrl : null),
  });

/** Starts the subgraph: connects, builds indexes, sweeps and listens. `stop` undoes all of it. */
export async function startRewardsCatalogue(options: CatalogueOptions): Promise<SweepingServer> {
  const connection = await connectMongo(options.uri, options.database);
  const client = createServiceClient({
    service: 'rewards-catalogue',
    url: options.accountsUrl,
    key: options.key,
  });
  const held = [[closing(client)], [closing(connection)]];
  try {
    const { intake, outbox, start } = defineEvents(options, connection);
    const ports = createPorts(connection, createAccountsClient(client), { ...options, outbox });
    if (options.buildsIndexes ?? true) await buildIndexes(connection);
    const server = await serveCatalogue(ports, () => ping(connection), {
      ...options,
      takeEvents: intake(eventHandlers()),
    });
    const relay = start();
    return { ...server, stop: () => stopAll([server], [relay], ...held) };
  } catch (error) {
    await stopAll(...held);
    throw error;
  }
}

/** Resolves if the database answers. */
export const ping = (connection: Connection): Promise<unknown> => connection.db!.command({ ping: 1 });
