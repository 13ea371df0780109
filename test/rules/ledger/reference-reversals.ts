import { freeInPool, returnStrays, uncount } from './reference-households.ts';
import type { Earned, ModelLot, ModelWallet, ReferenceModel, Spent } from './reference-model.ts';

export type ModelReversed = 'ok' | 'NotReversible' | 'PointsSpent';

/** Takes an earn back, the line named or all that is left: of its lot, then of the member's others, its own in the pool last. */
export function reverseEarn(model: ReferenceModel, earned: Earned, line: string | null): ModelReversed {
  const lines = line === null ? [...earned.left.keys()] : [line];
  const points = lines.reduce((sum, id) => sum + earned.left.get(id)!, 0);
  if (points === 0) return 'NotReversible';
  const { lot, wallet } = earned;
  const within = lot.pending + lot.expired + model.available(wallet) + freeInPool(wallet);
  if (lot.refuses && points > within) return 'PointsSpent';
  for (const id of lines) earned.left.set(id, 0);
  model.issued -= points;
  let rest = points;
  for (const pool of ['pending', 'available', 'expired'] as const) {
    const part = Math.min(lot[pool], rest);
    lot[pool] -= part;
    rest -= part;
  }
  const others = Math.min(rest, model.available(wallet));
  model.take(wallet, others);
  const pooled = Math.min(rest - others, freeInPool(wallet));
  if (pooled > 0) model.take(wallet.pooledIn!, pooled, ({ contributor }) => contributor === wallet.member);
  wallet.arrears += rest - others - pooled;
  return 'ok';
}

/** Gives so many points back to the lots that gave them, the first to expire first. */
export function giveBack(
  model: ReferenceModel,
  wallet: ModelWallet,
  parts: { lot: ModelLot; points: number }[],
  points: number,
): void {
  const goodUntil = (lot: ModelLot): number => model.goodUntil(wallet, lot, model.now);
  const order = [...parts].sort(
    (a, b) =>
      goodUntil(a.lot) - goodUntil(b.lot) || a.lot.earnedAt - b.lot.earnedAt || a.lot.made - b.lot.made,
  );
  let rest = points;
  for (const part of order) {
    const back = Math.min(part.points, rest);
    if (back === 0) continue;
    part.lot.expiresAt = goodUntil(part.lot);
    part.lot.available += back;
    model.renew(part.lot);
    part.points -= back;
    rest -= back;
  }
  model.settle(wallet);
}

/** Takes so many points of a spend back. */
export function reverseSpend(model: ReferenceModel, spent: Spent, points: number): ModelReversed {
  if (points === 0 || points > model.spentOf(spent)) return 'NotReversible';
  model.honoured -= points;
  giveBack(model, spent.wallet, spent.parts, points);
  if (!spent.spender) return 'ok';
  uncount(spent.spender, points);
  returnStrays(
    model,
    spent.spender.home,
    spent.parts.map(({ lot }) => lot),
  );
  return 'ok';
}
