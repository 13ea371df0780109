import type { ModelPosting } from '../rules/ledger/reference-model.ts';
import { publishProgramme } from '../support/accounts.ts';
import { asService } from '../support/callers.ts';
import { type Act, agree, keyed, type Play, perform, pick, post } from './acting.ts';
import { appealCase, confirmCase, decideCase, judgeCase, openCase, reviewCase } from './case-acts.ts';
import { accountsOf, assemble, firstTerms, published, waitDays } from './cast.ts';
import { compare } from './compare.ts';
import { deliver } from './delivery-acts.ts';
import { expectSame } from './disagreement.ts';
import { noFault } from './faults.ts';
import {
  contribute,
  dissolve,
  gather,
  holdPooled,
  leave,
  limit,
  payPooled,
  remove,
  role,
} from './home-acts.ts';
import { checkedNothing } from './invariants.ts';
import { capture, hold, issueBatch, restore, reversePoints, unlock, voidHold } from './ledger-acts.ts';
import { takeArriving } from './on-the-way.ts';
import { passTo } from './passing.ts';
import { PlayModel, type PlayTerms } from './play-model.ts';
import { cancel, consume, redeem } from './redemption-acts.ts';
import { carryOut, effectOf, operations, sendAtOnce } from './requests.ts';
import { seal } from './seal-acts.ts';
import { newStatement, statement } from './statements.ts';
import type { Step } from './steps.ts';
import type { World } from './world.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Opens a play in a new world. */
export async function openPlay(world: World): Promise<Play> {
  const cast = await assemble(world);
  const model = new PlayModel(world.now, firstTerms);
  const startedAt = world.now;
  return {
    world,
    model,
    cast,
    startedAt,
    posted: [],
    redeemed: [],
    holds: [],
    gifts: [],
    cases: [],
    home: null,
    closings: new Map(),
    statements: new Map(),
    homes: new Map(),
    done: [],
    coming: [],
    transfers: firstTerms.transfers,
    step: 0,
    onTheWay: [],
    sent: 0,
    checked: checkedNothing(world.records),
    askedAt: '',
  };
}

const earn: Act<'earn'> = async (play, { member, merchant, points, fault }) => {
  const { reference, id } = play.cast.players[member]!;
  const input = { ...keyed(play), member: { reference }, points, externalRef: `receipt-${play.sent}` };
  await post(
    play,
    { caller: play.cast.merchants[merchant]!.caller, operation: operations.issuePoints, input },
    fault,
    () => play.model.issue(merchant, id, new Map([['all', points]])),
  );
};

const earnLines: Act<'earnLines'> = async (play, { member, merchant, lines, fault }) => {
  const { id } = play.cast.players[member]!;
  const input = {
    ...keyed(play),
    ...{ memberId: id, merchantId: play.cast.merchants[merchant]!.id, programme: 'SHARED' },
    points: lines.reduce((sum, line) => sum + line, 0),
    lines: lines.map((points, i) => ({ id: `line-${i}`, points })),
  };
  const request = { caller: asService(), operation: operations.postEarn, input };
  const model = () =>
    play.model.issue(merchant, id, new Map(lines.map((points, i) => [`line-${i}`, points])));
  await post(play, request, fault, model, asService(), lines.length);
};

const pay: Act<'pay'> = async (play, { member, merchant, points, fault }) => {
  const { reference, id } = play.cast.players[member]!;
  const input = { ...keyed(play), member: { reference }, points };
  const { caller } = play.cast.merchants[merchant]!;
  await post(play, { caller, operation: operations.redeemPoints, input }, fault, () =>
    play.model.spend(id, points, 'honoured'),
  );
};

const give: Act<'give'> = async (play, { member, to, points, fault }) => {
  if (member === to) return;
  const giver = play.cast.players[member]!;
  const receiver = play.cast.players[to]!;
  const input = { ...keyed(play), toCardNumber: receiver.cardNumber, points };
  const request = {
    of: 'accounts',
    caller: giver.caller,
    operation: operations.transferPoints,
    input,
  } as const;
  await perform(play, request, fault, (answer) => {
    if (member === 1 && play.home?.hasChild) return expectSame('answer', answer.__typename, 'NotForChildren');
    const isBeneficiary = play.world.now >= play.startedAt + waitDays * dayMs;
    const model = play.model.transfer(giver.id, receiver.id, points, isBeneficiary);
    agree(answer, typeof model === 'string' ? model : 'ok');
    if (typeof model !== 'string')
      play.gifts.push({ id: answer.posting.id, model, receiver: receiver.caller });
  });
};

const decline: Act<'decline'> = async (play, { which, fault }) => {
  const gift = pick(play.gifts, which);
  if (!gift) return;
  const input = { ...keyed(play), postingId: gift.id };
  const request = {
    of: 'accounts',
    caller: gift.receiver,
    operation: operations.declineGift,
    input,
  } as const;
  await perform(play, request, fault, (answer) => {
    const model = play.model.decline(gift.model);
    expectSame('answer', answer.__typename, model === 'ok' ? 'GiftDeclined' : model);
  });
};

const donate: Act<'donate'> = async (play, { member, points, fault }) => {
  const { id } = play.cast.players[member]!;
  const input = { ...keyed(play), memberId: id, causeId: 'cause', programme: 'SHARED', points };
  await post(play, { caller: asService(), operation: operations.postDonation, input }, fault, () =>
    play.model.spend(id, points, 'donated'),
  );
};

const reverse: Act<'reverse'> = async (play, { which, line, fault }) => {
  const target = pick(play.posted, which);
  if (!target) return;
  const id = line !== null && target.lines > 0 ? `line-${line % target.lines}` : null;
  const input = {
    ...keyed(play),
    postingId: target.id,
    reason: 'simulated',
    ...(id && { lines: [{ id }] }),
  };
  const operation = operations.reversePosting;
  const final = target.model.what === 'final';
  const caller = final ? play.cast.merchants[0]!.caller : target.reverser;
  await perform(play, { of: 'accounts', caller, operation, input }, fault, (answer) => {
    // A merchant may not even see a gift between members or a donation.
    if (final) expectSame('refused', ['NotFound', 'NotReversible'].includes(answer.__typename), true);
    else agree(answer, play.model.reverse(target.model, id, null));
  });
};

const again: Act<'again'> = async (play, { which, fault }) => {
  const known = pick(play.done, which);
  if (!known) return;
  await perform(play, known.request, fault, (answer) => expectSame('answer', answer, known.effect));
};

const otherInput: Act<'otherInput'> = async (play, { which }) => {
  const known = pick(play.done, which);
  if (!known || !('points' in known.request.input)) return;
  // One less is good input wherever more than one was; one more need not be, and bad input is refused before a used key.
  const points = Number(known.request.input['points']) - 1;
  if (points < 1) return;
  const input = { ...known.request.input, points, lines: undefined };
  const [answer] = await carryOut(play.world, { ...known.request, input }, noFault);
  expectSame('answer to a used key', answer.__typename, 'IdempotencyConflict');
};

/** Several payments of all that a wallet has, at once: one gets it. */
const race: Act<'race'> = async (play, { member, merchant, count, past }) => {
  const { id, reference } = play.cast.players[member]!;
  const points = play.model.available(play.model.wallet(id));
  if (points === 0) return;
  const { caller } = play.cast.merchants[merchant]!;
  const requests = Array.from({ length: count }, () => ({
    ...{ of: 'accounts' as const, caller, operation: operations.redeemPoints },
    input: { ...keyed(play), member: { reference }, points },
  }));
  const answers = (await sendAtOnce(play.world, requests, past)).map((data) => data?.result);
  expectSame('payments that were answered', answers.filter(Boolean).length, count);
  const winners = answers.filter((answer) => effectOf(answer) !== null);
  expectSame('payments that got all there was', winners.length, 1);
  const model = play.model.spend(id, points, 'honoured') as ModelPosting;
  play.posted.push({ id: winners[0].posting.id, model, reverser: caller, lines: 0 });
};

const wait: Act<'wait'> = async (play, { hours, until, reader }) => {
  const noted = play.closings.size;
  const then = new Date(play.world.now + hours * hourMs);
  const [year, month, day] = [then.getUTCFullYear(), then.getUTCMonth(), then.getUTCDate()];
  const ends = {
    THEN: then.getTime(),
    DAY_END: Date.UTC(year, month, day + 1) - 1,
    MONTH_END: Date.UTC(year, month + 1) - 1,
  };
  passTo(play, ends[until]);
  if (reader !== null) await newStatement(play, reader, noted);
};

async function sweep(play: Play, dies: number | null): Promise<void> {
  await play.world.sweep(dies);
  play.model.remind();
}

/** The rules of gifts, which never become tighter; where none may be given, the days to decline go on for those that were. */
function transfersOf(play: Play, givable: boolean, loosens: boolean): PlayTerms['transfers'] {
  const { most, mostPerDay, declineWithinDays } = play.transfers;
  if (loosens)
    play.transfers = {
      ...{ most: most + 10, mostPerDay: mostPerDay + 30 },
      declineWithinDays: Math.min(60, declineWithinDays + 5),
    };
  const unlimited = { most: Number.POSITIVE_INFINITY, mostPerDay: Number.POSITIVE_INFINITY };
  return givable ? play.transfers : { ...play.transfers, ...unlimited };
}

const terms: Act<'terms'> = async (play, { changes, loosens }) => {
  // Versions come in the order of their dates.
  const last = play.coming.at(-1)?.at ?? 0;
  const at = Math.max(play.world.now + 7 * dayMs, last + dayMs);
  const transfers = transfersOf(play, changes.givable, loosens);
  const changed = { ...play.model.terms, ...changes, transfers };
  await publishProgramme(accountsOf(play.world), {
    ...published(changed, play.cast.merchants),
    ...keyed(play),
    effectiveFrom: new Date(at).toISOString(),
  });
  play.coming.push({ at, terms: changed });
};

async function act(play: Play, step: Step): Promise<void> {
  switch (step.act) {
    case 'earn':
      return earn(play, step);
    case 'earnLines':
      return earnLines(play, step);
    case 'pay':
      return pay(play, step);
    case 'give':
      return give(play, step);
    case 'decline':
      return decline(play, step);
    case 'donate':
      return donate(play, step);
    case 'reverse':
      return reverse(play, step);
    case 'reversePoints':
      return reversePoints(play, step);
    case 'issueBatch':
      return issueBatch(play, step);
    case 'hold':
      return hold(play, step);
    case 'capture':
      return capture(play, step);
    case 'void':
      return voidHold(play, step);
    case 'unlock':
      return unlock(play, step);
    case 'restore':
      return restore(play, step);
    case 'redeem':
      return redeem(play, step);
    case 'cancel':
      return cancel(play, step);
    case 'consume':
      return consume(play, step);
    case 'again':
      return again(play, step);
    case 'otherInput':
      return otherInput(play, step);
    case 'race':
      return race(play, step);
    case 'openCase':
      return openCase(play, step);
    case 'reviewCase':
      return reviewCase(play, step);
    case 'confirmCase':
      return confirmCase(play, step);
    case 'decideCase':
      return decideCase(play, step);
    case 'appealCase':
      return appealCase(play, step);
    case 'judgeCase':
      return judgeCase(play, step);
    case 'contribute':
      return contribute(play, step);
    case 'dissolve':
      return dissolve(play, step);
    case 'gather':
      return gather(play, step);
    case 'holdPooled':
      return holdPooled(play, step);
    case 'role':
      return role(play, step);
    case 'remove':
      return remove(play, step);
    case 'leave':
      return leave(play, step);
    case 'limit':
      return limit(play, step);
    case 'payPooled':
      return payPooled(play, step);
    case 'deliver':
      return deliver(play, step);
    case 'seal':
      return seal(play, step);
    case 'statement':
      return statement(play, step);
    case 'wait':
      return wait(play, step);
    case 'sweep':
      return sweep(play, step.dies);
    case 'restart':
      return play.world.restart(step.of);
    case 'terms':
      return terms(play, step);
  }
}

/** Lets arrive what is to by a step; after each the real thing and the model agree and every invariant holds. */
async function letArrive(play: Play, step: number): Promise<void> {
  for (const { arrive } of takeArriving(play, step)) {
    await arrive();
    await compare(play);
  }
}

/** Does one step and checks that the real thing and the model agree and that every invariant holds. */
export async function playStep(play: Play, step: Step): Promise<void> {
  await letArrive(play, ++play.step);
  await act(play, step);
  await compare(play);
}

/** Lets arrive whatever still is on its way. */
export const endPlay = (play: Play): Promise<void> => letArrive(play, Number.POSITIVE_INFINITY);
