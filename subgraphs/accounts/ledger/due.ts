import type { Case } from '../case/case.ts';
import { lapse } from '../case/lapsing.ts';
import { type Draft, liveCasesIn, loaded, lotIn, lotsIn, openHoldsIn, walletIn } from './draft.ts';
import { allocate, closeEvent, move, openEvent } from './event.ts';
import { expireOrExtend } from './expiring.ts';
import { type Hold, spenderOf } from './hold.ts';
import { endOf, freeOf, type Lot } from './lot.ts';
import { release } from './release.ts';
import { untold } from './reminder.ts';
import { returnStrays } from './returning.ts';
import { settle } from './spending.ts';
import { isDue, NeedsLots } from './wallet.ts';

/** Something that happens by itself at an instant. */
interface DueEvent {
  readonly at: Date;
  /** At one instant points unlock first, then holds time out and cases lapse, then lots expire or lapse. */
  readonly rank: 0 | 1 | 2;
  readonly id: string;
  readonly hold?: Hold;
  readonly case?: Case;
}

const inOrder = (events: readonly DueEvent[]): DueEvent[] =>
  [...events].sort((a, b) => a.at.getTime() - b.at.getTime() || a.rank - b.rank || (a.id < b.id ? -1 : 1));

function dueEvents(draft: Draft, walletId: string): DueEvent[] {
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
    ...lots.map((lot) => ({ at: endOf(lot), rank: 2 as const, id: lot.id })),
  ];
  return inOrder(events.filter((event) => event.at <= draft.now));
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

/** When lots end that were given another date, as far as that has come too. */
const endsOf = (draft: Draft, lots: readonly Lot[]): DueEvent[] =>
  lots
    .filter((lot) => lot.expiresAt <= draft.now)
    .map((lot) => ({ at: lot.expiresAt, rank: 2 as const, id: lot.id }));

/** Applies what happens at one instant; gives what follows from it and has fallen due too. */
function apply(draft: Draft, walletId: string, run: readonly DueEvent[]): DueEvent[] {
  const { at, rank } = run[0]!;
  const lots = () => [...new Set(run.map(({ id }) => id))].map((id) => lotIn(draft, walletId, id));
  if (rank === 0) unlock(draft, walletId, at, lots());
  else if (rank === 1) return run.flatMap((event) => endByItself(draft, event));
  // A date that was moved meanwhile is no end.
  const ended = rank === 2 ? lots().filter((lot) => endOf(lot) <= at) : [];
  return endsOf(draft, expireOrExtend(draft, walletId, at, ended));
}

/** A hold times out, or a case lapses, which can give the lots that it froze a later end. */
function endByItself(draft: Draft, { hold, case: one, at }: DueEvent): DueEvent[] {
  if (!one) return timeOut(draft, hold!, at);
  lapse(draft, one);
  return endsOf(
    draft,
    one.parts.map(({ lotId }) => lotIn(draft, one.walletId, lotId)),
  );
}

function timeOut(draft: Draft, hold: Hold, at: Date): DueEvent[] {
  const event = openEvent(draft, hold.walletId);
  const released = release(event, hold, { status: 'TIMED_OUT', at });
  const { merchantId, points, id: holdId } = hold;
  const header = { kind: 'VOID' as const, at, points, merchantId, holdId, reason: 'timed out' };
  closeEvent(event, header, spenderOf(hold));
  return endsOf(draft, expireReleased(draft, hold.walletId, at, released));
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

/** Applies events in their order, and what follows from them in its place among them. */
function applyAll(draft: Draft, walletId: string, events: readonly DueEvent[]): void {
  for (let rest = events; rest.length > 0; ) {
    const [first] = rest as [DueEvent];
    const size = rest.findIndex(({ at, rank }) => at > first.at || rank !== first.rank);
    const run = size < 0 ? rest : rest.slice(0, size);
    const following = apply(draft, walletId, run);
    rest = rest.slice(run.length);
    if (following.length > 0) rest = inOrder([...rest, ...following]);
  }
}

/**
 * Applies to a wallet, in the order of time, all that fell due until now: unlocks, timeouts, lapses, expiries. Each is
 * a posting dated when it was due, so the outcome is the same whenever this runs. What a timeout gives back to a pool's
 * lots of one who left goes on to that member. Throws NeedsLots if it is due and
 * not all of its lots are at hand.
 */
export function advance(draft: Draft, walletId: string): void {
  const wallet = walletIn(draft, walletId);
  if (!isDue(wallet, draft.now)) return;
  if (loaded(draft, walletId).coverage !== 'ALL') throw new NeedsLots(walletId);
  const known = new Set([...draft.lots.values()].map(({ told }) => told));
  const timedOut = openHoldsIn(draft, walletId).filter((hold) => hold.timesOutAt <= draft.now);
  applyAll(draft, walletId, dueEvents(draft, walletId));
  const released = timedOut.flatMap(({ parts }) => parts.map(({ lotId }) => lotId));
  if (released.length > 0) returnStrays(draft, walletId, advance, released);
  for (const { told } of draft.lots.values()) if (!known.has(told)) draft.fallenDue.add(told);
  // Even if nothing happened the wallet is written, for its nextDueAt was too early.
  draft.wallets.set(walletId, walletIn(draft, walletId));
}
