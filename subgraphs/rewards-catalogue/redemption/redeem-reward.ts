import type { Caller } from '../../shared/caller.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  invalidInput,
  memberNotFound,
  notFound,
} from '../../shared/refusal.ts';
import { checkKey, checkSame, identify, type RequestIdentity } from '../../shared/request.ts';
import type { Selector } from '../accounts-port.ts';
import type { CataloguePorts } from '../ports.ts';
import {
  type HouseholdLimitExceeded,
  type NotEnoughPoints,
  NotFinishedYet,
  type NotFound,
  type NotInHousehold,
} from '../refusal.ts';
import { outsideCaller } from '../request.ts';
import { rewardReasons, type WhyNot } from '../reward/availability.ts';
import type { Reward } from '../reward/reward.ts';
import { maySee } from '../reward/reward-visibility.ts';
import { advanceRedemption } from './advance-redemption.ts';
import { newRedemption, type Redemption } from './redemption.ts';

/** What the caller asks for. */
export interface RedeemRewardInput {
  readonly idempotencyKey: string;
  readonly rewardId: string;
  readonly member?: Selector | null | undefined;
  /** True to pay from the pool of the member's household. */
  readonly fromHousehold?: boolean | null | undefined;
}

/** The reward cannot be had now, whatever the member's points. */
export interface RewardUnavailable {
  readonly kind: 'RewardUnavailable';
  readonly rewardId: string;
  readonly whyNot: readonly WhyNot[];
}

/** What came of it. */
export type RedeemRewardOutcome =
  | { readonly kind: 'RewardRedeemed'; readonly redemption: Redemption; readonly replayed: boolean }
  | InvalidInput
  | IdempotencyConflict
  | NotFound
  | RewardUnavailable
  | NotInHousehold
  | HouseholdLimitExceeded
  | NotEnoughPoints;

/**
 * Buys a reward with a member's points, or leaves no trace but a failed record. The record is written first and then
 * advanced; the same request again finds it and carries on where it stands. Throws ServiceUnavailable where accounts
 * gives no answer; the redemption is then finished or undone by the sweeper or by the same request sent again.
 */
export async function redeemReward(
  ports: CataloguePorts,
  caller: Caller,
  input: RedeemRewardInput,
): Promise<RedeemRewardOutcome> {
  const invalid = checkKey(input.idempotencyKey) ?? checkSelector(caller, input.member);
  if (invalid) return invalid;
  const request = identify(caller, input);
  // A record that fails gives its key back, so the request may have to start again: because the record was another
  // attempt's, or because its hold timed out long ago.
  for (let attempt = 1; attempt <= 3; attempt++) {
    const outcome = (await resume(ports, request)) ?? (await begin(ports, caller, input, request));
    if (outcome !== 'TRY_AGAIN') return outcome;
  }
  throw new NotFinishedYet('the redemption kept being undone');
}

function checkSelector(caller: Caller, member: Selector | null | undefined): InvalidInput | null {
  if (!member)
    return caller.kind === 'MEMBER' ? null : invalidInput('input.member', "one of the merchant's members");
  const given = [member.id, member.reference, member.cardNumber].filter((value) => value != null);
  return given.length === 1
    ? null
    : invalidInput('input.member', 'exactly one of id, reference and cardNumber');
}

/** Carries on with the record that this request began before; null if there is none. */
async function resume(
  ports: CataloguePorts,
  request: RequestIdentity,
): Promise<RedeemRewardOutcome | 'TRY_AGAIN' | null> {
  const earlier = await ports.redemptions.findByRequest(request.caller, request.key);
  if (!earlier?.request) return null;
  return checkSame(earlier.request, request) ?? finish(ports, earlier, true);
}

async function begin(
  ports: CataloguePorts,
  caller: Caller,
  input: RedeemRewardInput,
  request: RequestIdentity,
): Promise<RedeemRewardOutcome | 'TRY_AGAIN'> {
  const memberId = await findMember(ports, caller, input.member);
  if (memberId === null) return memberNotFound(input.member ?? {});
  const reward = await ports.rewards.find(input.rewardId);
  if (!reward || !maySee(caller, reward)) return notFound('REWARD', input.rewardId);
  const now = ports.clock.now();
  const whyNot = rewardReasons(reward, { now, taken: await countTaken(ports, reward, memberId) });
  if (whyNot.length > 0) return { kind: 'RewardUnavailable', rewardId: reward.id, whyNot };
  const actor = outsideCaller(caller);
  const id = ports.newId('red');
  const fromHousehold = input.fromHousehold === true;
  const record = newRedemption({ id, reward, memberId, fromHousehold, actor, request, now });
  return (await ports.redemptions.insert(record)) ? finish(ports, record, false) : 'TRY_AGAIN';
}

/** The member's id; a member that names nobody is itself. */
async function findMember(
  { accounts }: Pick<CataloguePorts, 'accounts'>,
  caller: Caller,
  member: Selector | null | undefined,
): Promise<string | null> {
  if (member) return (await accounts.resolveMember(member, outsideCaller(caller)))?.id ?? null;
  return caller.kind === 'MEMBER' ? caller.memberId : null;
}

async function countTaken(
  { redemptions }: Pick<CataloguePorts, 'redemptions'>,
  reward: Reward,
  memberId: string,
): Promise<number> {
  if (reward.limitPerMember === null) return 0;
  const [taken] = await redemptions.countReserved([{ memberId, rewardId: reward.id }]);
  return taken!;
}

/** Advances the record to its rest and tells what came of it. */
async function finish(
  ports: CataloguePorts,
  record: Redemption,
  replayed: boolean,
): Promise<RedeemRewardOutcome | 'TRY_AGAIN'> {
  const redemption = await advanceRedemption(ports, record);
  const { failure } = redemption;
  if (redemption.status !== 'FAILED' || !failure) return { kind: 'RewardRedeemed', redemption, replayed };
  switch (failure.kind) {
    case 'RewardUnavailable':
      return { kind: 'RewardUnavailable', rewardId: redemption.rewardId, whyNot: failure.whyNot };
    case 'NotInHousehold':
    case 'HouseholdLimitExceeded':
    case 'NotEnoughPoints':
    case 'NotFound':
      return failure;
    case 'HoldReleased':
      return 'TRY_AGAIN';
  }
}
