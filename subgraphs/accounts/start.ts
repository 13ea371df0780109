import type { Connection } from 'mongoose';
import { readSubgraphSchema } from '../../schema/subgraphs.ts';
import type { CallerKey } from '../shared/caller.ts';
import { type Clock, type NewId, systemClock, newId as systemNewId } from '../shared/ids.ts';
import { signLink } from '../shared/link.ts';
import type { Log } from '../shared/log.ts';
import { buildIndexes, connectMongo, inTransaction } from '../shared/mongo.ts';
import { createSigner } from '../shared/signing/signer.ts';
import type { SigningKey } from '../shared/signing/signing-key.ts';
import { type RunningServer, startSubgraphServer } from '../shared/subgraph-server.ts';
import { startSweeper } from '../shared/sweeper.ts';
import { checkLedger } from './ledger/check.ts';
import { createLedger } from './ledger/ledger.ts';
import { createPriceLookup } from './merchant/price-lookup.ts';
import { createProgrammeCatalogue } from './programme/programme-catalogue.ts';
import { createContext } from './request-context.ts';
import { accountsResolvers } from './resolvers.ts';
import { defineStores } from './stores.ts';

/** What accounts is started with. */
export interface AccountsOptions {
  readonly uri: string;
  /** Its own database; no other subgraph's. */
  readonly database: string;
  readonly key: CallerKey;
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  /** Signs seals and statements. */
  readonly signingKey: SigningKey;
  readonly clock?: Clock;
  readonly newId?: NewId;
  /** How often due unlocks, expiries and timeouts are posted. */
  readonly sweepEveryMs?: number;
}

async function startOn(connection: Connection, options: AccountsOptions): Promise<RunningServer> {
  const { key, host, port, log, clock = systemClock, newId = systemNewId, sweepEveryMs = 1_000 } = options;
  const stores = defineStores(connection);
  const catalogue = createProgrammeCatalogue(stores.programmes.versions, clock);
  const priceAt = createPriceLookup(stores.prices.upTo);
  const { programmeAt } = catalogue;
  const ledger = createLedger({ connection, clock, newId, log, programmeAt, priceAt });
  await buildIndexes(connection);
  const server = await startSubgraphServer({
    typeDefs: readSubgraphSchema('accounts'),
    resolvers: accountsResolvers({
      stores,
      catalogue,
      priceAt,
      ledger,
      checkLedger: () => checkLedger(connection, clock.now()),
      inTransaction: (work) => inTransaction(connection, work),
      signer: createSigner(options.signingKey),
      signLink: (link) => signLink(link, key),
      clock,
      newId,
    }),
    createContext: (caller) => createContext({ stores, catalogue, clock }, caller),
    ready: () => connection.db!.command({ ping: 1 }),
    key,
    host,
    port,
    log,
  });
  const work = async () => void (await ledger.sweep());
  const sweeper = startSweeper({ name: 'ledger', everyMs: sweepEveryMs, log, work });
  const stop = async () => {
    await server.stop();
    await sweeper.stop();
    await ledger.stop();
    await connection.close();
  };
  return { ...server, stop };
}

/** Starts the accounts subgraph: connects, builds what is missing of its collections, sweeps and listens. */
export async function startAccounts(options: AccountsOptions): Promise<RunningServer> {
  const connection = await connectMongo(options.uri, options.database);
  try {
    return await startOn(connection, options);
  } catch (error) {
    await connection.close();
    throw error;
  }
}
