import { type DomainEvent, everyone, sequenceAt } from '../../shared/events/event.ts';
import { catalogueSource, rewardPublished } from '../event-types.ts';
import type { Reward } from './reward.ts';

/** The event of a reward that was made public, told to everyone as the reward itself is. */
export const rewardPublishedEvent = (id: string, reward: Reward, at: Date): DomainEvent => ({
  id,
  type: rewardPublished,
  source: catalogueSource,
  subject: reward.id,
  time: at,
  partition: `reward:${reward.id}`,
  sequence: sequenceAt(1, 0),
  audience: [everyone],
  data: {
    rewardId: reward.id,
    merchantId: reward.merchantId,
    programme: reward.programme,
    name: reward.name,
    category: reward.category,
    points: Number(reward.points),
    availableFrom: reward.availableFrom.toISOString(),
    availableUntil: reward.availableUntil?.toISOString() ?? null,
    at: at.toISOString(),
  },
});
