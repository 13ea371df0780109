import type { Connection } from 'mongoose';
import { readSubgraphSchema } from '../../schema/subgraphs.ts';
import type { CallerKey } from '../shared/caller.ts';
import { type Clock, type NewId, systemClock, newId as systemNewId } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import { buildIndexes, connectMongo, inTransaction } from '../shared/mongo.ts';
import { type SweepingServer, startSubgraphServer } from '../shared/subgraph-server.ts';
import { startSweeper } from '../shared/sweeper.ts';
import { announcingStores } from './announcing-stores.ts';
import { type EventLoops, startEventLoops } from './event-loops.ts';
import { checkLedger } from './ledger/check.ts';
import { createLedger } from './ledger/ledger.ts';
import { createPriceLookup } from './merchant/price-lookup.ts';
import { createProgrammeCatalogue } from './programme/programme-catalogue.ts';
import { createContext } from './request-context.ts';
import { accountsResolvers } from './resolvers.ts';
import { defineStores } from './stores.ts';
import { addressesOf, type LookupHost, lookupHost } from './webhook/endpoint-client.ts';

/** What accounts is started with. */
export interface AccountsOptions {
  readonly uri: string;
  /** Its own database; no other subgraph's. */
  readonly database: string;
  readonly key: CallerKey;
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  readonly clock?: Clock;
  readonly newId?: NewId;
  /** How often due unlocks, expiries and timeouts are posted, events handed on and webhooks sent to. */
  readonly sweepEveryMs?: number;
  readonly webhooks?: WebhookOptions;
}

/** How webhooks are reached: as on the public internet unless told. */
export interface WebhookOptions {
  readonly allowLoopback?: boolean;
  readonly lookup?: LookupHost;
  /** 0 to below 1: decides how long is waited between attempts. */
  readonly random?: () => number;
}

/** Accounts, with its loops' turns for whoever cannot wait for the next: tests and tools. */
export interface RunningAccounts extends SweepingServer, Pick<EventLoops, 'relayEvents' | 'sendWebhooks'> {}

async function startOn(connection: Connection, options: AccountsOptions): Promise<RunningAccounts> {
  const { key, host, port, log, clock = systemClock, newId = systemNewId, sweepEveryMs = 1_000 } = options;
  const transaction = <T>(work: () => Promise<T>): Promise<T> => inTransaction(connection, work);
  const stores = announcingStores(defineStores(connection), { inTransaction: transaction, newId });
  const { allowLoopback = false, lookup = lookupHost, random = Math.random } = options.webhooks ?? {};
  const targets = { allowLoopback };
  const catalogue = createProgrammeCatalogue(stores.programmes.versions, clock);
  const priceAt = createPriceLookup(stores.prices.upTo);
  const ledger = createLedger({
    ...{ connection, clock, newId, log, programmeAt: catalogue.programmeAt, priceAt },
    addEvents: stores.outbox.add,
  });
  await buildIndexes(connection);
  const server = await startSubgraphServer({
    typeDefs: readSubgraphSchema('accounts'),
    resolvers: accountsResolvers({
      stores,
      catalogue,
      priceAt,
      ledger,
      checkLedger: () => checkLedger(connection, clock.now()),
      inTransaction: transaction,
      clock,
      newId,
      webhookTargets: { targets, resolve: addressesOf(lookup) },
    }),
    createContext: (caller) => createContext({ stores, catalogue, clock }, caller),
    ready: () => connection.db!.command({ ping: 1 }),
    ...{ key, host, port, log },
  });
  const work = async () => void (await ledger.sweep());
  const sweeper = startSweeper({ name: 'ledger', everyMs: sweepEveryMs, log, work });
  const loops = startEventLoops({ stores, targets, lookup, random, clock, log, everyMs: sweepEveryMs });
  const stop = async () => {
    await server.stop();
    await Promise.all([loops.stop(), sweeper.stop()]);
    await ledger.stop();
    await connection.close();
  };
  return { ...server, ...loops, stop, sweep: sweeper.run };
}

/** Starts the accounts subgraph: connects, builds what is missing of its collections, sweeps and listens. */
export async function startAccounts(options: AccountsOptions): Promise<RunningAccounts> {
  const connection = await connectMongo(options.uri, options.database);
  try {
    return await startOn(connection, options);
  } catch (error) {
    await connection.close();
    throw error;
  }
}
