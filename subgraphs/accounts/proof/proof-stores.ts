import type { Connection } from 'mongoose';
import { createBalanceLeafStore } from './balance-leaf-store.ts';
import { createChunkStore } from './chunk-store.ts';
import { createLiabilityStore } from './liability-store.ts';
import { createSealStore } from './seal-store.ts';
import { createSecretStore } from './secret-store.ts';
import { createSigningKeyStore } from './signing-key-store.ts';

/** Defines the collections of seals and proofs on a connection; buildIndexes makes what is missing of them. */
export const createProofStores = (connection: Connection) => ({
  seals: createSealStore(connection),
  chunks: createChunkStore(connection),
  liabilities: createLiabilityStore(connection),
  balanceLeaves: createBalanceLeafStore(connection),
  secrets: createSecretStore(connection),
  keys: createSigningKeyStore(connection),
});

/** The collections of seals and proofs. */
export type ProofStores = ReturnType<typeof createProofStores>;
