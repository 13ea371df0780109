import { toConnection } from '../../shared/connection.ts';
import {
  answerHouseholdLimit,
  answerLimitAtTill,
  answerNotInHousehold,
  answerPoolShort,
} from '../../shared/pool-answers.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import { mutate, readOrderedPage, referToMember } from '../answers.ts';
import type { Context, MemberReference } from '../context.ts';
import { answerNotEnoughPoints } from '../refusal-answers.ts';
import type {
  MemberResolvers,
  MutationResolvers,
  QueryResolvers,
  RedemptionResolvers,
} from '../resolver-types.ts';
import { loadReward } from '../reward/load-reward.ts';
import { type CancelObstacle, type CancelRedemptionOutcome, cancelRedemption } from './cancel-redemption.ts';
import { type RedeemRewardOutcome, redeemReward } from './redeem-reward.ts';
import { maySeeOwned, type Redemption } from './redemption.ts';

const isInstant = (text: string): boolean => !Number.isNaN(Date.parse(text));

async function findVisible(context: Context, id: string): Promise<Redemption | null> {
  const redemption = await context.loaders.redemption.load(id);
  return redemption && maySeeOwned(context.caller, redemption) ? redemption : null;
}

/** Who redeems is the member, or a merchant that has registered it: the redemption had to find it so. */
const redeemingMember = ({ caller }: Context, { memberId }: Redemption): MemberReference => ({
  id: memberId,
  registeredBy: caller.kind === 'MERCHANT' ? [caller.merchantId] : [],
});

/** What came of it; a merchant is told no figures of a household's pool. */
async function answerRedeem(context: Context, outcome: RedeemRewardOutcome, fromHousehold: boolean) {
  const isMerchant = context.caller.kind === 'MERCHANT';
  switch (outcome.kind) {
    case 'RewardRedeemed': {
      const { redemption, replayed } = outcome;
      const member = redeemingMember(context, redemption);
      return { __typename: 'RewardRedeemed' as const, redemption, member, replayed };
    }
    case 'InvalidInput':
      return answerInvalidInput(outcome);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(outcome);
    case 'NotFound':
      return answerNotFound(outcome);
    case 'RewardUnavailable':
      return {
        __typename: 'RewardUnavailable' as const,
        code: 'REWARD_UNAVAILABLE',
        message: outcome.whyNot.map(({ message }) => message).join(' '),
        reward: await loadReward(context, outcome.rewardId),
        whyNot: outcome.whyNot,
      };
    case 'NotInHousehold':
      return answerNotInHousehold();
    case 'HouseholdLimitExceeded':
      return isMerchant ? answerLimitAtTill(outcome) : answerHouseholdLimit(outcome);
    case 'NotEnoughPoints':
      return isMerchant && fromHousehold ? answerPoolShort() : answerNotEnoughPoints(outcome);
  }
}

const obstacleMessages: Record<CancelObstacle, string> = {
  NOT_CONFIRMED: 'Only a confirmed redemption can be cancelled.',
  CONSUMED: 'The voucher has been consumed.',
  EXPIRED: 'The voucher has expired.',
};

async function answerCancel(context: Context, outcome: CancelRedemptionOutcome) {
  switch (outcome.kind) {
    case 'RedemptionCancelled': {
      const { redemption, replayed } = outcome;
      const member = await referToMember(context, redemption.memberId);
      return { __typename: 'RedemptionCancelled' as const, redemption, member, replayed };
    }
    case 'InvalidInput':
      return answerInvalidInput(outcome);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(outcome);
    case 'NotFound':
      return answerNotFound(outcome);
    case 'NotCancellable':
      return {
        __typename: 'NotCancellable' as const,
        code: 'NOT_CANCELLABLE',
        message: obstacleMessages[outcome.obstacle],
        redemption: outcome.redemption,
      };
  }
}

const query: QueryResolvers = {
  redemption: (_, { id }, context) => findVisible(context, id),
};

const mutation: MutationResolvers = {
  redeemReward: async (_, { input }, context) => {
    const outcome = await mutate(context, () => redeemReward(context.ports, context.caller, input));
    return answerRedeem(context, outcome, input.fromHousehold === true);
  },
  cancelRedemption: async (_, { input }, context) => {
    const outcome = await mutate(context, () => cancelRedemption(context.ports, context.caller, input));
    return answerCancel(context, outcome);
  },
};

const redemption: RedemptionResolvers = {
  __resolveReference: ({ id }, context) => findVisible(context, id),
  // Redemptions of before households had pools say nothing of them.
  fromHousehold: (record) => record.fromHousehold ?? false,
  reward: ({ rewardId }, _, context) => loadReward(context, rewardId),
  member: ({ memberId }, _, context) => referToMember(context, memberId),
  async voucher({ id, status }, _, { loaders }) {
    return status === 'PENDING' || status === 'FAILED' ? null : loaders.voucherOfRedemption.load(id);
  },
};

const member: MemberResolvers = {
  async redemptions({ id }, args, context) {
    const page = readOrderedPage(args, isInstant);
    const { caller, ports } = context;
    const merchantId = caller.kind === 'MERCHANT' ? caller.merchantId : null;
    const rows = await ports.redemptions.listOfMember(id, merchantId, page);
    return toConnection(rows, page.first, (row) => [row.requestedAt.toISOString(), row.id]);
  },
};

/** Resolvers of redemptions. */
export const redemptionResolvers = {
  Query: query,
  Mutation: mutation,
  Redemption: redemption,
  Member: member,
};
