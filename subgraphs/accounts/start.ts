import type { Connection } from 'mongoose';
import { readSubgraphSchema } from '../../schema/subgraphs.ts';
import { systemClock, newId as systemNewId } from '../shared/ids.ts';
import { signLink } from '../shared/link.ts';
import { buildIndexes, connectMongo, inTransaction } from '../shared/mongo.ts';
import { createSigner } from '../shared/signing/signer.ts';
import { type SweepingServer, startSubgraphServer } from '../shared/subgraph-server.ts';
import { startSweeper } from '../shared/sweeper.ts';
import type { AccountsOptions } from './accounts-options.ts';
import { announcingStores } from './announcing-stores.ts';
import { checkAccounts } from './check-accounts.ts';
import { type EventLoops, startEventLoops } from './event-loops.ts';
import { returnAfterDepartures } from './household/return-after-departures.ts';
import { createLedger } from './ledger/ledger.ts';
import { createPriceLookup } from './merchant/price-lookup.ts';
import { resumeErasures } from './privacy/resume-erasures.ts';
import { erasurePorts } from './privacy-wiring.ts';
import { createProgrammeCatalogue } from './programme/programme-catalogue.ts';
import { createProofStores } from './proof/proof-stores.ts';
import { createContext } from './request-context.ts';
import { accountsResolvers } from './resolvers.ts';
import { openProof, startSealer } from './sealing.ts';
import { defineStores } from './stores.ts';
import { addressesOf, lookupHost } from './webhook/endpoint-client.ts';

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
    rosters: stores.households.rosters,
    guardHouseholds: stores.households.guard,
  });
  const proofStores = createProofStores(connection);
  const proof = openProof(connection, proofStores, options);
  await buildIndexes(connection);
  await proof.publishKeys();
  const server = await startSubgraphServer({
    typeDefs: readSubgraphSchema('accounts'),
    resolvers: accountsResolvers({
      ...{ stores, catalogue, priceAt, ledger, proof, clock, newId },
      checkLedger: () => checkAccounts(connection, proofStores, clock.now()),
      inTransaction: transaction,
      webhookTargets: { targets, resolve: addressesOf(lookup) },
      signer: createSigner(options.signingKey),
      signLink: (link) => signLink(link, key),
    }),
    createContext: (caller) => createContext({ stores, catalogue, clock }, caller),
    ready: () => connection.db!.command({ ping: 1 }),
    ...{ key, host, port, log },
  });
  const erasures = erasurePorts({ stores, ledger, inTransaction: transaction, clock, newId });
  const work = async () => {
    await ledger.sweep();
    await resumeErasures(erasures);
    await returnAfterDepartures(stores, ledger);
  };
  const sweeper = startSweeper({ name: 'ledger', everyMs: sweepEveryMs, log, work });
  const loops = startEventLoops({ stores, targets, lookup, random, clock, log, everyMs: sweepEveryMs });
  const sealer = startSealer(proof, options);
  const stop = async () => {
    await server.stop();
    await Promise.all([loops.stop(), sweeper.stop(), sealer.stop()]);
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
