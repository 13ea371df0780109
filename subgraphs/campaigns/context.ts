import type DataLoader from 'dataloader';
import type { BaseContext } from '../shared/subgraph-server.ts';
import type { Campaign } from './earning/campaign.ts';
import type { PurchaseReturn } from './purchase/purchase.ts';

/** What a resolver of this subgraph is given. */
export interface Context extends BaseContext {
  readonly loaders: {
    /** Campaigns by id, drafts included. */
    readonly campaigns: DataLoader<string, Campaign | null>;
    /** Returns by purchase. */
    readonly returns: DataLoader<string, readonly PurchaseReturn[]>;
  };
}
