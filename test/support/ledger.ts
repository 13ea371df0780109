import { checkLedger } from '../../subgraphs/accounts/ledger/check.ts';
import { connectMongo } from '../../subgraphs/shared/mongo.ts';
import type { TestCoalition } from './coalition.ts';

/** What breaks the ledger's invariants in a coalition's store; empty if nothing does. */
export async function checkCoalitionLedger(coalition: TestCoalition): Promise<unknown[]> {
  const connection = await connectMongo(coalition.mongo.uri, coalition.databases.accounts);
  try {
    return [...(await checkLedger(connection)).violations];
  } finally {
    await connection.close();
  }
}
