import { actorOf, type Caller } from '../../shared/caller.ts';
import type { Clock } from '../../shared/ids.ts';
import {
  enoughFrom,
  notEnoughPoints,
  notInHousehold,
  poolReasons,
  rewardReasons,
  type WhyNot,
} from './availability.ts';
import type { Reward } from './reward.ts';
import type { RewardLoaders } from './reward-loaders.ts';
import { mayAskAboutPools } from './reward-visibility.ts';

/** What the answer needs to know. */
export interface AvailabilityPorts {
  readonly loaders: RewardLoaders;
  readonly clock: Clock;
}

/** Whose points are to buy a reward. */
export interface Buyer {
  /** Null for the calling member. */
  readonly forMember: string | null;
  /** True for the points of the pool of the member's household. */
  readonly fromHousehold: boolean;
}

/**
 * Every reason why a member cannot redeem a reward now, empty if it can; null where the caller may not ask about that
 * member, or not about its household.
 */
export async function rewardAvailability(
  ports: AvailabilityPorts,
  caller: Caller,
  reward: Reward,
  { forMember, fromHousehold }: Buyer,
): Promise<WhyNot[] | null> {
  const { loaders, clock } = ports;
  if (fromHousehold && !mayAskAboutPools(caller)) return null;
  const memberId = await whomToAskAbout(loaders, caller, forMember);
  if (memberId === null) return null;
  const ofPoints = await (fromHousehold ? reasonsOfPool : reasonsOfWallet)(loaders, memberId, reward);
  if (ofPoints === null) return null;
  const taken =
    reward.limitPerMember === null ? 0 : await loaders.taken.load({ memberId, rewardId: reward.id });
  return [...rewardReasons(reward, { now: clock.now(), taken }), ...ofPoints];
}

/** Reasons that lie in the points of the member's own wallet; null if there is no such member. */
async function reasonsOfWallet(
  { purses, unlocks }: RewardLoaders,
  memberId: string,
  { programme, points }: Reward,
): Promise<WhyNot[] | null> {
  const own = await purses.load(memberId);
  if (own === null) return null;
  const { available, pending } = own.get(programme) ?? { available: 0n, pending: 0n };
  const shortBy = points - available;
  if (shortBy <= 0n) return [];
  const coming = pending < shortBy ? [] : await unlocks.load({ memberId, programme });
  return [notEnoughPoints(shortBy, enoughFrom(points, coming))];
}

/** Reasons that lie in the pool of the member's household; null if there is no such member. */
async function reasonsOfPool(
  { poolAllowance }: RewardLoaders,
  memberId: string,
  { programme, points }: Reward,
): Promise<WhyNot[] | null> {
  const allowance = await poolAllowance.load({ memberId, programme });
  if (allowance === null) return null;
  return 'kind' in allowance ? [notInHousehold()] : poolReasons(points, allowance);
}

async function whomToAskAbout(
  { member }: RewardLoaders,
  caller: Caller,
  forMember: string | null,
): Promise<string | null> {
  const actor = actorOf(caller);
  switch (actor.kind) {
    case 'MEMBER':
      return forMember === null || forMember === actor.memberId ? actor.memberId : null;
    case 'MERCHANT':
      return forMember === null ? null : ((await member.load(forMember))?.id ?? null);
    case 'OPERATOR':
    case 'AUDITOR':
      return forMember;
    case 'PUBLIC':
    case 'ADVISER':
    case 'CHARITY':
    case 'SERVICE':
      return null;
  }
}
