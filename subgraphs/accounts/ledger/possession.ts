import { type Bucket, walletAccount } from './account.ts';
import type { Lot } from './lot.ts';
import type { Posting } from './posting.ts';
import { memberOf, type Wallet } from './wallet.ts';

/** What is there, by bucket. */
export type Balance = Pick<Wallet, Bucket>;

/** Points of a member in one programme that are in one place: in its own wallet, or in pools of households. */
export interface Possession {
  /** The id of the wallet; of what is in pools one of its own, whichever pools these are. */
  readonly id: string;
  readonly memberId: string;
  readonly programme: string;
  /** Whether a posting changed it or a lot of it. */
  readonly isTouchedBy: (posting: Posting) => boolean;
  /** What a posting changed in each bucket; of arrears, what it added to the debt. */
  readonly changeBy: (posting: Posting) => Balance;
  readonly has: (lot: Lot) => boolean;
}

const buckets = ['available', 'pending', 'held', 'arrears'] as const;

/** What a posting changed in each bucket of a wallet; of arrears, what it added to the debt. */
export function changeOfBuckets(posting: Posting, walletId: string): Balance {
  const sums = { available: 0n, pending: 0n, held: 0n, arrears: 0n };
  for (const { account, points } of posting.entries)
    for (const bucket of buckets)
      if (account === walletAccount(walletId, bucket))
        sums[bucket] += bucket === 'arrears' ? -points : points;
  return sums;
}

/** The member's own points: all buckets, minus arrears. */
export const ownOf = ({ available, pending, held, arrears }: Balance): bigint =>
  available + pending + held - arrears;

/** One balance less another. */
export const lessBalance = (a: Balance, b: Balance): Balance => ({
  available: a.available - b.available,
  pending: a.pending - b.pending,
  held: a.held - b.held,
  arrears: a.arrears - b.arrears,
});

/** What is in a member's own wallet. */
export const inWallet = (wallet: Wallet): Possession => ({
  id: wallet.id,
  memberId: memberOf(wallet),
  programme: wallet.programme,
  isTouchedBy: ({ walletIds }) => walletIds.includes(wallet.id),
  changeBy: (posting) => changeOfBuckets(posting, wallet.id),
  has: ({ walletId }) => walletId === wallet.id,
});

/** A lot, or what a posting did to one. */
interface LotPart extends Pick<Lot, 'remaining' | 'held'> {
  readonly contributorId?: string | null;
}

/** What parts come to of which a member is the contributor. Points in a pool are never pending and owe nothing. */
export function pooledBalance(parts: readonly LotPart[], memberId: string): Balance {
  const own = parts.filter(({ contributorId }) => contributorId === memberId);
  const held = own.reduce((sum, part) => sum + part.held, 0n);
  const available = own.reduce((sum, part) => sum + part.remaining, 0n) - held;
  return { available, pending: 0n, held, arrears: 0n };
}

/** What of a member's is in pools, also in those of households that it left. */
export const inPools = (memberId: string, programme: string): Possession => ({
  id: `pooled_${memberId}_${programme}`,
  memberId,
  programme,
  isTouchedBy: ({ allocations }) => allocations.some(({ contributorId }) => contributorId === memberId),
  changeBy: ({ allocations }) => pooledBalance(allocations, memberId),
  has: ({ contributorId }) => contributorId === memberId,
});
