import { type PageArguments, readTimedPage, toConnection } from '../../shared/connection.ts';
import { badUserInput } from '../../shared/errors.ts';
import { answerNotFound, notFound } from '../../shared/refusal.ts';
import { walletIdOf } from '../ledger/account.ts';
import type { PointsPosted } from '../ledger/command.ts';
import { least } from '../ledger/least.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { answerCommon, answerNotEnough } from '../ledger/ledger-answers.ts';
import { requestOf } from '../ledger/movement-resolvers.ts';
import { answerNotInHousehold, answerPoolingNotAllowed } from '../ledger/pool-answers.ts';
import { spendableNow } from '../ledger/pool-limit.ts';
import { addDays } from '../ledger/terms.ts';
import { viewPosting, viewWallet } from '../ledger/views.ts';
import { emptyWallet, householdHolder, type Wallet } from '../ledger/wallet.ts';
import type { Member } from '../membership/member.ts';
import type { Resolvers } from '../resolver-types.ts';
import { callingMember } from './answer-changed.ts';
import { type Household, memberIn } from './household.ts';
import type { HouseholdReadPorts } from './household-read-resolvers.ts';
import { everIn, type PoolView, type SpendingConnection, viewHousehold } from './household-view.ts';
import { expiriesOf, sharesOf } from './pool.ts';

const mostDays = 3_660;

/** A pool with the lots that can be spent or are held: what one who left still has there is on its way back. */
async function viewPool(household: Household, wallet: Wallet, ledger: Ledger): Promise<PoolView> {
  const lots = wallet.openLots === 0 ? [] : await ledger.openLots(wallet.id);
  return { household, wallet, lots: lots.filter((lot) => memberIn(household, lot.contributorId!)) };
}

const sum = (points: readonly bigint[]): bigint => points.reduce((total, one) => total + one, 0n);

const availableIn = ({ lots }: PoolView): bigint => sum(lots.map((lot) => lot.remaining - lot.held));

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

const ofHousehold = (ledger: Ledger) =>
  ({
    pool: async (household, { programme }, { directory }) => {
      const found = await directory.programme(programme ?? 'SHARED');
      if (!found) return null;
      const id = walletIdOf(household.id, found.code);
      const known = (await ledger.pools(household.id)).find((wallet) => wallet.id === id);
      const wallet = known ?? emptyWallet(id, householdHolder(household.id), found.code);
      return viewPool(household, wallet, ledger);
    },
    pools: async (household) => {
      const wallets = await ledger.pools(household.id);
      return Promise.all(wallets.map((wallet) => viewPool(household, wallet, ledger)));
    },
    spending: (household, args) => spendingPage(household, args, ledger),
  }) satisfies Resolvers['Household'];

const pool: Resolvers['HouseholdPool'] = {
  programme: async ({ wallet }, _, { directory }) => (await directory.programme(wallet.programme))!,
  available: availableIn,
  held: ({ lots }) => sum(lots.map((lot) => lot.held)),
  spendableByYou: (view, _, { caller, clock }) => {
    const { household, wallet } = view;
    const own = caller.kind === 'MEMBER' ? memberIn(household, caller.memberId) : undefined;
    if (!own) return 0n;
    const available = availableIn(view);
    const most = spendableNow(wallet, own.memberId, own.limits, clock.now());
    return most === null ? available : least(most, available);
  },
  shares: ({ household, lots }) =>
    sharesOf(lots).map((share) => ({ ...share, member: everIn(household, share.memberId) })),
  expiring: ({ lots }, { withinDays }, { clock }) => {
    const days = withinDays ?? 90;
    if (days < 0 || days > mostDays) throw badUserInput(`withinDays: must be 0 to ${mostDays}, got ${days}`);
    return expiriesOf(lots, addDays(clock.now(), days));
  },
  nextExpiry: ({ lots }) => expiriesOf(lots, null)[0] ?? null,
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
    Household: ofHousehold(ports.ledger),
    HouseholdPool: pool,
    HouseholdSpending: spending,
  }) satisfies Resolvers;
