import type { Connection } from 'mongoose';
import { systemClock, newId as systemNewId } from '../shared/ids.ts';
import { inTransaction } from '../shared/mongo.ts';
import { createSigner } from '../shared/signing/signer.ts';
import { type Sweeper, startSweeper } from '../shared/sweeper.ts';
import type { AccountsOptions } from './accounts-options.ts';
import { createBalanceStore } from './ledger/balance-store.ts';
import { createRecordedStore } from './ledger/recorded-store.ts';
import { createProof, type Proof } from './proof/proof.ts';
import type { ProofStores } from './proof/proof-stores.ts';

/** Wires what seals the journal and proves by the seals. */
export const openProof = (connection: Connection, stores: ProofStores, options: AccountsOptions): Proof =>
  createProof({
    stores,
    journal: createRecordedStore(connection),
    balances: createBalanceStore(connection),
    snapshot: (work) => inTransaction(connection, work),
    signer: createSigner(options.signingKey),
    clock: options.clock ?? systemClock,
    newId: options.newId ?? systemNewId,
  });

/** Looks now and then whether a day can be sealed. */
export const startSealer = (proof: Proof, { sealEveryMs = 60_000, log }: AccountsOptions): Sweeper =>
  startSweeper({
    name: 'seals',
    everyMs: sealEveryMs,
    log,
    work: async () => void (await proof.sweep()),
  });
