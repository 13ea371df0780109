import DataLoader from 'dataloader';
import type { CataloguePorts } from '../ports.ts';
import type { Voucher } from './voucher.ts';

/** Reads of vouchers in one request. */
export interface VoucherLoaders {
  readonly voucher: DataLoader<string, Voucher | null>;
  readonly voucherOfRedemption: DataLoader<string, Voucher | null>;
}

/** The loaders of one request. */
export const createVoucherLoaders = ({ vouchers }: Pick<CataloguePorts, 'vouchers'>): VoucherLoaders => ({
  voucher: new DataLoader(async (ids) => {
    const found = new Map((await vouchers.findMany(ids)).map((voucher) => [voucher.id, voucher]));
    return ids.map((id) => found.get(id) ?? null);
  }),
  voucherOfRedemption: new DataLoader(async (ids) => {
    const all = await vouchers.findByRedemptions(ids);
    const found = new Map(all.map((voucher) => [voucher.redemptionId, voucher]));
    return ids.map((id) => found.get(id) ?? null);
  }),
});
