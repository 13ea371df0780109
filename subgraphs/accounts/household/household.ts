import type { SpendingLimits } from '../ledger/roster.ts';

/** Most members of a household, invited ones included. */
export const mostMembers = 8;

/** Days in which an invitation can be accepted. */
export const invitationDays = 14;

/** Closed invitations that are kept, those that were closed last. */
const mostClosed = 50;

const dayMs = 86_400_000;

/**
 * What a member is in its household. There is one head. A child plays no games of chance, gives no points away and does not
 * leave by itself.
 */
export type HouseholdRole = 'HEAD' | 'ADULT' | 'CHILD';

/** What the head can make of another member, and invite it as. */
export type GivenRole = Exclude<HouseholdRole, 'HEAD'>;

/** A member of a household. Kept for ever; leaving ends it. */
export interface HouseholdMember {
  readonly id: string;
  readonly memberId: string;
  readonly role: HouseholdRole;
  /** What it agreed to be: the role that it was invited as, ADULT for whoever founded the household or has been its head. */
  readonly joinedAs: GivenRole;
  readonly limits: SpendingLimits;
  readonly joinedAt: Date;
  readonly leftAt: Date | null;
}

/** How an invitation stands, but for the passing of time. */
export type InvitationState = 'OPEN' | 'ACCEPTED' | 'DECLINED' | 'WITHDRAWN';

/** That a member may join. */
export interface Invitation {
  readonly id: string;
  readonly memberId: string;
  readonly role: GivenRole;
  readonly invitedAt: Date;
  /** The first instant at which it cannot be accepted any more. */
  readonly expiresAt: Date;
  readonly state: InvitationState;
}

/** A family that pools points. */
export interface Household {
  readonly id: string;
  /** Grows by one with every change; 0 if it was never written. */
  readonly version: number;
  /** Empty once it was dissolved and somebody of it was erased. */
  readonly name: string;
  readonly createdAt: Date;
  readonly dissolvedAt: Date | null;
  /** Those who left included, in the order in which they joined. */
  readonly members: readonly HouseholdMember[];
  /** In the order in which each was made or, of those that are closed, closed. */
  readonly invitations: readonly Invitation[];
  /** True while its pools may still hold points of somebody who left and that no hold reserves. */
  readonly returning: boolean;
}

/** No limit. */
export const unlimited: SpendingLimits = { perRedemption: null, perMonth: null };

/** What a child may spend of the pool until its head says otherwise. */
const nothing: SpendingLimits = { perRedemption: null, perMonth: 0n };

/** The limits that a role begins with. */
export const firstLimits = (role: HouseholdRole): SpendingLimits => (role === 'CHILD' ? nothing : unlimited);

/** Those who belong to it now. */
export const currentMembers = ({ members }: Household): readonly HouseholdMember[] =>
  members.filter((member) => member.leftAt === null);

/** Somebody who belongs to it now, by the member's id. */
export const memberIn = (household: Household, memberId: string): HouseholdMember | undefined =>
  currentMembers(household).find((member) => member.memberId === memberId);

/** Whether a member is a child there: then it plays no games of chance and gives no points away. */
export const isChild = (household: Household, memberId: string): boolean =>
  memberIn(household, memberId)?.role === 'CHILD';

/** How an invitation stands at an instant. */
export const stateOf = ({ state, expiresAt }: Invitation, now: Date): InvitationState | 'EXPIRED' =>
  state === 'OPEN' && expiresAt <= now ? 'EXPIRED' : state;

/** Invitations that can be accepted. */
export const openInvitations = ({ invitations }: Household, now: Date): readonly Invitation[] =>
  invitations.filter((invitation) => stateOf(invitation, now) === 'OPEN');

/** Keeps all open invitations and of the others those that were closed last. */
function trimmed(invitations: readonly Invitation[]): readonly Invitation[] {
  const closed = invitations.filter(({ state }) => state !== 'OPEN');
  const dropped = new Set(closed.slice(0, Math.max(0, closed.length - mostClosed)));
  return invitations.filter((invitation) => !dropped.has(invitation));
}

/** A new household with its head. */
export const newHousehold = (
  id: string,
  name: string,
  head: { readonly id: string; readonly memberId: string },
  at: Date,
): Household => ({
  id,
  version: 1,
  name,
  createdAt: at,
  dissolvedAt: null,
  members: [{ ...head, role: 'HEAD', joinedAs: 'ADULT', limits: unlimited, joinedAt: at, leftAt: null }],
  invitations: [],
  returning: false,
});

/** A household one version up, with some of it changed. */
export const changed = (household: Household, changes: Partial<Household>): Household => ({
  ...household,
  ...changes,
  version: household.version + 1,
});

/** A household with one of its members changed. */
export const withMember = (
  household: Household,
  id: string,
  changes: Partial<Pick<HouseholdMember, 'role' | 'limits' | 'leftAt'>>,
): Household =>
  changed(household, {
    members: household.members.map((member) => (member.id === id ? { ...member, ...changes } : member)),
  });

/** A household with one more invitation. */
export function withInvitation(
  household: Household,
  { id, memberId, role }: Pick<Invitation, 'id' | 'memberId' | 'role'>,
  at: Date,
): Household {
  const expiresAt = new Date(at.getTime() + invitationDays * dayMs);
  const invitation: Invitation = { id, memberId, role, invitedAt: at, expiresAt, state: 'OPEN' };
  return changed(household, { invitations: trimmed([...household.invitations, invitation]) });
}

/** Closes some invitations, which come behind all others: so they are none that are dropped for it. */
function closing(
  invitations: readonly Invitation[],
  ids: readonly string[],
  state: InvitationState,
): readonly Invitation[] {
  const closed = invitations.filter(({ id }) => ids.includes(id)).map((one) => ({ ...one, state }));
  return trimmed([...invitations.filter(({ id }) => !ids.includes(id)), ...closed]);
}

/** A household with one of its invitations closed. */
export const withClosed = (household: Household, id: string, state: InvitationState): Household =>
  changed(household, { invitations: closing(household.invitations, [id], state) });

/** A household in which a member's open invitations are declined. */
export function withDeclined(household: Household, memberId: string, at: Date): Household {
  const open = openInvitations(household, at).filter((invitation) => invitation.memberId === memberId);
  const ids = open.map(({ id }) => id);
  return changed(household, { invitations: closing(household.invitations, ids, 'DECLINED') });
}

/** A household that an invited member joined. */
export function withJoined(
  household: Household,
  { id, memberId, role }: Invitation,
  seatId: string,
  at: Date,
): Household {
  const { invitations } = withClosed(household, id, 'ACCEPTED');
  const limits = firstLimits(role);
  const joined = { id: seatId, memberId, role, joinedAs: role, limits, joinedAt: at, leftAt: null };
  return changed(household, { invitations, members: [...household.members, joined] });
}

/** A household that some members left: what they have in its pools is to be given back. */
export const withLeft = (household: Household, ids: readonly string[], at: Date): Household =>
  changed(household, {
    returning: true,
    members: household.members.map((member) =>
      ids.includes(member.id) && member.leftAt === null ? { ...member, leftAt: at } : member,
    ),
  });

/** Those who belonged to it and left. */
export const formerMembers = ({ members }: Household): readonly HouseholdMember[] =>
  members.filter((member) => member.leftAt !== null);

/** A household that is no more; without its name, if one of those who were in it was erased. */
export const dissolved = (household: Household, at: Date, keepsName: boolean): Household => ({
  ...withLeft(
    household,
    currentMembers(household).map(({ id }) => id),
    at,
  ),
  dissolvedAt: at,
  name: keepsName ? household.name : '',
  invitations: household.invitations.map((one) =>
    one.state === 'OPEN' ? { ...one, state: 'WITHDRAWN' } : one,
  ),
});
