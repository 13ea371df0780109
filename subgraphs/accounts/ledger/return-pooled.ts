import { freeOf, type Lot } from './lot.ts';
import { onRoster, type Roster } from './roster.ts';
import type { Wallet } from './wallet.ts';

/** What giving back from pools needs. */
export interface ReturnPooledPorts {
  readonly poolsOf: (householdId: string) => Promise<readonly Wallet[]>;
  readonly openLots: (walletIds: readonly string[]) => Promise<readonly Lot[]>;
  readonly rosters: (householdIds: readonly string[]) => Promise<readonly Roster[]>;
  /** Applies what is due in a pool, gives back some of what those have there who left, and has them wait for the rest. */
  readonly advance: (walletId: string) => Promise<unknown>;
}

/** More steps than a pool of lots without number would take. */
const mostSteps = 10_000;

/**
 * Gives back what a household's pools hold of those who do not belong to it any more, step by step: each step is a commit
 * of its own, so whoever dies in between leaves nothing half done, and whoever comes next carries on.
 */
export async function returnPooled(householdId: string, ports: ReturnPooledPorts): Promise<void> {
  for (const pool of await ports.poolsOf(householdId)) {
    // Whether anything is free there is known when what fell due is applied; and what is not is to be waited for.
    await ports.advance(pool.id);
    for (let step = 0; ; step++) {
      const [roster] = await ports.rosters([householdId]);
      const lots = await ports.openLots([pool.id]);
      const isStray = (lot: Lot) => freeOf(lot) > 0n && !onRoster(roster ?? null, lot.contributorId!);
      if (!lots.some(isStray)) break;
      if (step === mostSteps) throw new Error(`the pool ${pool.id} could not be emptied`);
      await ports.advance(pool.id);
    }
  }
}
