import type { NotedGoods } from '../ledger/note.ts';
import { ownOf } from '../ledger/possession.ts';
import type { Posting } from '../ledger/posting.ts';
import type { PossessionMonth, WalletMonth } from '../ledger/read-month.ts';
import { partsOf, type Statement } from './statement.ts';

/** A reward that a member got and kept. */
export interface GotReward {
  readonly name: string;
  readonly categories: readonly string[];
  readonly merchantId: string;
}

/** What a member did in a month, as far as the journal says it: all that a warm line may speak of. */
export interface WarmFacts {
  /** Newest first; cancelled ones are left out. */
  readonly rewards: readonly GotReward[];
  /** Newest first. */
  readonly donations: readonly {
    readonly name: string;
    readonly categories: readonly string[];
    readonly points: bigint;
    readonly goods: readonly NotedGoods[];
  }[];
  /** Categories of what was bought and not brought back in full, with how many purchases. */
  readonly purchases: ReadonlyMap<string, number>;
  readonly giftsGiven: bigint;
  readonly giftsReceived: bigint;
  /** True if the first points ever were earned in the month. */
  readonly firstEarn: boolean;
  /** Months in a row, this one included, in which points were earned. */
  readonly monthsInARow: number;
  /** By how much the own points grew in a month in which none were spent or given. */
  readonly saved: bigint;
  /** Points used when they had a week or less to live, without those that came back. */
  readonly rescued: bigint;
  /** Whole years since the member joined, in the month of the anniversary; else 0. */
  readonly years: number;
}

/** What the journal of the month alone does not say. */
export interface Surroundings {
  readonly registeredAt: Date;
  /** True if points were posted before the month. */
  readonly hasEarlier: boolean;
  /** Months in a row right before this one in which points were earned. */
  readonly monthsBefore: number;
}

const week = 7 * 86_400_000;
const spends = new Set(['REDEEM', 'CAPTURE', 'DONATE', 'TRANSFER']);

/** Points that later postings of the month gave back to lots, by the posting that they reverse and the lot. */
function givenBack(postings: readonly Posting[]): (postingId: string, lotId: string) => bigint {
  const given = new Map<string, bigint>();
  for (const { reverses, allocations } of postings)
    for (const { lotId, remaining, settles } of allocations)
      if (reverses !== null && remaining > 0n && !settles) {
        const key = `${reverses} ${lotId}`;
        given.set(key, (given.get(key) ?? 0n) + remaining);
      }
  return (postingId, lotId) => given.get(`${postingId} ${lotId}`) ?? 0n;
}

/** Points of a wallet that its payments and gifts took from lots with a week or less to live, and that did not come back. */
function rescuedIn({ walletId, postings, expiresAt }: WalletMonth): bigint {
  const back = givenBack(postings);
  let sum = 0n;
  for (const { id, kind, at, walletIds, allocations } of postings) {
    if (!spends.has(kind) || walletIds[0] !== walletId) continue;
    for (const { lotId, remaining, settles } of allocations) {
      const dies = expiresAt.get(lotId);
      if (dies && remaining < 0n && !settles && dies.getTime() - at.getTime() <= week)
        sum -= remaining + back(id, lotId);
    }
  }
  return sum;
}

/** Points that later postings of the month took back, by the posting that they reverse. */
function takenBack(postings: readonly Posting[]): Map<string, bigint> {
  const taken = new Map<string, bigint>();
  for (const { reverses, points } of postings)
    if (reverses !== null) taken.set(reverses, (taken.get(reverses) ?? 0n) + points);
  return taken;
}

function rewardsIn(postings: readonly Posting[], taken: ReadonlyMap<string, bigint>): GotReward[] {
  return postings
    .filter(({ kind, id, note }) => kind === 'CAPTURE' && note?.name && !taken.has(id))
    .map(({ note, merchantId }) => ({
      name: note!.name!,
      categories: note!.categories,
      merchantId: merchantId!,
    }))
    .reverse();
}

function purchasesIn(postings: readonly Posting[], taken: ReadonlyMap<string, bigint>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { kind, id, points, note } of postings) {
    if (kind !== 'EARN' || (taken.get(id) ?? 0n) >= points) continue;
    for (const category of note?.categories ?? []) counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  return counts;
}

const donationsIn = (postings: readonly Posting[]): WarmFacts['donations'] =>
  postings
    .filter(({ kind, note }) => kind === 'DONATE' && note?.name)
    .map(({ note, points }) => ({
      name: note!.name!,
      categories: note!.categories,
      points,
      goods: note!.goods,
    }))
    .reverse();

/** By how much own points grew, those in pools included, if nothing left them; 0 otherwise. */
function savedIn(wallets: readonly WalletMonth[], programmes: Statement['programmes']): bigint {
  const used = wallets.some(({ postings, walletId }) =>
    postings.some((posting) =>
      partsOf(posting, walletId).some(
        ({ group, points }) => ['spent', 'donated', 'gifts'].includes(group) && points < 0n,
      ),
    ),
  );
  const spentFromPool = programmes.some(({ pooled }) => (pooled?.spent.length ?? 0) > 0);
  const grownBy = ({ opening, closing }: PossessionMonth) => ownOf(closing) - ownOf(opening);
  const grown = wallets
    .flatMap((wallet) => (wallet.pooled ? [wallet, wallet.pooled] : [wallet]))
    .reduce((sum, one) => sum + grownBy(one), 0n);
  return used || spentFromPool || grown < 0n ? 0n : grown;
}

const yearsAt = (registeredAt: Date, from: Date): number =>
  registeredAt.getUTCMonth() === from.getUTCMonth()
    ? from.getUTCFullYear() - registeredAt.getUTCFullYear()
    : 0;

/** Gathers what a month's warm lines may speak of. */
export function warmFacts(
  { month, programmes }: Statement,
  wallets: readonly WalletMonth[],
  { registeredAt, hasEarlier, monthsBefore }: Surroundings,
): WarmFacts {
  const postings = wallets
    .flatMap((wallet) => wallet.postings)
    .sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1));
  const taken = takenBack(postings);
  const earned = postings.some(({ kind, id, points }) => kind === 'EARN' && (taken.get(id) ?? 0n) < points);
  const total = (of: (one: (typeof programmes)[number]) => bigint) =>
    programmes.reduce((sum, one) => sum + of(one), 0n);
  return {
    rewards: rewardsIn(postings, taken),
    donations: donationsIn(postings),
    purchases: purchasesIn(postings, taken),
    giftsGiven: -total((one) => one.giftsGiven),
    giftsReceived: total((one) => one.giftsReceived),
    firstEarn: earned && !hasEarlier,
    monthsInARow: earned ? monthsBefore + 1 : 0,
    saved: savedIn(wallets, programmes),
    rescued: wallets.reduce((sum, wallet) => sum + rescuedIn(wallet), 0n),
    years: yearsAt(registeredAt, month.from),
  };
}
