import { checkAccounts } from '../../subgraphs/accounts/check-accounts.ts';
import { createProofStores } from '../../subgraphs/accounts/proof/proof-stores.ts';
import { connectMongo } from '../../subgraphs/shared/mongo.ts';
import type { TestCoalition } from './coalition.ts';

/** What breaks the ledger's invariants in a coalition's store; empty if nothing does. */
export async function checkCoalitionLedger(coalition: TestCoalition): Promise<unknown[]> {
  const connection = await connectMongo(coalition.mongo.uri, coalition.databases.accounts);
  try {
    return [...(await checkAccounts(connection, createProofStores(connection))).violations];
  } finally {
    await connection.close();
  }
}
