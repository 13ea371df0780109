import type { Case } from '../case/case.ts';
import { lapse } from '../case/lapsing.ts';
import { breakageAccount } from './account.ts';
import { type Draft, liveCasesIn, loaded, lotIn, lotsIn, openHoldsIn, walletIn } from './draft.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import { type Hold, spenderOf } from './hold.ts';
import { endOf, freeOf, type Lot } from './lot.ts';
import { release } from './release.ts';
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
  return events
    .filter((event) => event.at <= draft.now)
    .sort((a, b) => a.at.getTime() - b.at.getTime() || a.rank - b.rank || (a.id < b.id ? -1 : 1));
}

/** Runs of events of the same instant and rank, in order. */
function groups(events: readonly DueEvent[]): DueEvent[][] {
  const runs: DueEvent[][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run && run[0]!.rank === event.rank && run[0]!.at.getTime() === event.at.getTime()) run.push(event);
    else runs.push([event]);
  }
  return runs;
}

const sum = (lots: readonly Lot[]): bigint => lots.reduce((total, lot) => total + freeOf(lot), 0n);

function unlock(draft: Draft, walletId: string, at: Date, lots: readonly Lot[]): void {
  const open = lots.filter((lot) => lot.remaining > 0n);
  if (open.length === 0) return;
  const points = sum(open);
  const event = openEvent(draft, walletId);
  for (const lot of open) allocate(event, lot, { points: lot.remaining, set: { unlocked: true } });
  move(event, walletId, 'pending', -points);
  move(event, walletId, 'available', points);
  settle(event, walletId);
  closeEvent(event, { kind: 'UNLOCK', at, points });
}

/** Expires what is free in these lots; held points stay until their hold is resolved. */
export function expire(draft: Draft, walletId: string, at: Date, lots: readonly Lot[]): void {
  const open = lots.filter((lot) => freeOf(lot) > 0n);
  if (open.length === 0) return;
  const event = openEvent(draft, walletId);
  for (const lot of open) {
    const points = freeOf(lot);
    allocate(event, lot, { points: -points, remaining: -points, set: { expired: lot.expired + points } });
    move(event, walletId, lot.unlocked ? 'available' : 'pending', -points);
    credit(event, breakageAccount, points);
  }
  closeEvent(event, { kind: 'EXPIRE', at, points: sum(open), effect: { expired: sum(open) } });
}

function apply(draft: Draft, walletId: string, run: readonly DueEvent[]): void {
  const { at, rank } = run[0]!;
  const lots = () => run.map((event) => lotIn(draft, walletId, event.id));
  if (rank === 0) unlock(draft, walletId, at, lots());
  else if (rank === 2) expire(draft, walletId, at, lots());
  else
    for (const { hold, case: one } of run)
      if (one) lapse(draft, one);
      else timeOut(draft, hold!, at);
}

function timeOut(draft: Draft, hold: Hold, at: Date): void {
  const event = openEvent(draft, hold.walletId);
  const released = release(event, hold, { status: 'TIMED_OUT', at });
  const { merchantId, points, id: holdId } = hold;
  const header = { kind: 'VOID' as const, at, points, merchantId, holdId, reason: 'timed out' };
  closeEvent(event, header, spenderOf(hold));
  expireReleased(draft, hold.walletId, at, released);
}

/** Expires released points whose lot's time had passed while they were held. */
export function expireReleased(draft: Draft, walletId: string, at: Date, lotIds: readonly string[]): void {
  const lots = lotIds.map((id) => lotIn(draft, walletId, id));
  expire(
    draft,
    walletId,
    at,
    lots.filter((lot) => lot.expiresAt <= at),
  );
}

const isAfter = (event: DueEvent, { at, rank }: DueEvent): boolean =>
  event.at > at || (event.at.getTime() === at.getTime() && event.rank > rank);

/** Applies what fell due after an event. A case that lapses can give its lots a later end, so what follows is looked up anew. */
function applyAfter(draft: Draft, walletId: string, last: DueEvent | null): void {
  for (const run of groups(dueEvents(draft, walletId))) {
    const [first] = run as [DueEvent];
    if (last && !isAfter(first, last)) continue;
    apply(draft, walletId, run);
    if (!run.some((event) => event.case)) continue;
    applyAfter(draft, walletId, first);
    return;
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
  const timedOut = openHoldsIn(draft, walletId).filter((hold) => hold.timesOutAt <= draft.now);
  applyAfter(draft, walletId, null);
  const released = timedOut.flatMap(({ parts }) => parts.map(({ lotId }) => lotId));
  if (released.length > 0) returnStrays(draft, walletId, advance, released);
  // Even if nothing happened the wallet is written, for its nextDueAt was too early.
  draft.wallets.set(walletId, walletIn(draft, walletId));
}
