import { freeOf, type Lot } from '../ledger/lot.ts';

/** What a member has in a pool. */
export interface Share {
  readonly memberId: string;
  /** Points that no hold reserves. */
  readonly available: bigint;
  readonly held: bigint;
}

/** Whose the points of a pool are, in the order of those who have some. */
export function sharesOf(lots: readonly Lot[]): Share[] {
  const shares = new Map<string, Share>();
  for (const lot of lots) {
    const memberId = lot.contributorId!;
    const { available, held } = shares.get(memberId) ?? { available: 0n, held: 0n };
    shares.set(memberId, { memberId, available: available + freeOf(lot), held: held + lot.held });
  }
  return [...shares.values()];
}

/** Points by the instant at which they expire, soonest first; held ones are left out. */
export function expiriesOf(lots: readonly Lot[], until: Date | null): { at: Date; points: bigint }[] {
  const sums = new Map<number, bigint>();
  for (const lot of lots) {
    const at = lot.expiresAt.getTime();
    const counts = freeOf(lot) > 0n && (until === null || lot.expiresAt <= until);
    if (counts) sums.set(at, (sums.get(at) ?? 0n) + freeOf(lot));
  }
  return [...sums].sort(([a], [b]) => a - b).map(([at, points]) => ({ at: new Date(at), points }));
}
