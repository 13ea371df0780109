import type { Ledger } from '../ledger/ledger.ts';
import type { Household } from './household.ts';
import { type ReturnPorts, returnToThoseWhoLeft } from './return-to-those-who-left.ts';

/** What giving back reads and writes of households. */
export interface DepartureStores {
  readonly households: {
    readonly byIds: (ids: readonly string[]) => Promise<readonly Household[]>;
    readonly returning: (limit: number) => Promise<readonly string[]>;
    readonly returned: (household: Household) => Promise<void>;
  };
}

const atOnce = 100;

/** Wires giving back. */
export const returnPorts = (
  { households }: DepartureStores,
  ledger: Pick<Ledger, 'returnPooled'>,
): ReturnPorts => ({
  householdById: async (id) => (await households.byIds([id]))[0] ?? null,
  returnPooled: ledger.returnPooled,
  markReturned: households.returned,
});

/** Does what a request that died left undone: gives back what those who left some households have in their pools. */
export async function returnAfterDepartures(
  stores: DepartureStores,
  ledger: Pick<Ledger, 'returnPooled'>,
): Promise<void> {
  const ports = returnPorts(stores, ledger);
  for (const id of await stores.households.returning(atOnce)) await returnToThoseWhoLeft(id, ports);
}
