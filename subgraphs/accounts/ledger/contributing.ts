import { notFound } from '../../shared/refusal.ts';
import { walletIdOf } from './account.ts';
import { beginSliding } from './activity.ts';
import type { CommonRefusal, ContributeCommand, NotEnoughPoints } from './command.ts';
import { type Draft, loaded, walletIn } from './draft.ts';
import { advance } from './due.ts';
import { checkEnough } from './enough.ts';
import { allocate, closeEvent, move, openEvent } from './event.ts';
import { freeOf, type Lot } from './lot.ts';
import type { NotInHousehold, PoolingNotAllowed } from './pool-refusal.ts';
import type { Posting } from './posting.ts';
import { onRoster } from './roster.ts';
import { spendable, take } from './spending.ts';
import { NeedsLots } from './wallet.ts';

const isPoolable = (lot: Lot): boolean => lot.poolable;

/** Refuses to pool more than the lots' own terms allow: a lot keeps what it was earned under. */
function checkPoolable(draft: Draft, walletId: string, points: bigint): PoolingNotAllowed | null {
  const lots = spendable(draft, walletId).filter(isPoolable);
  const poolable = lots.reduce((sum, lot) => sum + freeOf(lot), 0n);
  if (poolable >= points) return null;
  if (loaded(draft, walletId).coverage !== 'ALL') throw new NeedsLots(walletId);
  return { kind: 'PoolingNotAllowed', poolable };
}

/**
 * Puts a member's points into its household's pool: for each lot taken from, first-expiring first, the pool gets one of
 * the same issuer, price, terms and dates, which stays the member's.
 */
export function contribute(
  draft: Draft,
  { memberId, householdId, programme, points }: ContributeCommand,
): Posting | CommonRefusal | NotInHousehold | PoolingNotAllowed | NotEnoughPoints {
  const terms = draft.view.terms(programme);
  if (!terms) return notFound('PROGRAMME', programme);
  const roster = householdId === null ? null : draft.view.roster(householdId);
  if (!roster || !onRoster(roster, memberId)) return { kind: 'NotInHousehold' };
  const own = walletIdOf(memberId, programme);
  const pool = walletIdOf(roster.id, programme);
  advance(draft, own);
  advance(draft, pool);
  const forbidden = () => checkPoolable(draft, own, points);
  const refused =
    (terms.pooling.allowed ? null : forbidden()) ?? checkEnough(draft, own, points) ?? forbidden();
  if (refused) return refused;
  const event = openEvent(draft, own, pool);
  for (const { lot, points: part } of take(event, own, points, { usable: isPoolable })) {
    const origin = { id: draft.newId('lot'), walletId: pool, originLotId: lot.id, contributorId: memberId };
    const pooled: Lot = { ...lot, ...origin, points: part, remaining: 0n, held: 0n, expired: 0n };
    move(event, pool, 'available', part);
    allocate(event, pooled, { points: part, remaining: part });
    if (pooled.slideMonths !== null) beginSliding(draft, pool);
  }
  draft.wallets.set(own, { ...walletIn(draft, own), pooledIn: roster.id });
  return closeEvent(event, { kind: 'CONTRIBUTE', at: draft.now, points });
}
