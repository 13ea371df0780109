import { ownOf, pooledBalance } from '../ledger/possession.ts';
import type { PostingKind } from '../ledger/posting.ts';
import type { PossessionMonth } from '../ledger/read-month.ts';
import type { Expiry } from '../ledger/read-wallet.ts';
import { type MerchantLine, merchantLines } from './merchant-line.ts';

/**
 * A month of a member's points in the pools of its household, or of one that it left. Every line is signed as it changes
 * what is the member's there: opening and all lines together are the closing, exactly.
 */
export interface PooledStatement {
  readonly opening: bigint;
  /** What the member put in. */
  readonly contributed: bigint;
  /** Negative: what went back to the member's own wallet, or paid for a return or a case. */
  readonly takenBack: bigint;
  /** Negative: the member's points that paid for somebody of the household. */
  readonly spent: readonly MerchantLine[];
  /** Payments given back. */
  readonly refunded: readonly MerchantLine[];
  /** Negative. */
  readonly expired: bigint;
  /** What is none of the above. */
  readonly other: bigint;
  readonly closing: bigint;
  /** What the closing is made of. */
  readonly available: bigint;
  readonly held: bigint;
  readonly nextExpiries: readonly Expiry[];
}

type Group = 'contributed' | 'takenBack' | 'spent' | 'refunded' | 'expired' | 'other';

const groups: Partial<Record<PostingKind, Group>> = {
  CONTRIBUTE: 'contributed',
  TAKE_BACK: 'takenBack',
  REDEEM: 'spent',
  CAPTURE: 'spent',
  EXPIRE: 'expired',
};

/** What is reversed is a payment from the pool, or an earn for which the member's own points there pay. */
const groupOf = (kind: PostingKind, points: bigint): Group =>
  kind === 'REVERSE' ? (points > 0n ? 'refunded' : 'takenBack') : (groups[kind] ?? 'other');

const sumOf = (parts: readonly { readonly points: bigint }[]): bigint =>
  parts.reduce((sum, { points }) => sum + points, 0n);

/** The month of what a member has in pools. */
export function pooledStatementOf(memberId: string, month: PossessionMonth): PooledStatement {
  const { opening, closing, postings, expiries } = month;
  const parts = postings.flatMap(({ kind, merchantId, allocations }) => {
    const points = ownOf(pooledBalance(allocations, memberId));
    return points === 0n ? [] : [{ group: groupOf(kind, points), party: merchantId ?? '', points }];
  });
  const of = (group: Group) => parts.filter((part) => part.group === group);
  return {
    opening: ownOf(opening),
    contributed: sumOf(of('contributed')),
    takenBack: sumOf(of('takenBack')),
    spent: merchantLines(of('spent')),
    refunded: merchantLines(of('refunded')),
    expired: sumOf(of('expired')),
    other: sumOf(of('other')),
    closing: ownOf(closing),
    available: closing.available,
    held: closing.held,
    nextExpiries: expiries,
  };
}

/** All that changed the opening into the closing. */
export const sumOfPooledLines = (one: PooledStatement): bigint =>
  one.contributed + one.takenBack + sumOf(one.spent) + sumOf(one.refunded) + one.expired + one.other;
