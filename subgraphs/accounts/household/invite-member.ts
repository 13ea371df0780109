import {
  type IdempotencyConflict,
  type InvalidInput,
  invalidInput,
  memberNotFound,
} from '../../shared/refusal.ts';
import type { NotInHousehold } from '../ledger/pool-refusal.ts';
import { isCardNumber } from '../membership/card-number.ts';
import type { NotFound } from '../refusal.ts';
import { changeHousehold, type HouseholdChanged } from './change-household.ts';
import { findHeadSeat } from './find-seat.ts';
import {
  currentMembers,
  type Household,
  type Invitation,
  memberIn,
  mostMembers,
  openInvitations,
  withInvitation,
} from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { AlreadyInHousehold, AlreadyInvited, HouseholdFull, NotHead } from './household-refusal.ts';

/** What the head of a household sends to invite a member. */
export interface InviteMemberInput {
  readonly idempotencyKey: string;
  readonly cardNumber: string;
  readonly role: Invitation['role'];
}

type Refusal = NotInHousehold | NotHead | NotFound | AlreadyInHousehold | AlreadyInvited | HouseholdFull;

/** What came of it. Refusals come in the order of this union. */
export type InviteMemberOutcome = HouseholdChanged | InvalidInput | IdempotencyConflict | Refusal;

/** Whether the household has room for somebody. Of belonging to another household the head is told nothing. */
function checkRoom(
  household: Household,
  memberId: string,
  at: Date,
): AlreadyInHousehold | AlreadyInvited | HouseholdFull | null {
  if (memberIn(household, memberId)) return { kind: 'AlreadyInHousehold' };
  const open = openInvitations(household, at);
  const invitation = open.find((one) => one.memberId === memberId);
  if (invitation) return { kind: 'AlreadyInvited', invitation };
  const taken = currentMembers(household).length + open.length;
  return taken < mostMembers ? null : { kind: 'HouseholdFull', most: mostMembers };
}

/** Invites the holder of a card into the household of the calling head. */
export async function inviteMember(
  memberId: string,
  input: InviteMemberInput,
  ports: HouseholdPorts,
): Promise<InviteMemberOutcome> {
  if (!isCardNumber(input.cardNumber))
    return invalidInput('input.cardNumber', '16 digits with a right check digit');
  return changeHousehold<Refusal>(memberId, input, 'invite', ports, async (at) => {
    const seat = await findHeadSeat(memberId, ports.householdOf);
    if ('kind' in seat) return seat;
    const invited = await ports.memberByCardNumber(input.cardNumber);
    if (!invited) return memberNotFound({ cardNumber: input.cardNumber });
    const refused = checkRoom(seat.household, invited.id, at);
    if (refused) return refused;
    const invitation = { id: ports.newId('inv'), memberId: invited.id, role: input.role };
    const after = withInvitation(seat.household, invitation, at);
    return { before: seat.household, after, subjectId: invitation.id };
  });
}
