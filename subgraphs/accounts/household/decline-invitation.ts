import type { IdempotencyConflict, InvalidInput } from '../../shared/refusal.ts';
import type { NotFound } from '../refusal.ts';
import type { InvitationInput } from './accept-invitation.ts';
import { changeHousehold, type HouseholdChanged } from './change-household.ts';
import { findInvitation } from './find-invitation.ts';
import { withClosed } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { InvitationClosed } from './household-refusal.ts';

type Refusal = NotFound | InvitationClosed;

/** What came of it. Refusals come in the order of this union. */
export type DeclineInvitationOutcome = HouseholdChanged | InvalidInput | IdempotencyConflict | Refusal;

/** Declines an invitation to the calling member. */
export function declineInvitation(
  memberId: string,
  input: InvitationInput,
  ports: HouseholdPorts,
): Promise<DeclineInvitationOutcome> {
  return changeHousehold<Refusal>(memberId, input, 'decline', ports, async (at) => {
    const inviting = await ports.householdByInvitation(input.invitationId);
    const isMine = (invitation: { readonly memberId: string }) => invitation.memberId === memberId;
    const found = findInvitation(inviting, input.invitationId, isMine, at);
    if ('kind' in found) return found;
    const { household, invitation } = found;
    const after = withClosed(household, invitation.id, 'DECLINED');
    return { before: household, after, subjectId: invitation.id };
  });
}
