import { least } from './least.ts';
import type { HouseholdLimitExceeded } from './pool-refusal.ts';
import type { SpendingLimits } from './roster.ts';
import type { PoolSpent, Wallet } from './wallet.ts';

/** The month of an instant, in UTC, as `2026-03`. */
export const spendingMonth = (at: Date): string => at.toISOString().slice(0, 7);

const nextMonth = (at: Date): Date => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));

/**
 * What a member spent of a pool until an instant in its month. The month that another process began counts for one whose
 * clock is still in the month before, or the two would begin anew in turns.
 */
export function spentIn(pool: Wallet, memberId: string, at: Date): PoolSpent {
  const known = pool.poolSpent.find((spent) => spent.memberId === memberId);
  const month = spendingMonth(at);
  return known && known.month >= month ? known : { memberId, month, points: 0n };
}

const withSpent = (pool: Wallet, spent: PoolSpent): Wallet => ({
  ...pool,
  poolSpent: [...pool.poolSpent.filter(({ memberId }) => memberId !== spent.memberId), spent],
});

/** A pool after a member spent or reserved points of it. */
export function addSpent(pool: Wallet, memberId: string, points: bigint, at: Date): Wallet {
  const spent = spentIn(pool, memberId, at);
  return withSpent(pool, { ...spent, points: spent.points + points });
}

/** A pool after points came back that a member spent or reserved at an instant: only its last month is still counted. */
export function subtractSpent(pool: Wallet, memberId: string, points: bigint, spentAt: Date): Wallet {
  const known = pool.poolSpent.find((spent) => spent.memberId === memberId);
  if (known?.month !== spendingMonth(spentAt)) return pool;
  return withSpent(pool, { ...known, points: known.points - least(known.points, points) });
}

/** Points that a member may spend at once now, by its limits; null for no limit. */
export function spendableNow(
  pool: Wallet,
  memberId: string,
  limits: SpendingLimits,
  at: Date,
): bigint | null {
  const { perRedemption, perMonth } = limits;
  if (perMonth === null) return perRedemption;
  const spent = spentIn(pool, memberId, at).points;
  const left = perMonth > spent ? perMonth - spent : 0n;
  return perRedemption === null ? left : least(left, perRedemption);
}

/** Whether a member's limits let it spend points of a pool: first that of one redemption, then that of the month. */
export function checkLimits(
  pool: Wallet,
  memberId: string,
  limits: SpendingLimits,
  { points, at }: { readonly points: bigint; readonly at: Date },
): HouseholdLimitExceeded | null {
  const left = spendableNow(pool, memberId, limits, at);
  if (left === null || points <= left) return null;
  const { perRedemption, perMonth } = limits;
  const refusal = { kind: 'HouseholdLimitExceeded' as const, left };
  if (perRedemption !== null && points > perRedemption)
    return { ...refusal, per: 'REDEMPTION', limit: perRedemption, leftFrom: null };
  return { ...refusal, per: 'MONTH', limit: perMonth!, leftFrom: nextMonth(at) };
}
