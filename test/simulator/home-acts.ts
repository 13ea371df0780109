import * as model from '../rules/ledger/reference-households.ts';
import { asService } from '../support/callers.ts';
import {
  type Act,
  agree,
  type Home,
  type Invitation,
  keyed,
  type Play,
  perform,
  post,
  type Settle,
} from './acting.ts';
import { expectSame } from './disagreement.ts';
import type { Fault } from './faults.ts';
import { operations } from './requests.ts';
import type { Read } from './world.ts';

const dayMs = 86_400_000;
const invitationMs = 14 * dayMs;

const unlimited: model.ModelLimits = { perRedemption: null, perMonth: null };
const nothing: model.ModelLimits = { perRedemption: null, perMonth: 0 };

/** Sends what a player asks of a household; what it is told and what comes of it is settled when it arrives. */
async function ask(
  play: Play,
  member: number,
  name: keyof typeof operations,
  input: object,
  fault: Fault,
  settle: Settle,
): Promise<void> {
  const { caller } = play.cast.players[member]!;
  const request = { of: 'accounts', caller, operation: operations[name] } as const;
  await perform(play, { ...request, input: { ...keyed(play), ...input } }, fault, settle);
}

const seatIn = ({ household }: Read): string =>
  household.members.find((one: Read) => one.isYou && one.leftAt === null).id;

const found = (play: Play, fault: Fault): Promise<void> =>
  ask(play, 0, 'createHousehold', { name: 'Home' }, fault, (answer) => {
    expectSame('answer', answer.__typename, play.home ? 'AlreadyInHousehold' : 'HouseholdChanged');
    if (play.home) return;
    const { id } = answer.household;
    const home = model.found(play.model, id, play.cast.players[0]!.id);
    play.homes.set(id, home);
    play.home = { model: home, seats: [seatIn(answer)], hasChild: false, invitation: null };
  });

const roleOf = (isChild: boolean): string => (isChild ? 'CHILD' : 'ADULT');

const isOpen = ({ accepted, expiresAt }: Invitation, { world }: Play): boolean =>
  !accepted && world.now < expiresAt;

/** What the head is told that invites the second player. */
function toldInviting(play: Play): string {
  if (!play.home) return 'NotInHousehold';
  const { seats, invitation } = play.home;
  if (seats[1]) return 'AlreadyInHousehold';
  return invitation && isOpen(invitation, play) ? 'AlreadyInvited' : 'HouseholdChanged';
}

async function invite(play: Play, asChild: boolean, fault: Fault): Promise<void> {
  const { cardNumber } = play.cast.players[1]!;
  await ask(play, 0, 'inviteToHousehold', { cardNumber, role: roleOf(asChild) }, fault, (answer) => {
    const told = toldInviting(play);
    expectSame('answer', answer.__typename, told);
    if (told !== 'HouseholdChanged') return;
    const expiresAt = play.world.now + invitationMs;
    play.home!.invitation = { id: answer.invitation.id, asChild, expiresAt, accepted: false };
  });
}

async function join(play: Play, home: Home, invitation: Invitation, fault: Fault): Promise<void> {
  const input = { invitationId: invitation.id };
  await ask(play, 1, 'acceptHouseholdInvitation', input, fault, (answer) => {
    // Who dissolves a household withdraws its invitations.
    const closed = !isOpen(invitation, play) || home !== play.home;
    expectSame('answer', answer.__typename, closed ? 'InvitationClosed' : 'HouseholdChanged');
    if (closed) return;
    invitation.accepted = true;
    home.seats[1] = seatIn(answer);
    home.hasChild = invitation.asChild;
    home.model.members.set(play.cast.players[1]!.id, invitation.asChild ? nothing : unlimited);
  });
}

/** Brings the household about, a thing at a time: founds it, invites, accepts; now and then what has been done already. */
export const gather: Act<'gather'> = async (play, { which, fault }) => {
  const { home } = play;
  if (!home || which % 10 === 0) return found(play, fault);
  const { invitation } = home;
  const waits = invitation && isOpen(invitation, play);
  if (invitation && (waits || home.seats[1] || which % 10 === 1)) await join(play, home, invitation, fault);
  else if (!home.seats[1]) await invite(play, which % 3 === 0, fault);
};

/** A member puts points into the pool. */
export const contribute: Act<'contribute'> = async (play, { member, points, fault }) => {
  const { id, caller } = play.cast.players[member]!;
  const request = { caller, operation: operations.contributeToHousehold, input: { ...keyed(play), points } };
  await post(play, request, fault, () => play.model.pool(id, points));
};

/** A member pays from the pool. */
export const payPooled: Act<'payPooled'> = async (play, { member, merchant, points, fault }) => {
  const { reference, id } = play.cast.players[member]!;
  const input = { ...keyed(play), member: { reference }, points, fromHousehold: true };
  const { caller } = play.cast.merchants[merchant]!;
  await post(play, { caller, operation: operations.redeemPoints, input }, fault, () =>
    model.payPooled(play.model, id, points),
  );
};

/** A service reserves points of the pool. */
export const holdPooled: Act<'holdPooled'> = async (play, { member, merchant, points, fault }) => {
  const memberId = play.cast.players[member]!.id;
  const merchantId = play.cast.merchants[merchant]!.id;
  const input = { ...keyed(play), memberId, merchantId, programme: 'SHARED', points, fromHousehold: true };
  const request = { of: 'accounts', caller: asService(), operation: operations.holdPoints, input } as const;
  await perform(play, request, fault, (answer) => {
    const hold = model.holdPooled(play.model, memberId, points);
    agree(answer, typeof hold === 'string' ? hold : 'ok');
    if (typeof hold !== 'string') play.holds.push({ id: answer.hold.id, model: hold, points });
  });
};

/**
 * The head changes a member's place in the household, which may be nobody's any more when it comes to that; `change` is what
 * comes of it, if there is no `refusal`.
 */
async function changeSeat(
  play: Play,
  member: number,
  [name, input]: readonly [keyof typeof operations, object],
  fault: Fault,
  change: (home: Home) => void,
  refusal: (home: Home) => string | null = () => null,
): Promise<void> {
  const householdMemberId = play.home?.seats[member];
  if (!householdMemberId) return;
  await ask(play, 0, name, { householdMemberId, ...input }, fault, (answer) => {
    const { home } = play;
    const known = home?.seats[member] === householdMemberId;
    const refused = home && known ? refusal(home) : home ? 'NotFound' : 'NotInHousehold';
    expectSame('answer', answer.__typename, refused ?? 'HouseholdChanged');
    if (home && known && refused === null) change(home);
  });
}

/** The head limits what a member may spend of the pool. */
export const limit: Act<'limit'> = async (play, { member, perRedemption, perMonth, fault }) => {
  const limits = { perRedemption, perMonth };
  await changeSeat(play, member, ['setHouseholdLimits', limits], fault, (home) =>
    home.model.members.set(play.cast.players[member]!.id, limits),
  );
};

/** The head makes the second player a child, if it joined as one, or an adult who keeps its limits. */
export const role: Act<'role'> = async (play, { isChild, fault }) => {
  const change = (home: Home): void => {
    if (isChild && !home.hasChild) home.model.members.set(play.cast.players[1]!.id, nothing);
    home.hasChild = isChild;
  };
  const refusal = ({ invitation }: Home) => (isChild && !invitation?.asChild ? 'JoinedAsAdult' : null);
  await changeSeat(play, 1, ['setHouseholdRole', { role: roleOf(isChild) }], fault, change, refusal);
};

/** The second player belongs to it no more. */
function part(play: Play, home: Home): void {
  home.seats[1] = undefined;
  home.hasChild = false;
  home.invitation = null;
  model.depart(play.model, home.model, play.cast.players[1]!.id);
}

/** The head removes the second player. */
export const remove: Act<'remove'> = (play, { fault }) =>
  changeSeat(play, 1, ['removeFromHousehold', {}], fault, (home) => part(play, home));

/** What a member that wants to leave is told: the head may not, and a child may not. */
function toldLeaving(home: Home | null, member: number): string {
  if (!home?.seats[member]) return 'NotInHousehold';
  if (member === 0) return 'IsHead';
  return home.hasChild ? 'NotForChildren' : 'HouseholdLeft';
}

/** A member leaves, and what it has in the pool goes with it. */
export const leave: Act<'leave'> = (play, { member, fault }) =>
  ask(play, member, 'leaveHousehold', {}, fault, (answer) => {
    const { home } = play;
    const told = toldLeaving(home, member);
    expectSame('answer', answer.__typename, told);
    if (home && told === 'HouseholdLeft') part(play, home);
  });

/** The head ends the household: all leave. */
export const dissolve: Act<'dissolve'> = (play, { member, fault }) =>
  ask(play, member, 'dissolveHousehold', {}, fault, (answer) => {
    const { home } = play;
    const told = home?.seats[member] ? (member === 0 ? 'HouseholdLeft' : 'NotHead') : 'NotInHousehold';
    expectSame('answer', answer.__typename, told);
    if (!home || told !== 'HouseholdLeft') return;
    play.home = null;
    model.depart(play.model, home.model, ...home.model.members.keys());
  });
