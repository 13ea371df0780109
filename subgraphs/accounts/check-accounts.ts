import type { Connection } from 'mongoose';
import { createBalanceStore } from './ledger/balance-store.ts';
import { checkLedger, type LedgerCheck } from './ledger/check.ts';
import { createRecordedStore } from './ledger/recorded-store.ts';
import { checkLiabilities } from './proof/check-liabilities.ts';
import { checkSeals } from './proof/check-seals.ts';
import type { ProofStores } from './proof/proof-stores.ts';

/** Verifies the ledger of a store, and that its seals and totals say what its journal says. Changes nothing. */
export async function checkAccounts(
  connection: Connection,
  { seals, chunks, liabilities, secrets, keys }: ProofStores,
  checkedAt = new Date(),
): Promise<LedgerCheck> {
  const ledger = await checkLedger(connection, checkedAt);
  const journal = createRecordedStore(connection);
  const sealed = await checkSeals({
    sealsFrom: seals.from,
    chunksOf: seals.chunksOf,
    leavesOf: chunks.of,
    saltSecret: secrets.read,
    publicKeys: keys.all,
    firstRecordedAt: journal.firstRecordedAt,
    recorded: journal.recorded,
  });
  const counted = await checkLiabilities({
    all: liabilities.all,
    treeOf: liabilities.treeOf,
    leavesOf: chunks.of,
    publicKeys: keys.all,
    outstandingAt: createBalanceStore(connection).outstandingAt,
  });
  const violations = [...ledger.violations, ...sealed, ...counted];
  return { ...ledger, ok: violations.length === 0, violations };
}
