import { breakageAccount, issuerAccount, walletIdOf } from './account.ts';
import type { ReverseCommand } from './command.ts';
import { type Draft, lotIn, lotsIn, reach, walletIn } from './draft.ts';
import { advance } from './due.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import { least } from './least.ts';
import { freeOf, type Lot } from './lot.ts';
import type { PointsSpent } from './policy-refusal.ts';
import type { Posting } from './posting.ts';
import { noteOwing } from './returning.ts';
import { reversalHeader } from './reversal-header.ts';
import type { ReversalPlan } from './reversal-plan.ts';
import { take } from './spending.ts';

/** Where the points of a reversed earn come from. */
interface Pools {
  /** The lot that the earn made. */
  readonly own: bigint;
  /** What of that lot had expired. */
  readonly broken: bigint;
  /** The member's other available lots. */
  readonly others: bigint;
  /** What the member has put into its household's pool and is still there. */
  readonly pooled: bigint;
  /** Nowhere: they were spent. */
  readonly arrears: bigint;
}

/** The member's own free points in the pool of its household. */
function freeInPool(draft: Draft, poolId: string, memberId: string): bigint {
  const own = lotsIn(draft, poolId).filter((lot) => lot.contributorId === memberId);
  return own.reduce((sum, lot) => sum + freeOf(lot), 0n);
}

/** Brings the pool up to now if the member's wallet does not reach: what falls due there can give points back to it. */
function reachPool(draft: Draft, walletId: string, lotId: string, points: bigint): string | null {
  const { pooledIn, programme } = walletIn(draft, walletId);
  if (pooledIn === null || draw(draft, lotIn(draft, walletId, lotId), points, null).arrears === 0n)
    return null;
  const poolId = walletIdOf(pooledIn, programme);
  reach(draft, poolId);
  advance(draft, poolId);
  return poolId;
}

/** Draws the pools in a fixed order, so that partial reversals in any order end where the full one does. */
function draw(draft: Draft, lot: Lot, points: bigint, poolId: string | null): Pools {
  const { available, memberId } = walletIn(draft, lot.walletId);
  const own = least(points, freeOf(lot));
  const broken = least(points - own, lot.expired);
  const others = least(points - own - broken, lot.unlocked ? available - own : available);
  const missing = points - own - broken - others;
  const pooled = missing > 0n && poolId ? least(missing, freeInPool(draft, poolId, memberId!)) : 0n;
  return { own, broken, others, pooled, arrears: missing - pooled };
}

/**
 * Takes points of an earn back: first from its own lot, then from what of that lot had expired (breakage pays it back),
 * then from the member's other available lots, first-expiring first, then from its own lots in the household's pool, for
 * these stay the member's. What is missing becomes arrears, which what comes back to the pool's lots will pay too; or, where the lot's terms say so, the reversal is refused.
 */
export function reverseEarn(
  draft: Draft,
  earn: Posting,
  plan: ReversalPlan,
  command: ReverseCommand,
): Posting | PointsSpent {
  const walletId = earn.walletIds[0]!;
  const poolId = reachPool(draft, walletId, earn.lotId!, plan.points);
  const lot = lotIn(draft, walletId, earn.lotId!);
  const { memberId } = walletIn(draft, walletId);
  const { own, broken, others, pooled, arrears } = draw(draft, lot, plan.points, poolId);
  if (arrears > 0n && lot.ifSpent === 'REFUSE')
    return { kind: 'PointsSpent', reversible: plan.points - arrears, shortBy: arrears };
  const event = openEvent(draft, walletId, ...(poolId && pooled > 0n ? [poolId] : []));
  if (own > 0n || broken > 0n)
    allocate(event, lot, { points: -own, remaining: -own, set: { expired: lot.expired - broken } });
  move(event, walletId, lot.unlocked ? 'available' : 'pending', -own);
  credit(event, breakageAccount, -broken);
  if (others > 0n) take(event, walletId, others);
  if (poolId && pooled > 0n)
    take(event, poolId, pooled, { usable: ({ contributorId }) => contributorId === memberId });
  move(event, walletId, 'arrears', -arrears);
  if (poolId && arrears > 0n) noteOwing(draft, walletId, poolId);
  credit(event, issuerAccount(earn.merchantId!), plan.points);
  return closeEvent(event, {
    ...reversalHeader(draft, earn, command),
    points: plan.points,
    lines: plan.lines,
    arrears,
    effect: {
      issued: -plan.points,
      owedMilli: -plan.points * lot.issuePricePerThousand,
      expired: -broken,
    },
  });
}
