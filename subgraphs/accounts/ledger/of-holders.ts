import type { WalletHolder } from './wallet.ts';

/** Which postings touched wallets of these holders, as a filter. */
export function ofHolders(holders: readonly WalletHolder[]) {
  const memberIds = { $in: holders.flatMap(({ memberId }) => memberId ?? []) };
  const householdId = { $in: holders.flatMap(({ householdId }) => householdId ?? []) };
  return householdId.$in.length > 0 ? { $or: [{ memberIds }, { householdId }] } : { memberIds };
}
