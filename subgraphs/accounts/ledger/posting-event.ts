import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import type { NewId } from '../../shared/ids.ts';
import { accountsSource, pointsPosted } from '../event-types.ts';
import { walletAccount } from './account.ts';
import type { BatchChange } from './batch-change.ts';
import type { Posting } from './posting.ts';

const buckets = ['available', 'pending', 'held', 'arrears'] as const;

/** Change of one wallet's own points. */
function changeOf(posting: Posting, walletId: string): bigint {
  const own = new Set(buckets.map((bucket) => walletAccount(walletId, bucket)));
  return posting.entries.reduce((sum, { account, points }) => (own.has(account) ? sum + points : sum), 0n);
}

/** What is told of a posting from the side of one of its wallets: nothing that a merchant of its audience may not see. */
const tell = (posting: Posting, side: number): DomainEvent['data'] => ({
  postingId: posting.id,
  kind: posting.kind,
  programme: posting.programme,
  points: Number(posting.points),
  change: Number(changeOf(posting, posting.walletIds[side]!)),
  at: posting.at.toISOString(),
  recordedAt: posting.recordedAt.toISOString(),
  merchantId: posting.merchantId,
  externalRef: posting.externalRef,
  campaignId: posting.campaignId,
  causeId: posting.causeId,
  holdId: posting.holdId,
  caseId: posting.caseId ?? null,
  reverses: posting.reverses,
  reason: posting.reason,
  arrears: Number(posting.arrears),
  // A pool has no member of its own: what happens there is told of who spends, or whose points they are.
  memberId: posting.memberIds[side] ?? posting.memberIds[0]!,
  fromPool: posting.householdId !== undefined,
});

/**
 * The events of a batch: one a posting and wallet it touched, so that each wallet's events are in an order of their own
 * and a transfer is told from both sides. Their places follow from the versions that guard the wallets.
 */
export function postingEvents(
  { wallets, postings }: Pick<BatchChange, 'wallets' | 'postings'>,
  newId: NewId,
): DomainEvent[] {
  const versions = new Map(wallets.map(({ wallet }) => [wallet.id, wallet.version]));
  const told = new Map<string, number>();
  return postings.flatMap((posting) =>
    posting.walletIds.map((partition, side) => {
      const version = versions.get(partition);
      if (version === undefined) throw new Error(`a posting of ${partition}, which is not written`);
      const index = told.get(partition) ?? 0;
      told.set(partition, index + 1);
      return {
        id: newId('evt'),
        type: pointsPosted,
        source: accountsSource,
        subject: posting.id,
        time: posting.at,
        partition,
        sequence: sequenceAt(version, index),
        audience: posting.merchantIds,
        data: tell(posting, side),
      };
    }),
  );
}
