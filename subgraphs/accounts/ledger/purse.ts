import { walletIdOf } from './account.ts';
import type { NotEnoughPoints } from './command.ts';
import { type Draft, walletIn } from './draft.ts';
import { advance } from './due.ts';
import { checkEnough } from './enough.ts';
import { freeOf, type Lot } from './lot.ts';
import { addSpent, checkLimits } from './pool-limit.ts';
import type { HouseholdLimitExceeded, NotInHousehold } from './pool-refusal.ts';
import { onRoster, type RosterMember } from './roster.ts';
import { spendable } from './spending.ts';

/** Whose points a command spends: the member's own or, where it says so, those of its household's pool. */
export interface Spender {
  readonly memberId: string;
  readonly programme: string;
  /** Given to spend from a pool: the member's household, null if it has none. */
  readonly pool?: { readonly householdId: string | null } | null | undefined;
}

/** A wallet to spend from. */
export interface Purse {
  readonly walletId: string;
  /** Which of its lots may pay. */
  readonly usable: (lot: Lot) => boolean;
  /** Who spends from a pool; null for the member's own wallet. */
  readonly spender: RosterMember | null;
}

/**
 * Opens the wallet that a command spends from, with what fell due applied. Of a pool only lots of those who belong to
 * the household now can pay: what one who left has still there is on its way back.
 */
export function openPurse(draft: Draft, { memberId, programme, pool }: Spender): Purse | NotInHousehold {
  if (!pool) {
    const walletId = walletIdOf(memberId, programme);
    advance(draft, walletId);
    return { walletId, usable: () => true, spender: null };
  }
  const roster = pool.householdId === null ? null : draft.view.roster(pool.householdId);
  const spender = onRoster(roster, memberId);
  if (!roster || !spender) return { kind: 'NotInHousehold' };
  const walletId = walletIdOf(roster.id, programme);
  advance(draft, walletId);
  const members = new Set(roster.members.map((member) => member.memberId));
  return { walletId, usable: ({ contributorId }) => members.has(contributorId ?? ''), spender };
}

/** Refuses to spend more than the member's limits in a pool or the wallet itself allow, in this order. */
export function checkPurse(
  draft: Draft,
  { walletId, usable, spender }: Purse,
  points: bigint,
): HouseholdLimitExceeded | NotEnoughPoints | null {
  if (!spender) return checkEnough(draft, walletId, points);
  const pool = walletIn(draft, walletId);
  const refused = checkLimits(pool, spender.memberId, spender.limits, { points, at: draft.now });
  if (refused) return refused;
  const lots = spendable(draft, walletId).filter(usable);
  const available = lots.reduce((sum, lot) => sum + freeOf(lot), 0n);
  if (available >= points) return null;
  return { kind: 'NotEnoughPoints', available, shortBy: points - available, availableFrom: null };
}

/** Counts what a member spends or reserves of a pool. */
export function countSpent(draft: Draft, { walletId, spender }: Purse, points: bigint): void {
  if (!spender) return;
  const pool = walletIn(draft, walletId);
  draft.wallets.set(walletId, addSpent(pool, spender.memberId, points, draft.now));
}
