import { scalarResolvers } from '../shared/scalars.ts';
import { exportResolvers } from './redemption/export-resolvers.ts';
import { redemptionResolvers } from './redemption/redemption-resolvers.ts';
import type { Resolvers } from './resolver-types.ts';
import { rewardResolvers } from './reward/reward-resolvers.ts';
import { voucherResolvers } from './voucher/voucher-resolvers.ts';

const parts = [rewardResolvers, redemptionResolvers, voucherResolvers, exportResolvers];

function merge(): Resolvers {
  const merged: Record<string, object> = {};
  for (const part of parts)
    for (const [type, fields] of Object.entries(part)) merged[type] = { ...merged[type], ...fields };
  return merged as Resolvers;
}

/** All resolvers of this subgraph. */
export const resolvers = { ...merge(), ...scalarResolvers };
