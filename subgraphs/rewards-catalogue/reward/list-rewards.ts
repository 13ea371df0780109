import { actorOf, type Caller } from '../../shared/caller.ts';
import type { Page } from '../../shared/connection.ts';
import type { CataloguePorts } from '../ports.ts';
import type { Reward } from './reward.ts';

/** Which rewards the caller wants to see. */
export interface RewardFilter {
  readonly status?: Reward['status'] | null | undefined;
  readonly merchantId?: string | null | undefined;
  readonly category?: string | null | undefined;
  readonly maxPoints?: bigint | null | undefined;
}

/**
 * Published rewards in their window, or drafts for those who may see them; cheapest first. One more than the page if
 * more follow.
 */
export async function listRewards(
  { rewards, clock }: Pick<CataloguePorts, 'rewards' | 'clock'>,
  caller: Caller,
  filter: RewardFilter,
  page: Page,
): Promise<Reward[]> {
  const wanted = {
    merchantId: filter.merchantId ?? undefined,
    category: filter.category ?? undefined,
    maxPoints: filter.maxPoints ?? undefined,
  };
  if (filter.status !== 'DRAFT')
    return rewards.list({ ...wanted, status: 'PUBLISHED', availableAt: clock.now() }, page);
  const actor = actorOf(caller);
  if (actor.kind === 'OPERATOR') return rewards.list({ ...wanted, status: 'DRAFT', availableAt: null }, page);
  if (actor.kind !== 'MERCHANT' || (wanted.merchantId ?? actor.merchantId) !== actor.merchantId) return [];
  const own = { ...wanted, merchantId: actor.merchantId };
  return rewards.list({ ...own, status: 'DRAFT', availableAt: null }, page);
}
