import { actorOf, type Caller } from '../../shared/caller.ts';
import type { Reward } from './reward.ts';

/** Whether the caller may know of the reward: anyone of a published one, its merchant and the operator of a draft. */
export function maySee(caller: Caller, reward: Pick<Reward, 'status' | 'merchantId'>): boolean {
  return reward.status === 'PUBLISHED' || mayManage(caller, reward);
}

/** Whether the caller may change the reward. */
export function mayManage(caller: Caller, reward: Pick<Reward, 'merchantId'>): boolean {
  const actor = actorOf(caller);
  return actor.kind === 'OPERATOR' || (actor.kind === 'MERCHANT' && actor.merchantId === reward.merchantId);
}

/**
 * Whether the caller may ask what a household's pool buys: who sees households does. Others are answered the same whether
 * the member has one or not, so that no merchant learns who has a family, nor what it has.
 */
export function mayAskAboutPools(caller: Caller): boolean {
  const { kind } = actorOf(caller);
  return kind === 'MEMBER' || kind === 'OPERATOR';
}
