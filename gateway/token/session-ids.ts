import type { MemberIds } from '../../subgraphs/shared/member-ids.ts';
import type { TokenCaller } from './claims.ts';

/**
 * What is written into a token. The merchant that mints a member's session can read it, so it names the member by the id
 * which that merchant knows it by.
 */
export function inMerchantsIds(caller: TokenCaller, ids: MemberIds): TokenCaller {
  if (caller.kind !== 'MEMBER' || !caller.merchantId) return caller;
  return { ...caller, memberId: ids.shown(caller.memberId, caller.merchantId) };
}

/** The caller that such a token speaks for; null where the merchant it names has no member of that id. */
export function inOurIds(caller: TokenCaller, ids: MemberIds): TokenCaller | null {
  if (caller.kind !== 'MEMBER' || !caller.merchantId) return caller;
  const memberId = ids.meant(caller.memberId, caller.merchantId);
  return memberId === null ? null : { ...caller, memberId };
}
