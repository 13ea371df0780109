import type { Household } from './household.ts';

/** What giving back after a departure needs. */
export interface ReturnPorts {
  readonly householdById: (id: string) => Promise<Household | null>;
  readonly returnPooled: (householdId: string) => Promise<void>;
  /** Notes that all was given back, unless the household was changed meanwhile. */
  readonly markReturned: (household: Household) => Promise<void>;
}

/**
 * Gives back what those who left a household have in its pools. Done again it changes nothing, so whoever finds it undone
 * may do it: the one who left, the same request sent again, or the sweeper after a crash.
 */
export async function returnToThoseWhoLeft(householdId: string, ports: ReturnPorts): Promise<void> {
  const household = await ports.householdById(householdId);
  if (!household?.returning) return;
  await ports.returnPooled(householdId);
  await ports.markReturned(household);
}
