import { notFound } from '../../shared/refusal.ts';
import type { NotFound } from '../refusal.ts';
import { type Household, type Invitation, stateOf } from './household.ts';
import type { InvitationClosed } from './household-refusal.ts';

/** An invitation that can be answered, and where to. */
export interface OpenInvitation {
  readonly household: Household;
  readonly invitation: Invitation;
}

/** The open invitation of a household that some member may act on; others look as if they did not exist. */
export function findInvitation(
  household: Household | null,
  id: string,
  mayAct: (invitation: Invitation) => boolean,
  at: Date,
): OpenInvitation | NotFound | InvitationClosed {
  const invitation = household?.invitations.find((one) => one.id === id);
  if (!household || !invitation || !mayAct(invitation)) return notFound('INVITATION', id);
  const state = stateOf(invitation, at);
  return state === 'OPEN' ? { household, invitation } : { kind: 'InvitationClosed', state };
}
