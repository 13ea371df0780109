import { actorOf, type Caller } from '../../shared/caller.ts';
import type { Clock } from '../../shared/ids.ts';
import { enoughFrom, notEnoughPoints, rewardReasons, type WhyNot } from './availability.ts';
import type { Reward } from './reward.ts';
import type { RewardLoaders } from './reward-loaders.ts';

/** What the answer needs to know. */
export interface AvailabilityPorts {
  readonly loaders: RewardLoaders;
  readonly clock: Clock;
}

/**
 * Every reason why a member cannot redeem a reward now, empty if it can; null where the caller may not ask about that
 * member. `forMember` null asks about the calling member.
 */
export async function rewardAvailability(
  ports: AvailabilityPorts,
  caller: Caller,
  reward: Reward,
  forMember: string | null,
): Promise<WhyNot[] | null> {
  const { loaders, clock } = ports;
  const memberId = await whomToAskAbout(loaders, caller, forMember);
  const purses = memberId === null ? null : await loaders.purses.load(memberId);
  if (memberId === null || purses === null) return null;
  const now = clock.now();
  const taken =
    reward.limitPerMember === null ? 0 : await loaders.taken.load({ memberId, rewardId: reward.id });
  const reasons = rewardReasons(reward, { now, taken });
  const purse = purses.get(reward.programme) ?? { available: 0n, pending: 0n };
  const shortBy = reward.points - purse.available;
  if (shortBy <= 0n) return reasons;
  const unlocks =
    purse.pending < shortBy ? [] : await loaders.unlocks.load({ memberId, programme: reward.programme });
  return [...reasons, notEnoughPoints(shortBy, enoughFrom(reward.points, unlocks))];
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
