import type { Caller } from '../../shared/caller.ts';
import { notFound } from '../../shared/refusal.ts';
import type { CataloguePorts } from '../ports.ts';
import type { NotFound } from '../refusal.ts';
import { isOver, missingTerms, type Reward } from './reward.ts';
import { mayManage } from './reward-visibility.ts';

/** What came of it. NotPublishable: its window is over. */
export type PublishRewardOutcome =
  | { readonly kind: 'RewardPublished'; readonly reward: Reward }
  | NotFound
  | { readonly kind: 'DisclosureIncomplete'; readonly missing: readonly string[] }
  | { readonly kind: 'NotPublishable' };

/** Makes a draft public. Publishing what is public changes nothing. */
export async function publishReward(
  { rewards, clock }: Pick<CataloguePorts, 'rewards' | 'clock'>,
  caller: Caller,
  rewardId: string,
): Promise<PublishRewardOutcome> {
  const reward = await rewards.find(rewardId);
  if (!reward || !mayManage(caller, reward)) return notFound('REWARD', rewardId);
  if (reward.status === 'PUBLISHED') return { kind: 'RewardPublished', reward };
  const missing = missingTerms(reward.terms);
  if (missing.length > 0) return { kind: 'DisclosureIncomplete', missing };
  if (isOver(reward, clock.now())) return { kind: 'NotPublishable' };
  const published = (await rewards.publish(rewardId)) ?? (await rewards.find(rewardId));
  return { kind: 'RewardPublished', reward: published ?? reward };
}
