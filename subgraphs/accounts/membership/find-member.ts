import type { Caller } from '../../shared/caller.ts';
import type { Member } from './member.ts';
import type { MemberKey } from './selector.ts';

/** What finding a member needs. */
export interface FindMemberPorts {
  readonly memberById: (id: string) => Promise<Member | null>;
  readonly memberByReference: (merchantId: string, reference: string) => Promise<Member | null>;
  readonly memberByCardNumber: (cardNumber: string) => Promise<Member | null>;
}

/** Whether an actor may know that a member exists. */
export function mayKnow(actor: Caller, member: Member): boolean {
  switch (actor.kind) {
    case 'MEMBER':
      return member.id === actor.memberId;
    case 'MERCHANT':
      return member.registeredBy.includes(actor.merchantId);
    case 'OPERATOR':
    case 'AUDITOR':
    case 'SERVICE':
      return true;
    case 'PUBLIC':
    case 'ADVISER':
    case 'CHARITY':
      return false;
  }
}

function lookUp(actor: Caller, key: MemberKey, ports: FindMemberPorts): Promise<Member | null> {
  switch (key.by) {
    case 'id':
      return ports.memberById(key.value);
    case 'cardNumber':
      return ports.memberByCardNumber(key.value);
    case 'reference':
      return actor.kind === 'MERCHANT'
        ? ports.memberByReference(actor.merchantId, key.value)
        : Promise.resolve(null);
  }
}

/**
 * The member that a key means to an actor, or null: what the actor may not know of looks as if it did not exist.
 * A reference means something to a merchant only. A service that acts for nobody reaches every member.
 */
export async function findMember(
  actor: Caller,
  key: MemberKey,
  ports: FindMemberPorts,
): Promise<Member | null> {
  const member = await lookUp(actor, key, ports);
  return member && mayKnow(actor, member) ? member : null;
}
