import type DataLoader from 'dataloader';
import type { ConnectionOf } from '../shared/connection.ts';
import type { Clock } from '../shared/ids.ts';
import type { BaseContext } from '../shared/subgraph-server.ts';
import type { Directory } from './directory.ts';
import type { Profile } from './membership/member.ts';
import type { Merchant } from './merchant/merchant.ts';
import type { MayLearn } from './privacy/consent-loaders.ts';

/** What a resolver of this subgraph is given. */
export interface Context extends BaseContext {
  readonly clock: Clock;
  readonly directory: Directory;
  /** What is personal, by member id. */
  readonly profiles: DataLoader<string, Profile | null>;
  /** Whether the caller may learn what takes a member's consent. */
  readonly mayLearn: MayLearn;
  /** Makes the rest of the request read a member anew, after it changed. */
  readonly forgetMember: (id: string) => void;
}

/** A page of merchants. */
export type MerchantConnection = ConnectionOf<Merchant>;
