/** Points that came from or went to one merchant, signed as the member sees them. */
export interface MerchantLine {
  readonly merchantId: string;
  readonly points: bigint;
  /** How many postings they come from. */
  readonly postings: number;
}

interface OfParty {
  readonly party: string;
  readonly points: bigint;
}

/** Parts by who was on the other side, in the order of ids. */
export function byParty<P extends OfParty>(parts: readonly P[]): Map<string, readonly P[]> {
  const found = new Map<string, P[]>();
  for (const part of parts) found.set(part.party, [...(found.get(part.party) ?? []), part]);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A line for each merchant of these parts. */
export const merchantLines = (parts: readonly OfParty[]): MerchantLine[] =>
  [...byParty(parts)].map(([merchantId, own]) => ({
    merchantId,
    points: own.reduce((sum, { points }) => sum + points, 0n),
    postings: own.length,
  }));
