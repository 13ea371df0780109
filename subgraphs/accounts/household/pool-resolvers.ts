import { checkWithinDays } from '../../shared/argument-rules.ts';
import { type PageArguments, readTimedPage, toConnection } from '../../shared/connection.ts';
import { answerNotInHousehold } from '../../shared/pool-answers.ts';
import { answerNotFound, notFound } from '../../shared/refusal.ts';
import { walletIdOf } from '../ledger/account.ts';
import type { PointsPosted } from '../ledger/command.ts';
import { least } from '../ledger/least.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { answerCommon, answerNotEnough } from '../ledger/ledger-answers.ts';
import { requestOf } from '../ledger/movement-resolvers.ts';
import { answerPoolingNotAllowed } from '../ledger/pool-answers.ts';
import { spendableNow } from '../ledger/pool-limit.ts';
import { addDays } from '../ledger/terms.ts';
import { viewPosting, viewWallet } from '../ledger/views.ts';
import { emptyWallet, householdHolder, type Wallet } from '../ledger/wallet.ts';
import type { Member } from '../membership/member.ts';
import type { Resolvers } from '../resolver-types.ts';
import { callingMember } from './answer-changed.ts';
import { findSeat } from './find-seat.ts';
import { type Household, type HouseholdMember, memberIn } from './household.ts';
import type { HouseholdReadPorts } from './household-read-resolvers.ts';
import {
  type AllowanceView,
  everIn,
  type PoolView,
  type SpendingConnection,
  viewHousehold,
} from './household-view.ts';
import { expiriesOf, sharesOf } from './pool.ts';

/** A pool with the lots that can be spent or are held: what one who left still has there is on its way back. */
async function viewPool(household: Household, wallet: Wallet, ledger: Ledger): Promise<PoolView> {
  const lots = wallet.openLots === 0 ? [] : await ledger.openLots(wallet.id);
  return { household, wallet, lots: lots.filter((lot) => memberIn(household, lot.contributorId!)) };
}

const sum = (points: readonly bigint[]): bigint => points.reduce((total, one) => total + one, 0n);

const availableIn = ({ lots }: PoolView): bigint => sum(lots.map((lot) => lot.remaining - lot.held));

const allowanceOf = (view: PoolView, { memberId, limits }: HouseholdMember, now: Date): AllowanceView => ({
  programme: view.wallet.programme,
  available: availableIn(view),
  limit: spendableNow(view.wallet, memberId, limits, now),
});

/** The pool of a programme, empty if nothing ever was pooled there. */
async function findPool(household: Household, programme: string, ledger: Ledger): Promise<PoolView> {
  const id = walletIdOf(household.id, programme);
  const known = (await ledger.pools(household.id)).find((wallet) => wallet.id === id);
  const wallet = known ?? emptyWallet(id, householdHolder(household.id), programme);
  return viewPool(household, wallet, ledger);
}

async function viewPools(household: Household, ledger: Ledger): Promise<PoolView[]> {
  const wallets = await ledger.pools(household.id);
  return Promise.all(wallets.map((wallet) => viewPool(household, wallet, ledger)));
}

async function spendingPage(
  household: Household,
  args: PageArguments,
  ledger: Ledger,
): Promise<SpendingConnection> {
  const page = readTimedPage(args, 1);
  const query = { householdId: household.id, kinds: ['REDEEM', 'CAPTURE'] as const };
  const postings = await ledger.postings(query, page);
  const reversals = await ledger.reversals(postings.map(({ id }) => id));
  const views = postings.map((posting) => ({
    household,
    posting,
    reversals: reversals.get(posting.id) ?? null,
  }));
  return toConnection(views, page.first, ({ posting }) => [posting.at.toISOString(), posting.id]);
}

/** What was contributed, with the household if the member still belongs to it; one that was erased since is not there. */
function answerContributed(
  { posting, wallet, replayed }: PointsPosted,
  household: Household | null,
  member: Member | null,
) {
  const memberId = posting.memberIds[0]!;
  if (!member) return answerNotFound(notFound('MEMBER', memberId));
  return {
    __typename: 'PointsContributed' as const,
    posting: viewPosting(posting, memberId),
    wallet: viewWallet(wallet, member),
    household: household && household.id === posting.householdId ? viewHousehold(household) : null,
    replayed,
  };
}

const mutations = ({ ledger, householdOf }: HouseholdReadPorts) =>
  ({
    contributeToHousehold: async (_, { input }, { caller, directory }) => {
      const memberId = callingMember(caller);
      const household = await householdOf(memberId);
      const outcome = await ledger.execute({
        kind: 'CONTRIBUTE',
        ...requestOf(caller, input),
        memberId,
        householdId: household?.id ?? null,
        programme: input.programme ?? 'SHARED',
        points: input.points,
      });
      switch (outcome.kind) {
        case 'PointsPosted':
          return answerContributed(outcome, await householdOf(memberId), await directory.member(memberId));
        case 'NotInHousehold':
          return answerNotInHousehold();
        case 'PoolingNotAllowed':
          return answerPoolingNotAllowed(outcome);
        case 'NotEnoughPoints':
          return answerNotEnough(outcome);
        case 'InvalidInput':
        case 'IdempotencyConflict':
        case 'NotFound':
          return answerCommon(outcome);
      }
    },
  }) satisfies Resolvers['Mutation'];

const ofMember = ({ ledger, householdOf }: HouseholdReadPorts) =>
  ({
    poolAllowance: async ({ id }, { programme }, { directory, clock }) => {
      const seat = await findSeat(id, householdOf);
      const found = await directory.programme(programme);
      if ('kind' in seat || !found) return null;
      return allowanceOf(await findPool(seat.household, found.code, ledger), seat.own, clock.now());
    },
    poolAllowances: async ({ id }, _, { clock }) => {
      const seat = await findSeat(id, householdOf);
      if ('kind' in seat) return [];
      const views = await viewPools(seat.household, ledger);
      return views.map((view) => allowanceOf(view, seat.own, clock.now()));
    },
  }) satisfies Resolvers['Member'];

const ofHousehold = (ledger: Ledger) =>
  ({
    pool: async (household, { programme }, { directory }) => {
      const found = await directory.programme(programme ?? 'SHARED');
      return found && findPool(household, found.code, ledger);
    },
    pools: (household) => viewPools(household, ledger),
    spending: (household, args) => spendingPage(household, args, ledger),
  }) satisfies Resolvers['Household'];

const pool: Resolvers['HouseholdPool'] = {
  programme: async ({ wallet }, _, { directory }) => (await directory.programme(wallet.programme))!,
  available: availableIn,
  held: ({ lots }) => sum(lots.map((lot) => lot.held)),
  spendableByYou: (view, _, { caller, clock }) => {
    const own = caller.kind === 'MEMBER' ? memberIn(view.household, caller.memberId) : undefined;
    if (!own) return 0n;
    const { available, limit } = allowanceOf(view, own, clock.now());
    return limit === null ? available : least(limit, available);
  },
  shares: ({ household, lots }) =>
    sharesOf(lots).map((share) => ({ ...share, member: everIn(household, share.memberId) })),
  expiring: ({ lots }, { withinDays }, { clock }) => {
    const days = withinDays ?? 90;
    checkWithinDays(days);
    return expiriesOf(lots, addDays(clock.now(), days));
  },
  nextExpiry: ({ lots }) => expiriesOf(lots, null)[0] ?? null,
};

const allowance: Resolvers['PoolAllowance'] = {
  programme: async ({ programme }, _, { directory }) => (await directory.programme(programme))!,
};

const spending: Resolvers['HouseholdSpending'] = {
  id: ({ posting }) => posting.id,
  at: ({ posting }) => posting.at,
  points: ({ posting }) => posting.points,
  programme: async ({ posting }, _, { directory }) => (await directory.programme(posting.programme))!,
  merchant: ({ posting }, _, { directory }) => directory.merchant(posting.merchantId!),
  by: ({ household, posting }) => everIn(household, posting.memberIds[0]!),
  reversed: ({ reversals }) => reversals?.points ?? 0n,
  parts: ({ household, posting }) => {
    const parts = new Map<string, bigint>();
    for (const { contributorId, remaining } of posting.allocations)
      if (contributorId !== undefined && remaining < 0n)
        parts.set(contributorId, (parts.get(contributorId) ?? 0n) - remaining);
    return [...parts].map(([memberId, points]) => ({ member: everIn(household, memberId), points }));
  },
};

/** Resolvers of what a household has pooled and spent. */
export const poolResolvers = (ports: HouseholdReadPorts) =>
  ({
    Mutation: mutations(ports),
    Member: ofMember(ports),
    Household: ofHousehold(ports.ledger),
    HouseholdPool: pool,
    PoolAllowance: allowance,
    HouseholdSpending: spending,
  }) satisfies Resolvers;
