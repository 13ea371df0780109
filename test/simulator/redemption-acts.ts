import { holdPooled } from '../rules/ledger/reference-households.ts';
import type { ModelPosting } from '../rules/ledger/reference-model.ts';
import { type Act, keyed, perform, pick } from './acting.ts';
import { expectSame } from './disagreement.ts';
import { operations } from './requests.ts';

/** A member gets a reward, with points of its own or of its household's pool. */
export const redeem: Act<'redeem'> = async (play, { member, reward, pooled, fault }) => {
  const { id, caller } = play.cast.players[member]!;
  const prize = play.cast.prizes[reward]!;
  const input = { ...keyed(play), rewardId: prize.id, ...(pooled && { fromHousehold: true }) };
  const operation = operations.redeemReward;
  await perform(play, { of: 'catalogue', caller, operation, input }, fault, (answer) => {
    // Held first, and activity only when it is captured: where validities slide the two choose other lots than a payment.
    const reserve = () =>
      pooled ? holdPooled(play.model, id, prize.points) : play.model.hold(id, prize.points);
    const hold = prize.stock === 0 ? 'RewardUnavailable' : reserve();
    if (typeof hold === 'string') {
      expectSame('answer', answer.__typename, hold);
      return;
    }
    expectSame('answer', answer.__typename, 'RewardRedeemed');
    const { voucher } = answer.redemption;
    expectSame('status', answer.redemption.status, 'CONFIRMED');
    const model = play.model.capture(hold, prize.points) as ModelPosting;
    prize.stock--;
    play.redeemed.push({
      ...{ id: answer.redemption.id, code: voucher.code, model, prize, status: 'CONFIRMED', holder: caller },
      expiresAt: Date.parse(voucher.expiresAt),
    });
  });
};

/** Whoever redeemed takes it back. */
export const cancel: Act<'cancel'> = async (play, { which, fault }) => {
  const target = pick(play.redeemed, which);
  if (!target) return;
  const input = { ...keyed(play), redemptionId: target.id, reason: 'simulated' };
  const operation = operations.cancelRedemption;
  const request = { of: 'catalogue', caller: target.holder, operation, input } as const;
  await perform(play, request, fault, (answer) => {
    if (target.status !== 'CONFIRMED' || target.expiresAt <= play.world.now) {
      expectSame('answer', answer.__typename, 'NotCancellable');
      return;
    }
    expectSame('answer', answer.__typename, 'RedemptionCancelled');
    play.model.reverse(target.model, null, null);
    target.status = 'CANCELLED';
    target.prize.stock++;
  });
};

/** The honouring merchant takes a voucher. */
export const consume: Act<'consume'> = async (play, { which, fault }) => {
  const target = pick(play.redeemed, which);
  if (!target) return;
  const input = { ...keyed(play), code: target.code, externalRef: `sale-${play.sent}` };
  const { caller } = target.prize.merchant;
  const request = { of: 'catalogue', caller, operation: operations.consumeVoucher, input } as const;
  await perform(play, request, fault, (answer) => {
    const usable = target.status === 'CONFIRMED' && target.expiresAt > play.world.now;
    expectSame('answer', answer.__typename, usable ? 'VoucherConsumed' : 'VoucherNotUsable');
    if (usable) target.status = 'CONSUMED';
  });
};
