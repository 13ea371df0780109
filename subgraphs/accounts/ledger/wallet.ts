import type { Case } from '../case/case.ts';
import type { Hold } from './hold.ts';
import type { Lot, LotOrder } from './lot.ts';

/** Whose a wallet is: a member's or, as a pool, a household's. One of the two is null. */
export interface WalletHolder {
  readonly memberId: string | null;
  readonly householdId: string | null;
}

/** A holder's balance in one programme. */
export interface Wallet extends WalletHolder {
  readonly id: string;
  readonly programme: string;
  /** Grows by one with every write; 0 if it was never written. */
  readonly version: number;
  readonly available: bigint;
  readonly pending: bigint;
  /** Reserved by holds and by cases. */
  readonly held: bigint;
  /** Of `held`, what cases froze. */
  readonly frozen: bigint;
  /** What is owed after spent points were clawed back. Never above 0 while `available` is. */
  readonly arrears: bigint;
  /** How many of its lots have points left. */
  readonly openLots: number;
  /** How many of its cases wait for somebody: for a review, a decision, or that of an appeal. */
  readonly openCases: number;
  /**
   * Nothing unlocks, expires or times out before this. It may be too early, when the lot that it came from is gone,
   * but never too late; null if there is nothing to wait for.
   */
  readonly nextDueAt: Date | null;
  /** No reminder is due before this; too early at times and never too late, as `nextDueAt`. */
  readonly nextReminderAt: Date | null;
  /** The day, in UTC, on which its holder last earned or spent here; null until it gets a lot of a sliding validity. */
  readonly activeOn: Date | null;
  /**
   * Whether a lot of it got a date since then that an activity, even one on the same day, is to move: one that was given,
   * pooled, restored, or came back.
   */
  readonly slidesAgain: boolean;
  /** What was given away on the last day on which something was; null if nothing ever was. */
  readonly gifted: Gifted | null;
  /** When it was closed for good, its member erased; null while it is in use. */
  readonly closedAt: Date | null;
  /** Of a member's wallet, the household into whose pool it last put points; null if it never did. */
  readonly pooledIn: string | null;
  /** Of a member's wallet, what it waits for from pools: of households that the member has left, or whatever its own debt takes. */
  readonly awaited: readonly Awaited[];
  /** Of a pool, who of its members owed points that it could not give: what comes back to their lots pays that first. */
  readonly owing: readonly string[];
  /** Of a pool, what each member spent of it in the last month in which it spent something. */
  readonly poolSpent: readonly PoolSpent[];
}

/** A pool in which holds reserve points of one who has left, or owes: what they release comes back by itself. */
export interface Awaited {
  readonly poolId: string;
  /** When the first of these holds times out. It may be too early, when that hold was resolved before, but never too late. */
  readonly at: Date;
}

/** Points that a member spent or holds of a pool in a month; what came back within the month is subtracted. */
export interface PoolSpent {
  readonly memberId: string;
  /** `2026-03`, in UTC. */
  readonly month: string;
  readonly points: bigint;
}

/** Points given away on a day, gifts that were declined included. */
export interface Gifted {
  /** `2026-03-01`, in UTC. */
  readonly day: string;
  readonly points: bigint;
}

/** A member as the holder of a wallet. */
export const memberHolder = (memberId: string): WalletHolder => ({ memberId, householdId: null });

/** Whose a member's wallet is. Throws for a pool: who asks that knows it to be none. */
export function memberOf({ memberId, householdId }: WalletHolder): string {
  if (memberId === null) throw new Error(`a pool of ${householdId} is no member's wallet`);
  return memberId;
}

/** A household as the holder of a pool. */
export const householdHolder = (householdId: string): WalletHolder => ({ memberId: null, householdId });

/** A wallet that never held points. */
export const emptyWallet = (
  id: string,
  { memberId, householdId }: WalletHolder,
  programme: string,
): Wallet => ({
  id,
  memberId,
  householdId,
  programme,
  version: 0,
  available: 0n,
  pending: 0n,
  held: 0n,
  frozen: 0n,
  arrears: 0n,
  openLots: 0,
  openCases: 0,
  nextDueAt: null,
  nextReminderAt: null,
  activeOn: null,
  slidesAgain: false,
  gifted: null,
  pooledIn: null,
  awaited: [],
  owing: [],
  poolSpent: [],
  closedAt: null,
});

/** The holder's own points: all buckets, minus arrears. */
export const ownPoints = (wallet: Wallet): bigint =>
  wallet.available + wallet.pending + wallet.held - wallet.arrears;

/** True if something of the wallet has fallen due. */
export const isDue = (wallet: Wallet, now: Date): boolean =>
  wallet.nextDueAt !== null && wallet.nextDueAt <= now;

/**
 * How much of a wallet's open lots and holds is at hand: all; or the unlocked lots up to and including one in spending
 * order; or none. Lots that a command names are at hand in any case.
 */
export type Coverage = 'ALL' | 'NONE' | { readonly upTo: LotOrder };

/** A wallet with what was loaded of it. */
export interface WalletState {
  readonly wallet: Wallet;
  readonly lots: ReadonlyMap<string, Lot>;
  readonly holds: ReadonlyMap<string, Hold>;
  readonly cases: ReadonlyMap<string, Case>;
  readonly coverage: Coverage;
}

/** Thrown by a decision that needs more of a wallet's lots than are at hand, or all: load them and decide again. */
export class NeedsLots extends Error {
  override name = 'NeedsLots';
  readonly walletId: string;
  readonly need: 'MORE' | 'ALL';

  constructor(walletId: string, need: 'MORE' | 'ALL' = 'ALL') {
    super(`needs ${need} lots of ${walletId}`);
    this.walletId = walletId;
    this.need = need;
  }
}
