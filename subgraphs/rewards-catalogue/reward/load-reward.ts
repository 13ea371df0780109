import type { Reward } from './reward.ts';
import type { RewardLoaders } from './reward-loaders.ts';

/** The reward that something else was made for; it is there, as rewards are never deleted. */
export async function loadReward(
  { loaders }: { readonly loaders: RewardLoaders },
  id: string,
): Promise<Reward> {
  const reward = await loaders.reward.load(id);
  if (!reward) throw new Error(`reward ${id} is gone`);
  return reward;
}
