import { isOver, type Reward } from './reward.ts';

/** One reason why a reward cannot be redeemed. */
export interface WhyNot {
  readonly code:
    | 'NOT_PUBLISHED'
    | 'NOT_YET_AVAILABLE'
    | 'NO_LONGER_AVAILABLE'
    | 'OUT_OF_STOCK'
    | 'LIMIT_PER_MEMBER_REACHED'
    | 'NOT_IN_HOUSEHOLD'
    | 'HOUSEHOLD_LIMIT_EXCEEDED'
    | 'NOT_ENOUGH_POINTS';
  readonly message: string;
  /** Points missing, for NOT_ENOUGH_POINTS; points above the limit, for HOUSEHOLD_LIMIT_EXCEEDED. */
  readonly shortBy: bigint | null;
  /** When the reason ends, where that is known. */
  readonly availableFrom: Date | null;
}

/** What a member has in one programme. */
export interface Purse {
  /** Spendable now. */
  readonly available: bigint;
  /** Earned but not unlocked yet. */
  readonly pending: bigint;
}

/** What a member will have in a programme at an instant at which points unlock, if none are spent until then. */
export interface Unlock {
  readonly at: Date;
  readonly available: bigint;
}

/** What a member may spend of its household's pool in one programme: no more than either of the two. */
export interface PoolAllowance {
  /** What can be spent of the pool, if limits allow. */
  readonly available: bigint;
  /** What the member's limits let it spend at once; null for no limit. */
  readonly limit: bigint | null;
}

/** What decides besides the reward itself, whatever the member's points. */
export interface RewardFacts {
  readonly now: Date;
  /** How many of this reward the member has, not counting cancelled and failed redemptions. */
  readonly taken: number;
}

const because = (code: WhyNot['code'], message: string, availableFrom: Date | null = null): WhyNot => ({
  code,
  message,
  shortBy: null,
  availableFrom,
});

/** Every reason why nobody, or this member, can have the reward now, whatever the points; in the enum's order. */
export function rewardReasons(reward: Reward, { now, taken }: RewardFacts): WhyNot[] {
  const reasons: WhyNot[] = [];
  if (reward.status !== 'PUBLISHED')
    reasons.push(because('NOT_PUBLISHED', 'The reward is not published yet.'));
  if (now < reward.availableFrom)
    reasons.push(because('NOT_YET_AVAILABLE', 'The reward is not available yet.', reward.availableFrom));
  if (isOver(reward, now)) reasons.push(because('NO_LONGER_AVAILABLE', 'The reward is no longer available.'));
  if (reward.stock !== null && reward.stock < 1)
    reasons.push(because('OUT_OF_STOCK', 'None of this reward are left.'));
  if (reward.limitPerMember !== null && taken >= reward.limitPerMember)
    reasons.push(
      because('LIMIT_PER_MEMBER_REACHED', `A member may have ${reward.limitPerMember} of this reward.`),
    );
  return reasons;
}

/** When so many points will be there, if none are spent until then; null if they never are. `unlocks` are soonest first. */
export const enoughFrom = (points: bigint, unlocks: readonly Unlock[]): Date | null =>
  unlocks.find(({ available }) => available >= points)?.at ?? null;

/** The reason that lies in the member's points. */
export const notEnoughPoints = (shortBy: bigint, availableFrom: Date | null): WhyNot => ({
  code: 'NOT_ENOUGH_POINTS',
  message: `${shortBy} points are missing.`,
  shortBy,
  availableFrom,
});

/** The reason that lies in the member's having no household whose pool could pay. */
export const notInHousehold = (): WhyNot =>
  because('NOT_IN_HOUSEHOLD', 'The member belongs to no household.');

/** What a member can spend of a pool at once. */
export const spendableOf = ({ available, limit }: PoolAllowance): bigint =>
  limit !== null && limit < available ? limit : available;

/**
 * Every reason why a pool does not buy something for a member: first its limits, as a redemption refuses it. From when it
 * would is not told: others spend of the pool and put into it, and its head sets limits.
 */
export function poolReasons(points: bigint, { available, limit }: PoolAllowance): WhyNot[] {
  const reasons: WhyNot[] = [];
  if (limit !== null && points > limit)
    reasons.push({
      code: 'HOUSEHOLD_LIMIT_EXCEEDED',
      message: `${limit} points are the most that the member may spend of the pool now.`,
      shortBy: points - limit,
      availableFrom: null,
    });
  if (points > available) reasons.push(notEnoughPoints(points - available, null));
  return reasons;
}
