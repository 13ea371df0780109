import { breakageAccount, walletAccount } from './account.ts';
import { dayOf } from './gift.ts';
import type { Posting } from './posting.ts';
import { broken, total, type Violation } from './violation.ts';
import type { Gifted, Wallet } from './wallet.ts';

/** What wallets gave away on the last day on which they gave something, by wallet, as the journal says. */
export type JournalGifts = Map<string, Gifted>;

/** Counts a posting if it is a gift. Those of before gifts had limits were not counted by their wallets either. */
export function addJournalGift(gifts: JournalGifts, posting: Posting): void {
  if (posting.kind !== 'TRANSFER' || !posting.declinableUntil) return;
  const [walletId] = posting.walletIds as [string];
  const day = dayOf(posting.at);
  const known = gifts.get(walletId);
  if (known && known.day > day) return;
  const before = known?.day === day ? known.points : 0n;
  gifts.set(walletId, { day, points: before + posting.points });
}

const say = (gifted: Gifted | null): string => (gifted ? `${gifted.points} on ${gifted.day}` : 'nothing');

/** What is wrong with how much a wallet says that it gave away. */
export function giftedViolations(wallet: Wallet, gifts: JournalGifts): Violation[] {
  const journal = gifts.get(wallet.id) ?? null;
  // A wallet of before gifts had limits has no such field.
  const gifted = wallet.gifted ?? null;
  return broken(wallet.id, [
    [
      'GIFTS_OF_DAY_COUNTED',
      // More than the journal says is what a clock that is behind around midnight adds to the new day.
      gifted?.day === journal?.day && (gifted?.points ?? 0n) >= (journal?.points ?? 0n),
      () => `it gave away ${say(gifted)}, by the journal ${say(journal)}`,
    ],
  ]);
}

const ownChange = (posting: Posting, walletId: string): bigint => {
  const own = new Set(
    (['available', 'pending', 'held', 'arrears'] as const).map((bucket) => walletAccount(walletId, bucket)),
  );
  return total(posting.entries.flatMap((entry) => (own.has(entry.account) ? [entry.points] : [])));
};

/** What is wrong with the reversal of a gift: the giver gets all of it, from the receiver and from breakage. */
export function declineViolations(gift: Posting, reversal: Posting): Violation[] {
  const [giver, receiver] = gift.walletIds as [string, string];
  const returned = ownChange(reversal, giver);
  const expired = total(
    reversal.entries.flatMap((entry) => (entry.account === breakageAccount ? [entry.points] : [])),
  );
  const taken = ownChange(reversal, receiver) + expired;
  return broken(reversal.id, [
    [
      'DECLINED_GIFT_IS_RETURNED',
      reversal.points === gift.points && returned === gift.points && taken === -gift.points,
      () => `of a gift of ${gift.points} points ${-taken} were taken and ${returned} given back`,
    ],
  ]);
}
