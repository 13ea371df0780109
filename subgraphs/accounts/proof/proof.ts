import { randomBytes } from 'node:crypto';
import type { Page } from '../../shared/connection.ts';
import type { Clock, NewId } from '../../shared/ids.ts';
import type { Signer } from '../../shared/signing/signer.ts';
import type { BalanceStore } from '../ledger/balance-store.ts';
import type { Posting } from '../ledger/posting.ts';
import type { RecordedStore } from '../ledger/recorded-store.ts';
import { type BuildLiabilitiesPorts, buildLiabilities } from './build-liabilities.ts';
import { balanceAt, type Liabilities } from './liability.ts';
import type { ProofStores } from './proof-stores.ts';
import { type LiabilityProof, type NotCounted, proveLiability } from './prove-liability.ts';
import { type LedgerProof, type NotSealedYet, type NotUnderSeal, provePosting } from './prove-posting.ts';
import type { Seal } from './seal.ts';
import { type SealPorts, sealDays } from './seal-days.ts';
import type { PublishedKey } from './signing-key-store.ts';

/** What proofs are made of. */
export interface ProofOptions {
  readonly stores: ProofStores;
  readonly journal: RecordedStore;
  readonly balances: BalanceStore;
  /** Runs reads on one snapshot of the store. */
  readonly snapshot: <T>(work: () => Promise<T>) => Promise<T>;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Seals of the journal, and proofs that stand on them. */
export interface Proof {
  /** Publishes the key that this process signs with: before anything is signed. */
  publishKeys(): Promise<void>;
  /** Makes the seals and totals that are due; says how many. */
  sweep(): Promise<{ days: number; totals: number }>;
  posting(posting: Posting, until: string | null): Promise<LedgerProof | NotSealedYet | NotUnderSeal>;
  /** The newest first; one more than asked for if there are more. */
  seals(page: Page): Promise<readonly Seal[]>;
  /** The total of a month, or the newest; null if it was not made. */
  liabilities(programme: string, period: string | null): Promise<Liabilities | null>;
  balance(
    walletId: string,
    programme: string,
    period: string | null,
  ): Promise<LiabilityProof | NotSealedYet | NotCounted>;
  signingKeys(): Promise<readonly PublishedKey[]>;
}

const secretBytes = 32;

const readSecret =
  ({ secrets }: ProofStores) =>
  () =>
    secrets.readOrKeep(randomBytes(secretBytes));

const sealPorts = ({ stores, journal, signer, clock }: ProofOptions): SealPorts => ({
  now: () => clock.now(),
  newestSeal: stores.seals.newest,
  firstRecordedAt: journal.firstRecordedAt,
  recorded: journal.recorded,
  saltSecret: readSecret(stores),
  keepLeaves: stores.chunks.keep,
  insertSeal: stores.seals.insert,
  sign: signer.sign,
});

function buildPorts(options: ProofOptions): BuildLiabilitiesPorts {
  const { stores, journal, balances, snapshot, signer, clock, newId } = options;
  return {
    now: () => clock.now(),
    newId,
    programmes: journal.programmes,
    newest: stores.liabilities.newest,
    isDueBefore: balances.isDueBefore,
    balances: async (programme, at, after, limit) =>
      (await snapshot(() => balances.since(programme, at, after, limit))).map(balanceAt),
    saltSecret: readSecret(stores),
    keepRows: stores.balanceLeaves.keep,
    rows: stores.balanceLeaves.page,
    keepLeaves: stores.chunks.keep,
    insert: stores.liabilities.insert,
    forget: stores.balanceLeaves.forget,
    sign: signer.sign,
  };
}

/** Makes the proofs of a store, whose indexes are built afterwards. */
export function createProof(options: ProofOptions): Proof {
  const { stores, journal, signer, clock } = options;
  const { seals, chunks, liabilities, balanceLeaves, keys } = stores;
  const saltSecret = readSecret(stores);
  return {
    publishKeys: async () => {
      for (const key of signer.publicKeys) await keys.publish(key, clock.now());
    },
    sweep: async () => ({
      days: await sealDays(sealPorts(options)),
      totals: await buildLiabilities(buildPorts(options)),
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
    liabilities: (programme, period) =>
      period === null ? liabilities.newest(programme) : liabilities.of(programme, period),
    balance: (walletId, programme, period) =>
      proveLiability(walletId, programme, period, {
        now: () => clock.now(),
        newest: liabilities.newest,
        firstRecordedAt: async (code) =>
          (await journal.programmes()).find((first) => first.programme === code)?.recordedAt ?? null,
        of: liabilities.of,
        treeOf: liabilities.treeOf,
        rowOf: balanceLeaves.of,
        leavesOf: chunks.of,
        saltSecret,
      }),
    signingKeys: keys.all,
  };
}
