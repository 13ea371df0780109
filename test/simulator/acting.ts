import type { Caller } from '../../subgraphs/shared/caller.ts';
import type { ModelCase } from '../rules/ledger/reference-cases.ts';
import type { ModelHousehold } from '../rules/ledger/reference-households.ts';
import type { ModelGift, ModelHold, ModelPosting } from '../rules/ledger/reference-model.ts';
import type { Cast, Prize } from './cast.ts';
import { expectSame } from './disagreement.ts';
import { type Fault, noFault } from './faults.ts';
import type { Checked } from './invariants.ts';
import { putCallsOnTheirWay, putOnItsWay, sweepAfter } from './on-the-way.ts';
import type { PlayModel, PlayTerms } from './play-model.ts';
import { carryOut, effectOf, isReplayed, type Request } from './requests.ts';
import type { Closings, Issued } from './statements.ts';
import type { Step } from './steps.ts';
import type { Read, World } from './world.ts';

/** Something posted that somebody may reverse. */
export interface Posted {
  readonly id: string;
  readonly model: ModelPosting;
  /** Who may reverse it. */
  readonly reverser: Caller;
  readonly lines: number;
}

/** A redemption. */
export interface Redeemed {
  readonly id: string;
  readonly code: string;
  readonly expiresAt: number;
  readonly model: ModelPosting;
  readonly prize: Prize;
  readonly holder: Caller;
  status: 'CONFIRMED' | 'CANCELLED' | 'CONSUMED';
}

/** An invitation of the second player. */
export interface Invitation {
  readonly id: string;
  readonly asChild: boolean;
  readonly expiresAt: number;
  accepted: boolean;
}

/** A household. */
export interface Home {
  readonly model: ModelHousehold;
  /** What the household calls its members, by player. */
  readonly seats: (string | undefined)[];
  /** Whether the second player is a child there. */
  hasChild: boolean;
  invitation: Invitation | null;
}

/** A play under way: the real thing, the model beside it, and what has happened so far. */
export interface Play {
  readonly world: World;
  readonly model: PlayModel;
  readonly cast: Cast;
  readonly posted: Posted[];
  readonly redeemed: Redeemed[];
  readonly holds: { readonly id: string; readonly model: ModelHold; readonly points: number }[];
  readonly gifts: { id: string; model: ModelGift; receiver: Caller }[];
  readonly cases: { readonly id: string; readonly model: ModelCase; readonly memberId: string }[];
  /** The household of the first two players, while there is one. */
  home: Home | null;
  /** Ids of all households that there were. */
  readonly homes: Map<string, ModelHousehold>;
  /** What the model says that members had at the ends of months. */
  readonly closings: Closings;
  /** The statements that were issued, by member and month. */
  readonly statements: Map<string, Issued>;
  readonly startedAt: number;
  /** Requests that had an effect. */
  readonly done: { request: Request; effect: string }[];
  /** Terms to come into force. */
  readonly coming: { at: number; terms: PlayTerms }[];
  /** The rules of gifts of the latest version that let points be given: those of later ones may not be tighter. */
  transfers: PlayTerms['transfers'];
  /** How many steps were begun. */
  step: number;
  /** What arrives at a later step, in the order in which it was sent. */
  onTheWay: { readonly at: number; readonly arrive: () => Promise<void> }[];
  sent: number;
  readonly checked: Checked;
  /** When which overdue wallets were as they were when one was last asked for. */
  askedAt: string;
}

/** One of these, by any number. */
export const pick = <T>(all: readonly T[], which: number): T | undefined =>
  all.at(which % Math.max(1, all.length));

/** A key for one more request. */
export const keyed = (play: Play): { idempotencyKey: string } => ({ idempotencyKey: `step-${++play.sent}` });

/** What the model makes of an answer: throws a Disagreement where it expects another. */
export type Settle = (answer: Read) => void;

/**
 * Sends a request until it is answered; all its answers must tell of one effect, carried out once. One that is held up is not
 * there before some later step, and is then to be carried out as things are then, unless it has been meanwhile.
 */
export async function perform(play: Play, request: Request, fault: Fault, settle: Settle): Promise<void> {
  if (fault.kind !== 'HELD_UP') return arrive(play, request, fault, settle);
  const late = () => arrive(play, request, noFault, settle);
  putOnItsWay(play, fault.steps, late);
  if (fault.again === 0) await late();
  else if (fault.again !== null) putOnItsWay(play, fault.again, late);
}

async function arrive(play: Play, request: Request, fault: Fault, settle: Settle): Promise<void> {
  const answers = await carryOut(play.world, request, fault);
  const known = play.done.find((one) => one.request === request);
  if (known) expectReplayed(answers, known.effect);
  else settleFirst(play, request, answers, settle);
  putCallsOnTheirWay(play, fault);
  await sweepAfter(play, fault);
}

/** All of these tell of something that was done before. */
function expectReplayed(answers: readonly Read[], effect: string): void {
  for (const answer of answers) {
    expectSame('effect of a request sent again', effectOf(answer), effect);
    expectSame('replayed', isReplayed(answer), true);
  }
}

function settleFirst(play: Play, request: Request, answers: readonly Read[], settle: Settle): void {
  const [first] = answers;
  const effects = answers.map(effectOf).filter((effect) => effect !== null);
  expectSame('one effect of one request', new Set(effects).size <= 1, true);
  const effect = effects[0] ?? null;
  if (effect !== null) play.done.push({ request, effect });
  const told = answers.find((answer) => effectOf(answer) !== null && answer.replayed === false);
  settle(told ?? answers.find((answer) => effectOf(answer) !== null) ?? first);
}

/** What the model answers in place of a posting: the name of a refusal. */
export function agree(answer: Read, model: ModelPosting | string): ModelPosting | null {
  const refused = typeof model === 'string' && model !== 'ok';
  expectSame('answer', refused ? answer.__typename : effectOf(answer) !== null, refused ? model : true);
  return typeof model === 'string' ? null : model;
}

/** Sends what posts points; answer and model have to agree, and what was posted can be reversed later. */
export async function post(
  play: Play,
  request: Omit<Request, 'of'>,
  fault: Fault,
  model: () => ModelPosting | string,
  reverser: Caller = request.caller,
  lines = 0,
): Promise<void> {
  await perform(play, { of: 'accounts', ...request }, fault, (answer) => {
    const made = agree(answer, model());
    if (made) play.posted.push({ id: answer.posting.id, model: made, reverser, lines });
  });
}

/** Does one kind of step. */
export type Act<A extends Step['act']> = (play: Play, step: Extract<Step, { act: A }>) => Promise<void>;
