/** The invariants that a check verifies. */
export type Invariant =
  | 'ENTRIES_SUM_TO_ZERO'
  | 'FULLY_ALLOCATED'
  | 'EFFECT_EQUALS_ENTRIES'
  | 'REVERSED_AT_MOST_ONCE'
  | 'LOT_WITHIN_BOUNDS'
  | 'LOT_EQUALS_ALLOCATIONS'
  | 'LOT_HELD_EQUALS_HOLDS'
  | 'HOLD_FULLY_ALLOCATED'
  | 'WALLET_NOT_NEGATIVE'
  | 'WALLET_EQUALS_LOTS'
  | 'WALLET_EQUALS_JOURNAL'
  | 'WALLET_HELD_EQUALS_HOLDS'
  | 'NO_ARREARS_WITH_AVAILABLE'
  | 'CLOSED_WALLET_EMPTY'
  | 'GIFTS_OF_DAY_COUNTED'
  | 'DECLINED_GIFT_IS_RETURNED'
  | 'POOL_LOT_HAS_CONTRIBUTOR'
  | 'POOL_SPENDING_COUNTED'
  | 'CASE_EQUALS_JOURNAL'
  | 'CASE_WITHIN_DISPUTE'
  | 'CASE_DECIDED_BY_OTHERS'
  | 'CASE_FROZEN_WHILE_LIVE'
  | 'WALLET_EQUALS_CASES'
  | 'BELONGS_TO_WALLET'
  | 'KEY_HAS_RESULT'
  | 'POSITIONS_EQUAL_OUTSTANDING'
  | 'ROLL_UP_EQUALS_JOURNAL'
  | 'SEAL_EQUALS_JOURNAL'
  | 'SEAL_HAS_LEAVES'
  | 'SEALS_FOLLOW_EACH_OTHER'
  | 'SEAL_IS_SIGNED'
  | 'LIABILITIES_EQUAL_JOURNAL'
  | 'LIABILITIES_ARE_SIGNED'
  | 'LIABILITIES_HAVE_LEAVES'
  | 'CLOSING_EQUALS_JOURNAL';

/** One thing that breaks an invariant. */
export interface Violation {
  readonly invariant: Invariant;
  /** The posting, wallet, lot, hold, case, key, programme or day. */
  readonly id: string;
  readonly message: string;
}

/** A rule about one thing: kept, or broken with a message. */
export type Rule = readonly [invariant: Invariant, kept: boolean, message: () => string];

/** The violations among rules about one thing. */
export const broken = (id: string, rules: readonly Rule[]): Violation[] =>
  rules.flatMap(([invariant, kept, message]) => (kept ? [] : [{ invariant, id, message: message() }]));

/** The sum of numbers of points. */
export const total = (points: readonly bigint[]): bigint => points.reduce((sum, n) => sum + n, 0n);
