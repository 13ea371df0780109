import { isOver, type Reward } from './reward.ts';

/** One reason why a reward cannot be redeemed. */
export interface WhyNot {
  readonly code:
    | 'NOT_PUBLISHED'
    | 'NOT_YET_AVAILABLE'
    | 'NO_LONGER_AVAILABLE'
    | 'OUT_OF_STOCK'
    | 'LIMIT_PER_MEMBER_REACHED'
    | 'NOT_ENOUGH_POINTS';
  readonly message: string;
  /** Points missing, for NOT_ENOUGH_POINTS. */
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
