import type { ConnectionOf } from '../shared/connection.ts';
import type { Log } from '../shared/log.ts';
import type { BaseContext } from '../shared/subgraph-server.ts';
import type { CataloguePorts } from './ports.ts';
import type { Redemption } from './redemption/redemption.ts';
import type { RedemptionLoaders } from './redemption/redemption-loaders.ts';
import type { Reward } from './reward/reward.ts';
import type { RewardLoaders } from './reward/reward-loaders.ts';
import type { VoucherLoaders } from './voucher/voucher-loaders.ts';

/** Everything that is read once a request. */
export interface Loaders extends RewardLoaders, RedemptionLoaders, VoucherLoaders {}

/** What a resolver of this subgraph is given. */
export interface Context extends BaseContext {
  readonly ports: CataloguePorts;
  readonly log: Log;
  readonly loaders: Loaders;
  /** Forgets what was read, because a mutation has changed it. */
  renewLoaders(): void;
}

/** A member as this subgraph knows it. A merchant that is not in `registeredBy` may see nothing of it. */
export interface MemberReference {
  readonly id: string;
  readonly registeredBy: readonly string[];
}

/** A merchant as this subgraph knows it. */
export interface MerchantReference {
  readonly id: string;
}

/** A page of rewards. */
export type RewardConnection = ConnectionOf<Reward>;

/** A page of redemptions. */
export type RedemptionConnection = ConnectionOf<Redemption>;
