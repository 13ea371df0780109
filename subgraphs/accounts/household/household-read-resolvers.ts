import type { Context } from '../context.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { maskedCard } from '../membership/card-number.ts';
import type { Resolvers } from '../resolver-types.ts';
import {
  currentMembers,
  type Household,
  type HouseholdMember,
  isChild,
  memberIn,
  openInvitations,
} from './household.ts';
import { type ContributorView, viewHousehold } from './household-view.ts';

/** What reading households needs. */
export interface HouseholdReadPorts {
  readonly householdOf: (memberId: string) => Promise<Household | null>;
  /** Households with an invitation to a member that is open at an instant, the newest first; at most so many. */
  readonly householdsAwaiting: (memberId: string, at: Date, most: number) => Promise<readonly Household[]>;
  readonly ledger: Ledger;
}

const isYou = (memberId: string, { caller }: Context): boolean =>
  caller.kind === 'MEMBER' && caller.memberId === memberId;

async function displayName(memberId: string, { caller, profiles }: Context): Promise<string | null> {
  return caller.kind === 'AUDITOR' ? null : ((await profiles.load(memberId))?.displayName ?? null);
}

async function cardOf(memberId: string, { directory }: Context): Promise<string | null> {
  const member = await directory.member(memberId);
  return member && maskedCard(member.cardNumber);
}

/** Gives the household of the calling member, read once a request. */
function householdsOfCallers({ householdOf }: Pick<HouseholdReadPorts, 'householdOf'>) {
  const known = new WeakMap<Context, Promise<Household | null>>();
  return (memberId: string, context: Context): Promise<Household | null> => {
    const household = known.get(context) ?? householdOf(memberId);
    known.set(context, household);
    return household;
  };
}

/** Whether a caller may know a member's name and card by its place in the household that the caller belongs to. */
const mayNameSeat = ({ memberId, leftAt }: HouseholdMember, context: Context): boolean =>
  context.caller.kind !== 'MEMBER' || leftAt === null || isYou(memberId, context);

/** The same of a member by what it had in a household's pool: both have to belong to that household now. */
function namingContributors(ports: Pick<HouseholdReadPorts, 'householdOf'>) {
  const householdOfCaller = householdsOfCallers(ports);
  return async ({ memberId, householdId }: ContributorView, context: Context): Promise<boolean> => {
    const { caller } = context;
    if (caller.kind !== 'MEMBER' || isYou(memberId, context)) return true;
    const household = await householdOfCaller(caller.memberId, context);
    return household?.id === householdId && memberIn(household, memberId) !== undefined;
  };
}

/** Resolvers of households as they are. */
export function householdReadResolvers(ports: HouseholdReadPorts) {
  const mayNameContributor = namingContributors(ports);
  return {
    Member: {
      household: async ({ id }) => {
        const household = await ports.householdOf(id);
        return household && viewHousehold(household);
      },
      mayPlayGamesOfChance: async ({ id }) => {
        const household = await ports.householdOf(id);
        return household === null || !isChild(household, id);
      },
    },
    Household: {
      members: (household) => currentMembers(household),
      invitations: (household, _, { clock }) =>
        openInvitations(household, clock.now()).map((invitation) => ({ household, invitation })),
    },
    HouseholdMember: {
      isYou: ({ memberId }, _, context) => isYou(memberId, context),
      displayName: (member, _, context) =>
        mayNameSeat(member, context) ? displayName(member.memberId, context) : null,
      maskedCard: (member, _, context) =>
        mayNameSeat(member, context) ? cardOf(member.memberId, context) : null,
    },
    PoolContributor: {
      isYou: ({ memberId }, _, context) => isYou(memberId, context),
      displayName: async (one, _, context) =>
        (await mayNameContributor(one, context)) ? displayName(one.memberId, context) : null,
      maskedCard: async (one, _, context) =>
        (await mayNameContributor(one, context)) ? cardOf(one.memberId, context) : null,
    },
  } satisfies Resolvers;
}
