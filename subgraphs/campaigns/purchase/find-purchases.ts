import type { Caller } from '../../shared/caller.ts';
import {
  type ConnectionOf,
  type PageArguments,
  readTimedPage,
  toConnection,
} from '../../shared/connection.ts';
import type { Purchase } from './purchase.ts';
import type { PurchaseStore } from './purchase-store.ts';

/** What reading purchases needs. */
export interface FindPurchasesPorts {
  readonly purchases: Pick<PurchaseStore, 'byId' | 'byRef' | 'ofMember'>;
}

const maySee = (caller: Caller, purchase: Purchase): boolean => {
  if (caller.kind === 'MEMBER') return purchase.memberId === caller.memberId;
  if (caller.kind === 'MERCHANT') return purchase.merchantId === caller.merchantId;
  return true;
};

/** How a purchase is asked for: by id, or by the calling merchant's own reference. */
export type PurchaseName =
  | { readonly by: 'ID'; readonly id: string }
  | { readonly by: 'REF'; readonly merchantId: string; readonly externalRef: string };

/** A purchase that the caller may see, or null: another's looks like none. */
export async function findPurchase(
  ports: FindPurchasesPorts,
  caller: Caller,
  name: PurchaseName,
): Promise<Purchase | null> {
  const found =
    name.by === 'ID'
      ? await ports.purchases.byId(name.id)
      : ((await ports.purchases.byRef(name.merchantId, name.externalRef))?.purchase ?? null);
  return found && maySee(caller, found) ? found : null;
}

/** A member's purchases, newest first; a merchant is shown only those made with it. */
export async function purchasesOfMember(
  ports: FindPurchasesPorts,
  caller: Caller,
  memberId: string,
  args: PageArguments,
): Promise<ConnectionOf<Purchase>> {
  const page = readTimedPage(args, 1);
  const merchantId = caller.kind === 'MERCHANT' ? caller.merchantId : null;
  const rows = await ports.purchases.ofMember(memberId, merchantId, page);
  return toConnection(rows, page.first, ({ at, id }) => [at.toISOString(), id]);
}
