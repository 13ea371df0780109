import { type ConnectionOf, readPage, toConnection } from '../../shared/connection.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import { mutate, readOrderedPage } from '../answers.ts';
import type { Context } from '../context.ts';
import type {
  MemberResolvers,
  MerchantResolvers,
  MutationResolvers,
  QueryResolvers,
  RewardResolvers,
} from '../resolver-types.ts';
import { affordableRewards } from './affordable-rewards.ts';
import { type CreateRewardOutcome, createReward } from './create-reward.ts';
import { listRewards, type RewardFilter } from './list-rewards.ts';
import { type PublishRewardOutcome, publishReward } from './publish-reward.ts';
import type { Reward } from './reward.ts';
import { rewardAvailability } from './reward-availability.ts';
import { mayAskAboutPools, maySee } from './reward-visibility.ts';

const isPoints = (text: string): boolean => /^\d{1,18}$/.test(text);

interface ListArguments extends RewardPage {
  readonly filter: RewardFilter;
}

interface RewardPage {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

async function toPage(context: Context, args: ListArguments): Promise<ConnectionOf<Reward>> {
  const page = readOrderedPage(args, isPoints);
  const rows = await listRewards(context.ports, context.caller, args.filter, page);
  return toConnection(rows, page.first, ({ points, id }) => [String(points), id]);
}

async function findVisible(context: Context, id: string): Promise<Reward | null> {
  const reward = await context.loaders.reward.load(id);
  return reward && maySee(context.caller, reward) ? reward : null;
}

function answerCreate(outcome: CreateRewardOutcome) {
  switch (outcome.kind) {
    case 'RewardCreated':
      return { __typename: 'RewardCreated' as const, reward: outcome.reward };
    case 'InvalidInput':
      return answerInvalidInput(outcome);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(outcome);
    case 'NotFound':
      return answerNotFound(outcome);
  }
}

function answerPublish(outcome: PublishRewardOutcome) {
  switch (outcome.kind) {
    case 'RewardPublished':
      return { __typename: 'RewardPublished' as const, reward: outcome.reward };
    case 'NotFound':
      return answerNotFound(outcome);
    case 'DisclosureIncomplete':
      return {
        __typename: 'DisclosureIncomplete' as const,
        code: 'DISCLOSURE_INCOMPLETE',
        message: `The reward has to state ${outcome.missing.join(', ')}.`,
        missing: outcome.missing,
      };
    case 'NotPublishable':
      return {
        __typename: 'NotPublishable' as const,
        code: 'NOT_PUBLISHABLE',
        message: 'The window of the reward is over.',
      };
  }
}

const query: QueryResolvers = {
  rewards: (_, { filter, ...page }, context) => toPage(context, { filter: filter ?? {}, ...page }),
  reward: (_, { id }, context) => findVisible(context, id),
};

const mutation: MutationResolvers = {
  createReward: (_, { input }, context) =>
    mutate(context, async () => answerCreate(await createReward(context.ports, context.caller, input))),
  publishReward: (_, { input }, context) =>
    mutate(context, async () =>
      answerPublish(await publishReward(context.ports, context.caller, input.rewardId)),
    ),
};

const reward: RewardResolvers = {
  __resolveReference: ({ id }, context) => findVisible(context, id),
  merchant: ({ merchantId }) => ({ id: merchantId }),
  programme: ({ programme }) => ({ code: programme }),
  async availability(parent, { forMember, fromHousehold }, context) {
    const { loaders, ports, caller } = context;
    const facts = { loaders, clock: ports.clock };
    const buyer = { forMember: forMember ?? null, fromHousehold: fromHousehold ?? false };
    const whyNot = await rewardAvailability(facts, caller, parent, buyer);
    return whyNot && { canRedeem: whyNot.length === 0, whyNot };
  },
};

const member: MemberResolvers = {
  __resolveReference: ({ id, ...rest }) => ({
    id,
    registeredBy: 'registeredBy' in rest ? (rest.registeredBy as readonly string[]) : [],
  }),
  async affordableRewards({ id }, args, context) {
    const { first } = readPage({ first: args.first }, 2);
    const { loaders, ports, caller } = context;
    const fromHousehold = args.fromHousehold ?? false;
    if (fromHousehold && !mayAskAboutPools(caller)) return [];
    return affordableRewards({ ...ports, loaders }, { memberId: id, first, fromHousehold });
  },
};

const merchant: MerchantResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  rewards: ({ id }, args, context) => toPage(context, { ...args, filter: { merchantId: id } }),
};

/** Resolvers of rewards, and of what members and merchants have to do with them. */
export const rewardResolvers = {
  Query: query,
  Mutation: mutation,
  Reward: reward,
  Member: member,
  Merchant: merchant,
};
