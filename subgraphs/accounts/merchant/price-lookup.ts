import DataLoader from 'dataloader';
import { type MerchantPrice, type PriceKey, priceInForce } from './price.ts';

/** The price in force for a merchant in a programme at an instant, or null. */
export type PriceAt = (merchantId: string, programmeCode: string, at: Date) => Promise<MerchantPrice | null>;

/** Most keys of one query. */
const largestBatch = 100;

/**
 * Looks prices up so that lookups that come at once share a query. Nothing is remembered, for a price may be set
 * by another process with effect at once. Never call it inside a transaction: a batch has the first caller's context.
 */
export function createPriceLookup(
  read: (keys: readonly PriceKey[]) => Promise<readonly MerchantPrice[]>,
): PriceAt {
  const loader = new DataLoader<PriceKey, MerchantPrice | null>(
    async (keys) => {
      const prices = await read(keys);
      return keys.map((key) => priceInForce(prices, key));
    },
    { cache: false, maxBatchSize: largestBatch },
  );
  return (merchantId, programmeCode, at) => loader.load({ merchantId, programmeCode, at });
}
