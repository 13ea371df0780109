import { actorOf, type Caller, type OutsideCaller } from '../../shared/caller.ts';
import type { RequestIdentity } from '../../shared/request.ts';
import type { HouseholdLimitExceeded, NotEnoughPoints, NotFound, NotInHousehold } from '../refusal.ts';
import type { WhyNot } from '../reward/availability.ts';
import type { Money, Reward } from '../reward/reward.ts';

/**
 * What has to be done next. A redemption goes RESERVE, HOLD, ISSUE, CAPTURE and rests CONFIRMED; a refusal after
 * RESERVE goes through UNDO and rests FAILED; a cancellation goes REVERSE, RETURN and rests CANCELLED.
 */
export type Step = 'RESERVE' | 'HOLD' | 'ISSUE' | 'CAPTURE' | 'UNDO' | 'REVERSE' | 'RETURN';

/** Where a redemption stands, for people. */
export type RedemptionStatus = 'PENDING' | 'CONFIRMED' | 'FAILED' | 'CANCELLING' | 'CANCELLED';

/** Why a redemption failed. HoldReleased: the points' hold timed out before they were taken. */
export type Failure =
  | { readonly kind: 'RewardUnavailable'; readonly whyNot: readonly WhyNot[] }
  | NotInHousehold
  | HouseholdLimitExceeded
  | NotEnoughPoints
  | NotFound
  | { readonly kind: 'HoldReleased' };

/** Who cancelled a redemption and why. */
export interface Cancellation extends RequestIdentity {
  readonly reason: string;
  readonly at: Date;
}

/** A member's purchase of a reward with points: the saga's record. Prices and limits are those of the request's instant. */
export interface Redemption {
  readonly id: string;
  readonly rewardId: string;
  readonly memberId: string;
  /** The reward's merchant. */
  readonly merchantId: string;
  /** The reward's merchant and the merchant that redeemed for the member, if one did: both may see it. */
  readonly seenBy: readonly string[];
  readonly programme: string;
  readonly points: bigint;
  /** True if the pool of the member's household pays. */
  readonly fromHousehold: boolean;
  readonly voucherValue: Money | null;
  readonly voucherValidityDays: number;
  /** Whether the reward has a stock to take from. */
  readonly stocked: boolean;
  readonly limitPerMember: number | null;
  readonly status: RedemptionStatus;
  /** Null while at rest. */
  readonly step: Step | null;
  readonly requestedAt: Date;
  readonly confirmedAt: Date | null;
  readonly cancelledAt: Date | null;
  /** Who asked for it. */
  readonly actor: OutsideCaller;
  /** Null once failed: a refusal is not remembered, the same request may be tried again. */
  readonly request: RequestIdentity | null;
  /** Whether it counts against the reward's stock and the member's limit. */
  readonly reserved: boolean;
  readonly holdId: string | null;
  readonly capturePostingId: string | null;
  readonly failure: Failure | null;
  readonly cancellation: Cancellation | null;
}

/** The record of a redemption that has just been asked for. */
export function newRedemption(asked: {
  readonly id: string;
  readonly reward: Reward;
  readonly memberId: string;
  readonly fromHousehold: boolean;
  readonly actor: OutsideCaller;
  readonly request: RequestIdentity;
  readonly now: Date;
}): Redemption {
  const { id, reward, memberId, fromHousehold, actor, request, now } = asked;
  const seenBy = new Set([reward.merchantId, ...(actor.kind === 'MERCHANT' ? [actor.merchantId] : [])]);
  return {
    id,
    rewardId: reward.id,
    memberId,
    merchantId: reward.merchantId,
    seenBy: [...seenBy],
    programme: reward.programme,
    points: reward.points,
    fromHousehold,
    voucherValue: reward.voucherValue,
    voucherValidityDays: reward.voucherValidityDays,
    stocked: reward.stock !== null,
    limitPerMember: reward.limitPerMember,
    status: 'PENDING',
    step: 'RESERVE',
    requestedAt: now,
    confirmedAt: null,
    cancelledAt: null,
    actor,
    request,
    reserved: false,
    holdId: null,
    capturePostingId: null,
    failure: null,
    cancellation: null,
  };
}

/** The caller's key stands for the cancellation of another redemption. */
export class KeyTaken extends Error {
  override name = 'KeyTaken';
}

/** Whether the caller may cancel it: the member, the reward's merchant or the operator. */
export function mayManageRedemption(
  caller: Caller,
  redemption: Pick<Redemption, 'memberId' | 'merchantId'>,
): boolean {
  const actor = actorOf(caller);
  if (actor.kind === 'MEMBER') return actor.memberId === redemption.memberId;
  if (actor.kind === 'MERCHANT') return actor.merchantId === redemption.merchantId;
  return actor.kind === 'OPERATOR';
}

/** Whether the caller may cancel a redemption whose voucher has expired: where the terms say so, the operator sees to it. */
export const mayCancelExpired = (caller: Caller): boolean => actorOf(caller).kind === 'OPERATOR';

/** Whether the caller may know of something of a member that a merchant honours, such as a redemption or a voucher. */
export function maySeeOwned(
  caller: Caller,
  owned: { readonly memberId: string; readonly seenBy: readonly string[] },
): boolean {
  const actor = actorOf(caller);
  if (actor.kind === 'MEMBER') return actor.memberId === owned.memberId;
  if (actor.kind === 'MERCHANT') return owned.seenBy.includes(actor.merchantId);
  return actor.kind === 'OPERATOR' || actor.kind === 'AUDITOR';
}
