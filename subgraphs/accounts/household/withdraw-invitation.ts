import type { IdempotencyConflict, InvalidInput } from '../../shared/refusal.ts';
import type { NotInHousehold } from '../ledger/pool-refusal.ts';
import type { NotFound } from '../refusal.ts';
import type { InvitationInput } from './accept-invitation.ts';
import { changeHousehold, type HouseholdChanged } from './change-household.ts';
import { findInvitation } from './find-invitation.ts';
import { findHeadSeat } from './find-seat.ts';
import { withClosed } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { InvitationClosed, NotHead } from './household-refusal.ts';

type Refusal = NotInHousehold | NotHead | NotFound | InvitationClosed;

/** What came of it. Refusals come in the order of this union. */
export type WithdrawInvitationOutcome = HouseholdChanged | InvalidInput | IdempotencyConflict | Refusal;

/** Withdraws an invitation to the household of the calling head. */
export function withdrawInvitation(
  memberId: string,
  input: InvitationInput,
  ports: HouseholdPorts,
): Promise<WithdrawInvitationOutcome> {
  return changeHousehold<Refusal>(memberId, input, 'withdraw', ports, async (at) => {
    const seat = await findHeadSeat(memberId, ports.householdOf);
    if ('kind' in seat) return seat;
    const found = findInvitation(seat.household, input.invitationId, () => true, at);
    if ('kind' in found) return found;
    const after = withClosed(seat.household, found.invitation.id, 'WITHDRAWN');
    return { before: seat.household, after, subjectId: found.invitation.id };
  });
}
