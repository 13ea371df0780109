import type { Connection } from 'mongoose';
import { checkLedger, type LedgerCheck } from './ledger/check.ts';
import { createRecordedStore } from './ledger/recorded-store.ts';
import { checkSeals } from './proof/check-seals.ts';
import type { ProofStores } from './proof/proof-stores.ts';

/** Verifies the ledger of a store, and that its seals say what its journal says. Changes nothing. */
export async function checkAccounts(
  connection: Connection,
  { seals, chunks, secrets, keys }: ProofStores,
  checkedAt = new Date(),
): Promise<LedgerCheck> {
  const ledger = await checkLedger(connection, checkedAt);
  const journal = createRecordedStore(connection);
  const found = await checkSeals({
    sealsFrom: seals.from,
    chunksOf: seals.chunksOf,
    leavesOf: chunks.of,
    saltSecret: secrets.read,
    publicKeys: keys.all,
    firstRecordedAt: journal.firstRecordedAt,
    recorded: journal.recorded,
  });
  const violations = [...ledger.violations, ...found];
  return { ...ledger, ok: violations.length === 0, violations };
}
