import type { Connection } from 'mongoose';
import { readSubgraphSchema } from '../../schema/subgraphs.ts';
import type { CallerKey } from '../shared/caller.ts';
import { type Clock, type NewId, systemClock, newId as systemNewId } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import { buildIndexes, connectMongo, inTransaction } from '../shared/mongo.ts';
import { createSigner } from '../shared/signing/signer.ts';
import type { SigningKey } from '../shared/signing/signing-key.ts';
import { type RunningServer, startSubgraphServer } from '../shared/subgraph-server.ts';
import { type Sweeper, startSweeper } from '../shared/sweeper.ts';
import { checkAccounts } from './check-accounts.ts';
import { createBalanceStore } from './ledger/balance-store.ts';
import { createLedger } from './ledger/ledger.ts';
import { createRecordedStore } from './ledger/recorded-store.ts';
import { createPriceLookup } from './merchant/price-lookup.ts';
import { createProgrammeCatalogue } from './programme/programme-catalogue.ts';
import { createProof, type Proof } from './proof/proof.ts';
import { createProofStores, type ProofStores } from './proof/proof-stores.ts';
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
  /** How often it is looked whether a day can be sealed. */
  readonly sealEveryMs?: number;
}

const openProof = (connection: Connection, stores: ProofStores, options: AccountsOptions): Proof =>
  createProof({
    stores,
    journal: createRecordedStore(connection),
    balances: createBalanceStore(connection),
    snapshot: (work) => inTransaction(connection, work),
    signer: createSigner(options.signingKey),
    clock: options.clock ?? systemClock,
    newId: options.newId ?? systemNewId,
  });

const startSealer = (proof: Proof, { sealEveryMs = 60_000, log }: AccountsOptions): Sweeper =>
  startSweeper({
    name: 'seals',
    everyMs: sealEveryMs,
    log,
    work: async () => void (await proof.sweep()),
  });

async function startOn(connection: Connection, options: AccountsOptions): Promise<RunningServer> {
  const { key, host, port, log, clock = systemClock, newId = systemNewId, sweepEveryMs = 1_000 } = options;
  const stores = defineStores(connection);
  const catalogue = createProgrammeCatalogue(stores.programmes.versions, clock);
  const priceAt = createPriceLookup(stores.prices.upTo);
  const { programmeAt } = catalogue;
  const ledger = createLedger({ connection, clock, newId, log, programmeAt, priceAt });
  const proofStores = createProofStores(connection);
  const proof = openProof(connection, proofStores, options);
  await buildIndexes(connection);
  await proof.publishKeys();
  const server = await startSubgraphServer({
    typeDefs: readSubgraphSchema('accounts'),
    resolvers: accountsResolvers({
      stores,
      catalogue,
      priceAt,
      ledger,
      proof,
      checkLedger: () => checkAccounts(connection, proofStores, clock.now()),
      inTransaction: (work) => inTransaction(connection, work),
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
  const sealer = startSealer(proof, options);
  const stop = async () => {
    await server.stop();
    await sweeper.stop();
    await sealer.stop();
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
