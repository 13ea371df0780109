import { lotIn, walletIn } from './draft.ts';
import { allocate, type Event, move } from './event.ts';
import { type Hold, type HoldStatus, spenderOf } from './hold.ts';
import { least } from './least.ts';
import { byExpiry, type Lot } from './lot.ts';
import { subtractSpent } from './pool-limit.ts';
import { settle } from './spending.ts';

/** How a hold is resolved. */
export interface Resolution {
  readonly status: Exclude<HoldStatus, 'OPEN'>;
  readonly at: Date;
  /** Points taken, none unless given. */
  readonly captured?: bigint;
}

/** Parts of a hold with their lots, first-expiring first. */
const partsOf = (event: Event, hold: Hold): { lot: Lot; points: bigint }[] =>
  hold.parts
    .map((part) => ({ lot: lotIn(event.draft, hold.walletId, part.lotId), points: part.points }))
    .sort((a, b) => byExpiry(a.lot, b.lot));

/** What a hold of a pool's points does not take after all no longer counts as spent. */
function uncount(event: Event, hold: Hold, points: bigint): void {
  const spender = spenderOf(hold);
  if (spender === null) return;
  const pool = walletIn(event.draft, hold.walletId);
  event.draft.wallets.set(pool.id, subtractSpent(pool, spender, points, hold.openedAt));
}

/**
 * Resolves an open hold: takes the captured points from its own lots, first-expiring first, gives the rest back to the
 * lots they came from, and pays arrears with them. Gives the ids of the lots that got points back, which may have
 * expired meanwhile.
 */
export function release(event: Event, hold: Hold, { status, at, captured = 0n }: Resolution): string[] {
  let rest = captured;
  const released: string[] = [];
  for (const { lot, points } of partsOf(event, hold)) {
    const taken = least(points, rest);
    rest -= taken;
    const shown = captured > 0n ? -taken : points;
    allocate(event, lot, { points: shown, remaining: -taken, held: -points });
    if (taken < points) released.push(lot.id);
  }
  move(event, hold.walletId, 'held', -hold.points);
  move(event, hold.walletId, 'available', hold.points - captured);
  event.draft.holds.set(hold.id, {
    ...hold,
    status,
    resolvedAt: at,
    captured: status === 'CAPTURED' ? captured : null,
  });
  uncount(event, hold, hold.points - captured);
  settle(event, hold.walletId);
  return released;
}
