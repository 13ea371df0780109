import type { IdempotencyConflict, InvalidInput } from '../../shared/refusal.ts';
import type { NotFound } from '../refusal.ts';
import { changeHousehold, type HouseholdChanged } from './change-household.ts';
import { findInvitation } from './find-invitation.ts';
import { currentMembers, mostMembers, withJoined } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { AlreadyInHousehold, HouseholdFull, InvitationClosed } from './household-refusal.ts';

/** What a member sends to accept, decline or withdraw an invitation. */
export interface InvitationInput {
  readonly idempotencyKey: string;
  readonly invitationId: string;
}

type Refusal = NotFound | InvitationClosed | AlreadyInHousehold | HouseholdFull;

/** What came of it. Refusals come in the order of this union. */
export type AcceptInvitationOutcome = HouseholdChanged | InvalidInput | IdempotencyConflict | Refusal;

/** Joins the household that invited the member. */
export function acceptInvitation(
  memberId: string,
  input: InvitationInput,
  ports: HouseholdPorts,
): Promise<AcceptInvitationOutcome> {
  return changeHousehold<Refusal>(memberId, input, 'accept', ports, async (at) => {
    const inviting = await ports.householdByInvitation(input.invitationId);
    const isMine = (invitation: { readonly memberId: string }) => invitation.memberId === memberId;
    const found = findInvitation(inviting, input.invitationId, isMine, at);
    if ('kind' in found) return found;
    if (await ports.householdOf(memberId)) return { kind: 'AlreadyInHousehold' };
    const { household, invitation } = found;
    if (currentMembers(household).length >= mostMembers) return { kind: 'HouseholdFull', most: mostMembers };
    const seatId = ports.newId('hmb');
    return { before: household, after: withJoined(household, invitation, seatId, at), subjectId: seatId };
  });
}
