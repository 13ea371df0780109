import type { Match, Pledge } from './pledge.ts';

/** The most pledges that one donation draws on: bounds what its transaction touches. */
export const mostMatches = 20;

const divFloor = (a: bigint, b: bigint): bigint => a / b;
const divCeil = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

/**
 * Decides which pledges match a donation's points, and with how much. `pledges` come oldest first, at most `mostMatches` of
 * them; the README of charity states the rule. Gives no match of zero and never more than a pledge has left.
 */
export function matchPoints(points: bigint, pledges: readonly Pledge[]): Match[] {
  const matches: Match[] = [];
  let left = points;
  for (const pledge of pledges.slice(0, mostMatches)) {
    const perStep = BigInt(pledge.quantityPerStep);
    const remaining = BigInt(pledge.remainingQuantity);
    const earned = divFloor(left * perStep, pledge.pointsPerStep);
    const quantity = earned < remaining ? earned : remaining;
    if (quantity === 0n) continue;
    matches.push({
      pledgeId: pledge.id,
      goods: pledge.goods,
      unit: pledge.unit,
      quantity: Number(quantity),
    });
    // A pledge that is not exhausted has matched every point that was left, fractions of a unit included.
    if (earned <= remaining) break;
    left -= divCeil(quantity * pledge.pointsPerStep, perStep);
  }
  return matches;
}
