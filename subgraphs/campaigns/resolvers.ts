import { scalarResolvers } from '../shared/scalars.ts';
import { type CampaignPorts, campaignResolvers } from './earning/campaign-resolvers.ts';
import { type ExportPorts, exportResolvers } from './purchase/export-resolvers.ts';
import { type PurchasePorts, purchaseResolvers } from './purchase/purchase-resolvers.ts';
import type { Resolvers } from './resolver-types.ts';

/** Everything that this subgraph's resolvers need. */
export type CampaignsPorts = CampaignPorts & PurchasePorts & ExportPorts;

/** All resolvers of this subgraph. */
export function createResolvers(ports: CampaignsPorts) {
  const campaigns = campaignResolvers(ports);
  const purchases = purchaseResolvers(ports);
  return {
    ...scalarResolvers,
    ...campaigns,
    ...purchases,
    ...exportResolvers(ports),
    Query: { ...campaigns.Query, ...purchases.Query },
    Mutation: { ...campaigns.Mutation, ...purchases.Mutation },
    Member: {
      // The gateway sends `registeredBy` with fields that require it, and leaves it out with those that do not.
      __resolveReference: ({ id, ...known }) => ({
        id,
        registeredBy: 'registeredBy' in known ? known.registeredBy : [],
      }),
      ...campaigns.Member,
      ...purchases.Member,
    },
  } satisfies Resolvers;
}
