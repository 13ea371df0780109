import * as model from '../rules/ledger/reference-households.ts';
import { asService } from '../support/callers.ts';
import { type Act, agree, type Home, type Invitation, keyed, type Play, perform, post } from './acting.ts';
import { expectSame } from './disagreement.ts';
import { operations } from './requests.ts';
import type { Fault } from './steps.ts';
import type { Read } from './world.ts';

const dayMs = 86_400_000;
const invitationMs = 14 * dayMs;

const unlimited: model.ModelLimits = { perRedemption: null, perMonth: null };
const nothing: model.ModelLimits = { perRedemption: null, perMonth: 0 };

/** Sends what a player asks of a household. */
async function ask(
  play: Play,
  member: number,
  name: keyof typeof operations,
  input: object,
  fault: Fault,
): Promise<Read> {
  const { caller } = play.cast.players[member]!;
  const request = { of: 'accounts', caller, operation: operations[name] } as const;
  return perform(play, { ...request, input: { ...keyed(play), ...input } }, fault);
}

const seatIn = ({ household }: Read): string =>
  household.members.find((one: Read) => one.isYou && one.leftAt === null).id;

async function found(play: Play, fault: Fault): Promise<void> {
  const answer = await ask(play, 0, 'createHousehold', { name: 'Home' }, fault);
  expectSame('answer', answer.__typename, play.home ? 'AlreadyInHousehold' : 'HouseholdChanged');
  if (play.home) return;
  const { id } = answer.household;
  const home = model.found(play.model, id, play.cast.players[0]!.id);
  play.homes.set(id, home);
  play.home = { model: home, seats: [seatIn(answer)], hasChild: false, invitation: null };
}

const roleOf = (isChild: boolean): string => (isChild ? 'CHILD' : 'ADULT');

async function invite(play: Play, home: Home, asChild: boolean, fault: Fault): Promise<void> {
  const { cardNumber } = play.cast.players[1]!;
  const answer = await ask(play, 0, 'inviteToHousehold', { cardNumber, role: roleOf(asChild) }, fault);
  expectSame('answer', answer.__typename, 'HouseholdChanged');
  const expiresAt = play.world.now + invitationMs;
  home.invitation = { id: answer.invitation.id, asChild, expiresAt, accepted: false };
}

async function join(play: Play, home: Home, invitation: Invitation, fault: Fault): Promise<void> {
  const input = { invitationId: invitation.id };
  const answer = await ask(play, 1, 'acceptHouseholdInvitation', input, fault);
  const closed = invitation.accepted || play.world.now >= invitation.expiresAt;
  expectSame('answer', answer.__typename, closed ? 'InvitationClosed' : 'HouseholdChanged');
  if (closed) return;
  invitation.accepted = true;
  home.seats[1] = seatIn(answer);
  home.hasChild = invitation.asChild;
  home.model.members.set(play.cast.players[1]!.id, invitation.asChild ? nothing : unlimited);
}

/** Brings the household about, a thing at a time: founds it, invites, accepts; now and then what has been done already. */
export const gather: Act<'gather'> = async (play, { which, fault }) => {
  const { home } = play;
  if (!home || which % 10 === 0) return found(play, fault);
  const { invitation } = home;
  const isOpen = invitation && !invitation.accepted && play.world.now < invitation.expiresAt;
  if (invitation && (isOpen || home.seats[1] || which % 10 === 1)) await join(play, home, invitation, fault);
  else if (!home.seats[1]) await invite(play, home, which % 3 === 0, fault);
};

/** A member puts points into the pool. */
export const contribute: Act<'contribute'> = async (play, { member, points, fault }) => {
  const { id, caller } = play.cast.players[member]!;
  const request = { caller, operation: operations.contributeToHousehold, input: { ...keyed(play), points } };
  await post(play, request, fault, () => model.contribute(play.model, id, points));
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
  const answer = await perform(play, request, fault);
  const hold = model.holdPooled(play.model, memberId, points);
  agree(answer, typeof hold === 'string' ? hold : 'ok');
  if (typeof hold !== 'string') play.holds.push({ id: answer.hold.id, model: hold, points });
};

/** The head limits what a member may spend of the pool. */
export const limit: Act<'limit'> = async (play, { member, perRedemption, perMonth, fault }) => {
  const householdMemberId = play.home?.seats[member];
  if (!householdMemberId) return;
  const limits = { perRedemption, perMonth };
  const answer = await ask(play, 0, 'setHouseholdLimits', { householdMemberId, ...limits }, fault);
  expectSame('answer', answer.__typename, 'HouseholdChanged');
  play.home!.model.members.set(play.cast.players[member]!.id, limits);
};

/** The head makes the second player a child, or an adult who keeps its limits. */
export const role: Act<'role'> = async (play, { isChild, fault }) => {
  const { home } = play;
  const householdMemberId = home?.seats[1];
  if (!home || !householdMemberId) return;
  const answer = await ask(play, 0, 'setHouseholdRole', { householdMemberId, role: roleOf(isChild) }, fault);
  expectSame('answer', answer.__typename, 'HouseholdChanged');
  if (isChild && !home.hasChild) home.model.members.set(play.cast.players[1]!.id, nothing);
  home.hasChild = isChild;
};

/** The second player belongs to it no more. */
function part(play: Play, home: Home): void {
  home.seats[1] = undefined;
  home.hasChild = false;
  home.invitation = null;
  model.depart(play.model, home.model, play.cast.players[1]!.id);
}

/** The head removes the second player. */
export const remove: Act<'remove'> = async (play, { fault }) => {
  const { home } = play;
  const householdMemberId = home?.seats[1];
  if (!home || !householdMemberId) return;
  const answer = await ask(play, 0, 'removeFromHousehold', { householdMemberId }, fault);
  expectSame('answer', answer.__typename, 'HouseholdChanged');
  part(play, home);
};

/** What a member that wants to leave is told: the head may not, and a child may not. */
function toldLeaving(home: Home | null, member: number): string {
  if (!home?.seats[member]) return 'NotInHousehold';
  if (member === 0) return 'IsHead';
  return home.hasChild ? 'NotForChildren' : 'HouseholdLeft';
}

/** A member leaves, and what it has in the pool goes with it. */
export const leave: Act<'leave'> = async (play, { member, fault }) => {
  const answer = await ask(play, member, 'leaveHousehold', {}, fault);
  const { home } = play;
  const told = toldLeaving(home, member);
  expectSame('answer', answer.__typename, told);
  if (home && told === 'HouseholdLeft') part(play, home);
};

/** The head ends the household: all leave. */
export const dissolve: Act<'dissolve'> = async (play, { member, fault }) => {
  const answer = await ask(play, member, 'dissolveHousehold', {}, fault);
  const { home } = play;
  const told = home?.seats[member] ? (member === 0 ? 'HouseholdLeft' : 'NotHead') : 'NotInHousehold';
  expectSame('answer', answer.__typename, told);
  if (!home || told !== 'HouseholdLeft') return;
  play.home = null;
  model.depart(play.model, home.model, ...home.model.members.keys());
};
