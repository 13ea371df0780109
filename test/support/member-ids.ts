import { decodeJwt } from 'jose';
import { createMemberIds, type MemberIds, memberIdPattern } from '../../subgraphs/shared/member-ids.ts';

/** Lets merchants meet members' own ids: for tests of a subgraph alone, which are about other things. */
export const plainMemberIds: MemberIds = { shown: (memberId) => memberId, meant: (shownId) => shownId };

/** As in production, with a secret that all tests share. */
export const memberIds: MemberIds = createMemberIds('the member id secret of the tests');

/** A merchant's id of a member, wherever it stands in a text. */
export const shownIdPattern = /mbr_[A-Za-z0-9_-]{56}/g;

/** Puts members' own ids in a text into those of the merchant whose token, or whose members' session, it is; and back. */
export function inIdsOf(token: string | null) {
  const merchant = token === null ? undefined : decodeJwt(token)['merchant'];
  if (typeof merchant !== 'string')
    return { toMerchant: (text: string) => text, fromMerchant: (text: string) => text };
  return {
    toMerchant: (text: string) => text.replace(memberIdPattern, (id) => memberIds.shown(id, merchant)),
    fromMerchant: (text: string) => text.replace(shownIdPattern, (id) => memberIds.meant(id, merchant) ?? id),
  };
}
