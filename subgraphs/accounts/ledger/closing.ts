import { type Bucket, walletAccount } from './account.ts';
import type { Lot } from './lot.ts';
import { type Month, monthOf, monthsLater } from './month.ts';
import type { Posting } from './posting.ts';
import type { Expiry } from './read-wallet.ts';
import { memberOf, type Wallet } from './wallet.ts';

/** What a wallet holds, by bucket. */
export type Balance = Pick<Wallet, Bucket>;

/** A wallet as it was at the end of a month. */
export interface Closing extends Balance {
  readonly walletId: string;
  readonly memberId: string;
  readonly programme: string;
  /** `YYYY-MM`. */
  readonly month: string;
  /** What was going to expire next, soonest first. */
  readonly expiries: readonly Expiry[];
}

/** A wallet now and what happened to it since an instant. */
export interface WalletSince {
  readonly wallet: Wallet;
  /** Its free points now by the instant they expire: as many dates as a closing keeps and one more for each of `lots`. */
  readonly expiring: readonly Expiry[];
  /** As they are now: all lots that the postings allocate. */
  readonly lots: ReadonlyMap<string, Lot>;
  /** Newest first. */
  readonly postings: readonly Posting[];
}

const buckets = ['available', 'pending', 'held', 'arrears'] as const;

/** Most dates of expiry that a closing keeps. */
export const mostExpiries = 6;

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

const minus = (a: Balance, b: Balance): Balance => ({
  available: a.available - b.available,
  pending: a.pending - b.pending,
  held: a.held - b.held,
  arrears: a.arrears - b.arrears,
});

/** Free points by the instant of their expiry, on the way back in time. */
function expiriesBack({ wallet, expiring, lots }: WalletSince) {
  const free = new Map(expiring.map(({ at, points }) => [at.getTime(), points]));
  const dates = new Map<string, number>();
  const left = new Map<string, bigint>();
  const add = (at: number, points: bigint) => void free.set(at, (free.get(at) ?? 0n) + points);

  /** A lot that expired once and was made good again had, before, the date on which it expired. */
  function moveTo(lotId: string, at: number): void {
    const old = dates.get(lotId)!;
    if (at >= old) return;
    add(old, -left.get(lotId)!);
    add(at, left.get(lotId)!);
    dates.set(lotId, at);
  }

  function undo(posting: Posting): void {
    for (const { lotId, remaining, held } of posting.allocations) {
      const lot = lots.get(lotId);
      if (lot?.walletId !== wallet.id) continue;
      if (!dates.has(lotId)) {
        dates.set(lotId, lot.expiresAt.getTime());
        left.set(lotId, lot.remaining - lot.held);
      }
      if (posting.kind === 'EXPIRE') moveTo(lotId, posting.at.getTime());
      left.set(lotId, left.get(lotId)! - (remaining - held));
      add(dates.get(lotId)!, held - remaining);
    }
  }

  const next = (): Expiry[] =>
    [...free]
      .filter(([, points]) => points > 0n)
      .sort(([a], [b]) => a - b)
      .slice(0, mostExpiries)
      .map(([at, points]) => ({ at: new Date(at), points }));

  return { undo, next };
}

/**
 * A wallet at the end of each month from the one before `first` to the one that `now` is in, latest first: what it is now,
 * with what happened since taken back. The postings have to reach back to the beginning of `first`.
 */
export function closingsBack(since: WalletSince, first: Month, now: Date): Closing[] {
  const { wallet, postings } = since;
  const { id: walletId, programme } = wallet;
  const memberId = memberOf(wallet);
  const expiries = expiriesBack(since);
  const closings: Closing[] = [];
  let balance: Balance = wallet;
  let next = 0;
  for (let month = monthOf(now); month.to >= first.from; month = monthsLater(month, -1)) {
    for (; next < postings.length && postings[next]!.at >= month.to; next++) {
      balance = minus(balance, changeOfBuckets(postings[next]!, walletId));
      expiries.undo(postings[next]!);
    }
    const { available, pending, held, arrears } = balance;
    const buckets = { available, pending, held, arrears };
    closings.push({
      walletId,
      memberId,
      programme,
      month: month.name,
      ...buckets,
      expiries: expiries.next(),
    });
  }
  return closings;
}
