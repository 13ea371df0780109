import type { NewId } from '../../shared/ids.ts';
import type { Case } from '../case/case.ts';
import type { Hold } from './hold.ts';
import type { Lot } from './lot.ts';
import type { Posting } from './posting.ts';
import type { Roster } from './roster.ts';
import type { MerchantPrices, ProgrammeTerms } from './terms.ts';
import type { Wallet, WalletState } from './wallet.ts';

/**
 * Something that may happen once, for ever: the use of an idempotency key, of a merchant's reference, of evidence
 * against a wallet, or the next reversal of a posting. The store's unique `_id` sees to it.
 */
export interface KeyRecord {
  readonly id: string;
  /** For an idempotency key, what the input was; else empty. */
  readonly hash: string;
  readonly postingId: string | null;
  readonly holdId: string | null;
  /** The case that it was about, and the step in it; absent for all else. */
  readonly caseId?: string;
  readonly stepId?: string;
}

/** The record of an idempotency key. */
export const idempotencyKeyId = (caller: string, key: string): string => `key|${caller}|${key}`;

/** The record of a merchant's reference for one kind of posting. */
export const referenceKeyId = (kind: string, merchantId: string, externalRef: string): string =>
  `ref|${kind}|${merchantId}|${externalRef}`;

/** The record of the one reversal that comes after so many points of a posting were reversed. */
export const reversalKeyId = (postingId: string, reversedBefore: bigint): string =>
  `reversal|${postingId}|${reversedBefore}`;

/** All that a decision may know: values loaded before, never changed by it. */
export interface LedgerView {
  /** Every wallet that a command touches is there, an empty one if it was never written. */
  wallet(id: string): WalletState | undefined;
  hold(id: string): Hold | null;
  case(id: string): Case | null;
  posting(id: string): Posting | null;
  /** Postings that reverse a posting. */
  reversalsOf(postingId: string): readonly Posting[];
  key(id: string): KeyRecord | null;
  terms(programme: string): ProgrammeTerms | null;
  prices(merchantId: string, programme: string): MerchantPrices | null;
  /** Null if there never was such a household. */
  roster(householdId: string): Roster | null;
}

/** What a decision changes: the new values of all that it touched. */
export interface Change {
  /** With their versions one higher than in the view. */
  readonly wallets: readonly Wallet[];
  readonly lots: readonly Lot[];
  readonly holds: readonly Hold[];
  readonly cases: readonly Case[];
  readonly postings: readonly Posting[];
  readonly keys: readonly KeyRecord[];
}

/** Time and ids of one decision. */
export interface DecisionPorts {
  readonly now: Date;
  readonly newId: NewId;
}
