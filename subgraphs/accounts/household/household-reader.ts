import type { Household } from './household.ts';

/** What finding a member's household needs. */
export interface HouseholdReaderStores {
  readonly households: { readonly byIds: (ids: readonly string[]) => Promise<readonly Household[]> };
  readonly seats: { readonly of: (memberId: string) => Promise<string | null> };
}

/** Finds the household that a member belongs to, or null. */
export const householdReader =
  ({ households, seats }: HouseholdReaderStores) =>
  async (memberId: string): Promise<Household | null> => {
    const id = await seats.of(memberId);
    return id === null ? null : ((await households.byIds([id]))[0] ?? null);
  };
