import DataLoader from 'dataloader';
import type { Caller } from '../../shared/caller.ts';
import { type ConsentPurpose, isGiven } from './consent.ts';
import type { ConsentStore } from './consent-store.ts';

/**
 * Whether a caller may learn of a member what takes the member's consent. A merchant may if it was given and not taken
 * back; what everybody else may see other rules say.
 */
export type MayLearn = (memberId: string, purpose: ConsentPurpose) => Promise<boolean>;

/** Asks once a request and member. */
export function createMayLearn(caller: Caller, latest: ConsentStore['latest']): MayLearn {
  if (caller.kind !== 'MERCHANT') return () => Promise.resolve(true);
  const { merchantId } = caller;
  const inForce = new DataLoader((memberIds: readonly string[]) =>
    Promise.all(memberIds.map(async (id) => (await latest(id, merchantId))?.inForce ?? [])),
  );
  return async (memberId, purpose) => isGiven(await inForce.load(memberId), purpose);
}
