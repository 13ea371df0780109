import DataLoader from 'dataloader';
import type { OutsideCaller } from '../../shared/caller.ts';
import type { ResolvedMember } from '../accounts-port.ts';
import type { CataloguePorts } from '../ports.ts';
import type { MemberReward } from '../redemption/redemption-store.ts';
import type { NotInHousehold } from '../refusal.ts';
import type { PoolAllowance, Purse, Unlock } from './availability.ts';
import type { Reward } from './reward.ts';

interface MemberProgramme {
  readonly memberId: string;
  readonly programme: string;
}

const cacheKeyFn = ({ memberId, programme }: MemberProgramme): string => `${memberId} ${programme}`;

/** Reads of one request, each thing read once. */
export interface RewardLoaders {
  readonly reward: DataLoader<string, Reward | null>;
  /** How many of a reward a member has. */
  readonly taken: DataLoader<MemberReward, number, string>;
  /** A member's purses by programme; null for no such member. */
  readonly purses: DataLoader<string, ReadonlyMap<string, Purse> | null>;
  /** What a member will have in a programme each time that points unlock. */
  readonly unlocks: DataLoader<MemberProgramme, readonly Unlock[], string>;
  /** What a member may spend of its household's pool in a programme; null for no such member. */
  readonly poolAllowance: DataLoader<MemberProgramme, PoolAllowance | NotInHousehold | null, string>;
  /** The same by programme, of those in which something ever was pooled. */
  readonly poolAllowances: DataLoader<string, ReadonlyMap<string, PoolAllowance>>;
  /** The member of an id, if the caller may know of it. */
  readonly member: DataLoader<string, ResolvedMember | null>;
}

const each =
  <K, V>(load: (key: K) => Promise<V>) =>
  (keys: readonly K[]): Promise<(V | Error)[]> =>
    Promise.all(
      keys.map((key) =>
        load(key).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))),
      ),
    );

/** The loaders of one request. */
export function createRewardLoaders(
  ports: Pick<CataloguePorts, 'rewards' | 'redemptions' | 'accounts'>,
  actor: OutsideCaller,
): RewardLoaders {
  const { rewards, redemptions, accounts } = ports;
  return {
    reward: new DataLoader(async (ids) => {
      const found = new Map((await rewards.findMany(ids)).map((reward) => [reward.id, reward]));
      return ids.map((id) => found.get(id) ?? null);
    }),
    taken: new DataLoader((pairs) => redemptions.countReserved(pairs), {
      cacheKeyFn: ({ memberId, rewardId }) => `${memberId} ${rewardId}`,
    }),
    purses: new DataLoader(each((memberId) => accounts.purses(memberId))),
    unlocks: new DataLoader(
      each(({ memberId, programme }) => accounts.unlocks(memberId, programme)),
      { cacheKeyFn },
    ),
    poolAllowance: new DataLoader(
      each(({ memberId, programme }) => accounts.poolAllowance(memberId, programme)),
      { cacheKeyFn },
    ),
    poolAllowances: new DataLoader(each((memberId) => accounts.poolAllowances(memberId))),
    member: new DataLoader(each((id) => accounts.resolveMember({ id }, actor))),
  };
}
