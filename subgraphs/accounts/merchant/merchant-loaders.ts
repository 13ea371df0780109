import type DataLoader from 'dataloader';
import { rowLoader } from '../loader.ts';
import type { Merchant } from './merchant.ts';
import type { MerchantStore } from './merchant-store.ts';

/** Merchants by id, read once a request. */
export interface MerchantLoaders {
  readonly merchants: DataLoader<string, Merchant | null>;
}

/** Makes the loader of one request. */
export const createMerchantLoaders = (merchants: MerchantStore): MerchantLoaders => ({
  merchants: rowLoader(merchants.byIds, (merchant) => merchant.id),
});
