import type { Caller } from '../../subgraphs/shared/caller.ts';
import { type Fault, noFault } from './faults.ts';
import type { ProcessName } from './processes.ts';
import type { Read, World } from './world.ts';

/** A mutation as somebody sends it, again and again if need be. */
export interface Request {
  readonly of: ProcessName;
  readonly caller: Caller;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

const refusals = '... on Refusal { code message }';
const posted = `__typename ... on PointsPosted { replayed posting { id } } ${refusals}`;

const resolved = `__typename ... on HoldResolved { replayed hold { id capturePostingId } } ${refusals}`;

const caseChanged = `__typename ... on CaseChanged { replayed case { id } } ${refusals}`;

const homeChanged = `__typename ... on HouseholdChanged {
  replayed household { id members { id isYou leftAt } } invitation { id } } ${refusals}`;
const homeLeft = `__typename ... on HouseholdLeft { replayed member { id } } ${refusals}`;

const mutation = (name: string, answer: string, type = `${name[0]!.toUpperCase()}${name.slice(1)}`): string =>
  `mutation ($input: ${type}Input!) { result: ${name}(input: $input) { ${answer} } }`;

/** The mutations that steps send. */
export const operations = {
  issuePoints: mutation('issuePoints', posted),
  postEarn: mutation('postEarn', posted),
  redeemPoints: mutation('redeemPoints', posted),
  transferPoints: mutation('transferPoints', posted),
  declineGift: mutation('declineGift', `__typename ... on GiftDeclined { replayed gift { id } } ${refusals}`),
  postDonation: mutation('postDonation', posted),
  reversePosting: mutation('reversePosting', posted),
  issuePointsBatch: mutation(
    'issuePointsBatch',
    `__typename ... on PointsBatchIssued { results { ${posted} } } ${refusals}`,
  ),
  holdPoints: mutation('holdPoints', `__typename ... on PointsHeld { replayed hold { id } } ${refusals}`),
  capturePoints: mutation('capturePoints', resolved),
  voidHold: mutation('voidHold', resolved),
  restoreLot: mutation('restoreLot', posted),
  unlockPoints: mutation('unlockPoints', posted),
  redeemReward: mutation(
    'redeemReward',
    `__typename ... on RewardRedeemed { replayed redemption { id status voucher { id code expiresAt } } } ${refusals}`,
  ),
  cancelRedemption: mutation(
    'cancelRedemption',
    `__typename ... on RedemptionCancelled { replayed redemption { id status } } ${refusals}`,
  ),
  consumeVoucher: mutation(
    'consumeVoucher',
    `__typename ... on VoucherConsumed { replayed voucher { id } } ${refusals}`,
  ),
  openCase: mutation('openCase', caseChanged),
  reviewCase: mutation('reviewCase', caseChanged),
  confirmCase: mutation('confirmCase', caseChanged),
  decideCase: mutation('decideCase', caseChanged),
  appealCase: mutation('appealCase', caseChanged),
  createHousehold: mutation('createHousehold', homeChanged),
  inviteToHousehold: mutation('inviteToHousehold', homeChanged),
  acceptHouseholdInvitation: mutation('acceptHouseholdInvitation', homeChanged, 'HouseholdInvitation'),
  setHouseholdLimits: mutation('setHouseholdLimits', homeChanged),
  setHouseholdRole: mutation('setHouseholdRole', homeChanged),
  removeFromHousehold: mutation('removeFromHousehold', homeChanged, 'HouseholdMember'),
  leaveHousehold: mutation('leaveHousehold', homeLeft, 'HouseholdRequest'),
  dissolveHousehold: mutation('dissolveHousehold', homeLeft, 'HouseholdRequest'),
  contributeToHousehold: mutation(
    'contributeToHousehold',
    `__typename ... on PointsContributed { replayed posting { id } } ${refusals}`,
  ),
  decideCaseAppeal: mutation('decideCaseAppeal', caseChanged),
} as const;

const mostAttempts = 6;

/** Whether an answer tells of something done before: of a batch, all of it. */
export const isReplayed = (answer: Read): boolean =>
  answer.results ? answer.results.every(isReplayed) : answer.replayed === true;

/** What came of a household is told as it is now: to one that has left, not at all. */
const homeEffects = new Map(['HouseholdChanged', 'HouseholdLeft'].map((name) => [name, name]));

/** Of a batch all is refused, as its merchant may not issue, or nothing. */
const effectOfAll = (results: readonly Read[]): string | null =>
  results
    .map(effectOf)
    .filter((effect) => effect !== null)
    .join() || null;

/** What identifies the effect of an answer. */
export const effectOf = (answer: Read): string | null =>
  effectOfAll(answer.results ?? []) ??
  answer.posting?.id ??
  answer.hold?.id ??
  answer.gift?.id ??
  answer.redemption?.id ??
  answer.voucher?.id ??
  answer.case?.id ??
  homeEffects.get(answer.__typename) ??
  null;

/**
 * Sends what is to be sent at once, with a fault; gives the answers. Where the fault is that all but the first come past it
 * while that is held, they come one after the other, so that the machine has no say in who is first.
 */
async function atOnce(world: World, sends: readonly (() => Promise<Read>)[], fault: Fault): Promise<Read[]> {
  const isSteered = fault.kind === 'TWINS' && fault.past !== null;
  const [first, ...others] = sends;
  const come: Read[] = [];
  world.provoke(fault, async () => {
    for (const send of others) come.push(await send());
  });
  const answers = isSteered ? [await first!()] : await Promise.all(sends.map((send) => send()));
  await world.calm();
  return [...answers, ...come];
}

/** Sends different requests at once, all but the first past it while that is held, or as they come; gives their answers. */
export function sendAtOnce(
  world: World,
  requests: readonly Request[],
  past: Extract<Fault, { kind: 'TWINS' }>['past'],
): Promise<Read[]> {
  const sends = requests.map(
    ({ of, caller, operation, input }) =>
      () =>
        world.ask(of, caller, operation, { input }),
  );
  return atOnce(world, sends, { kind: 'TWINS', count: requests.length, past });
}

/**
 * Sends a request, with a fault the first time, until an answer comes, as a client does that wants to know. Gives all
 * answers of the last attempt. Throws where an answer fails to come without a fault.
 */
export async function carryOut(world: World, request: Request, fault: Fault): Promise<Read[]> {
  const { of, caller, operation, input } = request;
  const send = () => world.ask(of, caller, operation, { input });
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const first = attempt === 1;
    const copies = first && fault.kind === 'TWINS' ? fault.count : 1;
    const answers = await atOnce(
      world,
      Array.from({ length: copies }, () => send),
      first ? fault : noFault,
    );
    if (first && fault.kind === 'ANSWER_LOST') continue;
    const good = answers.flatMap((data) => (data?.result ? [data.result] : []));
    if (good.length > 0) return good;
    const excused = first && ['DEATH', 'LINK', 'TWINS'].includes(fault.kind);
    if (!excused) throw new Error(`no answer to ${JSON.stringify(request)} but ${world.trouble}`);
  }
  throw new Error(`no answer after ${mostAttempts} attempts to ${JSON.stringify(request)}`);
}
