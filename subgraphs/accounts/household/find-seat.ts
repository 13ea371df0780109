import type { NotInHousehold } from '../ledger/pool-refusal.ts';
import { type Household, type HouseholdMember, memberIn } from './household.ts';
import type { NotHead } from './household-refusal.ts';

/** A member in its household. */
export interface Seat {
  readonly household: Household;
  readonly own: HouseholdMember;
}

/** Where a member sits. */
export async function findSeat(
  memberId: string,
  householdOf: (memberId: string) => Promise<Household | null>,
): Promise<Seat | NotInHousehold> {
  const household = await householdOf(memberId);
  const own = household && memberIn(household, memberId);
  return household && own ? { household, own } : { kind: 'NotInHousehold' };
}

/** Where the head of a household sits. */
export async function findHeadSeat(
  memberId: string,
  householdOf: (memberId: string) => Promise<Household | null>,
): Promise<Seat | NotInHousehold | NotHead> {
  const seat = await findSeat(memberId, householdOf);
  return 'kind' in seat || seat.own.role === 'HEAD' ? seat : { kind: 'NotHead' };
}
