import type { ConnectionOf } from '../../shared/connection.ts';
import type { Member } from '../membership/member.ts';
import type { UnreachedReason } from '../webhook/reach.ts';
import { walletAccount, walletIdOf } from './account.ts';
import type { Lot } from './lot.ts';
import { outstandingOf, roundHalfUp } from './position.ts';
import type { Allocation, Entry, PositionTotals, Posting } from './posting.ts';
import type { Reminder } from './reminder.ts';
import type { Reversals } from './reversals.ts';
import { memberOf, type Wallet } from './wallet.ts';

/** A wallet as it is answered: with the merchants that may see its member. */
export type WalletView = Wallet & { readonly memberId: string; readonly registeredBy: readonly string[] };

/** A posting as it is answered: as one of its members sees it. */
export type PostingView = Posting & {
  readonly perspective: string;
  /** True for a merchant whose posting it is not, and that the member lets see it. */
  readonly shared: boolean;
};

/** An allocation as it is answered. */
export type AllocationView = Allocation & {
  /** Of a lot in a pool, whose points they were and in which household's. */
  readonly contributor: { readonly memberId: string; readonly householdId: string } | null;
};

/** A lot as it is answered. */
export type LotView = Lot & {
  /** Whose points it holds. */
  readonly memberId: string;
  /** True if a merchant may know whoever issued it, for the member lets it. */
  readonly shared: boolean;
};

/** A gift as it is answered: as one of its members sees it. */
export interface GiftView {
  readonly posting: PostingView;
  /** What gave it back, or null. */
  readonly declined: Reversals | null;
}

/** A page of gifts. */
export type GiftConnection = ConnectionOf<GiftView>;

/** A page of reminders. */
export type ReminderConnection = ConnectionOf<Reminder>;

/** A page of wallets in which a reminder is overdue. */
export type OverdueConnection = ConnectionOf<Wallet>;

/** A reminder that reached nobody, and why. */
export interface UnreachedView {
  readonly reminder: Reminder;
  readonly reason: UnreachedReason;
}

/** A page of reminders that reached nobody. */
export type UnreachedConnection = ConnectionOf<UnreachedView>;

/** A page of lots. */
export type LotConnection = ConnectionOf<LotView>;

/** A page of postings. */
export type PostingConnection = ConnectionOf<PostingView>;

/** A wallet with what its member's visibility depends on. */
export const viewWallet = (wallet: Wallet, member: Pick<Member, 'registeredBy'>): WalletView => ({
  ...wallet,
  memberId: memberOf(wallet),
  registeredBy: member.registeredBy,
});

/** A posting as a member sees it, if it touched that member's wallet; else as the one it is about. */
export const viewPosting = (posting: Posting, memberId?: string): PostingView => ({
  ...posting,
  shared: false,
  perspective: memberId && posting.memberIds.includes(memberId) ? memberId : posting.memberIds[0]!,
});

/** An allocation with whom of which household it concerns. */
export const viewAllocation = (allocation: Allocation, { householdId }: Posting): AllocationView => {
  const { contributorId: memberId } = allocation;
  const isPooled = memberId !== undefined && householdId !== undefined;
  return { ...allocation, contributor: isPooled ? { memberId, householdId } : null };
};

/**
 * A member's posting as a merchant sees it that the member lets see what it does elsewhere: without what the other
 * merchant wrote on it.
 */
export function sharePosting(posting: Posting, memberId: string, merchantId: string): PostingView {
  const view = viewPosting(posting, memberId);
  if (posting.merchantIds.includes(merchantId)) return view;
  const unsaid = { externalRef: null, reason: null, campaignId: null, note: null, lines: [] };
  return { ...view, ...unsaid, merchantIds: [...posting.merchantIds, merchantId], shared: true };
}

/** Who looks at a posting's entries and allocations: a member, a merchant, or those who may see all. */
export type EntryViewer = { readonly memberId: string } | 'MERCHANT' | 'ALL';

/**
 * The entries of a posting as a caller may see them. A member is not told whose another member's wallet is, nor which of its
 * amounts changed, for that would tell what the other owes; and a merchant not which household's pool paid: two members of one
 * would be known by it.
 */
export function entriesFor(posting: Posting, viewer: EntryViewer): readonly Entry[] {
  const { programme, householdId, walletIds } = posting;
  if (viewer === 'ALL' || (viewer === 'MERCHANT' && householdId === undefined)) return posting.entries;
  const own = viewer === 'MERCHANT' ? null : walletIdOf(viewer.memberId, programme);
  const pool = householdId === undefined ? null : walletIdOf(householdId, programme);
  const told = new Map<string, bigint>();
  for (const { account, points } of posting.entries) {
    const id = walletIds.find((walletId) => account.startsWith(`wallet:${walletId}:`));
    const isTold = id === undefined || id === own || (viewer === 'MERCHANT' && id !== pool);
    const name = isTold ? account : id === pool ? account.replace(id, 'pool') : 'wallet:other';
    told.set(name, (told.get(name) ?? 0n) + points);
  }
  return [...told].flatMap(([account, points]) => (points === 0n ? [] : [{ account, points }]));
}

/** What a posting did to lots as a caller may see it: a member is not told that it settled what another member owed. */
export function allocationsSeenBy(posting: Posting, viewer: EntryViewer): readonly Allocation[] {
  const { allocations } = posting;
  if (typeof viewer === 'string' || settledBy(posting, viewer.memberId) > 0n) return allocations;
  return allocations.filter(({ settles }) => !settles);
}

/** The wallet of the member from whose side a posting is seen; a pool's posting may have touched none of it. */
const seenWallet = ({ perspective, programme }: PostingView): string => walletIdOf(perspective, programme);

/** Change of the points of the member from whose side a posting is seen. */
export function changeOf(posting: PostingView): bigint {
  const walletId = seenWallet(posting);
  const own = new Set(
    (['available', 'pending', 'held', 'arrears'] as const).map((bucket) => walletAccount(walletId, bucket)),
  );
  return posting.entries.reduce((sum, entry) => (own.has(entry.account) ? sum + entry.points : sum), 0n);
}

/** Points of a posting that settled arrears of one of its members. */
function settledBy({ entries, programme }: Posting, memberId: string): bigint {
  const account = walletAccount(walletIdOf(memberId, programme), 'arrears');
  const points = entries.find((entry) => entry.account === account)?.points ?? 0n;
  return points > 0n ? points : 0n;
}

/** Points that settled arrears of the member from whose side a posting is seen. */
export const settledArrearsOf = (posting: PostingView): bigint => settledBy(posting, posting.perspective);

interface Money {
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** A merchant's position as it is answered. */
export interface MerchantPositionView {
  readonly merchantId: string;
  readonly programmeCode: string;
  readonly issued: bigint;
  readonly owed: Money;
  readonly honoured: bigint;
  readonly honouredOnUs: bigint;
  readonly honouredOffUs: bigint;
  readonly due: Money;
  readonly dueOnUs: Money;
  readonly dueOffUs: Money;
  readonly net: Money;
}

/** All positions as they are answered. */
export interface PositionsView {
  readonly programmeCode: string;
  readonly merchants: readonly MerchantPositionView[];
  readonly issued: bigint;
  readonly honoured: bigint;
  readonly owed: Money;
  readonly due: Money;
  readonly donated: bigint;
  readonly expired: bigint;
  readonly deducted: bigint;
  readonly outstanding: bigint;
}

/** Where a position is told: whose, of what, in which currency. */
export interface PositionPlace {
  readonly merchantId: string;
  readonly programmeCode: string;
  readonly currency: string;
}

const moneyIn =
  (currency: string) =>
  (milli: bigint): Money => ({ amountMinor: roundHalfUp(milli), currency });

/** A merchant's position; each amount is rounded once, and the net is the difference of the rounded ones. */
export function viewPosition(totals: PositionTotals, place: PositionPlace): MerchantPositionView {
  const { merchantId, programmeCode, currency } = place;
  const money = moneyIn(currency);
  const owed = money(totals.owedMilli);
  const due = money(totals.dueOnUsMilli + totals.dueOffUsMilli);
  return {
    merchantId,
    programmeCode,
    issued: totals.issued,
    owed,
    honoured: totals.honouredOnUs + totals.honouredOffUs,
    honouredOnUs: totals.honouredOnUs,
    honouredOffUs: totals.honouredOffUs,
    due,
    dueOnUs: money(totals.dueOnUsMilli),
    dueOffUs: money(totals.dueOffUsMilli),
    net: { amountMinor: due.amountMinor - owed.amountMinor, currency },
  };
}

/** All positions of a programme and their exact totals, rounded once. */
export function viewPositions(
  totals: PositionTotals,
  merchants: readonly MerchantPositionView[],
  programmeCode: string,
  currency: string,
): PositionsView {
  const money = moneyIn(currency);
  return {
    programmeCode,
    merchants,
    issued: totals.issued,
    honoured: totals.honouredOnUs + totals.honouredOffUs,
    owed: money(totals.owedMilli),
    due: money(totals.dueOnUsMilli + totals.dueOffUsMilli),
    donated: totals.donated,
    expired: totals.expired,
    deducted: totals.deducted,
    outstanding: outstandingOf(totals),
  };
}
