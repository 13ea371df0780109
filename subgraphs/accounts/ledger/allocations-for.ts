import type { Caller } from '../../shared/caller.ts';
import { mayKnowIssuer } from './known-issuer.ts';
import type { Allocation, Posting } from './posting.ts';
import { allocationsSeenBy, type EntryViewer } from './views.ts';

/** What of an allocation from or to a pool a merchant may tell from another one's. */
const kindOf = ({ issuerId, settles, points }: Allocation, caller: Caller): string =>
  [mayKnowIssuer(issuerId, caller), settles, points > 0n].join();

/**
 * Which lots a posting took from or gave to, as a caller may see it. Where it moved points of a pool, a merchant is told how
 * many came from its own lots and how many from others': by the ids and sizes of a pool's lots two members of one household
 * would be known, at one merchant or at several. What stands for a lot's id follows from the posting's, so it says nothing more.
 */
export function allocationsFor(posting: Posting, caller: Caller, viewer: EntryViewer): readonly Allocation[] {
  const moved = allocationsSeenBy(posting, viewer).filter(({ points }) => points !== 0n);
  if (caller.kind !== 'MERCHANT' || posting.householdId === undefined) return moved;
  const sums = new Map<string, Allocation>();
  for (const one of moved) {
    const kind = kindOf(one, caller);
    const { issuerId, settles } = one;
    const none = {
      lotId: `${posting.id}-${sums.size + 1}`,
      issuerId,
      settles,
      points: 0n,
      remaining: 0n,
      held: 0n,
    };
    const { points, remaining, held, ...sum } = sums.get(kind) ?? none;
    const added = {
      points: points + one.points,
      remaining: remaining + one.remaining,
      held: held + one.held,
    };
    sums.set(kind, { ...sum, ...added });
  }
  return [...sums.values()];
}
