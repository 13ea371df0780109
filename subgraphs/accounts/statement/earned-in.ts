import type { Month } from '../ledger/month.ts';
import type { Posting } from '../ledger/posting.ts';
import { isKept, takenBack } from './kept-earn.ts';

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
  const read: Posting[] = [];
  for (;;) {
    const page = await ports.earnsAndReversals(memberId, month, read.at(-1) ?? null);
    read.push(...page);
    const taken = takenBack(read);
    if (page.some((posting) => isKept(posting, taken))) return true;
    if (page.length === 0) return false;
  }
}
