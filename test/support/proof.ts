import { createBalanceStore } from '../../subgraphs/accounts/ledger/balance-store.ts';
import { createRecordedStore } from '../../subgraphs/accounts/ledger/recorded-store.ts';
import { createProof } from '../../subgraphs/accounts/proof/proof.ts';
import { createProofStores } from '../../subgraphs/accounts/proof/proof-stores.ts';
import { type Clock, newId } from '../../subgraphs/shared/ids.ts';
import { connectMongo, inTransaction } from '../../subgraphs/shared/mongo.ts';
import { createSigner } from '../../subgraphs/shared/signing/signer.ts';
import { makeSigningKey } from '../../subgraphs/shared/signing/signing-key.ts';

/** Seals and counts on a store of accounts what is due by a clock, as one of several processes would. */
export async function sealNow(uri: string, database: string, clock: Clock): Promise<void> {
  const connection = await connectMongo(uri, database);
  try {
    const proof = createProof({
      stores: createProofStores(connection),
      journal: createRecordedStore(connection),
      balances: createBalanceStore(connection),
      snapshot: (work) => inTransaction(connection, work),
      signer: createSigner(makeSigningKey()),
      clock,
      newId,
    });
    await proof.publishKeys();
    await proof.sweep();
  } finally {
    await connection.close();
  }
}
