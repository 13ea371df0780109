import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';

/** The two prices of a merchant in a programme, in minor units of the programme's currency for 1,000 points. */
export interface PriceTerms {
  /** Owed by the issuer. */
  readonly issuePricePerThousand: bigint;
  /** Due to the honourer. */
  readonly redemptionPricePerThousand: bigint;
}

/** A merchant's prices in a programme from a date on. Never changed; a later one takes its place. */
export interface MerchantPrice extends PriceTerms {
  readonly merchantId: string;
  readonly programmeCode: string;
  /** The programme's: the coalition clears in one currency, whatever the tills use. */
  readonly currency: string;
  readonly effectiveFrom: Date;
  /** Counts a merchant's prices in a programme from 1 as they are set: of two from one date the later set counts. */
  readonly revision: number;
  readonly recordedAt: Date;
}

/** Whose price, in what, and when. */
export interface PriceKey {
  readonly merchantId: string;
  readonly programmeCode: string;
  readonly at: Date;
}

const highestPrice = 100_000_000n;

/** The first fault of a pair of prices, or null. */
export function checkPrices(terms: PriceTerms): InvalidInput | null {
  for (const field of ['issuePricePerThousand', 'redemptionPricePerThousand'] as const)
    if (terms[field] < 0n || terms[field] > highestPrice)
      return invalidInput(`input.${field}`, `0 to ${highestPrice} minor units`);
  return null;
}

/** Newest first: by date, then by which was set later. */
export const byNewest = (a: MerchantPrice, b: MerchantPrice): number =>
  b.effectiveFrom.getTime() - a.effectiveFrom.getTime() || b.revision - a.revision;

/** The price in force for a key, or null before the first. */
export function priceInForce(prices: readonly MerchantPrice[], key: PriceKey): MerchantPrice | null {
  const candidates = prices.filter(
    (price) =>
      price.merchantId === key.merchantId &&
      price.programmeCode === key.programmeCode &&
      price.effectiveFrom <= key.at,
  );
  return candidates.sort(byNewest)[0] ?? null;
}
