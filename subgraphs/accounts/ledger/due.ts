import type { Case } from '../case/case.ts';
import { lapse } from '../case/lapsing.ts';
import { type Draft, liveCasesIn, loaded, lotIn, lotsIn, openHoldsIn, reach, walletIn } from './draft.ts';
import { allocate, closeEvent, move, openEvent } from './event.ts';
import { expireOrExtend } from './expiring.ts';
import { type Hold, spenderOf } from './hold.ts';
import { endOf, freeOf, type Lot } from './lot.ts';
import { release } from './release.ts';
import { untold } from './reminder.ts';
import { noteAwaited, returnAwaited, returnStrays } from './returning.ts';
import { settle } from './spending.ts';
import { isDue, NeedsLots } from './wallet.ts';

/**
 * A place in the order of what happens by itself: an instant, a rank at it, and an id. At one instant points unlock first, then
 * holds time out and cases lapse, and what comes back of that to those who left a household does, then lots expire or lapse;
 * of one rank the smaller id comes first. Released points whose time has come end with their release.
 */
interface Place {
  readonly at: Date;
  readonly rank: 0 | 1 | 2;
  readonly id: string;
}

/** Up to where things happen: all of a rank if no id is given. */
type Until = Omit<Place, 'id'> & Partial<Pick<Place, 'id'>>;

/** Something that happens by itself. */
interface DueEvent extends Place {
  readonly hold?: Hold;
  readonly case?: Case;
  /** A pool from which something may come back. */
  readonly poolId?: string;
}

/** Which of two comes first; below 0 if the first does. Who has no id comes after all of its rank. */
const compare = (a: Until, b: Until): number =>
  a.at.getTime() - b.at.getTime() ||
  a.rank - b.rank ||
  (a.id === b.id ? 0 : b.id === undefined || a.id! < b.id ? -1 : 1);

const comesBy = (until: Until) => (event: Place) => compare(event, until) <= 0;

const inOrder = (events: readonly DueEvent[]): DueEvent[] => [...events].sort(compare);

const awaitedOf = (draft: Draft, walletId: string): DueEvent[] =>
  walletIn(draft, walletId).awaited.map(({ poolId, at }) => ({ at, rank: 1, id: poolId, poolId }));

function dueEvents(draft: Draft, walletId: string, until: Until): DueEvent[] {
  const lots = lotsIn(draft, walletId);
  const events: DueEvent[] = [
    ...lots
      .filter((lot) => !lot.unlocked && !lot.lapses)
      .map((lot) => ({ at: lot.unlocksAt, rank: 0 as const, id: lot.id })),
    ...openHoldsIn(draft, walletId).map((hold) => ({
      at: hold.timesOutAt,
      rank: 1 as const,
      id: hold.id,
      hold,
    })),
    ...liveCasesIn(draft, walletId).map((one) => ({
      at: one.lapsesAt!,
      rank: 1 as const,
      id: one.id,
      case: one,
    })),
    ...awaitedOf(draft, walletId),
    ...lots.map((lot) => ({ at: endOf(lot), rank: 2 as const, id: lot.id })),
  ];
  return inOrder(events.filter(comesBy(until)));
}

const sum = (lots: readonly Lot[]): bigint => lots.reduce((total, lot) => total + freeOf(lot), 0n);

function unlock(draft: Draft, walletId: string, at: Date, lots: readonly Lot[]): void {
  const open = lots.filter((lot) => lot.remaining > 0n);
  if (open.length === 0) return;
  const points = sum(open);
  const event = openEvent(draft, walletId);
  for (const lot of open)
    allocate(event, lot, { points: lot.remaining, set: { unlocked: true, ...untold(at) } });
  move(event, walletId, 'pending', -points);
  move(event, walletId, 'available', points);
  settle(event, walletId);
  closeEvent(event, { kind: 'UNLOCK', at, points });
}

/** When lots end that were given another date or are new. */
const endsOf = (lots: readonly Lot[]): DueEvent[] =>
  lots.map((lot) => ({ at: endOf(lot), rank: 2 as const, id: lot.id }));

/** Applies what happens at one instant; gives what follows from it. */
function apply(draft: Draft, walletId: string, run: readonly DueEvent[]): DueEvent[] {
  const { at, rank } = run[0]!;
  const lots = () => [...new Set(run.map(({ id }) => id))].map((id) => lotIn(draft, walletId, id));
  if (rank === 0) unlock(draft, walletId, at, lots());
  else if (rank === 1) return run.flatMap((event) => endByItself(draft, walletId, event));
  // A date that was moved meanwhile is no end.
  const ended = rank === 2 ? lots().filter((lot) => endOf(lot) <= at) : [];
  return endsOf(expireOrExtend(draft, walletId, at, ended));
}

/** A hold times out, something comes back of one, or a case lapses, which can give the lots that it froze a later end. */
function endByItself(draft: Draft, walletId: string, { hold, case: one, poolId, at }: DueEvent): DueEvent[] {
  if (poolId !== undefined) return comeBack(draft, walletId, poolId, at);
  if (!one) return timeOut(draft, hold!, at);
  lapse(draft, one);
  return endsOf(one.parts.map(({ lotId }) => lotIn(draft, one.walletId, lotId)));
}

/**
 * A hold of a pool may time out that reserves points of one who has left or owes. While what is due is being applied to the pool,
 * which is how this came about, there is nothing to do: what it releases comes from there.
 */
function comeBack(draft: Draft, walletId: string, poolId: string, at: Date): DueEvent[] {
  if (draft.advancing.has(poolId)) return [];
  const before = new Set(lotsIn(draft, walletId).map(({ id }) => id));
  reach(draft, poolId);
  advanceTo(draft, poolId, { at, rank: 1 });
  noteAwaited(draft, walletId, poolId);
  const back = lotsIn(draft, walletId).filter(({ id }) => !before.has(id));
  return [...endsOf(back), ...awaitedOf(draft, walletId).filter((next) => next.poolId === poolId)];
}

function timeOut(draft: Draft, hold: Hold, at: Date): DueEvent[] {
  const event = openEvent(draft, hold.walletId);
  const released = release(event, hold, { status: 'TIMED_OUT', at });
  const { merchantId, points, id: holdId } = hold;
  const header = { kind: 'VOID' as const, at, points, merchantId, holdId, reason: 'timed out' };
  closeEvent(event, header, spenderOf(hold));
  const extended = expireReleased(draft, hold.walletId, at, released);
  // In the wallet of one who left, what comes back from another pool at this instant may come before.
  const place = { at, rank: 1, id: hold.walletId } as const;
  const before = (own: Draft, walletId: string) => advanceTo(own, walletId, place);
  returnAwaited(draft, hold.walletId, released, { at, advance: before });
  return endsOf(extended);
}

/** Ends released points whose lot's time had passed while they were held. Gives the lots that were extended instead. */
export function expireReleased(draft: Draft, walletId: string, at: Date, lotIds: readonly string[]): Lot[] {
  const lots = lotIds.map((id) => lotIn(draft, walletId, id));
  return expireOrExtend(
    draft,
    walletId,
    at,
    lots.filter((lot) => lot.expiresAt <= at),
  );
}

/** Applies in their order the events that come by a place, and what follows from them in its place among them. */
function applyAll(draft: Draft, walletId: string, until: Until): void {
  for (let rest = dueEvents(draft, walletId, until); rest.length > 0; ) {
    const [first] = rest as [DueEvent];
    const size = rest.findIndex(({ at, rank }) => at > first.at || rank !== first.rank);
    const run = size < 0 ? rest : rest.slice(0, size);
    const following = apply(draft, walletId, run).filter(comesBy(until));
    rest = rest.slice(run.length);
    if (following.length > 0) rest = inOrder([...rest, ...following]);
  }
}

/**
 * Applies to a wallet, in the order of time, all that fell due until now: unlocks, timeouts, lapses, expiries. Each is
 * a posting dated when it was due, so the outcome is the same whenever this runs. What a timeout gives back to a pool's
 * lots of one who left or owes goes on to that member. Throws NeedsLots if it is due and
 * not all of its lots are at hand.
 */
export const advance = (draft: Draft, walletId: string): void =>
  advanceTo(draft, walletId, { at: draft.now, rank: 2 });

function advanceTo(draft: Draft, walletId: string, until: Until): void {
  if (draft.advancing.has(walletId) || !isDue(walletIn(draft, walletId), until.at)) return;
  if (loaded(draft, walletId).coverage !== 'ALL') throw new NeedsLots(walletId);
  draft.advancing.add(walletId);
  const known = new Set([...draft.lots.values()].map(({ told }) => told));
  const timedOut = openHoldsIn(draft, walletId).filter((hold) => hold.timesOutAt <= until.at);
  applyAll(draft, walletId, until);
  const released = timedOut.flatMap(({ parts }) => parts.map(({ lotId }) => lotId));
  // Who left while a process died did not come to wait for it.
  if (released.length > 0) returnStrays(draft, walletId, advance, released);
  for (const { told } of draft.lots.values()) if (!known.has(told)) draft.fallenDue.add(told);
  // Even if nothing happened the wallet is written, for its nextDueAt was too early.
  draft.wallets.set(walletId, walletIn(draft, walletId));
  draft.advancing.delete(walletId);
}
