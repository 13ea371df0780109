import type { NotedGoods } from '../ledger/note.ts';
import { ownOf } from '../ledger/possession.ts';
import type { Posting } from '../ledger/posting.ts';
import type { PossessionMonth, WalletMonth } from '../ledger/read-month.ts';
import { isKept, takenBack } from './kept-earn.ts';
import { type ProgrammeStatement, partsOf, type Statement, sumGoods } from './statement.ts';
import { yearsOn } from './years-on.ts';

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
  /** All that was given to a cause in a programme, the cause first that was last given to. */
  readonly donations: readonly {
    readonly name: string;
    readonly categories: readonly string[];
    readonly points: bigint;
    readonly goods: readonly NotedGoods[];
  }[];
  /** The categories of each purchase that was not brought back in full. */
  readonly purchases: readonly (readonly string[])[];
  /** In the programme in which it was most, as all points here: those of two programmes are never added. */
  readonly giftsGiven: bigint;
  readonly giftsReceived: bigint;
  /** True if the first points ever were earned in the month. */
  readonly firstEarn: boolean;
  /** Months in a row, this one included, in which points were earned. */
  readonly monthsInARow: number;
  /** By how much the own points grew in a month in which none were spent or given, without what merely came back or was a gift. */
  readonly saved: bigint;
  /** Points that the member chose to use when they had a week or less to live, without those that came back. */
  readonly rescued: bigint;
  /** Whole years since the member joined, once that day has come in the month of the anniversary; else 0. */
  readonly years: number;
}

/** What the journal of the month alone does not say. */
export interface Surroundings {
  readonly registeredAt: Date;
  /** When this is asked: of a month that is not over, nothing later has come yet. */
  readonly now: Date;
  /** True if points were posted before the month. */
  readonly hasEarlier: boolean;
  /** Months in a row right before this one in which points were earned, at most `longestRow`. */
  readonly monthsBefore: number;
}

/** Most months looked back for a row of months. */
export const longestRow = 24;

const week = 7 * 86_400_000;
const spends = new Set(['REDEEM', 'CAPTURE', 'DONATE', 'TRANSFER']);
const cameBack = new Set(['refunded', 'gifts', 'restored', 'restituted']);

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

/** The most of what there was in each programme; 0 if there was nothing. */
function mostOf(each: readonly bigint[]): bigint {
  let most = 0n;
  for (const points of each) if (points > most) most = points;
  return most;
}

/** When the member chose to use points: of a hold that was taken, when it was opened. Not known if that was before the month. */
function choices(postings: readonly Posting[]): (posting: Posting) => Date | undefined {
  const opened = new Map(postings.flatMap(({ kind, holdId, at }) => (kind === 'HOLD' ? [[holdId, at]] : [])));
  return ({ kind, holdId, at }) => (kind === 'CAPTURE' ? opened.get(holdId) : at);
}

/** Points of a wallet that its payments and gifts took from lots with a week or less to live, and that did not come back. */
function rescuedIn({ walletId, postings, expiresAt }: WalletMonth): bigint {
  const back = givenBack(postings);
  const chosenAt = choices(postings);
  let sum = 0n;
  for (const posting of postings) {
    const { id, kind, walletIds, allocations } = posting;
    const chosen = chosenAt(posting);
    if (!spends.has(kind) || walletIds[0] !== walletId || !chosen) continue;
    for (const { lotId, remaining, settles } of allocations) {
      const dies = expiresAt.get(lotId);
      if (dies && remaining < 0n && !settles && dies.getTime() - chosen.getTime() <= week)
        sum -= remaining + back(id, lotId);
    }
  }
  return sum;
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

const purchasesIn = (
  postings: readonly Posting[],
  taken: ReadonlyMap<string, bigint>,
): WarmFacts['purchases'] =>
  postings.flatMap((posting) => (isKept(posting, taken) && posting.note ? [posting.note.categories] : []));

/** Gifts to a cause in a programme are one; what it is called and what it is for is what the last of them said. */
function donationsIn(postings: readonly Posting[]): WarmFacts['donations'] {
  const found = new Map<string, WarmFacts['donations'][number]>();
  for (const { kind, causeId, programme, note, points } of postings) {
    if (kind !== 'DONATE' || !note?.name) continue;
    const key = `${programme} ${causeId}`;
    const before = found.get(key);
    found.delete(key);
    found.set(key, {
      name: note.name,
      categories: note.categories,
      points: (before?.points ?? 0n) + points,
      goods: sumGoods([...(before?.goods ?? []), ...note.goods]),
    });
  }
  return [...found.values()].reverse();
}

/** Whether points of a wallet or of its member in pools were used or given away. */
const wasUsed = ({ postings, walletId }: WalletMonth, { pooled }: ProgrammeStatement): boolean =>
  (pooled?.spent.length ?? 0) > 0 ||
  postings.some((posting) =>
    partsOf(posting, walletId).some(
      ({ group, points }) => ['spent', 'donated', 'gifts'].includes(group) && points < 0n,
    ),
  );

const sumOf = (parts: readonly { readonly points: bigint }[]): bigint =>
  parts.reduce((sum, { points }) => sum + points, 0n);

/** What came to a wallet or a pool without being earned: gifts, and what had been the member's before. */
function notEarned({ postings, walletId }: WalletMonth, { pooled }: ProgrammeStatement): bigint {
  const parts = postings.flatMap((posting) => partsOf(posting, walletId));
  const own = parts.filter(({ group, points }) => cameBack.has(group) && points > 0n);
  return sumOf(own) + sumOf(pooled?.refunded ?? []);
}

const grownBy = ({ opening, closing }: PossessionMonth): bigint => ownOf(closing) - ownOf(opening);

/** By how much own points grew in each programme, those in pools included, if nothing left any of them. */
function savedIn(wallets: readonly WalletMonth[], programmes: Statement['programmes']): bigint[] {
  const both = wallets.map((wallet, i) => [wallet, programmes[i]!] as const);
  if (both.some(([wallet, programme]) => wasUsed(wallet, programme))) return [];
  return both.map(([wallet, programme]) => {
    const pooled = wallet.pooled ? grownBy(wallet.pooled) : 0n;
    return grownBy(wallet) + pooled - notEarned(wallet, programme);
  });
}

/** Gathers what a month's warm lines may speak of. */
export function warmFacts(
  { month, programmes }: Statement,
  wallets: readonly WalletMonth[],
  { registeredAt, now, hasEarlier, monthsBefore }: Surroundings,
): WarmFacts {
  const postings = wallets
    .flatMap((wallet) => wallet.postings)
    .sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1));
  const taken = takenBack(postings);
  const earned = postings.some((posting) => isKept(posting, taken));
  return {
    rewards: rewardsIn(postings, taken),
    donations: donationsIn(postings),
    purchases: purchasesIn(postings, taken),
    giftsGiven: mostOf(programmes.map((one) => -one.giftsGiven)),
    giftsReceived: mostOf(programmes.map((one) => one.giftsReceived)),
    firstEarn: earned && !hasEarlier,
    monthsInARow: earned ? monthsBefore + 1 : 0,
    saved: mostOf(savedIn(wallets, programmes)),
    rescued: mostOf(wallets.map(rescuedIn)),
    years: yearsOn(registeredAt, month, now),
  };
}
