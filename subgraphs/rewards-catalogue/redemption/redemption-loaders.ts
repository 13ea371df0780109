import DataLoader from 'dataloader';
import type { CataloguePorts } from '../ports.ts';
import type { Redemption } from './redemption.ts';

/** Reads of redemptions in one request. */
export interface RedemptionLoaders {
  readonly redemption: DataLoader<string, Redemption | null>;
}

/** The loaders of one request. */
export const createRedemptionLoaders = ({
  redemptions,
}: Pick<CataloguePorts, 'redemptions'>): RedemptionLoaders => ({
  redemption: new DataLoader(async (ids) => {
    const found = new Map((await redemptions.findMany(ids)).map((redemption) => [redemption.id, redemption]));
    return ids.map((id) => found.get(id) ?? null);
  }),
});
