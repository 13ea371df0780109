import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import { badArgument, mutate } from '../answers.ts';
import type { Context } from '../context.ts';
import { maySeeOwned } from '../redemption/redemption.ts';
import type {
  MemberResolvers,
  MutationResolvers,
  QueryResolvers,
  VoucherResolvers,
} from '../resolver-types.ts';
import { loadReward } from '../reward/load-reward.ts';
import { type ConsumeVoucherOutcome, consumeVoucher } from './consume-voucher.ts';
import { type Voucher, voucherStatus } from './voucher.ts';
import { readVoucherCode, showVoucherCode } from './voucher-code.ts';

const isShown = ({ ports }: Context, voucher: Voucher): boolean =>
  voucherStatus(voucher, ports.clock.now()) !== null;

async function findByCode(context: Context, typed: string): Promise<Voucher | null> {
  const code = readVoucherCode(typed);
  if (code === null) throw badArgument('code: must be the 16 characters on the voucher');
  const voucher = await context.ports.vouchers.findByCode(code);
  const { caller } = context;
  const takes = caller.kind !== 'MERCHANT' || voucher?.merchantId === caller.merchantId;
  return voucher && takes && isShown(context, voucher) ? voucher : null;
}

function answerConsume(outcome: ConsumeVoucherOutcome) {
  switch (outcome.kind) {
    case 'VoucherConsumed':
      return { __typename: 'VoucherConsumed' as const, voucher: outcome.voucher, replayed: outcome.replayed };
    case 'InvalidInput':
      return answerInvalidInput(outcome);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(outcome);
    case 'NotFound':
      return answerNotFound(outcome);
    case 'VoucherNotUsable':
      return {
        __typename: 'VoucherNotUsable' as const,
        code: 'VOUCHER_NOT_USABLE',
        message: `The voucher is ${outcome.status.toLowerCase()}.`,
        status: outcome.status,
        consumedAt: outcome.consumedAt,
      };
  }
}

const query: QueryResolvers = {
  voucher: (_, { code }, context) => findByCode(context, code),
};

const mutation: MutationResolvers = {
  consumeVoucher: (_, { input }, context) =>
    mutate(context, async () => answerConsume(await consumeVoucher(context.ports, context.caller, input))),
};

const voucher: VoucherResolvers = {
  async __resolveReference({ id }, context) {
    const found = await context.loaders.voucher.load(id);
    return found && maySeeOwned(context.caller, found) && isShown(context, found) ? found : null;
  },
  code: ({ code }) => showVoucherCode(code),
  status(parent, _, { ports }) {
    const status = voucherStatus(parent, ports.clock.now());
    if (status === null) throw new Error(`voucher ${parent.id} must not be shown`);
    return status;
  },
  reward: ({ rewardId }, _, context) => loadReward(context, rewardId),
  consumedAt: ({ consumption }) => consumption?.at ?? null,
  consumedRef: ({ consumption }) => consumption?.ref ?? null,
};

const member: MemberResolvers = {
  vouchers({ id }, _, { caller, ports }) {
    const merchantId = caller.kind === 'MERCHANT' ? caller.merchantId : null;
    return ports.vouchers.usable(id, ports.clock.now(), merchantId);
  },
};

/** Resolvers of vouchers. */
export const voucherResolvers = { Query: query, Mutation: mutation, Voucher: voucher, Member: member };
