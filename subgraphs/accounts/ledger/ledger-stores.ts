import type { Connection } from 'mongoose';
import { createCaseStore } from './case-store.ts';
import { createClosingStore } from './closing-store.ts';
import { createHoldStore } from './hold-store.ts';
import { createKeyStore } from './key-store.ts';
import { createLotStore } from './lot-store.ts';
import { createPositionStore } from './position-store.ts';
import { createPostingStore } from './posting-store.ts';
import { createWalletStore } from './wallet-store.ts';

/** The ledger's collections. */
export type LedgerStores = ReturnType<typeof createLedgerStores>;

/** Defines the ledger's collections on a connection; buildIndexes makes what is missing of them. */
export const createLedgerStores = (connection: Connection) => ({
  wallets: createWalletStore(connection),
  lots: createLotStore(connection),
  holds: createHoldStore(connection),
  cases: createCaseStore(connection),
  keys: createKeyStore(connection),
  postings: createPostingStore(connection),
  positions: createPositionStore(connection),
  closings: createClosingStore(connection),
});
