import { walletIdOf } from './account.ts';
import { beginSliding } from './activity.ts';
import { type Draft, lotsIn, reach, walletIn } from './draft.ts';
import { allocate, closeEvent, move, openEvent } from './event.ts';
import { forfeitIfClosed } from './forfeiting.ts';
import { least } from './least.ts';
import { byExpiry, freeOf, type Lot } from './lot.ts';
import { onRoster } from './roster.ts';
import { choose, settle, spendable, type Taken } from './spending.ts';

/** Most lots that one posting gives back: a pool of thousands is emptied in several. */
const mostLots = 1_000;

type Advance = (draft: Draft, walletId: string) => void;

/** What giving back may need besides the pool. */
interface Giving {
  readonly advance: Advance;
  /** The case for which it is done; null unless it is. */
  readonly caseId?: string;
}

/** Gives back as much as fits into one posting. */
function giveBack(draft: Draft, poolId: string, parts: readonly Taken[], { advance, caseId }: Giving): void {
  const { contributorId, programme } = parts[0]!.lot;
  const own = walletIdOf(contributorId!, programme);
  reach(draft, own);
  advance(draft, own);
  const event = openEvent(draft, own, poolId);
  let total = 0n;
  for (const { lot, points } of parts) {
    total += points;
    allocate(event, lot, { points: -points, remaining: -points });
    move(event, poolId, 'available', -points);
    const origin = { id: draft.newId('lot'), walletId: own, originLotId: lot.id, contributorId: null };
    const emptied = { remaining: 0n, held: 0n, expired: 0n, expiredAt: null };
    const back: Lot = { ...lot, ...origin, points, ...emptied };
    move(event, own, 'available', points);
    allocate(event, back, { points, remaining: points });
    if (back.slideMonths !== null) beginSliding(draft, own);
  }
  settle(event, own);
  const header = { kind: 'TAKE_BACK', at: draft.now, points: total } as const;
  closeEvent(event, caseId === undefined ? header : { ...header, caseId });
  forfeitIfClosed(draft, own);
}

/**
 * Gives free points of a pool's lots back to the member who put them there: each lot becomes one of the member's own, of
 * the same issuer, price, terms and dates. What the member owes is paid first; of a member that was erased it is forfeited.
 */
function giveAllBack(draft: Draft, poolId: string, parts: readonly Taken[], giving: Giving): void {
  for (let from = 0; from < parts.length; from += mostLots)
    giveBack(draft, poolId, parts.slice(from, from + mostLots), giving);
}

/**
 * Gives back what a pool holds of members who do not belong to the household any more: all of the lots named, or else of one
 * such member as much as fits into one posting. Held points wait for their hold.
 */
export function returnStrays(
  draft: Draft,
  poolId: string,
  advance: Advance,
  lotIds: readonly string[] | null = null,
): void {
  const { householdId } = walletIn(draft, poolId);
  if (householdId === null) return;
  const roster = draft.view.roster(householdId);
  const named = lotIds && new Set(lotIds);
  const strays = lotsIn(draft, poolId)
    .filter(
      (lot) => freeOf(lot) > 0n && !onRoster(roster, lot.contributorId!) && (named?.has(lot.id) ?? true),
    )
    .sort(byExpiry);
  const contributors = [...new Set(strays.map((lot) => lot.contributorId))];
  for (const contributorId of lotIds ? contributors : contributors.slice(0, 1)) {
    const own = strays.filter((lot) => lot.contributorId === contributorId);
    const parts = own.map((lot) => ({ lot, points: freeOf(lot) }));
    giveAllBack(draft, poolId, lotIds ? parts : parts.slice(0, mostLots), { advance });
  }
}

/**
 * Brings a member's own free points back from the pool of its household, first-expiring first, as many as its wallet lacks
 * for a case to freeze so many: pooled points are still the member's.
 */
export function recall(
  draft: Draft,
  { walletId, memberId, id: caseId }: { walletId: string; memberId: string; id: string },
  points: bigint,
  advance: Advance,
): void {
  const { pooledIn, programme, available } = walletIn(draft, walletId);
  if (pooledIn === null || available >= points) return;
  const poolId = walletIdOf(pooledIn, programme);
  reach(draft, poolId);
  advance(draft, poolId);
  const isOwn = (lot: Lot) => lot.contributorId === memberId;
  const own = spendable(draft, poolId).filter(isOwn);
  const free = own.reduce((sum, lot) => sum + freeOf(lot), 0n);
  // What comes back pays first what the member owes.
  const now = walletIn(draft, walletId);
  const missing = points + now.arrears - now.available;
  if (missing <= 0n || free === 0n) return;
  giveAllBack(draft, poolId, choose(draft, poolId, least(missing, free), isOwn), { advance, caseId });
}
