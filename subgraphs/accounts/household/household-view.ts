import type { ConnectionOf } from '../../shared/connection.ts';
import type { Lot } from '../ledger/lot.ts';
import type { Posting } from '../ledger/posting.ts';
import type { Reversals } from '../ledger/reversals.ts';
import type { Wallet } from '../ledger/wallet.ts';
import { currentMembers, type Household, type HouseholdMember, type Invitation } from './household.ts';

/** A household as it is answered: with those who may see it. */
export type HouseholdView = Household & { readonly memberIds: readonly string[] };

/** An invitation as it is answered: with where to. */
export interface InvitationView {
  readonly household: Household;
  readonly invitation: Invitation;
}

/** A pool as it is answered: with the open lots of those who belong to the household. */
export interface PoolView {
  readonly household: Household;
  readonly wallet: Wallet;
  readonly lots: readonly Lot[];
}

/** What a member may spend of a pool: no more than either of the two. */
export interface AllowanceView {
  readonly programme: string;
  /** What can be spent of the pool, if limits allow. */
  readonly available: bigint;
  /** What the member's limits let it spend at once; null for no limit. */
  readonly limit: bigint | null;
}

/** What a member spent of a pool, as it is answered. */
export interface SpendingView {
  readonly household: Household;
  readonly posting: Posting;
  readonly reversals: Reversals | null;
}

/** A page of what was spent. */
export type SpendingConnection = ConnectionOf<SpendingView>;

/** A member whose points were in a pool, by its id, and of which household. */
export interface ContributorView {
  readonly memberId: string;
  readonly householdId: string;
}

/** A household with what its visibility depends on. */
export const viewHousehold = (household: Household): HouseholdView => ({
  ...household,
  memberIds: currentMembers(household).map(({ memberId }) => memberId),
});

/** Somebody who belongs or belonged to a household, by the member's id: the last time, if more than once. */
export function everIn(household: Household, memberId: string): HouseholdMember {
  const found = household.members.findLast((member) => member.memberId === memberId);
  if (!found) throw new Error(`${memberId} was never of ${household.id}`);
  return found;
}
