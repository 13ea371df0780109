import type { IdempotencyConflict, InvalidInput } from '../../shared/refusal.ts';
import type { NotForChildren, NotInHousehold } from '../ledger/pool-refusal.ts';
import type { NotFound } from '../refusal.ts';
import { changeHousehold, type HouseholdChanged } from './change-household.ts';
import { findSeat } from './find-seat.ts';
import { withLeft } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { IsHead } from './household-refusal.ts';

type Refusal = NotFound | NotInHousehold | IsHead | NotForChildren;

/** What came of it. Refusals come in the order of this union. */
export type LeaveHouseholdOutcome = HouseholdChanged | InvalidInput | IdempotencyConflict | Refusal;

/**
 * Leaves the household with what the member has in its pools; what a hold reserves follows when it is released. A child
 * does not: it would be rid of what its role forbids.
 */
export const leaveHousehold = (
  memberId: string,
  input: { readonly idempotencyKey: string },
  ports: HouseholdPorts,
): Promise<LeaveHouseholdOutcome> =>
  changeHousehold<Refusal>(memberId, input, 'leave', ports, async (at) => {
    const seat = await findSeat(memberId, ports.householdOf);
    if ('kind' in seat) return seat;
    const { household, own } = seat;
    if (own.role === 'HEAD') return { kind: 'IsHead' };
    if (own.role === 'CHILD') return { kind: 'NotForChildren' };
    return { before: household, after: withLeft(household, [own.id], at), subjectId: own.id };
  });
