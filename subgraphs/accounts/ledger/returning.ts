import { walletIdOf } from './account.ts';
import { beginSliding } from './activity.ts';
import { type Draft, lotsIn, reach, walletIn } from './draft.ts';
import { allocate, closeEvent, move, openEvent } from './event.ts';
import { forfeitIfClosed } from './forfeiting.ts';
import { byExpiry, freeOf, type Lot } from './lot.ts';
import { onRoster } from './roster.ts';
import { settle } from './spending.ts';

/** Most lots that one posting gives back: a pool of thousands is emptied in several. */
const mostLots = 1_000;

type Advance = (draft: Draft, walletId: string) => void;

/**
 * Gives free points of a pool's lots back to the member who put them there: each lot becomes one of the member's own, of
 * the same issuer, price, terms and dates. What the member owes is paid first; of a member that was erased it is forfeited.
 */
function giveBack(draft: Draft, poolId: string, lots: readonly Lot[], advance: Advance): void {
  const { contributorId, programme } = lots[0]!;
  const own = walletIdOf(contributorId!, programme);
  reach(draft, own);
  advance(draft, own);
  const event = openEvent(draft, own, poolId);
  let points = 0n;
  for (const lot of lots) {
    const part = freeOf(lot);
    points += part;
    allocate(event, lot, { points: -part, remaining: -part });
    move(event, poolId, 'available', -part);
    const origin = { id: draft.newId('lot'), walletId: own, originLotId: lot.id, contributorId: null };
    const emptied = { remaining: 0n, held: 0n, expired: 0n, expiredAt: null };
    const back: Lot = { ...lot, ...origin, points: part, ...emptied };
    move(event, own, 'available', part);
    allocate(event, back, { points: part, remaining: part });
    if (back.slideMonths !== null) beginSliding(draft, own);
  }
  settle(event, own);
  closeEvent(event, { kind: 'TAKE_BACK', at: draft.now, points });
  forfeitIfClosed(draft, own);
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
    const end = lotIds ? own.length : 1;
    for (let from = 0; from < end; from += mostLots)
      giveBack(draft, poolId, own.slice(from, from + mostLots), advance);
  }
}
