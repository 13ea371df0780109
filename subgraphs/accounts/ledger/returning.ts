import { walletIdOf } from './account.ts';
import { beginSliding } from './activity.ts';
import { type Draft, lotIn, lotsIn, openHoldsIn, reach, walletIn } from './draft.ts';
import { allocate, closeEvent, move, openEvent } from './event.ts';
import { forfeitIfClosed } from './forfeiting.ts';
import { least } from './least.ts';
import { byExpiry, freeOf, type Lot } from './lot.ts';
import { belongedAt, onRoster } from './roster.ts';
import { choose, settle, spendable, type Taken } from './spending.ts';
import { memberOf } from './wallet.ts';

/** Most lots that one posting gives back: a pool of thousands is emptied in several. */
const mostLots = 1_000;

type Advance = (draft: Draft, walletId: string) => void;

/** What giving back may need besides the pool. */
interface Giving {
  /** Applies to the wallet that it comes into what fell due there before. */
  readonly advance: Advance;
  /** When it comes back; now if left out. */
  readonly at?: Date;
  /** The case for which it is done; null unless it is. */
  readonly caseId?: string;
}

/** Gives back as much as fits into one posting. */
function giveBack(draft: Draft, poolId: string, parts: readonly Taken[], giving: Giving): void {
  const { advance, at = draft.now, caseId } = giving;
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
    if (back.slideMonths !== null) beginSliding(draft, own, at);
  }
  settle(event, own);
  const header = { kind: 'TAKE_BACK', at, points: total } as const;
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
 * Of a pool's lots, those of members who do not belong to the household, with whose they are: not any more, or at an
 * instant that is past, for whoever left may have come again since.
 */
function straysIn(draft: Draft, poolId: string, lots: readonly Lot[], at?: Date): Map<string, Lot[]> {
  const { householdId } = walletIn(draft, poolId);
  const strays = new Map<string, Lot[]>();
  if (householdId === null) return strays;
  const roster = draft.view.roster(householdId);
  for (const lot of lots.toSorted(byExpiry)) {
    const contributorId = lot.contributorId!;
    const belongs = at ? belongedAt(roster, contributorId, at) : onRoster(roster, contributorId);
    if (lot.remaining === 0n || belongs) continue;
    const own = strays.get(contributorId);
    if (own) own.push(lot);
    else strays.set(contributorId, [lot]);
  }
  return strays;
}

/**
 * When the first hold of a pool times out that reserves points of one who owes, or does not belong to it then; null if none
 * does.
 */
function firstTimeOut(draft: Draft, poolId: string, memberId: string): Date | null {
  const { householdId, owing } = walletIn(draft, poolId);
  const roster = householdId === null ? null : draft.view.roster(householdId);
  const lots = lotsIn(draft, poolId).filter(({ contributorId }) => contributorId === memberId);
  const ids = new Set(lots.map(({ id }) => id));
  const holds = openHoldsIn(draft, poolId).filter(
    ({ parts, timesOutAt }) =>
      parts.some(({ lotId }) => ids.has(lotId)) &&
      (owing.includes(memberId) || !belongedAt(roster, memberId, timesOutAt)),
  );
  return holds.reduce<Date | null>(
    (first, { timesOutAt }) => (first && first <= timesOutAt ? first : timesOutAt),
    null,
  );
}

const awaits = (draft: Draft, walletId: string, poolId: string): boolean =>
  walletIn(draft, walletId).awaited.some((one) => one.poolId === poolId);

/** Notes in the wallet of one who owes, who left, or who left and came again, until when it waits for what a pool still holds of it, if anything. */
export function noteAwaited(draft: Draft, walletId: string, poolId: string): void {
  const wallet = walletIn(draft, walletId);
  const at = firstTimeOut(draft, poolId, memberOf(wallet));
  const others = wallet.awaited.filter((one) => one.poolId !== poolId);
  draft.wallets.set(walletId, { ...wallet, awaited: at ? [...others, { poolId, at }] : others });
}

/**
 * Notes that a member owes points which its household's pool could not give, and until when it waits for what is reserved of
 * it there. It writes the pool too, so that nothing comes back there at the same time that knows nothing of the debt.
 */
export function noteOwing(draft: Draft, walletId: string, poolId: string): void {
  const pool = walletIn(draft, poolId);
  const owing = new Set([...pool.owing, memberOf(walletIn(draft, walletId))]);
  draft.wallets.set(poolId, { ...pool, owing: [...owing] });
  noteAwaited(draft, walletId, poolId);
}

/** As many free points of a member's lots in a pool as it owes, first-expiring first. */
function owedParts(draft: Draft, poolId: string, lotIds: readonly string[], arrears: bigint): Taken[] {
  let rest = arrears;
  const lots = lotIds.map((id) => lotIn(draft, poolId, id)).sort(byExpiry);
  return lots.flatMap((lot) => {
    const points = least(freeOf(lot), rest);
    rest -= points;
    return points > 0n ? [{ lot, points }] : [];
  });
}

/**
 * Of what came back to a pool's lots, gives the members of the household that owe points as many of their own: a debt is paid
 * with what its member has, wherever that is and whichever of the two came first.
 */
function returnOwed(draft: Draft, poolId: string, lotIds: readonly string[], giving: Giving): void {
  const { programme, owing, householdId } = walletIn(draft, poolId);
  const roster = householdId === null ? null : draft.view.roster(householdId);
  for (const memberId of owing) {
    const belongs = giving.at ? belongedAt(roster, memberId, giving.at) : onRoster(roster, memberId);
    const its = lotIds.filter((id) => lotIn(draft, poolId, id).contributorId === memberId);
    if (!belongs || its.length === 0) continue;
    const own = walletIdOf(memberId, programme);
    // All of the pool: until when the member waits for the rest depends on its other holds.
    reach(draft, poolId);
    reach(draft, own);
    giving.advance(draft, own);
    const parts = owedParts(draft, poolId, its, walletIn(draft, own).arrears);
    if (parts.length > 0) giveAllBack(draft, poolId, parts, giving);
    if (walletIn(draft, own).arrears === 0n) forgetOwing(draft, poolId, memberId);
    if (awaits(draft, own, poolId)) noteAwaited(draft, own, poolId);
  }
}

function forgetOwing(draft: Draft, poolId: string, memberId: string): void {
  const pool = walletIn(draft, poolId);
  draft.wallets.set(poolId, { ...pool, owing: pool.owing.filter((id) => id !== memberId) });
}

/** Notes, for each of those who left, what holds reserve of it in a pool, unless that was noted before. */
export function noteStrays(draft: Draft, poolId: string): void {
  const { programme } = walletIn(draft, poolId);
  for (const contributorId of straysIn(draft, poolId, lotsIn(draft, poolId)).keys()) {
    const own = walletIdOf(contributorId, programme);
    reach(draft, own);
    if (!awaits(draft, own, poolId) && firstTimeOut(draft, poolId, contributorId))
      noteAwaited(draft, own, poolId);
  }
}

/**
 * Gives those who left what a hold released to these lots by timing out at an instant, as at that instant, if they wait
 * for it: then nothing later has happened in their wallets without it. So do those who owe, as much as they owe.
 */
export function returnAwaited(
  draft: Draft,
  poolId: string,
  lotIds: readonly string[],
  { at, advance }: { readonly at: Date; readonly advance: Advance },
): void {
  const { programme } = walletIn(draft, poolId);
  const released = lotIds.map((id) => lotIn(draft, poolId, id));
  for (const [contributorId, lots] of straysIn(draft, poolId, released, at)) {
    const own = walletIdOf(contributorId, programme);
    reach(draft, own);
    if (!awaits(draft, own, poolId)) continue;
    const parts = lots.map((lot) => ({ lot, points: freeOf(lot) })).filter(({ points }) => points > 0n);
    if (parts.length > 0) giveAllBack(draft, poolId, parts, { at, advance });
    noteAwaited(draft, own, poolId);
  }
  returnOwed(draft, poolId, lotIds, { at, advance });
}

/**
 * Gives back what a pool holds of members who do not belong to the household any more: of those whose lots are named, all that
 * fits into one posting or at least the lots named, or else of one such member as much as fits into one. Held points wait for
 * their hold.
 */
export function returnStrays(
  draft: Draft,
  poolId: string,
  advance: Advance,
  lotIds: readonly string[] | null = null,
): void {
  const named = lotIds && new Set(lotIds);
  const free = lotsIn(draft, poolId).filter((lot) => freeOf(lot) > 0n);
  const strays = [...straysIn(draft, poolId, free).values()];
  const isNamed = ({ id }: Lot) => named!.has(id);
  const meant = named ? strays.filter((own) => own.some(isNamed)) : strays.slice(0, 1);
  for (const own of meant) {
    const lots = own.length <= mostLots ? own : named ? own.filter(isNamed) : own.slice(0, mostLots);
    const parts = lots.map((lot) => ({ lot, points: freeOf(lot) }));
    giveAllBack(draft, poolId, parts, { advance });
  }
}

/** What a command brought back to a pool's lots goes on to those who do not belong to the household, or owe points. */
export function returnReleased(
  draft: Draft,
  poolId: string,
  advance: Advance,
  lotIds: readonly string[],
): void {
  returnStrays(draft, poolId, advance, lotIds);
  returnOwed(draft, poolId, lotIds, { advance });
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
