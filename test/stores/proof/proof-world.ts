import type { Connection } from 'mongoose';
import { checkAccounts } from '../../../subgraphs/accounts/check-accounts.ts';
import { createBalanceStore } from '../../../subgraphs/accounts/ledger/balance-store.ts';
import { createRecordedStore } from '../../../subgraphs/accounts/ledger/recorded-store.ts';
import { createProof, type Proof, type ProofOptions } from '../../../subgraphs/accounts/proof/proof.ts';
import { createProofStores, type ProofStores } from '../../../subgraphs/accounts/proof/proof-stores.ts';
import { newId } from '../../../subgraphs/shared/ids.ts';
import { buildIndexes, inTransaction } from '../../../subgraphs/shared/mongo.ts';
import { createSigner, type Signer } from '../../../subgraphs/shared/signing/signer.ts';
import { makeSigningKey } from '../../../subgraphs/shared/signing/signing-key.ts';
import type { LedgerWorld } from '../ledger/ledger-world.ts';

/** Proofs on a connection of its own to a ledger's store, as another process would make them. */
export interface OpenedProof {
  readonly connection: Connection;
  readonly stores: ProofStores;
  readonly proof: Proof;
  readonly signer: Signer;
  /** What the check finds, as `INVARIANT id`. */
  violations(): Promise<string[]>;
}

const sharedKey = makeSigningKey();

/** What proofs of a ledger's store are made of. */
export const optionsOf = (
  connection: Connection,
  stores: ProofStores,
  signer: Signer,
  world: LedgerWorld,
): ProofOptions => ({
  stores,
  journal: createRecordedStore(connection),
  balances: createBalanceStore(connection),
  snapshot: (work) => inTransaction(connection, work),
  signer,
  clock: world.clock,
  newId,
});

/** Opens proofs on a ledger's store; signed with the key that all share unless told. */
export async function openProof(world: LedgerWorld, key = sharedKey): Promise<OpenedProof> {
  const connection = await world.connect();
  const stores = createProofStores(connection);
  const signer = createSigner(key);
  const proof = createProof(optionsOf(connection, stores, signer, world));
  await buildIndexes(connection);
  await proof.publishKeys();
  const violations = async () =>
    (await checkAccounts(connection, stores)).violations.map(({ invariant, id }) => `${invariant} ${id}`);
  return { connection, stores, proof, signer, violations };
}

/** A proof of a posting as GraphQL answers it to somebody who may see all of it. */
export async function answerOf(
  { proof }: OpenedProof,
  posting: Parameters<Proof['posting']>[0],
): Promise<object> {
  const outcome = await proof.posting(posting, null);
  if (outcome.kind !== 'LedgerProof') throw new Error(outcome.kind);
  const { leaf, ...rest } = outcome;
  return {
    ...rest,
    leaf: leaf.text,
    openings: Object.values(leaf.openings),
    signingKeys: await proof.signingKeys(),
  };
}
