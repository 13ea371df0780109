import { holdPooled } from '../rules/ledger/reference-households.ts';
import type { Play } from './acting.ts';
import { expectSame } from './disagreement.ts';
import type { Fault } from './faults.ts';
import type { Call } from './link.ts';
import type { Read } from './world.ts';

/** Lets something arrive so many steps later. */
export function putOnItsWay(play: Play, steps: number, arrive: () => Promise<void>): void {
  play.onTheWay.push({ at: play.step + steps, arrive });
}

/** What is to arrive by a step, in the order of the steps and, of one step, in which it was sent. */
export function takeArriving(play: Play, step: number): readonly { readonly arrive: () => Promise<void> }[] {
  const arriving = play.onTheWay.filter(({ at }) => at <= step).toSorted((a, b) => a.at - b.at);
  play.onTheWay = play.onTheWay.filter(({ at }) => at > step);
  return arriving;
}

const done = new Set(['PointsHeld', 'HoldResolved', 'PointsPosted']);

const isDone = (answer: Read): boolean => done.has(answer?.__typename);

/**
 * A call of the catalogue arrives late. What was done is answered as it was, and what was refused or never came is carried
 * out as things are now: points may be held for a redemption that has failed meanwhile, until that hold times out.
 */
async function arriveLate(play: Play, call: Call): Promise<void> {
  const { now, before } = await play.world.arrive(call);
  if (!now) throw new Error(`accounts gives no answer to ${call.body}`);
  const { input } = JSON.parse(call.body).variables;
  if (!input?.idempotencyKey) return;
  const [name] = Object.keys(now) as [string];
  if (isDone(before?.[name])) return expectSame(`answer to ${name} that came late`, now, before);
  if (name !== 'holdPoints') return expectSame(`${name} that came late is done`, isDone(now[name]), false);
  const { memberId, points, fromHousehold } = input;
  const hold = fromHousehold ? holdPooled(play.model, memberId, points) : play.model.hold(memberId, points);
  const told = typeof hold === 'string' ? hold : 'PointsHeld';
  expectSame('answer to a hold that came late', now.holdPoints.__typename, told);
}

/** Puts the calls of the catalogue that are late by a fault on their way. */
export function putCallsOnTheirWay(play: Play, fault: Fault): void {
  if (fault.kind !== 'LINK') return;
  for (const call of play.world.takeLate()) putOnItsWay(play, fault.steps, () => arriveLate(play, call));
}

/** Whether a fault is that something is swept while a request is under way. */
const sweeps = (fault: Fault): boolean =>
  (fault.kind === 'MEANWHILE' && fault.work === 'SWEEP') || (fault.kind === 'LINK' && fault.what === 'SWEPT');

/**
 * Sweeps once more after a sweep in the middle of a request: then members have been told of what they are to be told of now,
 * whichever of the two came first, and all is the same.
 */
export async function sweepAfter(play: Play, fault: Fault): Promise<void> {
  if (!sweeps(fault)) return;
  await play.world.sweep(null);
  play.model.remind();
}
