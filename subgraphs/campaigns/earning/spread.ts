/** One who gets a share, and how much it weighs. */
export interface Weighted {
  readonly id: string;
  readonly weight: bigint;
}

/**
 * Splits whole points in proportion to weights by largest remainder: the shares sum to `points`. Of equal remainders the
 * lower id gets the point, so the order of the shares does not matter. If nothing weighs anything, all weigh the same.
 */
export function spread(points: bigint, among: readonly Weighted[]): ReadonlyMap<string, bigint> {
  const sum = among.reduce((total, { weight }) => total + weight, 0n);
  if (sum === 0n && among.length > 0)
    return spread(
      points,
      among.map(({ id }) => ({ id, weight: 1n })),
    );
  const parts = among.map(({ id, weight }) => ({
    id,
    share: (points * weight) / sum,
    remainder: (points * weight) % sum,
  }));
  const shares = new Map(parts.map(({ id, share }) => [id, share]));
  const left = points - parts.reduce((total, { share }) => total + share, 0n);
  parts.sort((a, b) =>
    a.remainder === b.remainder ? (a.id < b.id ? -1 : 1) : a.remainder > b.remainder ? -1 : 1,
  );
  for (const { id, share } of parts.slice(0, Number(left))) shares.set(id, share + 1n);
  return shares;
}
