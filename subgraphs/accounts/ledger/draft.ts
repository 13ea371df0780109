import { type Case, isLive } from '../case/case.ts';
import type { Hold } from './hold.ts';
import { freeOf, type Lot, lotDueAt, type Told } from './lot.ts';
import type { Posting } from './posting.ts';
import { type Reminder, reminderDueAt } from './reminder.ts';
import { slidExpiry } from './terms.ts';
import type { Change, DecisionPorts, KeyRecord, LedgerView } from './view.ts';
import { NeedsLots, type Wallet, type WalletState } from './wallet.ts';

/** A decision in the making: new values laid over the view, which stays as it is. */
export interface Draft extends DecisionPorts {
  readonly view: LedgerView;
  readonly wallets: Map<string, Wallet>;
  readonly lots: Map<string, Lot>;
  readonly holds: Map<string, Hold>;
  readonly cases: Map<string, Case>;
  readonly postings: Posting[];
  readonly reminders: Reminder[];
  /** Wallets to which what fell due is being applied. */
  readonly advancing: Set<string>;
  /** What was told of lots that fell due: what a command itself does to a lot has another value. */
  readonly fallenDue: Set<readonly Told[]>;
}

/** Begins a decision. */
export const openDraft = (view: LedgerView, ports: DecisionPorts): Draft => ({
  ...ports,
  view,
  wallets: new Map(),
  lots: new Map(),
  holds: new Map(),
  cases: new Map(),
  postings: [],
  reminders: [],
  advancing: new Set(),
  fallenDue: new Set(),
});

/** What was loaded of a wallet. Throws if it was not: that is a fault of the loader. */
export function loaded(draft: Draft, walletId: string): WalletState {
  const state = draft.view.wallet(walletId);
  if (!state) throw new Error(`wallet ${walletId} was not loaded`);
  return state;
}

/** Asks for a wallet with all its lots that a command could not name: throws NeedsLots unless it is at hand. */
export function reach(draft: Draft, walletId: string): void {
  if (draft.view.wallet(walletId)?.coverage !== 'ALL') throw new NeedsLots(walletId);
}

/** A wallet as the draft has it. */
export const walletIn = (draft: Draft, walletId: string): Wallet =>
  draft.wallets.get(walletId) ?? loaded(draft, walletId).wallet;

/** A wallet's lots as the draft has them. */
export function lotsIn(draft: Draft, walletId: string): Lot[] {
  const { lots } = loaded(draft, walletId);
  const current = [...lots.values()].map((lot) => draft.lots.get(lot.id) ?? lot);
  for (const lot of draft.lots.values())
    if (lot.walletId === walletId && !lots.has(lot.id)) current.push(lot);
  return current;
}

/** One lot of a wallet as the draft has it. Throws if it was not loaded. */
export function lotIn(draft: Draft, walletId: string, lotId: string): Lot {
  const lot = draft.lots.get(lotId) ?? loaded(draft, walletId).lots.get(lotId);
  if (!lot) throw new Error(`lot ${lotId} of ${walletId} was not loaded`);
  return lot;
}

/** A wallet's open holds as the draft has them. */
export const openHoldsIn = (draft: Draft, walletId: string): Hold[] =>
  [...loaded(draft, walletId).holds.values(), ...draft.holds.values()]
    .filter((hold) => hold.walletId === walletId && (draft.holds.get(hold.id) ?? hold) === hold)
    .filter((hold) => hold.status === 'OPEN');

/** A wallet's cases that end by themselves, as the draft has them. */
export const liveCasesIn = (draft: Draft, walletId: string): Case[] =>
  [...loaded(draft, walletId).cases.values(), ...draft.cases.values()]
    .filter((one) => one.walletId === walletId && (draft.cases.get(one.id) ?? one) === one)
    .filter(isLive);

const earliest = (dates: readonly (Date | null)[]): Date | null =>
  dates.reduce((least, date) => (date && (!least || date < least) ? date : least), null);

/**
 * When something of a wallet next falls due. With everything at hand that is exact; otherwise the date known before
 * holds, or an earlier one of what changed.
 */
function nextDue(draft: Draft, wallet: Wallet): Date | null {
  const all = loaded(draft, wallet.id).coverage === 'ALL';
  const lots = all ? lotsIn(draft, wallet.id) : [...draft.lots.values()];
  const holds = all ? openHoldsIn(draft, wallet.id) : [...draft.holds.values()];
  const dates = lots.filter((lot) => lot.walletId === wallet.id).map(lotDueAt);
  for (const hold of holds)
    if (hold.walletId === wallet.id && hold.status === 'OPEN') dates.push(hold.timesOutAt);
  const cases = all ? liveCasesIn(draft, wallet.id) : [...draft.cases.values()];
  for (const one of cases) if (one.walletId === wallet.id) dates.push(one.lapsesAt);
  dates.push(...wallet.awaited.map(({ at }) => at));
  return earliest(all ? dates : [wallet.nextDueAt, ...dates]);
}

/** When a reminder of a wallet's lots is next due; known as exactly as what falls due. */
function nextReminder(draft: Draft, wallet: Wallet): Date | null {
  const all = loaded(draft, wallet.id).coverage === 'ALL';
  const lots = all ? lotsIn(draft, wallet.id) : [...draft.lots.values()];
  const dates = lots.filter((lot) => lot.walletId === wallet.id).map((lot) => reminderDueAt(lot, draft.now));
  return earliest(all ? dates : [wallet.nextReminderAt, ...dates]);
}

/** Whether a lot that slides has an earlier date than the last activity of its holder would have given it. */
const lagsBehind = (draft: Draft, { id, activeOn }: Wallet, lot: Lot): boolean =>
  lot.walletId === id &&
  lot.slideMonths !== null &&
  activeOn !== null &&
  lot.remaining > 0n &&
  lot.expiresAt > draft.now &&
  lot.expiresAt < slidExpiry(activeOn, lot.slideMonths);

function checked(draft: Draft, wallet: Wallet): Wallet {
  const { available, pending, held, arrears } = wallet;
  if (available < 0n || pending < 0n || held < 0n || arrears < 0n || (available > 0n && arrears > 0n))
    throw new Error(`wallet ${wallet.id} would be out of bounds`);
  return {
    ...wallet,
    version: wallet.version + 1,
    slidesAgain: wallet.slidesAgain || [...draft.lots.values()].some((lot) => lagsBehind(draft, wallet, lot)),
    nextDueAt: nextDue(draft, wallet),
    nextReminderAt: nextReminder(draft, wallet),
  };
}

/** Ends a decision: all new values, each wallet with its version one up. Throws if a wallet would be out of bounds. */
export function closeDraft(draft: Draft, keys: readonly KeyRecord[]): Change {
  return {
    wallets: [...draft.wallets.values()].map((wallet) => checked(draft, wallet)),
    lots: [...draft.lots.values()],
    holds: [...draft.holds.values()],
    cases: [...draft.cases.values()],
    postings: draft.postings,
    reminders: draft.reminders,
    keys,
  };
}

/** Throws if a lot would hold less than nothing or more than was granted. */
export function checkLot(lot: Lot): Lot {
  if (lot.held < 0n || freeOf(lot) < 0n || lot.remaining > lot.points || lot.expired < 0n)
    throw new Error(`lot ${lot.id} would be out of bounds`);
  return lot;
}
