import type { Lot } from './lot.ts';
import { spendingMonth } from './pool-limit.ts';
import type { Posting } from './posting.ts';
import { broken, type Violation } from './violation.ts';
import type { Wallet } from './wallet.ts';

const kinds = new Set(['HOLD', 'VOID', 'CAPTURE', 'REDEEM', 'REVERSE']);

/** What the journal says of the spending of pools, by pool. */
export type PoolJournal = Map<string, Posting[]>;

/** Keeps a posting if it is about what members spend of a pool. */
export function addPoolPosting(journal: PoolJournal, posting: Posting): void {
  if (posting.householdId === undefined || !kinds.has(posting.kind)) return;
  const [poolId] = posting.walletIds as [string];
  const known = journal.get(poolId);
  if (known) known.push(posting);
  else journal.set(poolId, [posting]);
}

/** The posting by which a member spent what another one gives back or takes for good. */
function originOf(posting: Posting, postings: readonly Posting[]): Posting | undefined {
  if (posting.holdId !== null)
    return postings.find(({ kind, holdId }) => kind === 'HOLD' && holdId === posting.holdId);
  return posting.reverses === null ? posting : postings.find(({ id }) => id === posting.reverses);
}

/** What a posting adds to what was spent, given the one by which it was. */
function countedOf(posting: Posting, origin: Posting): bigint {
  if (posting.kind === 'CAPTURE') return posting.points - origin.points;
  return posting.id === origin.id ? posting.points : -posting.points;
}

interface Spent {
  readonly memberId: string;
  readonly month: string;
  points: bigint;
}

/** What each member spent in each month; of a pool's own postings only, a reversed earn that took from it is none. */
function spentOf(postings: readonly Posting[]): Spent[] {
  const sums = new Map<string, Spent>();
  for (const posting of postings) {
    const origin = originOf(posting, postings);
    if (!origin) continue;
    const memberId = origin.memberIds[0]!;
    const month = spendingMonth(origin.at);
    const key = `${memberId} ${month}`;
    const sum = sums.get(key) ?? { memberId, month, points: 0n };
    sum.points += countedOf(posting, origin);
    sums.set(key, sum);
  }
  return [...sums.values()];
}

/** More than the journal says is what a clock that is behind around the end of a month adds to the new one. */
function isCounted({ poolSpent }: Wallet, { memberId, month, points }: Spent): boolean {
  const counted = poolSpent.find((spent) => spent.memberId === memberId);
  if (!counted || counted.month < month) return points === 0n;
  return counted.month > month || counted.points >= points;
}

/** What is wrong with a wallet's lots as parts of a pool, and with what it says that members spent of it. */
export function poolViolations(
  wallet: Wallet,
  lots: readonly Lot[],
  journal: PoolJournal,
  everMembers: ReadonlySet<string> | undefined,
): Violation[] {
  const isPool = wallet.householdId !== null;
  const strange = lots.filter(({ contributorId }) =>
    isPool ? contributorId === null || !everMembers?.has(contributorId) : contributorId !== null,
  );
  const missed = spentOf(journal.get(wallet.id) ?? []).filter((spent) => !isCounted(wallet, spent));
  return broken(wallet.id, [
    [
      'POOL_LOT_HAS_CONTRIBUTOR',
      strange.length === 0,
      () =>
        `lots that are not of a member who is or was of the household: ${strange.map(({ id }) => id).join(', ')}`,
    ],
    [
      'POOL_SPENDING_COUNTED',
      missed.length === 0,
      () => missed.map((one) => `${one.memberId} spent ${one.points} in ${one.month}`).join(', '),
    ],
  ]);
}
