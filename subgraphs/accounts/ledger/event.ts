import { type Bucket, walletAccount } from './account.ts';
import { checkLot, type Draft, walletIn } from './draft.ts';
import type { Lot } from './lot.ts';
import type { Allocation, Posting } from './posting.ts';
import type { Wallet } from './wallet.ts';

/** What a posting says besides what it moves; the rest is null or empty unless given. */
export type EventHeader = Pick<Posting, 'kind' | 'at' | 'points'> &
  Partial<
    Omit<
      Posting,
      | 'id'
      | 'recordedAt'
      | 'programme'
      | 'walletIds'
      | 'memberIds'
      | 'householdId'
      | 'entries'
      | 'allocations'
    >
  >;

/** A posting in the making. */
export interface Event {
  readonly draft: Draft;
  readonly wallets: readonly Wallet[];
  readonly entries: Map<string, bigint>;
  readonly allocations: Allocation[];
}

/** Begins a posting that touches these wallets, of one programme; the first is the one it is about. */
export const openEvent = (draft: Draft, ...walletIds: [string, ...string[]]): Event => ({
  draft,
  wallets: walletIds.map((id) => walletIn(draft, id)),
  entries: new Map(),
  allocations: [],
});

/** Adds points to an account, or takes them if negative. */
export const credit = (event: Event, account: string, points: bigint): void =>
  void event.entries.set(account, (event.entries.get(account) ?? 0n) + points);

/** Adds points to a bucket of a wallet, or takes them if negative. Added to `arrears` they lessen the debt. */
export function move(event: Event, walletId: string, bucket: Bucket, points: bigint): void {
  if (points === 0n) return;
  credit(event, walletAccount(walletId, bucket), points);
  const wallet = walletIn(event.draft, walletId);
  const amount = bucket === 'arrears' ? wallet.arrears - points : wallet[bucket] + points;
  event.draft.wallets.set(walletId, { ...wallet, [bucket]: amount });
}

/** What an event does to a lot; changes of `remaining` and `held` are none unless given. */
export interface LotChange {
  readonly points: bigint;
  readonly remaining?: bigint;
  readonly held?: bigint;
  readonly settles?: boolean;
  readonly set?: Partial<
    Pick<Lot, 'unlocked' | 'expired' | 'expiresAt' | 'dueSince' | 'told' | 'expiredAt' | 'restoredAt'>
  >;
}

/** Changes a lot and keeps the allocation. The lot given is the one that the draft has. */
export function allocate(event: Event, lot: Lot, change: LotChange): Lot {
  const { points, remaining = 0n, held = 0n, settles = false, set } = change;
  const next = checkLot({ ...lot, ...set, remaining: lot.remaining + remaining, held: lot.held + held });
  event.draft.lots.set(lot.id, next);
  const { id: lotId, issuerId, contributorId } = lot;
  const part = { lotId, issuerId, points, remaining, held, settles };
  event.allocations.push(contributorId === null ? part : { ...part, contributorId });
  const opened = Number(next.remaining > 0n) - Number(lot.remaining > 0n);
  const wallet = walletIn(event.draft, lot.walletId);
  event.draft.wallets.set(wallet.id, { ...wallet, openLots: wallet.openLots + opened });
  return next;
}

/** Whom a posting concerns, in the order that `memberIds` promises. */
function concerned({ wallets, allocations }: Event, spenderId: string | null): string[] {
  const holders = wallets.map((wallet) => wallet.memberId);
  const contributors = allocations.map(({ contributorId }) => contributorId);
  const all = [...holders, spenderId, ...contributors];
  return [...new Set(all.filter((id) => typeof id === 'string'))];
}

/**
 * Ends a posting and adds it to the draft; of a pool's, `spenderId` is who spends. Throws unless its entries sum to
 * zero.
 */
export function closeEvent(event: Event, header: EventHeader, spenderId: string | null = null): Posting {
  const entries = [...event.entries].flatMap(([account, points]) => (points ? [{ account, points }] : []));
  if (entries.reduce((sum, entry) => sum + entry.points, 0n) !== 0n)
    throw new Error(`entries of a ${header.kind} do not sum to zero`);
  // Each wallet that a posting names is told of it, at a place that its version gives: so each is written, moved or not.
  for (const { id } of event.wallets) event.draft.wallets.set(id, walletIn(event.draft, id));
  const householdId = event.wallets.find((wallet) => wallet.householdId !== null)?.householdId;
  const posting: Posting = {
    id: event.draft.newId('pos'),
    recordedAt: event.draft.now,
    programme: event.wallets[0]!.programme,
    walletIds: event.wallets.map((wallet) => wallet.id),
    memberIds: concerned(event, spenderId),
    merchantId: null,
    merchantIds: header.merchantId ? [header.merchantId] : [],
    causeId: null,
    holdId: null,
    caseId: null,
    externalRef: null,
    campaignId: null,
    keeper: null,
    reason: null,
    reverses: null,
    arrears: 0n,
    lotId: null,
    lines: [],
    declinableUntil: null,
    goodUntil: null,
    effect: {},
    ...header,
    entries,
    allocations: event.allocations,
    ...(typeof householdId === 'string' ? { householdId } : {}),
  };
  event.draft.postings.push(posting);
  return posting;
}
