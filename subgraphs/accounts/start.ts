import type { Connection } from 'mongoose';
import { readSubgraphSchema } from '../../schema/subgraphs.ts';
import { partsDespiteFailures } from '../shared/despite-failures.ts';
import { systemClock, newId as systemNewId } from '../shared/ids.ts';
import { signLink } from '../shared/link.ts';
import { buildIndexes, connectMongo, inTransaction } from '../shared/mongo.ts';
import { createSigner } from '../shared/signing/signer.ts';
import { closing, stopAll } from '../shared/stop-all.ts';
import { type SweepingServer, startSubgraphServer } from '../shared/subgraph-server.ts';
import { startSweeper } from '../shared/sweeper.ts';
import type { AccountsOptions } from './accounts-options.ts';
import { announcingStores } from './announcing-stores.ts';
import { addressNotices } from './case/notice.ts';
import { checkAccounts } from './check-accounts.ts';
import { type EventLoops, fanOutOf, startEventLoops } from './event-loops.ts';
import { returnAfterDepartures } from './household/return-after-departures.ts';
import { createLedger } from './ledger/ledger.ts';
import { sealPlainMembers } from './membership/seal-members-store.ts';
import { createPriceLookup } from './merchant/price-lookup.ts';
import { resumeErasures } from './privacy/resume-erasures.ts';
import { erasurePorts } from './privacy-wiring.ts';
import { createProgrammeCatalogue } from './programme/programme-catalogue.ts';
import { createProofStores } from './proof/proof-stores.ts';
import { listenersOf } from './reminder-listeners.ts';
import { createContext } from './request-context.ts';
import { accountsResolvers } from './resolvers.ts';
import { openProof, startSealer } from './sealing.ts';
import { defineStores, keysConnection, openVault } from './stores.ts';
import { addressesOf, lookupHost } from './webhook/endpoint-client.ts';

/** Accounts, with its loops' turns for whoever cannot wait for the next: tests and tools. */
export interface RunningAccounts extends SweepingServer, Pick<EventLoops, 'relayEvents' | 'sendWebhooks'> {
  /** Seals the days that are over, and makes the totals that are due. */
  seal(): Promise<void>;
}

const listening = ({ key, memberIds, host, port, log }: AccountsOptions) => ({
  ...{ key, memberIds, host, port, log },
});

async function startOn(connection: Connection, options: AccountsOptions): Promise<RunningAccounts> {
  const { key, log, clock = systemClock, newId = systemNewId, sweepEveryMs = 1_000 } = options;
  const transaction = <T>(work: () => Promise<T>): Promise<T> => inTransaction(connection, work);
  const vault = openVault(connection);
  const stores = announcingStores(defineStores(connection, vault), { inTransaction: transaction, newId });
  const { allowLoopback = false, lookup = lookupHost, random = Math.random } = options.webhooks ?? {};
  const subscriberUrl = options.subscriberUrl ?? (() => null);
  const targets = { allowLoopback };
  const catalogue = createProgrammeCatalogue(stores.programmes.versions, clock);
  const priceAt = createPriceLookup(stores.prices.upTo);
  const ledger = createLedger({
    ...{ connection, clock, newId, log, programmeAt: catalogue.programmeAt, priceAt },
    listenersOf: listenersOf(stores),
    addEvents: async (events) => stores.outbox.add(await addressNotices(events, stores.members.byIds)),
    rosters: stores.households.rosters,
    guardHouseholds: stores.households.guard,
  });
  const proofStores = createProofStores(connection);
  const proof = openProof(connection, proofStores, options);
  if (options.buildsIndexes ?? true)
    for (const on of [connection, keysConnection(connection)]) await buildIndexes(on);
  await sealPlainMembers(connection, vault);
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
    takeEvents: fanOutOf(stores, clock, log),
    ...listening(options),
  });
  const erasures = erasurePorts({ stores, ledger, inTransaction: transaction, clock, newId });
  const work = () =>
    partsDespiteFailures({
      ledger: () => ledger.sweep(),
      erasures: () => resumeErasures(erasures),
      'returns from pools': () => returnAfterDepartures(stores, ledger),
    });
  const sweeper = startSweeper({ name: 'ledger', everyMs: sweepEveryMs, log, work });
  const loops = startEventLoops({
    ...{ connection, stores, key, targets, lookup, subscriberUrl, random, clock, log },
    everyMs: sweepEveryMs,
  });
  const sealer = startSealer(proof, options);
  const stop = () => stopAll([server], [loops, sweeper, sealer], [ledger], [closing(connection)]);
  return { ...server, ...loops, stop, sweep: sweeper.run, seal: sealer.run };
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
