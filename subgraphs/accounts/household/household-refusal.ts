import type { Invitation, InvitationState } from './household.ts';

/** The member belongs to a household already, and can belong to one at most. */
export interface AlreadyInHousehold {
  readonly kind: 'AlreadyInHousehold';
}

/** Only the head may do this. */
export interface NotHead {
  readonly kind: 'NotHead';
}

/** This cannot be done to the head, who has to hand over first or dissolve the household. */
export interface IsHead {
  readonly kind: 'IsHead';
}

/** The member did not join as a child, so it cannot be made one. */
export interface JoinedAsAdult {
  readonly kind: 'JoinedAsAdult';
}

/** A child cannot be the head. */
export interface NotAnAdult {
  readonly kind: 'NotAnAdult';
}

/** As many members and invitations as there can be. */
export interface HouseholdFull {
  readonly kind: 'HouseholdFull';
  readonly most: number;
}

/** The member is invited already. */
export interface AlreadyInvited {
  readonly kind: 'AlreadyInvited';
  readonly invitation: Invitation;
}

/** The invitation was accepted, declined or withdrawn before, or its time is over. */
export interface InvitationClosed {
  readonly kind: 'InvitationClosed';
  readonly state: Exclude<InvitationState, 'OPEN'> | 'EXPIRED';
}
