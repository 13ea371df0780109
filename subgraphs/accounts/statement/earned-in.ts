import type { Month } from '../ledger/month.ts';
import type { Posting } from '../ledger/posting.ts';
import { addTaken, isKept } from './kept-earn.ts';

/** What reading whether points were earned needs. */
export interface EarnedInPorts {
  /** A page of a member's earnings and reversals in a month, newest first, from the first or from the one after a posting. */
  readonly earnsAndReversals: (
    memberId: string,
    month: Month,
    after: Posting | null,
  ) => Promise<readonly Posting[]>;
}

/**
 * Whether points were earned in a month of which not all were taken back within it. Read from its end, where an earn comes after
 * all that took from it, no further than to the first that was kept.
 */
export async function earnedIn(memberId: string, month: Month, ports: EarnedInPorts): Promise<boolean> {
  const taken = new Map<string, bigint>();
  for (let last: Posting | null = null; ; ) {
    const page: readonly Posting[] = await ports.earnsAndReversals(memberId, month, last);
    addTaken(taken, page);
    if (page.some((posting) => isKept(posting, taken))) return true;
    last = page.at(-1) ?? null;
    if (!last) return false;
  }
}
