import DataLoader from 'dataloader';
import type { PurchaseReturn } from './purchase.ts';
import type { ReturnStore } from './return-store.ts';

/** Returns by purchase, oldest first, for one request. */
export const returnLoader = (
  store: Pick<ReturnStore, 'ofPurchases'>,
): DataLoader<string, readonly PurchaseReturn[]> =>
  new DataLoader(async (ids) => {
    const found = new Map<string, PurchaseReturn[]>(ids.map((id) => [id, []]));
    for (const one of await store.ofPurchases(ids)) found.get(one.purchaseId)?.push(one);
    return ids.map((id) => found.get(id) ?? []);
  });
