import type { Lot } from './lot.ts';
import { type Month, monthOf, monthsLater } from './month.ts';
import { type Balance, lessBalance, type Possession } from './possession.ts';
import type { Posting } from './posting.ts';
import type { Expiry } from './read-wallet.ts';

/** What a member had in one place at the end of a month. */
export interface Closing extends Balance {
  /** The possession's. */
  readonly walletId: string;
  readonly memberId: string;
  readonly programme: string;
  /** `YYYY-MM`. */
  readonly month: string;
  /** What was going to expire next, soonest first. */
  readonly expiries: readonly Expiry[];
}

/** What of a possession is there. */
export interface Stock {
  readonly balance: Balance;
  /** Its free points by the instant they expire. */
  readonly expiring: readonly Expiry[];
}

/**
 * A possession now and what happened to it since an instant. Of its dates of expiry there are as many as a closing keeps and
 * one more for each of `lots`.
 */
export interface PossessionSince extends Stock {
  readonly possession: Possession;
  /** As they are now: all lots that the postings allocate. */
  readonly lots: ReadonlyMap<string, Lot>;
  /** Newest first. */
  readonly postings: readonly Posting[];
}

/** Most dates of expiry that a closing keeps. */
export const mostExpiries = 6;

/** What happened at the date that its lots had until then. */
const endings: ReadonlySet<string> = new Set(['EXPIRE', 'EXTEND']);

/** Free points by the instant of their expiry, on the way back in time. */
function expiriesBack({ possession, expiring, lots }: PossessionSince) {
  const free = new Map(expiring.map(({ at, points }) => [at.getTime(), points]));
  const dates = new Map<string, number>();
  const left = new Map<string, bigint>();
  const add = (at: number, points: bigint) => void free.set(at, (free.get(at) ?? 0n) + points);

  /** A lot that expired or was extended and is good again had, before, the date on which it expired. */
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
      if (!lot || !possession.has(lot)) continue;
      if (!dates.has(lotId)) {
        dates.set(lotId, lot.expiresAt.getTime());
        left.set(lotId, lot.remaining - lot.held);
      }
      if (endings.has(posting.kind)) moveTo(lotId, posting.at.getTime());
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
 * A possession at the end of each month from the one before `first` to the one that `now` is in, latest first: what it is
 * now, with what happened since taken back. The postings have to reach back to the beginning of `first`.
 */
export function closingsBack(since: PossessionSince, first: Month, now: Date): Closing[] {
  const { possession, postings } = since;
  const { id: walletId, memberId, programme } = possession;
  const expiries = expiriesBack(since);
  const closings: Closing[] = [];
  let { balance } = since;
  let next = 0;
  for (let month = monthOf(now); month.to >= first.from; month = monthsLater(month, -1)) {
    for (; next < postings.length && postings[next]!.at >= month.to; next++) {
      balance = lessBalance(balance, possession.changeBy(postings[next]!));
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
