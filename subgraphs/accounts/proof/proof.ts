import { randomBytes } from 'node:crypto';
import type { Page } from '../../shared/connection.ts';
import type { Clock } from '../../shared/ids.ts';
import type { Signer } from '../../shared/signing/signer.ts';
import type { Posting } from '../ledger/posting.ts';
import type { RecordedStore } from '../ledger/recorded-store.ts';
import type { ProofStores } from './proof-stores.ts';
import { type LedgerProof, type NotSealedYet, type NotUnderSeal, provePosting } from './prove-posting.ts';
import type { Seal } from './seal.ts';
import { sealDays } from './seal-days.ts';
import type { PublishedKey } from './signing-key-store.ts';

/** What proofs are made of. */
export interface ProofOptions {
  readonly stores: ProofStores;
  readonly journal: RecordedStore;
  readonly signer: Signer;
  readonly clock: Clock;
}

/** Seals of the journal, and proofs that stand on them. */
export interface Proof {
  /** Publishes the key that this process signs with: before anything is signed. */
  publishKeys(): Promise<void>;
  /** Makes the seals that are due. */
  sweep(): Promise<{ days: number }>;
  posting(posting: Posting, until: string | null): Promise<LedgerProof | NotSealedYet | NotUnderSeal>;
  /** The newest first; one more than asked for if there are more. */
  seals(page: Page): Promise<readonly Seal[]>;
  signingKeys(): Promise<readonly PublishedKey[]>;
}

const secretBytes = 32;

/** Makes the proofs of a store, whose indexes are built afterwards. */
export function createProof({ stores, journal, signer, clock }: ProofOptions): Proof {
  const { seals, chunks, secrets, keys } = stores;
  const saltSecret = () => secrets.readOrKeep(randomBytes(secretBytes));
  return {
    publishKeys: async () => {
      for (const key of signer.publicKeys) await keys.publish(key, clock.now());
    },
    sweep: async () => ({
      days: await sealDays({
        now: () => clock.now(),
        newestSeal: seals.newest,
        firstRecordedAt: journal.firstRecordedAt,
        recorded: journal.recorded,
        saltSecret,
        keepLeaves: chunks.keep,
        insertSeal: seals.insert,
        sign: signer.sign,
      }),
    }),
    posting: (posting, until) =>
      provePosting(posting, until, {
        sealOf: seals.of,
        sealsFrom: seals.from,
        chunksOf: seals.chunksOf,
        leavesOf: chunks.of,
        saltSecret,
      }),
    seals: seals.page,
    signingKeys: keys.all,
  };
}
