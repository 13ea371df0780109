import type { Context } from '../context.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { maskedCard } from '../membership/card-number.ts';
import type { Resolvers } from '../resolver-types.ts';
import { currentMembers, type Household, isChild, openInvitations } from './household.ts';
import { viewHousehold } from './household-view.ts';

/** What reading households needs. */
export interface HouseholdReadPorts {
  readonly householdOf: (memberId: string) => Promise<Household | null>;
  /** Some of the households that ever invited a member. */
  readonly householdsInviting: (memberId: string, limit: number) => Promise<readonly Household[]>;
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

/** Resolvers of households as they are. */
export const householdReadResolvers = (ports: HouseholdReadPorts) =>
  ({
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
      displayName: ({ memberId }, _, context) => displayName(memberId, context),
      maskedCard: ({ memberId }, _, context) => cardOf(memberId, context),
    },
    PoolContributor: {
      isYou: ({ memberId }, _, context) => isYou(memberId, context),
      displayName: ({ memberId }, _, context) => displayName(memberId, context),
      maskedCard: ({ memberId }, _, context) => cardOf(memberId, context),
    },
  }) satisfies Resolvers;
