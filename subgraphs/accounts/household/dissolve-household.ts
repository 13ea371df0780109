import type { IdempotencyConflict, InvalidInput } from '../../shared/refusal.ts';
import type { NotInHousehold } from '../ledger/pool-refusal.ts';
import type { NotFound } from '../refusal.ts';
import { changeHousehold, type HouseholdChanged } from './change-household.ts';
import { findHeadSeat } from './find-seat.ts';
import { dissolved, formerMembers } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { NotHead } from './household-refusal.ts';

type Refusal = NotFound | NotInHousehold | NotHead;

/** What came of it. Refusals come in the order of this union. */
export type DissolveHouseholdOutcome = HouseholdChanged | InvalidInput | IdempotencyConflict | Refusal;

/** Ends a household: everybody leaves, each with what it has in the pools. */
export const dissolveHousehold = (
  memberId: string,
  input: { readonly idempotencyKey: string },
  ports: HouseholdPorts,
): Promise<DissolveHouseholdOutcome> =>
  changeHousehold<Refusal>(memberId, input, 'dissolve', ports, async (at) => {
    const seat = await findHeadSeat(memberId, ports.householdOf);
    if ('kind' in seat) return seat;
    const { household } = seat;
    const keepsName = await ports.areThere(formerMembers(household).map((member) => member.memberId));
    return { before: household, after: dissolved(household, at, keepsName), subjectId: null };
  });
