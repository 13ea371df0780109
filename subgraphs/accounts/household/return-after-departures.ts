import { eachDespiteFailures } from '../../shared/despite-failures.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Household } from './household.ts';
import { type ReturnPorts, returnToThoseWhoLeft } from './return-to-those-who-left.ts';

/** What giving back reads and writes of households. */
export interface DepartureStores {
  readonly households: {
    readonly byIds: (ids: readonly string[]) => Promise<readonly Household[]>;
    /** Ids in their order, from the first or from the one after an id. */
    readonly returning: (limit: number, after: string | null) => Promise<readonly string[]>;
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

async function* allReturning({ households }: DepartureStores): AsyncGenerator<string> {
  let ids: readonly string[];
  let after: string | null = null;
  do {
    ids = await households.returning(atOnce, after);
    yield* ids;
    after = ids.at(-1) ?? null;
  } while (ids.length === atOnce);
}

/**
 * Does what a request that died left undone: gives back what those who left some households have in their pools. A
 * household of which that fails does not hold up those behind it.
 */
export async function returnAfterDepartures(
  stores: DepartureStores,
  ledger: Pick<Ledger, 'returnPooled'>,
): Promise<void> {
  const ports = returnPorts(stores, ledger);
  await eachDespiteFailures(
    allReturning(stores),
    (id) => id,
    (id) => returnToThoseWhoLeft(id, ports),
  );
}
